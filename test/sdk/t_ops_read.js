/* test/sdk/t_ops_read.js - what production shows: the submitted graph, owners, workflows, the instances
 * of backfill plans (docs/reference/semantics.md 1.6, 1.7, 7.2). */
"use strict";
const assert = require("node:assert/strict");
const { Bench, base64, until } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const current = (task) => ({ TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" });
const after = (...tasks) => ({ UpstreamDependencyConfigList: tasks.map(current) });
const ids = (page) => page.Items.map((i) => i.TaskId);

const upstreams = (b, task, more = {}) => b.call("ListUpstreamOpsTasks", { TaskId: task, ...more });
const downstreams = (b, task, more = {}) => b.call("ListDownstreamOpsTasks", { TaskId: task, ...more });

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: the submitted graph, not the draft (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const folder = (await b.call("CreateWorkflowFolder", { FolderName: "ops", ParentFolderPath: "/" })).FolderId;
  const top = await b.submitted({ name: "top" }), other = await b.submitted();
  b.workflow = await b.newWorkflow({ ParentFolderPath: "/ops", WorkflowName: "in_folder" });
  const down = await b.submitted({ name: "down", scheduler: { ...after(top), CycleType: "HOUR_CYCLE",
    CrontabExpression: "0 0 0-23 * * ? *", ExecutionStartTime: "01:30", ExecutionEndTime: "22:45" } });
  assert.deepEqual(ids(await upstreams(b, down)), [top]);
  const page = await downstreams(b, top), [item] = page.Items;
  assert.deepEqual([page.TotalCount, page.TotalPageNumber, page.PageNumber, page.PageSize], [1, 1, 1, 10]);
  const { FirstSubmitTime, ScheduleDesc, ProjectName, ...rest } = item;
  assert.deepEqual(rest, { TaskId: down, TaskName: "down", WorkflowId: b.workflow, WorkflowName: "in_folder",
    ProjectId: b.project, Status: "Y", TaskTypeId: 35, TaskTypeDesc: "Shell", FolderName: "ops", FolderId: folder,
    FirstRunTime: null, CycleType: "HOUR_CYCLE", OwnerUin: "100000000001",
    ExecutionStartTime: "01:30", ExecutionEndTime: "22:45" });
  assert.match(FirstSubmitTime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.ok(ScheduleDesc.length > 0 && ProjectName.length > 0);
  const [root] = (await upstreams(b, down)).Items;
  assert.deepEqual([root.FolderId, root.FolderName, root.ExecutionStartTime, root.ExecutionEndTime],
    [null, null, "00:00", "23:59"]);

  await b.call("UpdateTaskPartially", { TaskId: down, NewSetting: { TaskSchedulerConfiguration: after(other) } });
  assert.deepEqual([ids(await upstreams(b, down)), ids(await downstreams(b, other))], [[top], []]);
  await b.submit(down);
  assert.deepEqual([ids(await upstreams(b, down)), ids(await downstreams(b, other)), ids(await downstreams(b, top))],
    [[other], [down], []]);
};

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: pages, and tasks that were deleted (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const ups = [];
  for (let i = 0; i < 5; i++)
    ups.push(await b.submitted());
  const down = await b.submitted({ scheduler: after(...ups) });
  const second = await upstreams(b, down, { PageNumber: "2", PageSize: "2" });
  assert.deepEqual([ids(second), second.TotalCount, second.TotalPageNumber, second.PageNumber, second.PageSize],
    [ups.slice(2, 4), 5, 3, 2, 2]);
  assert.deepEqual(ids(await upstreams(b, down, { PageNumber: "4", PageSize: "2" })), []);
  await b.call("DeleteTask", { TaskId: ups[0] }); // its edge stays behind
  await b.call("DeleteTask", { TaskId: ups[1], DeleteMode: true });
  const left = await upstreams(b, down, { PageSize: "2" });
  assert.deepEqual([ids(left), left.TotalCount], [ups.slice(2, 4), 3]);
  await b.call("DeleteTask", { TaskId: down });
  assert.deepEqual(ids(await downstreams(b, ups[2])), []);
};

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: what is refused (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api);
  const draft = await b.newTask(), task = await b.submitted();
  for (const action of ["ListUpstreamOpsTasks", "ListDownstreamOpsTasks"]) {
    await b.fails("ResourceNotFound", "TaskId", action, { TaskId: draft });
    await b.fails("ResourceNotFound", "TaskId", action, { TaskId: "x" });
    await stranger.fails("ResourceNotFound", "TaskId", action, { TaskId: task });
    for (const wrong of [{ PageNumber: "0" }, { PageNumber: "x" }])
      await b.fails("InvalidParameterValue", "PageNumber", action, { TaskId: task, ...wrong });
    await b.fails("InvalidParameterValue", "PageSize", action, { TaskId: task, PageSize: "201" });
  }
};

const ops = async (b, task) => (await b.call("GetOpsTask", { TaskId: task })).TaskBaseAttribute;
const draft = async (b, task) => (await b.call("GetTask", { TaskId: task })).TaskBaseAttribute;
const give = (b, OwnerUin, ...TaskIds) => b.call("UpdateOpsTasksOwner", { TaskIds, OwnerUin });
const asyncEnd = async (b, action, params) => {
  const { AsyncId } = await b.call(action, params);
  return until(`${action} ${AsyncId}`, 30, async () => {
    const d = await b.call("GetOpsAsyncJob", { AsyncId });
    return d.Status !== "RUNNING" && d;
  });
};

tests["UpdateOpsTasksOwner: a new version that differs in the owner only (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const plain = await b.submitted({ code: "echo old\n" }), ahead = await b.submitted({ code: "echo old\n" });
  await b.call("UpdateTaskPartially", { TaskId: ahead,
    NewSetting: { TaskConfiguration: { CodeContent: base64("echo new\n") } } });
  await b.backfill(plain, DAY);
  await b.reaches(KEY(plain), "COMPLETED");
  assert.deepEqual(await give(b, "100000000003;100000000004", plain, ahead), { Status: true });
  for (const task of [plain, ahead])
    assert.deepEqual([(await ops(b, task)).OwnerUin, (await draft(b, task)).OwnerUin],
      ["100000000003;100000000004", "100000000003;100000000004"]);
  const [p, a] = [await ops(b, plain), await ops(b, ahead)];
  assert.deepEqual([p.Submit, p.TaskLatestVersionNo, p.TaskLatestSubmitVersionNo, p.Status], [true, "V3", "V3", "Y"]);
  assert.deepEqual([a.Submit, a.TaskLatestVersionNo, a.TaskLatestSubmitVersionNo, a.Status], [false, "V5", "V4", "Y"]);
  // What was only a draft is still only a draft.
  assert.equal((await b.call("GetOpsTaskCode", { TaskId: ahead })).CodeContent, "echo old\n");
  assert.equal((await b.call("GetTaskCode", { TaskId: ahead })).CodeInfo, base64("echo new\n"));
  const found = async (OwnerUin) => ids(await b.call("ListOpsTasks", { OwnerUin })).sort();
  assert.deepEqual([await found("100000000004"), await found("100000000001")], [[plain, ahead].sort(), []]);
  const [newest] = (await b.call("ListTaskVersions", { TaskId: plain, TaskVersionType: "SUBMIT" })).Items;
  assert.equal(newest.VersionRemark, "UpdateOpsTasksOwner");
  // An instance keeps the owner that it ran under; a new one has the new owner.
  await b.backfill(plain, "2026-01-11");
  await b.reaches(KEY(plain, "2026-01-11"), "COMPLETED");
  const keys = async (OwnerUin) => (await b.call("ListTaskInstances", { OwnerUin })).Items.map((i) => i.InstanceKey);
  assert.deepEqual([await keys("100000000001"), await keys("100000000003")], [[KEY(plain)], [KEY(plain, "2026-01-11")]]);
  await give(b, "100000000003;100000000004", plain, ahead); // nothing to do
  assert.deepEqual([(await ops(b, plain)).TaskLatestVersionNo, (await ops(b, ahead)).TaskLatestVersionNo], ["V3", "V5"]);
  await b.submit(ahead);
  assert.deepEqual([(await ops(b, ahead)).OwnerUin, (await b.call("GetOpsTaskCode", { TaskId: ahead })).CodeContent],
    ["100000000003;100000000004", "echo new\n"]);
};

tests["UpdateOpsTasksOwner: states and firings stay as they are, waits too (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api), uin = "100000000003";
  const paused = await b.submitted(), stopped = await b.submitted(), up = await b.submitted();
  const over = await b.submitted({ scheduler: { StartTime: "2020-01-01 00:00:00", EndTime: "2020-01-02 00:00:00" } });
  const waits = await b.submitted({ scheduler: after(up) });
  const fires = await b.submitted({ scheduler: { CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *",
    SelfDepend: "parallel", ScheduleRunType: "1" } });
  const planned = async () => (await b.call("ListTaskInstances", { Keyword: fires, PageSize: 100,
    SortColumn: "SCHEDULE_DATE", SortType: "ASC" })).Items.map((i) => Date.parse(i.SchedulerTime) / 1000);
  await asyncEnd(b, "PauseOpsTasksAsync", { TaskIds: [paused] });
  await asyncEnd(b, "StopOpsTasksAsync", { TaskIds: [stopped] });
  await until("INVALID", 10, async () => (await ops(b, over)).Status === "INVALID");
  await b.backfill(waits, DAY, DAY, { CheckParentType: "ALL" });
  await b.reaches(KEY(waits), "WAIT_UPSTREAM");
  await until("firings", 10, async () => (await planned()).length >= 2);
  await give(b, uin, paused, stopped, over, waits, fires);
  const n = (await planned()).length;
  for (const [task, status] of [[paused, "O"], [stopped, "F"], [over, "INVALID"], [waits, "Y"], [fires, "Y"]])
    assert.deepEqual([(await ops(b, task)).Status, (await ops(b, task)).OwnerUin], [status, uin]);
  await until("more firings", 10, async () => (await planned()).length >= n + 2);
  const times = await planned();
  assert.equal(times.at(-1) - times[0], times.length - 1, "every second fired once");
  assert.equal((await b.instance(KEY(waits))).InstanceState, "WAIT_UPSTREAM");
  await b.backfill(up, DAY);
  await b.reaches(KEY(waits), "COMPLETED");
  await asyncEnd(b, "StopOpsTasksAsync", { TaskIds: [fires] });
};

tests["UpdateOpsTasksOwner: what is refused; then nothing has changed (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api);
  const task = await b.submitted(), never = await b.newTask();
  const faulty = (code, path, more) => b.fails(code, path, "UpdateOpsTasksOwner",
    { TaskIds: [task], OwnerUin: "100000000003", ...more });
  for (const OwnerUin of ["", "somebody", ";;", "1;x", "1".repeat(21)])
    await faulty("InvalidParameterValue", "OwnerUin", { OwnerUin });
  await faulty("MissingParameter", "TaskIds", { TaskIds: [] });
  await faulty("LimitExceeded", "TaskIds", { TaskIds: Array(1001).fill(task) });
  await faulty("ResourceNotFound", "TaskIds.0", { TaskIds: ["x"] });
  await faulty("FailedOperation", "TaskIds.1", { TaskIds: [task, never] });
  await faulty("ResourceNotFound", "TaskIds.1", { TaskIds: [task, "20200101000000000"] });
  await stranger.fails("ResourceNotFound", "TaskIds.0", "UpdateOpsTasksOwner", { TaskIds: [task], OwnerUin: "1" });
  const now = await ops(b, task);
  assert.deepEqual([now.OwnerUin, now.TaskLatestVersionNo], ["100000000001", "V2"]);
};

const workflows = (b, more = {}) => b.call("ListOpsWorkflows", more);
const workflow = (b, WorkflowId) => b.call("GetOpsWorkflow", { WorkflowId });
const names = (page) => page.Items.map((i) => i.WorkflowName);
/* A workflow of this name with a task in each of the states; the bench stays in its own. */
async function withTasks(b, WorkflowName, states, more = {}) {
  const home = b.workflow, made = {};
  b.workflow = made.id = await b.newWorkflow({ WorkflowName, ...more });
  made.tasks = [];
  for (const state of states) {
    const range = state === "INVALID" ? { StartTime: "2020-01-01 00:00:00", EndTime: "2020-01-02 00:00:00" } : {};
    const task = state === "N" ? await b.newTask() : await b.submitted({ scheduler: range });
    made.tasks.push(task);
    if (state === "O")
      await asyncEnd(b, "PauseOpsTasksAsync", { TaskIds: [task] });
    if (state === "F")
      await asyncEnd(b, "StopOpsTasksAsync", { TaskIds: [task] });
    if (state === "INVALID")
      await until("INVALID", 10, async () => (await ops(b, task)).Status === "INVALID");
  }
  b.workflow = home;
  return made;
}

tests["ListOpsWorkflows, GetOpsWorkflow: the derived status (1.7)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const rows = { ALL_RUNNING: ["Y", "Y", "N"], ALL_FREEZED: ["O"], ALL_STOPPTED: ["F", "N"], ALL_INVALID: ["INVALID"],
    PART_RUNNING: ["Y", "O", "F", "INVALID"], ALL_NO_RUNNING: ["O", "F"] };
  const made = {};
  for (const [status, states] of Object.entries(rows))
    made[status] = await withTasks(b, `w_${status}`, states);
  const draft = await withTasks(b, "w_draft", ["N"]);
  for (const [status, states] of Object.entries(rows)) {
    assert.equal((await workflow(b, made[status].id)).Status, status);
    const page = await workflows(b, { Status: status });
    assert.deepEqual(page.Items.map((i) => [i.WorkflowName, i.Status, i.TaskCount]),
      [[`w_${status}`, status, states.filter((s) => s !== "N").length]]);
  }
  const all = await workflows(b);
  assert.deepEqual([all.TotalCount, names(all)], [6, Object.keys(rows).map((s) => `w_${s}`).reverse()]);
  await b.fails("ResourceNotFound", "WorkflowId", "GetOpsWorkflow", { WorkflowId: draft.id });
  await b.submit(draft.tasks[0]);
  assert.equal((await workflow(b, draft.id)).Status, "ALL_RUNNING");
};

tests["GetOpsWorkflow: members, with and without a unified schedule (1.7, 2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const FolderId = (await b.call("CreateWorkflowFolder", { FolderName: "ops", ParentFolderPath: "/" })).FolderId;
  const plain = await withTasks(b, "plain", ["Y"], { WorkflowDesc: "a word 描述", OwnerUin: "1;2" });
  const { CreateTime, UpdateTime, FirstSubmitTime, LatestSubmitTime, ...rest } = await workflow(b, plain.id);
  assert.deepEqual(rest, { WorkflowId: plain.id, WorkflowDesc: "a word 描述", WorkflowType: "cycle",
    CreateUserUin: "100000000001", StartupTime: null, StartTime: null, EndTime: null, CycleType: null,
    InstanceInitStrategy: null, SchedulerDesc: null, Status: "ALL_RUNNING", OwnerUin: "1;2",
    WorkflowName: "plain", FolderId: null });
  assert.equal(FirstSubmitTime, LatestSubmitTime);
  assert.ok(CreateTime <= FirstSubmitTime && FirstSubmitTime <= UpdateTime, `${CreateTime} ${FirstSubmitTime} ${UpdateTime}`);
  const [item] = (await workflows(b, {})).Items;
  assert.deepEqual([item.FolderName, item.FolderId, item.ProjectId, item.UpdateUserUin, item.UpdateTime, item.OwnerUin],
    [null, null, b.project, "100000000001", UpdateTime, "1;2"]);
  const unified = await withTasks(b, "unified", ["Y"], { ParentFolderPath: "/ops", WorkflowSchedulerConfiguration: {
    ScheduleTimeZone: "UTC+8", CycleType: "HOUR_CYCLE", SelfDepend: "parallel", StartTime: "2025-02-01 00:00:00",
    EndTime: "2098-12-31 23:59:59", CrontabExpression: "0 5 0-23 * * ? *" } });
  const u = await workflow(b, unified.id);
  assert.deepEqual([u.FolderId, u.StartTime, u.EndTime, u.CycleType],
    [FolderId, "2025-02-01 00:00:00", "2098-12-31 23:59:59", "HOUR_CYCLE"]);
  assert.ok(u.SchedulerDesc.length > 0);
};

tests["ListOpsWorkflows: filters, orders, pages (1.7)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const FolderId = (await b.call("CreateWorkflowFolder", { FolderName: "ops", ParentFolderPath: "/" })).FolderId;
  const one = await withTasks(b, "alpha_one", ["Y"], { OwnerUin: "100000000007;100000000008" });
  const two = await withTasks(b, "beta_two", ["Y", "Y", "Y"], { ParentFolderPath: "/ops" });
  const three = await withTasks(b, "alpha_three", ["Y", "Y"]);
  await withTasks(b, "by_hand", ["Y"], { WorkflowType: "manual" });
  const list = async (more) => names(await workflows(b, more));
  assert.deepEqual(await list({}), ["alpha_three", "beta_two", "alpha_one"]);
  assert.deepEqual(await list({ SortType: "asc" }), ["alpha_one", "beta_two", "alpha_three"]);
  assert.deepEqual(await list({ SortItem: "TaskCount", SortType: "desc" }), ["beta_two", "alpha_three", "alpha_one"]);
  assert.deepEqual(await list({ SortItem: "TaskCount", SortType: "ASC" }), ["alpha_one", "alpha_three", "beta_two"]);
  for (const type of ["Manual", "manual"])
    assert.deepEqual(await list({ WorkflowType: type }), ["by_hand"]);
  assert.equal((await list({ WorkflowType: "Cycle" })).length, 3);
  assert.deepEqual(await list({ KeyWord: "ALPHA" }), ["alpha_three", "alpha_one"]);
  assert.deepEqual(await list({ KeyWord: two.id.slice(4, 30) }), ["beta_two"]);
  assert.deepEqual(await list({ KeyWord: "nothing" }), []);
  assert.deepEqual(await list({ FolderId }), ["beta_two"]);
  assert.deepEqual(await list({ FolderId: "x" }), []);
  assert.deepEqual(await list({ OwnerUin: "100000000008" }), ["alpha_one"]);
  assert.equal((await list({ CreateUserUin: "100000000001" })).length, 3);
  assert.deepEqual(await list({ CreateUserUin: "1" }), []);
  const { CreateTime, UpdateTime } = await workflow(b, three.id);
  assert.deepEqual((await list({ CreateTime }))[0], "alpha_three");
  assert.deepEqual((await list({ ModifyTime: UpdateTime }))[0], "alpha_three");
  for (const name of ["CreateTime", "ModifyTime"])
    assert.deepEqual(await list({ [name]: "2098-01-01 00:00:00" }), []);
  const page = await workflows(b, { PageSize: 2, PageNumber: 2 });
  assert.deepEqual([names(page), page.TotalCount, page.TotalPageNumber, page.PageNumber, page.PageSize],
    [["alpha_one"], 3, 2, 2, 2]);
  assert.deepEqual(names(await workflows(b, { PageNumber: 9 })), []);
  // A change in production is a change of the workflow.
  const before = (await workflow(b, one.id)).UpdateTime;
  await until("the next second", 5, async () => {
    await give(b, String(Date.now()), one.tasks[0]);
    return (await workflow(b, one.id)).UpdateTime > before;
  });
};

tests["ListOpsWorkflows, GetOpsWorkflow: what is refused (1.7)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api), bad = "InvalidParameterValue";
  const made = await withTasks(b, "w", ["Y"]);
  for (const [name, value] of [["Status", "ALL_STOPPED"], ["WorkflowType", "loop"], ["SortItem", "Name"],
    ["SortType", "UP"], ["CreateTime", "yesterday"], ["ModifyTime", "2025-02-30 00:00:00"], ["PageSize", 201],
    ["PageNumber", 0]])
    await b.fails(bad, name, "ListOpsWorkflows", { [name]: value });
  await api.fails("ResourceNotFound", "ProjectId", "ListOpsWorkflows", { ProjectId: "12" });
  await b.fails("ResourceNotFound", "WorkflowId", "GetOpsWorkflow", { WorkflowId: "x" });
  await stranger.fails("ResourceNotFound", "WorkflowId", "GetOpsWorkflow", { WorkflowId: made.id });
  assert.deepEqual((await workflows(stranger)).Items, []);
};

const made = (b, plan, task, more = {}) => b.call("ListDataBackfillInstances",
  { DataBackfillPlanId: plan, TaskId: task, ...more });

tests["ListDataBackfillInstances: the rounds that a plan made of a task (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ name: "filled", code: "sleep 1.1; test ${yyyyMMdd} != 20260111\n",
    scheduler: { MaxRetryAttempts: "0", SelfDepend: "parallel" } });
  const slow = await b.submitted({ name: "slow", code: "sleep 300\n" });
  const plan = await b.backfill([task, slow], DAY, "2026-01-12");
  for (const [date, state] of [[DAY, "COMPLETED"], ["2026-01-11", "EXPIRED"], ["2026-01-12", "COMPLETED"]])
    await b.reaches(KEY(task, date), state);
  const page = await made(b, plan, task);
  assert.deepEqual([page.TotalCount, page.TotalPageNumber, page.PageNumber, page.PageSize], [3, 1, 1, 10]);
  assert.deepEqual(page.Items.map((i) => [i.TaskId, i.TaskName, i.CurRunDate, i.State]), [
    [task, "filled", "2026-01-10 00:00:00", "COMPLETED"], [task, "filled", "2026-01-11 00:00:00", "EXPIRED"],
    [task, "filled", "2026-01-12 00:00:00", "COMPLETED"]]);
  for (const i of page.Items) {
    assert.match(i.CostTime, /^00:00:0[1-9]\.\d{3}$/);
    assert.ok(i.StartTime < i.EndTime, `${i.StartTime} ${i.EndTime}`);
  }
  await b.reaches(KEY(slow), "RUNNING");
  const [running, waiting] = (await made(b, plan, slow)).Items;
  assert.deepEqual([running.State, typeof running.StartTime, running.EndTime, running.CostTime],
    ["RUNNING", "string", null, null]);
  assert.deepEqual([waiting.State, waiting.StartTime, waiting.EndTime, waiting.CostTime].slice(1), [null, null, null]);
  const second = await made(b, plan, task, { PageNumber: 2, PageSize: 2 });
  assert.deepEqual([second.Items.map((i) => i.CurRunDate), second.TotalCount, second.TotalPageNumber],
    [["2026-01-12 00:00:00"], 3, 2]);
  await asyncEnd(b, "StopOpsTasksAsync", { TaskIds: [slow], KillInstance: true });
  assert.deepEqual((await made(b, plan, slow)).Items.map((i) => i.State), ["EXPIRED", "EXPIRED", "EXPIRED"]);
};

