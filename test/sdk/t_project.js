/* test/sdk/t_project.js - projects, resource groups, workflow folders, workflows, task folders. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, unique, sleep } = require("./help");

const tests = {};
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const SCHEDULE_GROUP = { Type: { ResourceGroupType: "Schedule",
  Schedule: { Specification: "s_test", Number: 3 } }, AutoRenewEnabled: false, PurchasePeriod: 1,
VpcId: "vpc-1", SubNet: "subnet-1", ResourceRegion: "ap-guangzhou" };

/* Every page of a list, and that the counts agree; a page past the end is empty. */
async function pages(call, size) {
  const first = await call({ PageNumber: 1, PageSize: size });
  assert.equal(first.TotalPageNumber, Math.ceil(first.TotalCount / size));
  const items = [...first.Items];
  for (let n = 2; n <= first.TotalPageNumber; n++) {
    const page = await call({ PageNumber: n, PageSize: size });
    assert.equal(page.PageNumber, n);
    assert.equal(page.PageSize, size);
    items.push(...page.Items);
  }
  assert.equal(items.length, first.TotalCount);
  const past = await call({ PageNumber: 101, PageSize: size });
  assert.deepEqual(past.Items, []);
  assert.equal(past.TotalCount, first.TotalCount);
  return items;
}

tests["a project's life"] = async ({ api }) => {
  const name = unique("p");
  const id = (await api.call("CreateProject",
    { Project: { ProjectName: name, DisplayName: `${name}项目`, ProjectModel: "STANDARD" } })).ProjectId;
  assert.match(id, /^\d{19}$/);
  let p = await api.call("GetProject", { ProjectId: id });
  assert.equal(p.ProjectName, name);
  assert.equal(p.DisplayName, `${name}项目`);
  assert.equal(p.ProjectModel, "STANDARD");
  assert.deepEqual(p.WorkspaceExt, [{ Key: "scheduleMode", Value: "task" }]);
  assert.equal(p.Status, 1);
  assert.deepEqual(Object.keys(await api.response("UpdateProject", { ProjectId: id,
    DisplayName: `${name}_new`, Description: "about", ProjectOwnerUin: "100000000009" })), ["RequestId"]);
  p = await api.call("GetProject", { ProjectId: id });
  assert.deepEqual([p.DisplayName, p.Description, p.ProjectOwnerUin],
    [`${name}_new`, "about", "100000000009"]);
  assert.equal((await api.call("DisableProject", { ProjectId: id })).Status, true);
  assert.equal((await api.call("GetProject", { ProjectId: id })).Status, 0);
  const off = await api.call("ListProjects", { Status: 0, ProjectIds: [id] });
  assert.deepEqual(off.Items.map((i) => i.ProjectId), [id]);
  assert.equal((await api.call("ListProjects", { Status: 1, ProjectIds: [id] })).TotalCount, 0);
  assert.equal((await api.call("EnableProject", { ProjectId: id })).Status, true);
  assert.equal((await api.call("DeleteProject", { ProjectId: id })).Status, true);
  await api.fails("ResourceNotFound", "ProjectId", "GetProject", { ProjectId: id });
};

