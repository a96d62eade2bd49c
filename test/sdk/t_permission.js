/* test/sdk/t_permission.js - permissions on workflow folders and workflows, and what they let do. */
"use strict";
const assert = require("node:assert/strict");
const { Api } = require("./client");
const { Bench } = require("./help");

const tests = {};
const DEVELOPER = "308335260676890624", VISITOR = "308335260945326080";
let next = 100000800000;

/* A member of the project with a key of its own. */
async function member(world, bench, role = VISITOR) {
  const uin = String(next++);
  const key = await world.api.call("CreateKey", { Uin: uin, Name: "grantee" });
  const api = new Api(world.endpoint, { secretId: key.SecretId, secretKey: key.SecretKey });
  await bench.call("CreateProjectMember", { UserUins: [uin], RoleIds: [role] });
  return { uin, api, his: (action, params) => api.call(action, bench.in(params)),
    refused: (path, action, params) =>
      api.fails("UnauthorizedOperation", path, action, bench.in(params)) };
}

const on = (type, id) => ({ EntityType: type, EntityId: id });
const to = (type, id, types = ["CAN_MANAGE"]) =>
  ({ PermissionTargetType: type, PermissionTargetId: id, PermissionTypeList: types });
const grant = (entity, ...list) => ({ ...entity, PermissionList: list });
const revoke = (entity, ...list) => ({ ...entity, DeletePermissionList: list });

/* /team/daily with a workflow in it; and one of somebody else, at the root. */
async function place(world) {
  const bench = await Bench.make(world.api, "perm");
  bench.team = (await bench.call("CreateWorkflowFolder",
    { ParentFolderPath: "/", FolderName: "team" })).FolderId;
  bench.daily = (await bench.call("CreateWorkflowFolder",
    { ParentFolderPath: "/team", FolderName: "daily" })).FolderId;
  bench.theirs = bench.workflow;
  bench.workflow = await bench.newWorkflow({ ParentFolderPath: "/team/daily" });
  return bench;
}

tests["granted, listed, revoked"] = async (world) => {
  const bench = await place(world), ann = await member(world, bench);
  assert.equal((await bench.call("CreateWorkflowPermissions",
    grant(on("folder", bench.team), to("user", ann.uin), to("role", DEVELOPER)))).Status, true);
  const d = await bench.call("ListWorkflowPermissions", on("folder", bench.team));
  assert.deepEqual([d.TotalCount, d.PageNumber, d.PageSize, d.TotalPageNumber], [2, 1, 10, 1]);
  assert.deepEqual(d.Items, [to("user", ann.uin), to("role", DEVELOPER)]);
  assert.deepEqual((await ann.his("ListWorkflowPermissions", { ...on("workflow", bench.workflow),
    PageNumber: 1, PageSize: 200 })).Items, []);
  assert.equal((await bench.call("DeleteWorkflowPermissions",
    revoke(on("folder", bench.team), to("role", DEVELOPER), to("role", VISITOR)))).Status, true);
  assert.deepEqual((await bench.call("ListWorkflowPermissions", on("folder", bench.team))).Items,
    [to("user", ann.uin)]);
  const records = (await bench.call("ListAuditRecords", { Action: "CreateWorkflowPermissions" })).Items;
  assert.ok(records[0].Objects.includes(`EntityId=${bench.team}`), records[0].Objects);
};

