/* test/sdk/t_task.js - drafts, versions, lists and neighbours of tasks. */
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { Bench, base64, said, unique, sleep } = require("./help");
const { pages } = require("./t_project");

const tests = {};
const FIXTURE_PROJECT = "2417334454903762944";
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const day = (offset) => ({ MainCyclicConfig: "LIST_DAY", SubordinateCyclicConfig: "", Offset: offset });

tests["CreateTask: the example of the documentation, and the fixture behind it"] = async ({ api }) => {
  const example = JSON.parse(fs.readFileSync(
    path.join(__dirname, "../../examples/create_task.json"), "utf8"));
  const id = (await api.call("CreateTask", example)).TaskId;
  assert.match(id, /^\d{17}$/);
  const t = await api.call("GetTask", { ProjectId: FIXTURE_PROJECT, TaskId: id });
  const { TaskBaseAttribute: base, TaskSchedulerConfiguration: scheduler } = t;
  assert.deepEqual([base.TaskId, base.TaskTypeId, base.WorkflowName, base.Status, base.Submit,
    base.TaskLatestVersionNo, base.TaskLatestSubmitVersionNo],
  [id, 35, "api_demo", "N", false, "V1", null]);
  assert.deepEqual(said(scheduler.EventListenerList), example.TaskSchedulerConfiguration.EventListenerList);
  assert.deepEqual(said(scheduler.UpstreamDependencyConfigList),
    example.TaskSchedulerConfiguration.UpstreamDependencyConfigList);
  assert.equal(t.TaskConfiguration.CodeContent, example.TaskConfiguration.CodeContent);
  assert.equal(t.TaskConfiguration.ResourceGroupName, "local");
  const up = await api.call("GetTask", { ProjectId: FIXTURE_PROJECT, TaskId: "20241204111252781" });
  assert.equal(up.TaskBaseAttribute.Status, "Y");
  assert.equal(up.TaskSchedulerConfiguration.DownstreamDependencyConfigList
    .filter((d) => d.TaskId === id).length, 1);
  await api.fails("InvalidParameter.DuplicateName", "TaskBaseAttribute.TaskName", "CreateTask", example);
  await api.call("DeleteTask", { ProjectId: FIXTURE_PROJECT, TaskId: id, DeleteMode: true });
  await api.fails("ResourceNotFound", "TaskId", "GetTask", { ProjectId: FIXTURE_PROJECT, TaskId: id });
};

tests["CreateTask: defaults"] = async ({ api }) => {
  const b = await Bench.make(api);
  const id = (await api.call("CreateTask", b.in({ TaskBaseAttribute: { TaskName: "least",
    TaskTypeId: "30", WorkflowId: b.workflow }, TaskConfiguration: {},
  TaskSchedulerConfiguration: { CycleType: "DAY_CYCLE" } }))).TaskId;
  const t = await b.call("GetTask", { TaskId: id });
  const s = t.TaskSchedulerConfiguration;
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
  assert.deepEqual({ ...s, StartTime: s.StartTime.slice(0, 10) === today ? "today" : s.StartTime }, {
    CycleType: "DAY_CYCLE", ScheduleTimeZone: "UTC+8", CrontabExpression: "0 0 0 * * ? *",
    StartTime: "today", EndTime: "2099-12-31 23:59:59", ExecutionStartTime: "00:00",
    ExecutionEndTime: "23:59", CalendarOpen: "0", CalendarId: null, CalendarName: null,
    SelfDepend: "serial", AllowRedoType: "ALL", InitStrategy: "T_PLUS_0", ScheduleRunType: 0,
    ScheduleType: 0, RunPriority: 6, RunPriorityType: 6, RetryWait: 5, RetryWaitMinute: 5,
    MaxRetryAttempts: 4, MaxRetryNumber: 4, ExecutionTTL: -1, ExecutionTTLMinute: -1,
    WaitExecutionTotalTTL: "-1", WaitExecutionTotalTTLMinute: -1,
    DependencyTriggerPolicy: "ALL_SUCCESS", AllowDownstreamDependency: 1,
    UpstreamDependencyConfigList: [], DownstreamDependencyConfigList: [],
    DownStreamDependencyConfigList: [], EventListenerList: [], ParamTaskOutList: [],
    ParamTaskInList: [], TaskOutputRegistryList: [],
  });
  assert.equal(t.TaskConfiguration.BrokerIp, "any");
  assert.equal(t.TaskBaseAttribute.OwnerUin, "100000000001");
  assert.match(t.TaskBaseAttribute.CreateTime, TIME);
};