tests["ListDataBackfillInstances: a plan keeps its round, whoever runs the instance later (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "test $WEFT_ROUND -gt 0\n", scheduler: { MaxRetryAttempts: "0" } });
  const states = async (plan) => (await made(b, plan, task)).Items.map((i) => i.State);
  const first = await b.backfill(task, DAY);
  await b.reaches(KEY(task), "EXPIRED");
  const second = await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual([await states(first), await states(second)], [["EXPIRED"], ["COMPLETED"]]);
  await b.call("DeleteTask", { TaskId: task });
  assert.deepEqual([await states(first), await states(second)], [["EXPIRED"], ["COMPLETED"]]);
};

tests["ListDataBackfillInstances: what is refused (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api);
  const task = await b.submitted(), other = await b.submitted();
  const DataBackfillPlanId = await b.backfill(task, DAY);
  const faulty = (code, path, more) => b.fails(code, path, "ListDataBackfillInstances",
    { DataBackfillPlanId, TaskId: task, ...more });
  for (const id of ["x", ""])
    await faulty("ResourceNotFound", "DataBackfillPlanId", { DataBackfillPlanId: id });
  await stranger.fails("ResourceNotFound", "DataBackfillPlanId", "ListDataBackfillInstances",
    { DataBackfillPlanId, TaskId: task });
  for (const TaskId of ["x", "20200101000000000"])
    await faulty("ResourceNotFound", "TaskId", { TaskId });
  await faulty("InvalidParameterValue", "PageSize", { PageSize: 201 });
  assert.deepEqual((await made(b, DataBackfillPlanId, other)).Items, []);
};