tests["a grantee works in its folder"] = async (world) => {
  const bench = await place(world), ann = await member(world, bench);
  const max = async (entity) => (await ann.his("GetMyWorkflowMaxPermission", entity)).PermissionType;
  const flow = on("workflow", bench.workflow);
  const task = await bench.submitted({ name: "inside" });
  const other = await bench.submitted({ name: "outside", base: { WorkflowId: bench.theirs } });
  await ann.refused("ProjectId", "SubmitTask", { TaskId: task, VersionRemark: "r" });
  await ann.refused("ProjectId", "CreateWorkflowPermissions", grant(flow, to("user", ann.uin)));
  assert.equal(await max(flow), "CAN_VIEW");
  await bench.call("CreateWorkflowPermissions",
    grant(on("folder", bench.team), to("user", ann.uin)));
  assert.equal(await max(flow), "CAN_MANAGE");
  assert.equal(await max(on("folder", bench.daily)), "CAN_MANAGE");
  assert.equal(await max(on("workflow", bench.theirs)), "CAN_VIEW");

  await ann.his("SubmitTask", { TaskId: task, VersionRemark: "r" });
  await ann.his("CreateTask", bench.taskParams({ name: "hers" }));
  await ann.his("CreateWorkflow", { WorkflowName: "hers", ParentFolderPath: "/team" });
  const plan = await ann.his("CreateDataBackfillPlan", { TaskIds: [task],
    DataBackfillRangeList: [{ StartDate: "2025-02-01", EndDate: "2025-02-01" }] });
  await ann.his("GetDataBackfillPlan", plan);
  await bench.reaches(`${task}_2025-02-01 00:00:00`, "COMPLETED");
  await ann.his("RerunTaskInstancesAsync",
    { InstanceKeyList: [`${task}_2025-02-01 00:00:00`], RerunType: "1" });
  await ann.his("StopOpsTasksAsync", { TaskIds: [task] });
  const e = await ann.refused("TaskIds.1", "StopOpsTasksAsync", { TaskIds: [task, other] });
  assert.match(e.message, new RegExp(`${other}.*CAN_MANAGE.*OperationEngineer`));
  await ann.refused("TaskBaseAttribute.WorkflowId", "CreateTask",
    bench.taskParams({ name: "theirs", base: { WorkflowId: bench.theirs } }));
  await ann.refused("ParentFolderPath", "CreateWorkflowFolder",
    { ParentFolderPath: "/", FolderName: "more" });

  const bob = await member(world, bench);
  await ann.his("CreateWorkflowPermissions", grant(flow, to("user", bob.uin)));
  await bob.his("UpdateWorkflow", { WorkflowId: bench.workflow, WorkflowDesc: "bob's too" });
  await ann.his("DeleteWorkflowPermissions", revoke(flow, to("user", bob.uin)));
  await bob.refused("ProjectId", "UpdateWorkflow", { WorkflowId: bench.workflow, WorkflowDesc: "no" });
  await bench.call("DeleteWorkflowPermissions",
    revoke(on("folder", bench.team), to("user", ann.uin)));
  assert.equal(await max(flow), "CAN_VIEW");
  await ann.refused("ProjectId", "StopOpsTasksAsync", { TaskIds: [task] });
};

tests["permissions go with the member and the folder"] = async (world) => {
  const bench = await place(world), ann = await member(world, bench);
  const empty = (await bench.call("CreateWorkflowFolder",
    { ParentFolderPath: "/", FolderName: "empty" })).FolderId;
  await bench.call("CreateWorkflowPermissions", grant(on("folder", empty), to("user", ann.uin)));
  await bench.call("CreateWorkflowPermissions",
    grant(on("workflow", bench.workflow), to("user", ann.uin)));
  await ann.his("DeleteWorkflowFolder", { FolderId: empty });
  await bench.fails("ResourceNotFound", "EntityId", "ListWorkflowPermissions", on("folder", empty));
  await world.api.response("DeleteProjectMember", bench.in({ UserUins: [ann.uin] }));
  assert.equal((await bench.call("ListWorkflowPermissions",
    on("workflow", bench.workflow))).TotalCount, 0);
  await ann.api.fails("UnauthorizedOperation.UserNotInProject", "ProjectId",
    "GetMyWorkflowMaxPermission", bench.in(on("workflow", bench.workflow)));
};

tests["faults"] = async (world) => {
  const bench = await place(world), ann = await member(world, bench);
  const folder = on("folder", bench.team), good = to("user", ann.uin);
  for (const [action, list, request] of [
    ["CreateWorkflowPermissions", "PermissionList", grant],
    ["DeleteWorkflowPermissions", "DeletePermissionList", revoke]]) {
    const fails = (code, path, ...params) =>
      bench.fails(code, path.replace("LIST", list), action, request(...params));
    await fails("InvalidParameterValue", "EntityType", on("task", bench.team), good);
    await fails("ResourceNotFound", "EntityId", on("workflow", bench.team), good);
    await fails("MissingParameter", "LIST", folder);
    await fails("UnsupportedOperation", "LIST.1.PermissionTargetType", folder, good, to("group", "1"));
    await fails("InvalidParameterValue", "LIST.0.PermissionTargetType", folder, to("team", "1"));
    await fails("ResourceNotFound", "LIST.0.PermissionTargetId", folder, to("role", ann.uin));
    await fails("UnsupportedOperation", "LIST.0.PermissionTypeList.0", folder,
      to("user", ann.uin, ["CAN_VIEW"]));
    await fails("MissingParameter", "LIST.0.PermissionTypeList", folder, to("user", ann.uin, []));
    await fails("LimitExceeded", "LIST", folder, ...Array(101).fill(good));
  }
  await bench.fails("ResourceNotFound", "PermissionList.0.PermissionTargetId",
    "CreateWorkflowPermissions", grant(folder, to("user", "999")));
  assert.equal((await bench.call("ListWorkflowPermissions", folder)).TotalCount, 0);
  await bench.fails("InvalidParameterValue", "PageSize", "ListWorkflowPermissions",
    { ...folder, PageSize: 201 });
  await bench.fails("ResourceNotFound", "EntityId", "GetMyWorkflowMaxPermission", on("folder", "none"));
};

module.exports = { tests };