tests["projects: faults"] = async ({ api }) => {
  const name = unique("p");
  const make = (p) => ({ Project: { ProjectName: name, DisplayName: name, ...p } });
  await api.call("CreateProject", make());
  await api.fails("InvalidParameter.DuplicateName", "Project.ProjectName", "CreateProject",
    make({ DisplayName: unique("other") }));
  await api.fails("InvalidParameter.DuplicateName", "Project.DisplayName", "CreateProject",
    make({ ProjectName: unique("other") }));
  const bad = "InvalidParameterValue";
  await api.fails(bad, "Project.ProjectName", "CreateProject", make({ ProjectName: "1abc" }));
  await api.fails(bad, "Project.ProjectName", "CreateProject", make({ ProjectName: "a b" }));
  await api.fails(bad, "Project.ProjectName", "CreateProject", make({ ProjectName: "a".repeat(33) }));
  await api.fails(bad, "Project.ProjectModel", "CreateProject",
    make({ ProjectName: unique("m"), DisplayName: unique("m"), ProjectModel: "BIG" }));
  for (const action of ["GetProject", "UpdateProject", "EnableProject", "DisableProject", "DeleteProject"])
    await api.fails("ResourceNotFound", "ProjectId", action, { ProjectId: "1111111111111111111" });
  await api.fails(bad, "PageSize", "ListProjects", { PageSize: 1000000 });
  await api.fails(bad, "PageNumber", "ListProjects", { PageNumber: 0 });
  await api.fails(bad, "Status", "ListProjects", { Status: 7 });
  await api.fails(bad, "ProjectModel", "ListProjects", { ProjectModel: "BIG" });
  const mode = (ScheduleMode) => make({ ProjectName: unique("m"), DisplayName: unique("m"), ScheduleMode });
  await api.fails(bad, "Project.ScheduleMode", "CreateProject", mode("hourly"));
  await api.fails("UnsupportedOperation", "Project.ScheduleMode", "CreateProject", mode("workflow"));
  await api.call("CreateProject", mode("task"));
};

tests["projects: list, filters, pages"] = async ({ api }) => {
  const mark = unique("list");
  const ids = [];
  for (let i = 0; i < 23; i++)
    ids.push((await api.call("CreateProject", { Project: { ProjectName: `${mark}_${i}`,
      DisplayName: `${mark}_${i}`, ProjectModel: i % 2 ? "SIMPLE" : "STANDARD" } })).ProjectId);
  const found = await pages((p) => api.call("ListProjects", { ProjectName: mark, ...p }), 10);
  assert.deepEqual(found.map((p) => p.ProjectId).sort(), [...ids].sort());
  const standard = await api.call("ListProjects",
    { ProjectName: mark, ProjectModel: "STANDARD", PageSize: 100 });
  assert.equal(standard.TotalCount, 12);
  const two = await api.call("ListProjects", { ProjectIds: [ids[3], ids[9], "12"] });
  assert.deepEqual(two.Items.map((p) => p.ProjectId).sort(), [ids[3], ids[9]].sort());
};

tests["a resource group's life"] = async ({ api }) => {
  const b = await Bench.make(api);
  const name = unique("group");
  const made = await api.call("CreateResourceGroup",
    { ...SCHEDULE_GROUP, Name: name, AssociatedProjectId: b.project, Description: "three" });
  assert.equal(made.Status, true);
  assert.match(made.ResourceGroupId, /^\d{10,20}$/);
  const group = { ResourceGroupId: made.ResourceGroupId };
  const [listed] = (await api.call("ListResourceGroups", { Id: made.ResourceGroupId })).Items;
  assert.deepEqual([listed.Id, listed.Name, listed.ResourceGroupType, listed.Description, listed.VpcId,
    listed.SubNet, listed.AutoRenewEnabled],
  [made.ResourceGroupId, name, "Schedule", "three", "vpc-1", "subnet-1", false]);
  assert.deepEqual(listed.AssociateProjects.map((p) => p.ProjectId), [b.project]);
  assert.equal((await api.call("GetResourceGroupMetrics", group)).MaximumConcurrency, 3);
  await api.call("UpdateResourceGroup",
    { Id: made.ResourceGroupId, Number: { Type: "ADD", Quantity: 2 } });
  assert.equal((await api.call("GetResourceGroupMetrics", group)).MaximumConcurrency, 5);
  await api.call("UpdateResourceGroup",
    { Id: made.ResourceGroupId, Number: { Type: "DELETE", Quantity: 4 } });
  assert.equal((await api.call("GetResourceGroupMetrics", group)).MaximumConcurrency, 1);

  const other = await Bench.make(api);
  const config = { config: { ResourceGroup: made.ResourceGroupId } };
  await other.api.fails("OperationDenied", "TaskConfiguration.ResourceGroup", "CreateTask",
    other.taskParams(config));
  await other.call("AssociateResourceGroupToProject", group);
  const task = await other.newTask(config);
  assert.equal((await other.call("GetTask", { TaskId: task })).TaskConfiguration.ResourceGroupName, name);
  await other.fails("ResourceNotFound", "ResourceGroupId", "AssociateResourceGroupToProject", { ResourceGroupId: "1" });
  await other.fails("OperationDenied", "ResourceGroupId", "DissociateResourceGroupFromProject", group);
  await other.call("DeleteTask", { TaskId: task });
  await other.call("DissociateResourceGroupFromProject", group);
  await other.fails("FailedOperation", "ResourceGroupId", "DissociateResourceGroupFromProject", group);
  await api.fails("OperationDenied", "Id", "DeleteResourceGroup", { Id: made.ResourceGroupId });
  await b.call("DissociateResourceGroupFromProject", group);
  await api.call("DeleteResourceGroup", { Id: made.ResourceGroupId });
  assert.equal((await api.call("ListResourceGroups", { Id: made.ResourceGroupId })).TotalCount, 0);
  await api.fails("ResourceNotFound", "Id", "DeleteResourceGroup", { Id: made.ResourceGroupId });
};

