/* test/sdk/t_member.js - members, roles and what keys of other accounts may do. */
"use strict";
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { promisify } = require("node:util");
const { Api } = require("./client");
const { SECRET_ID, SECRET_KEY } = require("./server");
const { Bench } = require("./help");

const run = promisify(execFile);
const tests = {};
const MANAGER = "308335260274237440", DEVELOPER = "308335260676890624",
  OPERATOR = "308335260844662784", VISITOR = "308335260945326080";
let next = 100000700000;

/* An account of its own with a key. */
async function account(world, options = {}) {
  const uin = String(next++);
  const key = await world.api.call("CreateKey", { Uin: uin, Name: "member" });
  const api = new Api(world.endpoint,
    { secretId: key.SecretId, secretKey: key.SecretKey, ...options });
  return { uin, key, api };
}

const roleIds = (m) => m.Roles.map((r) => r.RoleId);

tests["the creator is the administrator"] = async (world) => {
  const ann = await account(world), bench = await Bench.make(ann.api, "own");
  const d = await bench.call("ListProjectMembers");
  assert.equal(d.TotalCount, 1);
  assert.equal(d.TotalPageNumber, 1);
  const [m] = d.Items;
  assert.deepEqual([m.UserUin, m.UserName, m.DisplayName, m.RootAccountId],
    [ann.uin, ann.uin, ann.uin, "100000000001"]);
  assert.deepEqual([m.IsCreator, m.IsProjectOwner], [true, true]);
  assert.deepEqual([m.AppId, m.PhoneNum, m.Email], [null, null, null]);
  assert.deepEqual(roleIds(m), [MANAGER]);
  assert.match(m.CreateTime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual((await ann.api.call("ListProjects", {})).Items.map((p) => p.ProjectId),
    [bench.project]);
};

tests["strangers"] = async (world) => {
  const ann = await account(world), bob = await account(world, { language: "zh-CN" });
  const bench = await Bench.make(ann.api, "own");
  const task = await bench.newTask({ name: "secret_task" });
  const code = "UnauthorizedOperation.UserNotInProject";
  for (const [action, params] of [["GetTask", { TaskId: task }], ["ListTasks", {}],
    ["GetProject", {}], ["DeleteTask", { TaskId: task }], ["ListProjectMembers", {}],
    ["ListProjectRoles", {}], ["DeleteProject", {}],
    ["CreateProjectMember", { UserUins: [bob.uin], RoleIds: [MANAGER] }],
    ["DeleteProjectMember", { UserUins: [ann.uin] }],
    ["GrantMemberProjectRole", { UserUin: bob.uin, RoleIds: [MANAGER] }],
    ["RemoveMemberProjectRole", { UserUin: ann.uin, RoleIds: [MANAGER] }]]) {
    const far = await bob.api.fails(code, "ProjectId", action, bench.in(params));
    const none = await bob.api.fails(code, "ProjectId", action, { ...params, ProjectId: "1" });
    assert.equal(far.message.replace(bench.project, "1"), none.message);
    assert.match(far.message, /不是项目/);
  }
  assert.equal((await bob.api.call("ListProjects", {})).TotalCount, 0);
  const own = await Bench.make(bob.api, "other");
  await bob.api.fails("ResourceNotFound", "TaskId", "GetTask", own.in({ TaskId: task }));
};

tests["roles"] = async (world) => {
  const ann = await account(world), bob = await account(world);
  const bench = await Bench.make(ann.api, "own");
  const d = await bench.call("ListProjectRoles", {});
  assert.deepEqual(d.Items.map((r) => [r.RoleId, r.RoleName]), [[MANAGER, "ProjectManager"],
    [DEVELOPER, "DataEngineer"], [OPERATOR, "OperationEngineer"], [VISITOR, "Visitor"]]);
  assert.ok(d.Items.every((r) => r.RoleDisplayName && r.Description));
  assert.equal((await bench.call("ListProjectRoles", { RoleDisplayName: "管理员" })).TotalCount, 1);
  assert.deepEqual((await bob.api.call("ListTenantRoles", {})).map((r) => r.RoleName),
    ["Root", "Account"]);

  const his = (action, params) => bob.api.call(action, bench.in(params));
  const refused = (role, action, params) =>
    bob.api.fails("UnauthorizedOperation", "ProjectId", action, bench.in(params))
      .then((e) => assert.ok(e.message.includes(role), e.message));
  assert.equal((await bench.call("CreateProjectMember",
    { UserUins: [bob.uin], RoleIds: [VISITOR] })).Status, true);
  await his("ListTasks", {});
  await refused("DataEngineer", "CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: "f" });
  await refused("OperationEngineer", "StartOpsTasks", { TaskIds: ["20240101000000001"] });
  await refused("ProjectManager", "UpdateProject", { Description: "his" });
  const empty = await ann.api.response("GrantMemberProjectRole",
    bench.in({ UserUin: bob.uin, RoleIds: [DEVELOPER] }));
  assert.deepEqual(Object.keys(empty), ["RequestId"]);
  await his("CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: "f" });
  await ann.api.response("RemoveMemberProjectRole",
    bench.in({ UserUin: bob.uin, RoleIds: [DEVELOPER, VISITOR] }));
  await refused("Visitor", "ListTasks", {});
  await ann.api.response("DeleteProjectMember", bench.in({ UserUins: [bob.uin] }));
  await bob.api.fails("UnauthorizedOperation.UserNotInProject", "ProjectId", "ListTasks", bench.in());
};

tests["members: faults"] = async (world) => {
  const ann = await account(world), bench = await Bench.make(ann.api, "own");
  const add = { UserUins: ["5"], RoleIds: [VISITOR] };
  await bench.fails("ResourceNotFound", "RoleIds.0", "CreateProjectMember",
    { ...add, RoleIds: ["7"] });
  await bench.fails("InvalidParameterValue", "UserUins.0", "CreateProjectMember",
    { ...add, UserUins: ["bob"] });
  await bench.fails("MissingParameter", "UserUins", "CreateProjectMember", { ...add, UserUins: [] });
  await bench.fails("InvalidParameter.DuplicateName", "UserUins.0", "CreateProjectMember",
    { ...add, UserUins: [ann.uin] });
  await bench.fails("ResourceNotFound", "UserUins.0", "DeleteProjectMember", { UserUins: ["5"] });
  await bench.fails("OperationDenied", "UserUins.0", "DeleteProjectMember", { UserUins: [ann.uin] });
  await bench.fails("OperationDenied", "UserUin", "RemoveMemberProjectRole",
    { UserUin: ann.uin, RoleIds: [MANAGER] });
  await bench.fails("ResourceNotFound", "UserUin", "GrantMemberProjectRole",
    { UserUin: "5", RoleIds: [VISITOR] });
  await bench.fails("InvalidParameterValue", "PageSize", "ListProjectMembers", { PageSize: 0 });
  await bench.fails("InvalidParameterValue", "PageNumber", "ListProjectRoles", { PageNumber: 0 });
  await ann.api.fails("UnknownParameter", null, "ListTenantRoles", { PageNumber: 1 });
};

tests["the installation is for root keys"] = async (world) => {
  const ann = await account(world);
  for (const [action, params] of [["ListKeys", {}], ["GetServerInfo", {}],
    ["CreateCalendar", { CalendarName: "c", Mode: "RUN", Dates: ["2025-01-01"] }],
    ["DeleteResourceGroup", { Id: "1" }]])
    await ann.api.fails("UnauthorizedOperation", null, action, params);
  await ann.api.call("ListCalendars", {});
  await ann.api.call("ListResourceGroups", {});
};

tests["weft members"] = async (world) => {
  const bench = await Bench.make(world.api, "own");
  const weft = (...words) => run(world.server.weft, ["members", ...words, "--endpoint",
    `http://${world.endpoint}`, "--project", bench.project],
  { env: { ...process.env, WEFT_SECRET_ID: SECRET_ID, WEFT_SECRET_KEY: SECRET_KEY } });
  const rows = async () => (await weft("list")).stdout.trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/).slice(0, 2));
  assert.deepEqual(await rows(), [["100000000001", "ProjectManager"]]);
  await weft("add", "77", "--role", "DataEngineer,Visitor");
  await weft("grant", "77", "--role", OPERATOR);
  await weft("revoke", "77", "--role", "Visitor");
  assert.deepEqual((await rows()).at(-1), ["77", "DataEngineer,OperationEngineer"]);
  assert.equal(JSON.parse((await weft("list", "--json")).stdout).length, 2);
  await weft("remove", "77");
  assert.equal((await rows()).length, 1);
  await assert.rejects(weft("add", "77", "--role", "Boss"), (e) => e.code === 1 &&
    e.stderr.includes("ResourceNotFound") && e.stderr.includes("Boss"));
  await assert.rejects(weft("add", "77"), (e) => e.code === 2);
};

module.exports = { tests };