tests["ListDataBackfillPlans: a project's plans, the newest first (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  const task = await b.submitted({ code: "sleep 300\n" }), plans = [];
  const list = (more) => b.call("ListDataBackfillPlans", more);
  const found = async (more) => (await list(more)).Items.map((p) => p.DataBackfillPlanId);
  assert.deepEqual(await list(), { PageNumber: 1, PageSize: 10, TotalCount: 0, TotalPageNumber: 0, Items: [] });
  for (const [name, last] of [["spring", "2026-01-10"], ["summer", "2026-01-12"], ["spring again", "2026-01-11"]])
    plans.unshift(await b.backfill(task, DAY, last, { DataBackfillPlanName: name }));
  assert.deepEqual(await found(), plans);
  const [newest] = (await list({ PageSize: 1 })).Items, read = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: plans[0] });
  assert.deepEqual(newest, { DataBackfillPlanId: plans[0], DataBackfillPlanName: "spring again",
    CreateUserUin: read.CreateUserUin, StartTime: read.StartTime, InstanceCount: 2 });
  assert.deepEqual(await found({ PageSize: 2, PageNumber: 2 }), plans.slice(2));
  assert.deepEqual(await found({ DataBackfillPlanName: "spring" }), [plans[0], plans[2]]);
  assert.deepEqual((await other.call("ListDataBackfillPlans")).Items, []);
  await drop(b, plans[1]);
  assert.deepEqual(await found(), [plans[0], plans[2]]);
  await b.fails("InvalidParameterValue", "PageSize", "ListDataBackfillPlans", { PageSize: 201 });
  await api.fails("ResourceNotFound", "ProjectId", "ListDataBackfillPlans", { ProjectId: "12" });
  await asyncEnd(b, "StopOpsTasksAsync", { TaskIds: [task], KillInstance: true });
};