tests["resource groups: faults, filters, pages"] = async ({ api }) => {
  const mark = unique("g");
  const make = (o) => ({ ...SCHEDULE_GROUP, Name: mark, ...o });
  const number = (n) => ({ Type: { ResourceGroupType: "Schedule",
    Schedule: { Specification: "s_test", Number: n } } });
  await api.call("CreateResourceGroup", make());
  await api.fails("InvalidParameter.DuplicateName", "Name", "CreateResourceGroup", make());
  const bad = "InvalidParameterValue";
  const faulty = (code, path, o) => api.fails(code, path, "CreateResourceGroup",
    make({ Name: unique("g"), ...o }));
  await faulty(bad, "Type.Schedule.Number", number(0));
  await faulty(bad, "Type.Schedule.Number", number(10001));
  await faulty(bad, "Type.ResourceGroupType", { Type: { ...SCHEDULE_GROUP.Type, ResourceGroupType: "Big" } });
  await faulty(bad, "PurchasePeriod", { PurchasePeriod: 0 });
  await faulty("ResourceNotFound", "AssociatedProjectId", { AssociatedProjectId: "12" });
  await api.fails("ResourceNotFound", "Id", "UpdateResourceGroup",
    { Id: "12", Number: { Type: "ADD", Quantity: 1 } });
  await api.fails("ResourceNotFound", "ResourceGroupId", "GetResourceGroupMetrics",
    { ResourceGroupId: "12" });
  for (let i = 0; i < 11; i++)
    await api.call("CreateResourceGroup", make({ Name: `${mark}_${i}` }));
  const found = await pages((p) => api.call("ListResourceGroups", { Name: mark, ...p }), 10);
  assert.equal(found.length, 12);
  assert.equal((await api.call("ListResourceGroups", { Name: mark, Type: "Integration" })).TotalCount, 0);
  await api.fails(bad, "Type", "ListResourceGroups", { Type: "Big" });
};