tests["UpdateTask: what GetTask gave can be sent back; the draft is replaced as a whole"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.newTask();
  const id = await b.newTask({ config: { TaskSchedulingParameterList: [{ ParamKey: "a", ParamValue: "1" }],
    BundleId: "x" }, scheduler: { RunPriority: "4", RetryWaitMinute: 7,
    UpstreamDependencyConfigList: [{ TaskId: up, ...day("-1") }] } });
  const send = (t) => b.call("UpdateTask", { TaskId: id, Task: {
    TaskBaseAttribute: { TaskName: t.TaskBaseAttribute.TaskName, OwnerUin: t.TaskBaseAttribute.OwnerUin,
      TaskDescription: t.TaskBaseAttribute.TaskDescription },
    TaskConfiguration: t.TaskConfiguration, TaskSchedulerConfiguration: t.TaskSchedulerConfiguration } });
  const before = await b.call("GetTask", { TaskId: id });
  assert.equal((await send(before)).Status, true);
  // Names that go with ids are shown, and not looked at when they come back (1.4).
  await send({ ...before, TaskConfiguration: { ...before.TaskConfiguration, ResourceGroupName: "no-such",
    SourceServiceType: "x", SourceServiceName: "x", TargetServiceType: "x", TargetServiceName: "x" },
  TaskSchedulerConfiguration: { ...before.TaskSchedulerConfiguration, CalendarName: "no-such" } });
  const after = await b.call("GetTask", { TaskId: id });
  assert.equal(after.TaskBaseAttribute.TaskLatestVersionNo, "V3");
  assert.deepEqual(after.TaskConfiguration, before.TaskConfiguration);
  assert.deepEqual(after.TaskSchedulerConfiguration, before.TaskSchedulerConfiguration);

  await b.call("UpdateTask", { TaskId: id, Task: { TaskBaseAttribute: { TaskName: "other",
    OwnerUin: "100000000005;100000000006", TaskDescription: "desc" },
  TaskConfiguration: { CodeContent: base64("echo 2\n") },
  TaskSchedulerConfiguration: { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 * * * ? *" } } });
  const t = await b.call("GetTask", { TaskId: id });
  assert.deepEqual([t.TaskBaseAttribute.TaskName, t.TaskBaseAttribute.OwnerUin,
    t.TaskBaseAttribute.TaskDescription, t.TaskBaseAttribute.WorkflowId, t.TaskBaseAttribute.TaskTypeId],
  ["other", "100000000005;100000000006", "desc", b.workflow, 35]);
  assert.equal(t.TaskSchedulerConfiguration.RunPriority, 6);
  assert.deepEqual(t.TaskSchedulerConfiguration.UpstreamDependencyConfigList, []);
  assert.equal(t.TaskConfiguration.BundleId, null);

  const task = (more) => ({ TaskId: id, Task: { TaskBaseAttribute: { TaskName: "other",
    OwnerUin: "1", TaskDescription: "", ...more.base }, TaskConfiguration: { ...more.config },
  TaskSchedulerConfiguration: { ...more.scheduler } } });
  await b.fails("InvalidParameterValue", "Task.TaskSchedulerConfiguration.CycleType", "UpdateTask",
    task({ scheduler: { CycleType: "SOMETIMES" } }));
  await b.fails("InvalidParameterValue", "Task.TaskBaseAttribute.TaskName", "UpdateTask",
    task({ base: { TaskName: "a b" } }));
  await b.newTask({ name: "taken" });
  await b.fails("InvalidParameter.DuplicateName", "Task.TaskBaseAttribute.TaskName", "UpdateTask",
    task({ base: { TaskName: "taken" } }));
  await b.fails("ResourceNotFound", "TaskId", "UpdateTask", { ...task({}), TaskId: "20200101000000000" });
  await b.fails("ResourceNotFound", "TaskId", "UpdateTask", { ...task({}), TaskId: "no id" });
};

tests["UpdateTaskPartially: parts, twins, removals"] = async ({ api }) => {
  const b = await Bench.make(api);
  const ups = [await b.newTask(), await b.newTask(), await b.newTask()];
  const list = ["a", "b", "c"].map((k) => ({ ParamKey: k, ParamValue: `${k}1` }));
  const inputs = ups.map((_, i) => ({ ParamKey: `in${i}`, ParamDesc: "p.t.o", FromTaskId: ups[2],
    FromParamKey: "o", Type: "TASK" }));
  const tables = ["t1", "t2"].map((t) => ({ DatasourceId: "1", DatabaseName: "d", TableName: t,
    PartitionName: "p", DataFlowType: "UPSTREAM", TablePhysicalId: `id_${t}` }));
  const id = await b.newTask({ name: "part", code: "echo 1\n",
    config: { TaskSchedulingParameterList: list, TaskExtConfigurationList: list },
    scheduler: { RunPriority: "5", ParamTaskOutList: list, ParamTaskInList: inputs,
      TaskOutputRegistryList: tables,
      UpstreamDependencyConfigList: ups.map((u) => ({ TaskId: u, ...day("0") })) } });
  const change = (NewSetting, FieldToRemoveList) => b.call("UpdateTaskPartially",
    { TaskId: id, ...(NewSetting ? { NewSetting } : {}), ...(FieldToRemoveList ? { FieldToRemoveList } : {}) });
  const get = () => b.call("GetTask", { TaskId: id });

  await change({ TaskBaseAttribute: { TaskDescription: "new" },
    TaskSchedulerConfiguration: { RetryWait: 9, WaitExecutionTotalTTL: "30" } });
  let t = await get();
  assert.deepEqual([t.TaskBaseAttribute.TaskName, t.TaskBaseAttribute.TaskDescription], ["part", "new"]);
  let s = t.TaskSchedulerConfiguration;
  assert.deepEqual([s.RunPriority, s.RetryWait, s.RetryWaitMinute, s.WaitExecutionTotalTTL,
    s.WaitExecutionTotalTTLMinute], [5, 9, 9, "30", 30]);
  assert.equal(t.TaskConfiguration.CodeContent, base64("echo 1\n"));

  await change({ TaskSchedulerConfiguration: { RetryWaitMinute: 3 } }, [
    "TaskConfiguration/TaskSchedulingParameterList:a,c",
    "TaskConfiguration/TaskExtConfigurationList:b",
    `TaskSchedulerConfiguration/UpstreamDependencyConfigList:${ups[0]},${ups[1]}`,
    "TaskSchedulerConfiguration/ParamTaskOutList:c",
    "TaskSchedulerConfiguration/ParamTaskInList:in1",
    "TaskSchedulerConfiguration/TaskOutputRegistryList:id_t1"]);
  t = await get();
  s = t.TaskSchedulerConfiguration;
  const keys = (l) => l.map((p) => p.ParamKey).join("");
  assert.deepEqual([keys(t.TaskConfiguration.TaskSchedulingParameterList),
    keys(t.TaskConfiguration.TaskExtConfigurationList), keys(s.ParamTaskOutList),
    keys(s.ParamTaskInList), s.TaskOutputRegistryList.map((r) => r.TableName),
    s.UpstreamDependencyConfigList.map((u) => u.TaskId), s.RetryWait],
  ["b", "ac", "ab", "in0in2", ["t2"], [ups[2]], 3]);
  assert.equal(t.TaskBaseAttribute.TaskLatestVersionNo, "V3");
  assert.deepEqual((await b.call("ListUpstreamTasks", { TaskId: id })).Items.map((u) => u.TaskId), [ups[2]]);

  await b.fails("MissingParameter", null, "UpdateTaskPartially", { TaskId: id });
  await b.fails("InvalidParameterValue", "FieldToRemoveList.1", "UpdateTaskPartially", { TaskId: id,
    FieldToRemoveList: ["TaskSchedulerConfiguration/ParamTaskOutList:a", "TaskConfiguration/Color:a"] });
  await b.fails("InvalidParameterValue", "NewSetting.TaskSchedulerConfiguration.RunPriority",
    "UpdateTaskPartially", { TaskId: id, NewSetting: { TaskSchedulerConfiguration: { RunPriority: 9 } } });
  await b.fails("ResourceNotFound", "TaskId", "UpdateTaskPartially",
    { TaskId: "20200101000000000", NewSetting: { TaskBaseAttribute: { TaskDescription: "x" } } });
  assert.equal((await get()).TaskBaseAttribute.TaskLatestVersionNo, "V3", "a refused change saves nothing");
};

tests["GetTaskCode, GetOpsTask, GetOpsTaskCode, DeleteTask"] = async ({ api }) => {
  const b = await Bench.make(api);
  const id = await b.newTask({ code: "echo one 一\n" });
  const code = await b.call("GetTaskCode", { TaskId: id });
  assert.deepEqual([Buffer.from(code.CodeInfo, "base64").toString(), code.CodeFileSize],
    ["echo one 一\n", "1"]);
  await b.fails("ResourceNotFound", "TaskId", "GetOpsTask", { TaskId: id });
  await b.submit(id);
  await b.call("UpdateTaskPartially", { TaskId: id,
    NewSetting: { TaskConfiguration: { CodeContent: base64("echo two\n") } } });
  const ops = await b.call("GetOpsTaskCode", { TaskId: id });
  assert.deepEqual([ops.CodeContent, ops.CodeFileSize], ["echo one 一\n", 13]);
  const opsTask = await b.call("GetOpsTask", { TaskId: id });
  assert.equal(opsTask.TaskConfiguration.CodeContent, base64("echo one 一\n"));
  assert.equal(opsTask.TaskBaseAttribute.Status, "Y");
  assert.equal((await b.call("GetTask", { TaskId: id })).TaskBaseAttribute.Submit, false);
  for (const action of ["GetTask", "GetTaskCode", "GetOpsTask", "GetOpsTaskCode", "DeleteTask",
    "ListTaskVersions", "GetTaskVersion", "ListUpstreamTasks", "ListDownstreamTasks"]) {
    await b.fails("ResourceNotFound", "TaskId", action, { TaskId: "20200101000000000" });
    await api.fails("ResourceNotFound", null, action, { ProjectId: "12", TaskId: id });
    await api.fails("ResourceNotFound", null, action, { ProjectId: FIXTURE_PROJECT, TaskId: id });
  }
  assert.equal((await b.call("DeleteTask", { TaskId: id })).Status, true);
  await b.fails("ResourceNotFound", "TaskId", "GetTask", { TaskId: id });
  await b.fails("ResourceNotFound", "TaskId", "DeleteTask", { TaskId: id });
};

tests["SubmitTask and versions"] = async ({ api }) => {
  const b = await Bench.make(api);
  const id = await b.newTask({ code: "echo 1\n" });
  const versions = (o = {}) => b.call("ListTaskVersions", { TaskId: id, ...o });
  assert.deepEqual((await versions({ TaskVersionType: "SUBMIT" })).Items, []);
  const first = await b.submit(id, "first");
  assert.match(first.VersionId, new RegExp(`^${id}_\\d{17}$`));
  assert.equal(first.Status, true);
  for (const n of [2, 3])
    await b.call("UpdateTaskPartially", { TaskId: id,
      NewSetting: { TaskConfiguration: { CodeContent: base64(`echo ${n}\n`) } } });
  const second = await b.submit(id, "second 第二");
  const base = (await b.call("GetTask", { TaskId: id })).TaskBaseAttribute;
  assert.deepEqual([base.Status, base.Submit, base.TaskLatestSubmitVersionNo],
    ["Y", true, base.TaskLatestVersionNo]);
  const submits = (await versions({ TaskVersionType: "SUBMIT" })).Items;
  assert.deepEqual(submits.map((v) => [v.VersionId, v.VersionRemark, v.UsedVersion]),
    [[second.VersionId, "second 第二", true], [first.VersionId, "first", false]]);
  assert.deepEqual((await versions({ UsedVersion: true })).Items.map((v) => v.UsedVersion), [true]);
  const used = (await versions({ TaskVersionType: "SUBMIT", UsedVersion: true })).Items;
  assert.deepEqual(used.map((v) => v.VersionId), [second.VersionId]);
  const saves = (await versions()).Items;
  assert.equal(saves.length, 3);
  const numbers = [...saves, ...submits].map((v) => Number(v.VersionNum.slice(1))).sort((x, y) => x - y);
  assert.deepEqual(numbers, [1, 2, 3, 4, 5], "one sequence for saves and submits");
  const got = await b.call("GetTaskVersion", { TaskId: id, VersionId: first.VersionId });
  assert.equal(got.Task.TaskConfiguration.CodeContent, base64("echo 1\n"));
  assert.deepEqual([got.VersionRemark, got.VersionId], ["first", first.VersionId]);
  const newest = await b.call("GetTaskVersion", { TaskId: id });
  assert.equal(newest.VersionId, second.VersionId);
  for (let n = 4; n < 14; n++)
    await b.call("UpdateTaskPartially", { TaskId: id,
      NewSetting: { TaskBaseAttribute: { TaskDescription: `${n}` } } });
  assert.equal((await pages((p) => versions(p), 10)).length, 13);

  await b.fails("InvalidParameterValue", "TaskVersionType", "ListTaskVersions",
    { TaskId: id, TaskVersionType: "BOTH" });
  await b.fails("ResourceNotFound", "VersionId", "GetTaskVersion", { TaskId: id, VersionId: "none" });
  await b.fails("MissingParameter", null, "SubmitTask", { TaskId: id });
  await b.fails("InvalidParameterValue", "VersionRemark", "SubmitTask", { TaskId: id, VersionRemark: "" });
  await b.fails("InvalidParameterValue", "VersionRemark", "SubmitTask",
    { TaskId: id, VersionRemark: "x".repeat(2001) });
  await b.fails("ResourceNotFound", "TaskId", "SubmitTask",
    { TaskId: "20200101000000000", VersionRemark: "x" });
  const never = await b.newTask();
  await b.fails("ResourceNotFound", null, "GetTaskVersion", { TaskId: never });
};

tests["SubmitTask: refused for types that cannot run, parents never submitted, cycles"] = async ({ api }) => {
  const b = await Bench.make(api);
  const sql = await b.newTask({ type: "34" });
  const refused = (code, path, task) => b.fails(code, path, "SubmitTask", { TaskId: task, VersionRemark: "x" });
  await refused("UnsupportedOperation", "TaskId", sql);
  const edge = (t, o) => ({ scheduler: { UpstreamDependencyConfigList: [{ TaskId: t, ...o }] } });
  const now = { MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" };
  const a = await b.newTask();
  const c = await b.newTask(edge(a, now));
  const e = await refused("FailedOperation", null, c);
  assert.ok(e.message.includes(a), e.message);
  // Neither of two drafts that depend on each other can be the first, which is said.
  const close = (o) => b.call("UpdateTaskPartially", { TaskId: a, NewSetting: { TaskSchedulerConfiguration:
    { UpstreamDependencyConfigList: [{ TaskId: c, ...o }] } } });
  await close(now);
  const UP = "TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.TaskId";
  for (const [task, other] of [[a, c], [c, a]])
    assert.match((await refused("FailedOperation", UP, task)).message, new RegExp(`cycle: ${task}, ${other}, ${task};`));
  await b.call("UpdateTaskPartially", { TaskId: a, NewSetting: { TaskSchedulerConfiguration:
    { UpstreamDependencyConfigList: [] } } });
  await b.submit(a);
  await b.submit(c);
  await close(now);
  await refused("FailedOperation", "TaskSchedulerConfiguration.UpstreamDependencyConfigList", a);
  await close(day("-1")); // leads to earlier data times
  await b.submit(a);
};

tests["neighbours of drafts"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.newTask({ name: "up", scheduler: { ScheduleTimeZone: "UTC+4",
    StartTime: "2025-07-25 00:00:00", EndTime: "2099-12-31 23:59:59" } });
  const downs = [];
  for (let i = 0; i < 11; i++)
    downs.push(await b.newTask({ scheduler: { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 * * * ? *",
      UpstreamDependencyConfigList: [{ TaskId: up, ...day("-1,0") }] } }));
  const found = await pages((p) => b.call("ListDownstreamTasks", { TaskId: up, ...p }), 10);
  assert.deepEqual(found.map((t) => t.TaskId).sort(), [...downs].sort());
  const [u] = (await b.call("ListUpstreamTasks", { TaskId: downs[0] })).Items;
  assert.deepEqual([u.TaskId, u.TaskName, u.CycleType, u.StartTime, u.EndTime, u.Status, u.WorkflowId,
    u.CrontabExpression], [up, "up", "D", "2025-07-25 04:00:00", "2100-01-01 03:59:59", "N", b.workflow,
    "0 0 0 * * ? *"]);
  assert.equal((await b.call("GetTask", { TaskId: up })).TaskSchedulerConfiguration
    .DownstreamDependencyConfigList.length, 11);
  await b.call("DeleteTask", { TaskId: downs[0] });
  assert.equal((await b.call("ListDownstreamTasks", { TaskId: up })).TotalCount, 10);
};

tests["ListTasks: filters and pages"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: "f" });
  const other = await b.newWorkflow({ ParentFolderPath: "/f" });
  for (let i = 0; i < 12; i++) {
    await b.newTask({ name: `${i % 2 ? "odd" : "even"}_${i}`, type: i < 3 ? "30" : "35",
      base: { WorkflowId: i < 5 ? other : b.workflow, OwnerUin: i === 7 ? "100000000007;100000000008" : "" },
      config: i === 6 ? { BundleId: "six" } : {} });
    if (i === 5)
      await sleep(1100);
  }
  const list = async (o) => (await b.call("ListTasks", { PageSize: 50, ...o })).Items
    .map((t) => Number(t.TaskName.split("_")[1])).sort((x, y) => x - y);
  const all = await pages((p) => b.call("ListTasks", p), 10);
  assert.equal(new Set(all.map((t) => t.TaskId)).size, 12);
  assert.deepEqual(await list({ TaskName: "odd" }), [1, 3, 5, 7, 9, 11]);
  assert.deepEqual(await list({ TaskName: "%" }), []);
  assert.deepEqual(await list({ TaskTypeId: 30 }), [0, 1, 2]);
  assert.deepEqual(await list({ TaskNodeTypeList: ["30", "34"] }), [0, 1, 2]);
  assert.deepEqual(await list({ WorkflowId: other }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await list({ WorkflowFolderPathList: ["/f"] }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await list({ WorkflowFolderPathList: ["/none"] }), []);
  assert.deepEqual(await list({ OwnerUin: "100000000008" }), [7]);
  assert.deepEqual(await list({ OwnerUin: "10000000000" }), []);
  assert.deepEqual(await list({ BundleId: "six" }), [6]);
  assert.equal((await list({ CreateUserUin: "100000000001" })).length, 12);
  await b.submit(all.find((t) => t.TaskName === "odd_9").TaskId);
  assert.deepEqual(await list({ Status: "Y" }), [9]);
  assert.deepEqual(await list({ Submit: true }), [9]);
  assert.equal((await list({ Status: "N", Submit: false })).length, 11);
  const six = all.find((t) => t.TaskName === "even_6").CreateTime;
  assert.deepEqual(await list({ CreateTime: [six, "2099-01-01 00:00:00"] }), [6, 7, 8, 9, 10, 11]);
  assert.deepEqual(await list({ ModifyTime: ["2099-01-01 00:00:00", "2099-01-02 00:00:00"] }), []);
  const bad = "InvalidParameterValue";
  await b.fails(bad, "Status", "ListTasks", { Status: "RUNNING" });
  await b.fails(bad, "CreateTime.1", "ListTasks", { CreateTime: ["2025-01-01 00:00:00", "x"] });
  await b.fails(bad, "TaskNodeTypeList", "ListTasks", { TaskNodeTypeList: ["shell"] });
  await b.fails(bad, "PageSize", "ListTasks", { PageSize: 201 });
  await b.fails(bad, "PageNumber", "ListTasks", { PageNumber: 0 });
  await api.fails("ResourceNotFound", "ProjectId", "ListTasks", { ProjectId: "12" });
};

tests["ListOpsTasks: filters and pages, whose numbers are texts"] = async ({ api }) => {
  const b = await Bench.make(api);
  const folder = (await b.call("CreateWorkflowFolder",
    { ParentFolderPath: "/", FolderName: "f" })).FolderId;
  const flow = unique("flow");
  const other = await b.newWorkflow({ ParentFolderPath: "/f", WorkflowName: flow });
  const group = (await api.call("ListResourceGroups", { Name: "local" })).Items[0].Id;
  const ids = [];
  for (let i = 0; i < 12; i++)
    ids.push(await b.submitted({ name: `t${i}`, type: i < 3 ? "30" : "35",
      base: { WorkflowId: i < 5 ? other : b.workflow, OwnerUin: i === 7 ? "100000000007" : "" },
      config: i === 8 ? { ResourceGroup: group } : {},
      scheduler: i === 9 ? { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 * * * ? *" } : {} }));
  await b.newTask({ name: "draft" });
  const list = async (o) => (await b.call("ListOpsTasks", { PageSize: "50", PageNumber: "1", ...o })).Items
    .map((t) => Number(t.TaskName.slice(1))).sort((x, y) => x - y);
  assert.equal((await list({})).length, 12);
  const second = await b.call("ListOpsTasks", { PageSize: "10", PageNumber: "2" });
  assert.deepEqual([second.Items.length, second.TotalCount, second.PageNumber, second.PageSize],
    [2, 12, 2, 10]);
  assert.deepEqual((await b.call("ListOpsTasks", { PageSize: "10", PageNumber: "101" })).Items, []);
  assert.deepEqual(await list({ TaskTypeId: "30" }), [0, 1, 2]);
  assert.deepEqual(await list({ WorkflowId: other }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await list({ WorkflowName: flow }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await list({ FolderId: folder }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await list({ OwnerUin: "100000000007" }), [7]);
  assert.deepEqual(await list({ ExecutorGroupId: group }), [8]);
  assert.deepEqual(await list({ CycleType: "HOUR_CYCLE" }), [9]);
  for (const name of ["SourceServiceId", "TargetServiceId"])
    await b.fails("UnsupportedOperation", name, "ListOpsTasks", { [name]: "55" });
  assert.deepEqual(await list({ Status: "INVALID" }), []);
  assert.equal((await list({ Status: "Y" })).length, 12);
  const item = async (zone) => (await b.call("ListOpsTasks",
    { PageSize: "10", OwnerUin: "100000000007", ...(zone ? { TimeZone: zone } : {}) })).Items[0];
  const here = await item(), there = await item("UTC+6");
  const parse = (text) => Date.parse(`${text.replace(" ", "T")}Z`);
  assert.equal(parse(here.CreateTime) - parse(there.CreateTime), 2 * 3600e3);
  assert.deepEqual([here.TaskId, here.Status, here.TaskTypeId, here.ProjectId],
    [ids[7], "Y", 35, b.project]);
  const bad = "InvalidParameterValue";
  await b.fails(bad, "PageNumber", "ListOpsTasks", { PageNumber: "one" });
  await b.fails(bad, "TimeZone", "ListOpsTasks", { TimeZone: "Mars" });
  await b.fails(bad, "Status", "ListOpsTasks", { Status: "RUNNING" });
  await b.fails(bad, "CycleType", "ListOpsTasks", { CycleType: "SOMETIMES" });
  await b.fails(bad, "TaskTypeId", "ListOpsTasks", { TaskTypeId: "shell" });
};

tests["many at once: one name is taken once, every submit has a version of its own"] = async ({ api }) => {
  const b = await Bench.make(api);
  const codes = await Promise.all(Array.from({ length: 20 },
    () => b.newTask({ name: "race" }).then(() => "ok", (e) => e.code)));
  assert.deepEqual(codes.filter((c) => c !== "InvalidParameter.DuplicateName"), ["ok"]);
  const [{ TaskId }] = (await b.call("ListTasks", {})).Items;
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await b.submit(TaskId)).VersionId));
  assert.equal(new Set(ids).size, 20);
  const tasks = await Promise.all(Array.from({ length: 20 }, () => b.newTask()));
  assert.equal(new Set(tasks).size, 20);
};

module.exports = { tests };