const drop = (b, DataBackfillPlanId) => asyncEnd(b, "DeleteDataBackfillPlanAsync", { DataBackfillPlanId });
const counts = (j) => [j.Status, j.TotalSubProcessCount, j.FinishedSubProcessCount, j.SuccessSubProcessCount];

tests["DeleteDataBackfillPlanAsync: kills what lives, keeps what has run (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const done = await b.submitted({ code: "echo ${x}\n", config: { TaskSchedulingParameterList:
    [{ ParamKey: "x", ParamValue: "own" }] } });
  const long = await b.submitted({ code: "sleep 300\n" });
  const before = await b.backfill(long, "2026-01-20"); // of another plan
  await b.reaches(KEY(long, "2026-01-20"), "RUNNING");
  const plan = await b.backfill([done, long], DAY, "2026-01-11",
    { RedefineParamList: [{ K: "x", V: "redefined" }] });
  for (const date of [DAY, "2026-01-11"])
    await b.reaches(KEY(done, date), "COMPLETED");
  const j = await drop(b, plan);
  assert.deepEqual([...counts(j), j.AsyncType, j.ErrorDesc], ["SUCCESS", 3, 3, 3, "PLAN_DELETE", null]);
  for (const date of [DAY, "2026-01-11"]) {
    const dead = await b.instance(KEY(long, date));
    assert.equal(dead.InstanceState, "EXPIRED");
    assert.match(dead.JobErrorMsg, /plan was deleted/);
    assert.equal((await b.instance(KEY(done, date))).InstanceState, "COMPLETED");
  }
  assert.equal((await b.instance(KEY(long, "2026-01-20"))).InstanceState, "RUNNING");
  assert.equal((await b.call("GetDataBackfillPlan", { DataBackfillPlanId: before })).CompletePercent, 0);
  await b.fails("ResourceNotFound", "DataBackfillPlanId", "GetDataBackfillPlan", { DataBackfillPlanId: plan });
  await b.fails("ResourceNotFound", "DataBackfillPlanId", "ListDataBackfillInstances",
    { DataBackfillPlanId: plan, TaskId: done });
  // The instance is there to be run again, without what the plan redefined.
  assert.deepEqual((await b.log(KEY(done))).map((l) => l.text), ["redefined"]);
  await asyncEnd(b, "RerunTaskInstancesAsync", { InstanceKeyList: [KEY(done)] });
  await until("the rerun", 20, async () => (await b.instance(KEY(done))).TotalRunNum === 2 &&
    (await b.instance(KEY(done))).InstanceState === "COMPLETED");
  assert.deepEqual((await b.log(KEY(done))).map((l) => l.text), ["own"]);
  await drop(b, before);
  assert.equal((await b.instance(KEY(long, "2026-01-20"))).InstanceState, "EXPIRED");
};