tests["workflow folders"] = async ({ api }) => {
  const b = await Bench.make(api);
  const make = async (parent, name) => (await b.call("CreateWorkflowFolder",
    { ParentFolderPath: parent, FolderName: name })).FolderId;
  const top = await make("/", "top");
  const inner = await make("/top", "内 层");
  const got = await b.call("GetWorkflowFolder", { FolderId: inner });
  assert.deepEqual([got.FolderPath, got.ParentFolderPath, got.FolderName, got.ProjectId],
    ["/top/内 层", "/top", "内 层", b.project]);
  const workflow = await b.newWorkflow({ ParentFolderPath: "/top/内 层", WorkflowName: "flow" });
  assert.equal((await b.call("GetWorkflow", { WorkflowId: workflow })).Path, "/top/内 层/flow");
  await b.call("UpdateWorkflowFolder", { FolderId: top, FolderName: "renamed" });
  assert.equal((await b.call("GetWorkflowFolder", { FolderId: inner })).FolderPath, "/renamed/内 层");
  assert.equal((await b.call("GetWorkflow", { WorkflowId: workflow })).Path, "/renamed/内 层/flow");

  await b.fails("InvalidParameter.DuplicateName", "FolderName", "CreateWorkflowFolder",
    { ParentFolderPath: "/", FolderName: "renamed" });
  await b.fails("ResourceNotFound", "ParentFolderPath", "ListWorkflowFolders", { ParentFolderPath: "/none" });
  await b.fails("ResourceNotFound", "ParentFolderPath", "CreateWorkflowFolder",
    { ParentFolderPath: "/top", FolderName: "x" });
  for (const name of ["", "a/b", "x".repeat(101)])
    await b.fails("InvalidParameterValue", "FolderName",
      "CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: name });
  for (const action of ["GetWorkflowFolder", "DeleteWorkflowFolder"])
    await b.fails("ResourceNotFound", "FolderId", action, { FolderId: "none" });
  await b.fails("ResourceNotFound", "FolderId", "UpdateWorkflowFolder",
    { FolderId: "none", FolderName: "x" });
  await b.fails("FailedOperation", "FolderId", "DeleteWorkflowFolder", { FolderId: top });
  await b.fails("FailedOperation", "FolderId", "DeleteWorkflowFolder", { FolderId: inner });

  for (let i = 0; i < 11; i++)
    await make("/renamed", `f${i}`);
  const listed = await pages((p) => b.call("ListWorkflowFolders",
    { ParentFolderPath: "/renamed", ...p }), 10);
  assert.deepEqual(listed.map((f) => f.FolderPath).sort(),
    ["/renamed/内 层", ...Array.from({ length: 11 }, (_, i) => `/renamed/f${i}`)].sort());
  const root = await b.call("ListWorkflowFolders", { ParentFolderPath: "/" });
  assert.deepEqual(root.Items.map((f) => f.FolderId), [top]);
  await b.call("DeleteWorkflow", { WorkflowId: workflow });
  assert.equal((await b.call("DeleteWorkflowFolder", { FolderId: inner })).Status, true);
  await b.fails("ResourceNotFound", "FolderId", "GetWorkflowFolder", { FolderId: inner });
};

tests["workflows"] = async ({ api }) => {
  const b = await Bench.make(api);
  const params = [{ ParamKey: "k", ParamValue: "${yyyyMMdd}" }];
  const id = await b.newWorkflow({ WorkflowName: "流程", WorkflowType: "manual", WorkflowDesc: "d",
    OwnerUin: "100000000007", WorkflowParams: params, BundleId: "bundle", BundleInfo: "info" });
  let w = await b.call("GetWorkflow", { WorkflowId: id });
  assert.deepEqual([w.WorkflowName, w.WorkflowType, w.WorkflowDesc, w.OwnerUin, w.WorkflowParams,
    w.BundleId, w.BundleInfo, w.Path],
  ["流程", "manual", "d", "100000000007", params, "bundle", "info", "/流程"]);
  assert.equal((await b.call("UpdateWorkflow", { WorkflowId: id, WorkflowName: "new name",
    WorkflowDesc: "e", OwnerUin: "100000000008", WorkflowParams: [], BundleId: "b2" })).Status, true);
  w = await b.call("GetWorkflow", { WorkflowId: id });
  assert.deepEqual([w.WorkflowName, w.WorkflowDesc, w.OwnerUin, w.WorkflowParams, w.BundleId,
    w.WorkflowType], ["new name", "e", "100000000008", [], "b2", "manual"]);

  await b.fails("InvalidParameter.DuplicateName", "WorkflowName", "CreateWorkflow",
    { WorkflowName: "new name", ParentFolderPath: "/" });
  await b.fails("ResourceNotFound", "ParentFolderPath", "CreateWorkflow",
    { WorkflowName: "x", ParentFolderPath: "/none" });
  await b.fails("InvalidParameterValue", "WorkflowType", "CreateWorkflow",
    { WorkflowName: "x", ParentFolderPath: "/", WorkflowType: "weekly" });
  await b.fails("InvalidParameterValue", "WorkflowName", "CreateWorkflow",
    { WorkflowName: "a/b", ParentFolderPath: "/" });
  await b.fails("ResourceNotFound", "WorkflowId", "GetWorkflow", { WorkflowId: "none" });
  await b.fails("ResourceNotFound", "WorkflowId", "UpdateWorkflow", { WorkflowId: "none",
    WorkflowDesc: "x" });
  await b.fails("FailedOperation", "WorkflowId", "DeleteWorkflow", { WorkflowId: "none" });
  await api.fails("ResourceNotFound", "ProjectId", "CreateWorkflow",
    { ProjectId: "12", WorkflowName: "x", ParentFolderPath: "/" });

  const task = await b.newTask({ base: { WorkflowId: id } });
  await b.submit(task);
  await b.fails("OperationDenied", "WorkflowId", "DeleteWorkflow", { WorkflowId: id });
  await b.call("DeleteTask", { TaskId: task });
  const draft = await b.newTask({ base: { WorkflowId: id } });
  await b.call("DeleteWorkflow", { WorkflowId: id });
  await b.fails("ResourceNotFound", "TaskId", "GetTask", { TaskId: draft });
  await b.fails("FailedOperation", "ProjectId", "DeleteProject", {});
};

tests["workflows: list, filters, pages"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: "f" });
  for (let i = 0; i < 12; i++) {
    await b.newWorkflow({ WorkflowName: `${i % 2 ? "odd" : "even"}_${i}`,
      ParentFolderPath: i < 4 ? "/f" : "/", WorkflowType: i < 3 ? "manual" : "cycle",
      BundleId: i === 5 ? "five" : "", OwnerUin: i === 6 ? "100000000006" : "100000000001" });
    if (i === 5)
      await sleep(1100);
  }
  const list = async (o) => (await b.call("ListWorkflows", { PageSize: 50, ...o })).Items
    .map((w) => w.WorkflowName).filter((n) => /^(odd|even)_/.test(n)).sort();
  assert.equal((await pages((p) => b.call("ListWorkflows", p), 10)).length, 13);
  assert.equal((await list({ Keyword: "odd_" })).length, 6);
  assert.deepEqual(await list({ ParentFolderPath: "/f" }), ["even_0", "even_2", "odd_1", "odd_3"]);
  assert.deepEqual(await list({ WorkflowType: "manual" }), ["even_0", "even_2", "odd_1"]);
  assert.deepEqual(await list({ BundleId: "five" }), ["odd_5"]);
  assert.deepEqual(await list({ OwnerUin: "100000000006" }), ["even_6"]);
  assert.equal((await list({ CreateUserUin: "100000000001" })).length, 12);
  assert.equal((await list({ Keyword: "%" })).length, 0);
  const six = (await b.call("ListWorkflows", { Keyword: "even_6" })).Items[0];
  assert.match(six.CreateTime, TIME);
  const later = await list({ CreateTime: [six.CreateTime, "2099-01-01 00:00:00"] });
  assert.deepEqual(later, ["even_10", "even_6", "even_8", "odd_11", "odd_7", "odd_9"]);
  const bad = "InvalidParameterValue";
  await b.fails(bad, "WorkflowType", "ListWorkflows", { WorkflowType: "weekly" });
  await b.fails(bad, "CreateTime", "ListWorkflows", { CreateTime: ["2025-01-01 00:00:00"] });
  await b.fails(bad, "CreateTime.0", "ListWorkflows", { CreateTime: ["yesterday", "2025-01-01 00:00:00"] });
};