tests["DeleteDataBackfillPlanAsync: a running attempt, a finished plan, an instance that ran before (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const long = await b.submitted({ code: "sleep 300\n", scheduler: { SelfDepend: "parallel" } });
  const running = await b.backfill(long, DAY);
  await b.reaches(KEY(long), "RUNNING");
  const wider = await b.backfill(long, DAY, "2026-01-11"); // leaves the one that runs as it is (7.1)
  await b.reaches(KEY(long, "2026-01-11"), "RUNNING");
  assert.deepEqual(counts(await drop(b, wider)), ["SUCCESS", 2, 2, 2]);
  assert.deepEqual([(await b.instance(KEY(long))).InstanceState, (await b.instance(KEY(long, "2026-01-11"))).InstanceState],
    ["RUNNING", "EXPIRED"]);
  assert.deepEqual(counts(await drop(b, running)), ["SUCCESS", 2, 2, 2]);
  const dead = await b.instance(KEY(long));
  assert.deepEqual([dead.InstanceState, dead.Tries], ["EXPIRED", 1]); // no retry
  const short = await b.submitted();
  const over = await b.backfill(short, DAY);
  await b.reaches(KEY(short), "COMPLETED");
  assert.deepEqual(counts(await drop(b, over)), ["SUCCESS", 1, 1, 1]); // the plan itself
  assert.equal((await b.instance(KEY(short))).InstanceState, "COMPLETED");
};

tests["DeleteDataBackfillPlanAsync: what is refused (7.2)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api);
  const task = await b.submitted();
  const DataBackfillPlanId = await b.backfill(task, DAY), action = "DeleteDataBackfillPlanAsync";
  for (const id of ["x", ""])
    await b.fails("ResourceNotFound", "DataBackfillPlanId", action, { DataBackfillPlanId: id });
  await stranger.fails("ResourceNotFound", "DataBackfillPlanId", action, { DataBackfillPlanId });
  await api.fails("ResourceNotFound", "ProjectId", action, { ProjectId: "12", DataBackfillPlanId });
  await drop(b, DataBackfillPlanId);
  await b.fails("ResourceNotFound", "DataBackfillPlanId", action, { DataBackfillPlanId });
};

module.exports = { tests, together: true };