tests["task folders"] = async ({ api }) => {
  const b = await Bench.make(api);
  const place = { WorkflowId: b.workflow, TaskFolderType: "GENERAL" };
  const make = async (parent, name, more = {}) => (await b.call("CreateTaskFolder",
    { ...place, ParentTaskFolderPath: parent, TaskFolderName: name, ...more })).TaskFolderId;
  const top = await make("/", "top");
  const inner = await make("/top", "inner");
  const got = await b.call("GetTaskFolder", { WorkflowId: b.workflow, TaskFolderId: inner });
  assert.deepEqual([got.TaskFolderPath, got.ParentTaskFolderPath, got.TaskFolderName,
    got.TaskFolderType, got.WorkflowId],
  ["/top/inner", "/top", "inner", "GENERAL", b.workflow]);
  const task = await b.newTask({ base: { TaskFolderPath: "/top/inner" } });
  await b.call("UpdateTaskFolder", { WorkflowId: b.workflow, TaskFolderId: top, TaskFolderName: "up" });
  assert.equal((await b.call("GetTask", { TaskId: task })).TaskBaseAttribute.TaskFolderPath, "/up/inner");
  const inFolder = await b.call("ListTasks", { TaskFolderPathList: ["/up/inner"] });
  assert.deepEqual(inFolder.Items.map((t) => t.TaskId), [task]);
  assert.equal((await b.call("ListTasks", { TaskFolderPathList: ["/top/inner"] })).TotalCount, 0);

  await make("/", "up", { TaskFolderType: "ETL" }); // the category is a space of its own
  await b.fails("InvalidParameter.DuplicateName", "TaskFolderName", "CreateTaskFolder",
    { ...place, ParentTaskFolderPath: "/", TaskFolderName: "up" });
  await b.fails("ResourceNotFound", "ParentTaskFolderPath", "ListTaskFolders", { WorkflowId: b.workflow,
    TaskFolderType: "GENERAL", ParentTaskFolderPath: "/none" });
  await b.fails("ResourceNotFound", "ParentTaskFolderPath", "CreateTaskFolder",
    { ...place, ParentTaskFolderPath: "/none", TaskFolderName: "x" });
  await b.fails("ResourceNotFound", "WorkflowId", "CreateTaskFolder",
    { ...place, WorkflowId: "none", ParentTaskFolderPath: "/", TaskFolderName: "x" });
  await b.fails("InvalidParameterValue", "TaskFolderType", "CreateTaskFolder",
    { ...place, TaskFolderType: "BIG", ParentTaskFolderPath: "/", TaskFolderName: "x" });
  for (const [action, more] of [["GetTaskFolder", {}], ["DeleteTaskFolder", {}],
    ["UpdateTaskFolder", { TaskFolderName: "x" }]])
    await b.fails("ResourceNotFound", "TaskFolderId", action,
      { WorkflowId: b.workflow, TaskFolderId: "none", ...more });
  await b.fails("FailedOperation", "TaskFolderId", "DeleteTaskFolder",
    { WorkflowId: b.workflow, TaskFolderId: inner });
  for (let i = 0; i < 10; i++)
    await make("/up", `f${i}`);
  const listed = await pages((p) => b.call("ListTaskFolders",
    { ...place, ParentTaskFolderPath: "/up", ...p }), 10);
  assert.equal(listed.length, 11);
  await b.call("DeleteTask", { TaskId: task });
  assert.equal((await b.call("DeleteTaskFolder",
    { WorkflowId: b.workflow, TaskFolderId: inner })).Status, true);
};

module.exports = { tests, pages };
