/* test/sdk/t_ops.js - backfills, lists of instances, their neighbours, previews
 * (docs/reference/semantics.md 1.6, 2.6, 5.10, 7). */
"use strict";
const assert = require("node:assert/strict");
const { Bench, day, texts } = require("./help");

const tests = {};
const hourly = { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 0-23 * * ? *", SelfDepend: "parallel" };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

tests["a backfill plan: made, followed, repeated"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "echo round $WEFT_ROUND\n" });
  const id = await b.backfill(task, "2026-01-01", "2026-01-03", { DataBackfillPlanName: "a plan 计划" });
  assert.match(id, UUID);
  const keys = [1, 2, 3].map((d) => `${task}_2026-01-0${d} 00:00:00`);
  for (const key of keys)
    await b.reaches(key, "COMPLETED");
  const plan = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: id });
  assert.deepEqual([plan.DataBackfillPlanId, plan.DataBackfillPlanName, plan.TaskIds, plan.CheckParentType,
    plan.SkipEventListening, plan.RedefineSelfWorkflowDependency, plan.DataTimeOrder, plan.CreateUserUin,
    plan.CompletePercent, plan.SuccessPercent, plan.EndTime !== null],
  [id, "a plan 计划", [task], "NONE", true, "no", "NORMAL", "100000000001", 100, 100, true]);
  assert.deepEqual(plan.DataBackfillRangeList, [{ StartDate: "2026-01-01", EndDate: "2026-01-03",
    ExecutionStartTime: "00:00", ExecutionEndTime: "23:59" }]);
  const there = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: id, TimeZone: "UTC+6" });
  const ms = (t) => Date.parse(`${t.replace(" ", "T")}Z`);
  assert.equal(ms(plan.StartTime) - ms(there.StartTime), 7200e3);

  await b.backfill(task, "2026-01-03");
  const again = await (async () => {
    for (;;) {
      const i = await b.reaches(keys[2], "COMPLETED");
      if (i.TotalRunNum === 2)
        return i;
    }
  })();
  assert.deepEqual([again.Tries, again.TotalRunNum], [1, 2]);
  const rounds = (await b.call("ListTaskInstanceExecutions", { InstanceKey: keys[2] })).Items;
  assert.deepEqual(rounds.map((r) => [r.LifeRoundNum, r.RunType, r.InstanceState]),
    [[1, "ADDITION", "COMPLETED"], [0, "ADDITION", "COMPLETED"]]);
  const one = await b.call("ListTaskInstanceExecutions",
    { InstanceKey: keys[2], PageNumber: 2, PageSize: 1 });
  assert.deepEqual([one.Items.map((r) => r.LifeRoundNum), one.TotalCount, one.TotalPageNumber], [[0], 2, 2]);
  assert.deepEqual((await b.call("ListTaskInstanceExecutions",
    { InstanceKey: keys[2], PageNumber: 101 })).Items, []);
  assert.deepEqual(texts(await b.log(keys[2], { LifeRoundNum: 0 })), ["round 0"]);
  assert.deepEqual(texts(await b.log(keys[2])), ["round 1"]);
  const first = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: id });
  assert.equal(first.SuccessPercent, 100, "a later plan takes nothing from it");
};

tests["backfill: backwards, in a group of its own"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { SelfDepend: "parallel" } });
  const group = await b.group(1);
  const id = await b.backfill(task, "2026-01-01", "2026-01-04",
    { DataTimeOrder: "REVERSE", SchedulerResourceGroupId: group });
  const started = [];
  for (const d of [4, 3, 2, 1])
    started.push((await b.reaches(`${task}_2026-01-0${d} 00:00:00`, "COMPLETED")).StartTime);
  assert.deepEqual(started, [...started].sort());
  const plan = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: id });
  assert.deepEqual([plan.DataTimeOrder, plan.SchedulerResourceGroupId], ["REVERSE", group]);
  const i = await b.call("GetTaskInstance", { InstanceKey: `${task}_2026-01-01 00:00:00` });
  assert.equal(i.ExecutorGroupId, group);
};

/* Asks how far the plan is until `over` says so, and returns the last answer. */
const follow = async (b, id, over) => {
  let before = 4800;
  for (;;) {
    const p = await b.call("GetDataBackfillProgress", { DataBackfillPlanId: id });
    const { Total, Pending, Waiting, Running, Completed, Skipped, Failed } = p;
    assert.deepEqual([Total, Pending + Waiting + Running + Completed, Skipped + Failed], [4800, 4800, 0]);
    assert.ok(Pending <= before, "it is made backwards");
    before = Pending;
    if (over(p))
      return p;
  }
};

tests["backfill: a large plan is made in slices, and runs when it is whole"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: hourly });
  const id = await b.backfill(task, "2026-01-01", "2026-07-19");
  await follow(b, id, ({ Pending, Running, Completed }) => {
    assert.ok(Pending === 0 || Running + Completed === 0, "one ran before all were made");
    return Pending === 0;
  });
  const list = await b.call("ListDataBackfillInstances", { DataBackfillPlanId: id, TaskId: task, PageSize: 200 });
  assert.equal(list.TotalCount, 4800);
  await b.call("DeleteDataBackfillPlanAsync", { DataBackfillPlanId: id });
};

tests["backfill: dry runs end with the slice that makes them"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { ...hourly, ScheduleRunType: "1" } });
  const id = await b.backfill(task, "2026-01-01", "2026-07-19");
  await follow(b, id, ({ Total, Pending, Completed }) => {
    assert.equal(Pending + Completed, Total, "one waits that was made");
    return Pending === 0;
  });
  assert.equal((await b.call("GetDataBackfillPlan", { DataBackfillPlanId: id })).SuccessPercent, 100);
  await b.fails("ResourceNotFound", "DataBackfillPlanId", "GetDataBackfillProgress", { DataBackfillPlanId: "x" });
};

tests["backfill: once a month"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { SelfDepend: "parallel" } });
  const id = await b.backfill(task, "2025-12-15", "2026-03-01", { RedefineCycleType: "MONTH_CYCLE" });
  const list = await b.call("ListDataBackfillInstances", { DataBackfillPlanId: id, TaskId: task });
  assert.deepEqual(list.Items.map((i) => i.CurRunDate),
    ["2026-01-01 00:00:00", "2026-02-01 00:00:00", "2026-03-01 00:00:00"]);
};

tests["backfill: faults"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted();
  const plan = (o = {}) => ({ TaskIds: [task],
    DataBackfillRangeList: [{ StartDate: "2026-01-01", EndDate: "2026-01-01" }], ...o });
  const range = (o) => plan({ DataBackfillRangeList: [{ StartDate: "2026-01-01", EndDate: "2026-01-01", ...o }] });
  const faulty = (code, path, params) => b.fails(code, path, "CreateDataBackfillPlan", params);
  const bad = "InvalidParameterValue", R = "DataBackfillRangeList.0.";
  await faulty("ResourceNotFound", "TaskIds.1", plan({ TaskIds: [task, "20200101000000000"] }));
  await faulty("ResourceNotFound", "TaskIds.0", plan({ TaskIds: ["x"] }));
  await faulty("MissingParameter", "TaskIds", plan({ TaskIds: [] }));
  await faulty("MissingParameter", "DataBackfillRangeList", plan({ DataBackfillRangeList: [] }));
  await faulty(bad, `${R}StartDate`, range({ StartDate: "2026-02-30" }));
  await faulty(bad, `${R}EndDate`, range({ EndDate: "2025-12-31" }));
  await faulty(bad, `${R}ExecutionStartTime`, range({ ExecutionStartTime: "25:00" }));
  await faulty(bad, `${R}ExecutionEndTime`, range({ ExecutionStartTime: "10:00", ExecutionEndTime: "09:00" }));
  await faulty(bad, "CheckParentType", plan({ CheckParentType: "SOME" }));
  await faulty(bad, "TimeZone", plan({ TimeZone: "Mars" }));
  await faulty(bad, "RedefineParallelNum", plan({ RedefineParallelNum: 1001 }));
  await faulty("UnsupportedOperation", "IntegrationResourceGroupId", plan({ IntegrationResourceGroupId: "1" }));
  await faulty("ResourceNotFound", "SchedulerResourceGroupId", plan({ SchedulerResourceGroupId: "1" }));
  await faulty(bad, "RedefineCycleType", plan({ RedefineCycleType: "WEEK_CYCLE" }));
  const hours = await b.submitted({ scheduler: hourly });
  await faulty("FailedOperation", "TaskIds.1", plan({ TaskIds: [task, hours], RedefineCycleType: "MONTH_CYCLE" }));
  await faulty(bad, "DataTimeOrder", plan({ DataTimeOrder: "UP" }));
  await faulty(bad, "RedefineSelfWorkflowDependency", plan({ RedefineSelfWorkflowDependency: "perhaps" }));
  await faulty("FailedOperation", "RedefineSelfWorkflowDependency", plan({ RedefineSelfWorkflowDependency: "yes" }));
  await faulty("FailedOperation", "TaskIds.0", plan({ TaskIds: [await b.newTask()] }));
  const once = await b.submitted({ scheduler: { CycleType: "ONEOFF_CYCLE",
    StartTime: "2098-01-01 00:00:00" } });
  await faulty("FailedOperation", "TaskIds.0", plan({ TaskIds: [once] }));
  const over = await b.submitted({ scheduler: { StartTime: "2020-01-01 00:00:00",
    EndTime: "2020-01-02 00:00:00" } });
  await faulty("FailedOperation", "TaskIds.0", plan({ TaskIds: [over] }));
  const monthly = await b.submitted({ scheduler: { CycleType: "MONTH_CYCLE",
    CrontabExpression: "0 0 0 15 * ? *" } });
  await faulty("FailedOperation", "DataBackfillRangeList", plan({ TaskIds: [monthly] }));
  await b.fails("ResourceNotFound", "DataBackfillPlanId", "GetDataBackfillPlan", { DataBackfillPlanId: "x" });
  await faulty(bad, "DataBackfillPlanName", plan({ DataBackfillPlanName: "x".repeat(2001) }));
  const second = await b.submitted({ scheduler: { CycleType: "MINUTE_CYCLE",
    CrontabExpression: "* 1-59 * * * ? *", StartTime: "2098-01-01 00:00:00" } });
  const ever = { StartDate: "1970-01-01", EndDate: "2199-12-31" };
  await faulty("LimitExceeded", "DataBackfillRangeList",
    plan({ TaskIds: [second], DataBackfillRangeList: [ever] }));
  // Seconds that are all outside the window are not walked through one by one.
  await faulty("FailedOperation", "DataBackfillRangeList", plan({ TaskIds: [second],
    DataBackfillRangeList: [{ ...ever, ExecutionStartTime: "12:00", ExecutionEndTime: "12:00" }] }));
  assert.equal((await b.call("ListTaskInstances", {})).TotalCount, 0, "nothing of it was made");
};

tests["the instances of a deleted task stay readable"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ name: "up" });
  const task = await b.submitted({ name: "gone", scheduler: { UpstreamDependencyConfigList: [{ TaskId: up,
    MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" }] } });
  const InstanceKey = `${task}_2026-01-01 00:00:00`;
  await b.backfill([task, up], "2026-01-01");
  await b.reaches(InstanceKey, "COMPLETED");
  await b.call("DeleteTask", { TaskId: task });
  assert.equal((await b.instance(InstanceKey)).InstanceState, "COMPLETED");
  for (const action of ["ListUpstreamTaskInstances", "ListDownstreamTaskInstances"])
    assert.deepEqual((await b.call(action, { InstanceKey })).Items, []);
  assert.deepEqual((await b.call("ListDownstreamTaskInstances",
    { InstanceKey: `${up}_2026-01-01 00:00:00` })).Items, []);
};

tests["AllowRedoType"] = async ({ api }) => {
  const b = await Bench.make(api);
  const make = (AllowRedoType, code) => b.submitted({ code, scheduler: { AllowRedoType, MaxRetryNumber: 0 } });
  const none = await make("NONE", "exit 1\n"), failure = await make("FAILURE", "test $WEFT_ROUND -gt 0\n");
  const key = (t) => `${t}_2026-01-01 00:00:00`;
  await b.backfill([none, failure], "2026-01-01");
  for (const t of [none, failure])
    await b.reaches(key(t), "EXPIRED");
  const refused = (t) => b.fails("OperationDenied", "TaskIds.0", "CreateDataBackfillPlan", { TaskIds: [t],
    DataBackfillRangeList: [{ StartDate: "2026-01-01", EndDate: "2026-01-01" }] });
  await refused(none);
  await b.backfill(failure, "2026-01-01");
  await b.reaches(key(failure), "COMPLETED");
  await refused(failure);
};

tests["before the StartTime of a chain its backfill keeps the order"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ name: "parent", code: "sleep 0.3\n", scheduler: { StartTime: "2026-02-01 00:00:00" } });
  const down = await b.submitted({ name: "child", scheduler: { StartTime: "2026-02-01 00:00:00",
    UpstreamDependencyConfigList: [{ TaskId: up, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" }] } });
  for (const [CheckParentType, date] of [["ALL", "2026-01-02"], ["MAKE_SCOPE", "2026-01-03"]]) {
    await b.call("CreateDataBackfillPlan", { TaskIds: [down, up], CheckParentType,
      DataBackfillRangeList: [{ StartDate: date, EndDate: date }] });
    const d = await b.reaches(`${down}_${date} 00:00:00`, "COMPLETED");
    const u = await b.instance(`${up}_${date} 00:00:00`);
    assert.equal(u.InstanceState, "COMPLETED");
    assert.ok(d.StartTime >= u.EndTime);
    const ups = await b.call("ListUpstreamTaskInstances", { InstanceKey: `${down}_${date} 00:00:00` });
    assert.deepEqual(ups.Items.map((i) => i.InstanceKey), [`${up}_${date} 00:00:00`]);
    const downs = await b.call("ListDownstreamTaskInstances", { InstanceKey: `${up}_${date} 00:00:00` });
    assert.deepEqual(downs.Items.map((i) => i.InstanceKey), [`${down}_${date} 00:00:00`]);
  }
};

tests["MAKE_SCOPE: only among the tasks of the plan; hours in a window"] = async ({ api }) => {
  const b = await Bench.make(api);
  const outside = await b.submitted({ name: "outside" });
  const inside = await b.submitted({ name: "inside", code: "sleep 0.3\n", scheduler: { ...hourly } });
  const edge = (TaskId, MainCyclicConfig, SubordinateCyclicConfig) =>
    ({ TaskId, MainCyclicConfig, SubordinateCyclicConfig });
  const down = await b.submitted({ name: "down", scheduler: { ...hourly, UpstreamDependencyConfigList: [
    edge(outside, "DAY", "CURRENT_DAY"), edge(inside, "HOUR", "CURRENT_HOUR")] } });
  await b.call("CreateDataBackfillPlan", { TaskIds: [down, inside], CheckParentType: "MAKE_SCOPE",
    DataBackfillRangeList: [{ StartDate: "2026-01-01", EndDate: "2026-01-01", ExecutionStartTime: "02:00",
      ExecutionEndTime: "04:30" }] });
  const hours = ["02", "03", "04"];
  for (const h of hours) {
    const d = await b.reaches(`${down}_2026-01-01 ${h}:00:00`, "COMPLETED");
    const u = await b.instance(`${inside}_2026-01-01 ${h}:00:00`);
    assert.equal(u.InstanceState, "COMPLETED");
    assert.ok(d.StartTime >= u.EndTime);
  }
  assert.equal((await b.call("ListTaskInstances", {})).TotalCount, 6);

  const ups = await b.call("ListUpstreamTaskInstances", { InstanceKey: `${down}_2026-01-01 03:00:00` });
  assert.deepEqual(ups.Items.map((i) => i.InstanceKey), [`${inside}_2026-01-01 03:00:00`]);
  const downs = await b.call("ListDownstreamTaskInstances",
    { InstanceKey: `${inside}_2026-01-01 03:00:00` });
  assert.deepEqual(downs.Items.map((i) => i.InstanceKey), [`${down}_2026-01-01 03:00:00`]);
  await b.backfill(outside, "2026-01-01");
  await b.reaches(`${outside}_2026-01-01 00:00:00`, "COMPLETED");
  const all = await b.call("ListDownstreamTaskInstances",
    { InstanceKey: `${outside}_2026-01-01 00:00:00`, PageSize: 2 });
  assert.deepEqual([all.TotalCount, all.TotalPageNumber, all.Items.length], [3, 2, 2]);
  assert.deepEqual((await b.call("ListDownstreamTaskInstances",
    { InstanceKey: `${outside}_2026-01-01 00:00:00`, PageNumber: 101 })).Items, []);
};

tests["a day of hours depends on another day: 24 downstream instances"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted();
  const down = await b.submitted({ code: ":\n", scheduler: { ...hourly, ScheduleRunType: "1",
    UpstreamDependencyConfigList: [{ TaskId: up, MainCyclicConfig: "LIST_DAY", SubordinateCyclicConfig: "",
      Offset: "-1" }] } });
  await b.backfill([up, down], "2025-08-26", "2025-08-27");
  const key = `${up}_2025-08-26 00:00:00`;
  await b.reaches(key, "COMPLETED");
  const page = await b.call("ListDownstreamTaskInstances", { InstanceKey: key, PageSize: 100 });
  assert.deepEqual(page.Items.map((i) => i.CurRunDate).sort(),
    Array.from({ length: 24 }, (_, h) => `2025-08-27 ${String(h).padStart(2, "0")}:00:00`));
};

tests["ListTaskInstances: filters, order, pages, time zones"] = async ({ api }) => {
  const b = await Bench.make(api);
  const folder = (await b.call("CreateWorkflowFolder", { ParentFolderPath: "/", FolderName: "f" })).FolderId;
  const other = await b.newWorkflow({ ParentFolderPath: "/f" });
  const good = await b.submitted({ name: "good_one", code: "sleep 0.$WEFT_ATTEMPT\n",
    scheduler: { SelfDepend: "orderly" } });
  const fails = await b.submitted({ name: "fails_two", type: "30", code: "raise SystemExit(1)\n",
    base: { WorkflowId: other, OwnerUin: "100000000007;100000000008" },
    scheduler: { MaxRetryNumber: 0, CycleType: "MONTH_CYCLE", CrontabExpression: "0 0 0 1 * ? *" } });
  await b.backfill(good, "2026-01-01", "2026-01-12");
  await b.backfill(fails, "2025-10-01", "2025-11-30");
  await b.reaches(`${good}_2026-01-12 00:00:00`, "COMPLETED");
  for (const m of ["10", "11"])
    await b.reaches(`${fails}_2025-${m}-01 00:00:00`, "EXPIRED");
  const list = (o = {}) => b.call("ListTaskInstances", { PageSize: 100, ...o });
  const count = async (o) => (await list(o)).TotalCount;
  assert.equal(await count(), 14);
  const dates = (page) => page.Items.map((i) => i.CurRunDate.slice(0, 10));
  const down = dates(await list());
  assert.deepEqual(down, [...down].sort().reverse(), "SCHEDULE_DATE DESC is the default");
  for (const [column, member] of [["SCHEDULE_DATE", "SchedulerTime"], ["START_TIME", "StartTime"],
    ["END_TIME", "EndTime"], ["COST_TIME", "CostTime"]])
    for (const [SortType, sign] of [["ASC", 1], ["DESC", -1], ["desc", -1]]) {
      const values = (await list({ SortColumn: column, SortType })).Items.map((i) => i[member]);
      const sorted = [...values].sort((x, y) => (x < y ? -sign : x > y ? sign : 0));
      assert.deepEqual(values, sorted, `${column} ${SortType}`);
    }
  const page1 = await list({ PageSize: 5 }), page3 = await list({ PageSize: 5, PageNumber: 3 });
  assert.deepEqual([page1.Items.length, page3.Items.length, page3.TotalPageNumber], [5, 4, 3]);
  assert.deepEqual([...dates(page1), ...dates(await list({ PageSize: 5, PageNumber: 2 })), ...dates(page3)], down);
  assert.deepEqual((await list({ PageNumber: 101, PageSize: 10 })).Items, []);
  assert.equal((await b.call("ListTaskInstances", {})).Items.length, 10, "PageSize is 10 by default");

  assert.equal(await count({ Keyword: "good" }), 12);
  assert.equal(await count({ Keyword: fails }), 2);
  assert.equal(await count({ Keyword: `good,${fails}` }), 14);
  assert.equal(await count({ Keyword: fails.slice(3) }), 2);
  assert.equal(await count({ Keyword: "nothing" }), 0);
  assert.equal(await count({ Keyword: "%" }), 0);
  assert.equal(await count({ InstanceState: "EXPIRED" }), 2);
  assert.equal(await count({ InstanceState: "COMPLETED" }), 12);
  assert.equal(await count({ InstanceType: 0 }), 14);
  assert.equal(await count({ InstanceType: 1 }), 0);
  assert.equal(await count({ TaskTypeId: 30 }), 2);
  assert.equal(await count({ CycleType: "MONTH_CYCLE" }), 2);
  assert.equal(await count({ OwnerUin: "100000000008" }), 2);
  assert.equal(await count({ WorkflowId: other }), 2);
  assert.equal(await count({ FolderId: folder }), 2);
  assert.equal(await count({ FolderId: "none" }), 0);
  assert.equal(await count({ ScheduleTimeFrom: "2026-01-03 00:00:00", ScheduleTimeTo: "2026-01-05 00:00:00" }), 3);
  assert.equal(await count({ ScheduleTimeFrom: "2026-01-02 22:00:00", ScheduleTimeTo: "2026-01-02 22:00:00",
    TimeZone: "UTC+6" }), 1);
  assert.equal(await count({ StartTimeFrom: "2099-01-01 00:00:00" }), 0);
  assert.equal(await count({ StartTimeTo: "2099-01-01 00:00:00" }), 14);
  assert.equal(await count({ LastUpdateTimeTo: "2000-01-01 00:00:00" }), 0);

  const key = `${fails}_2025-10-01 00:00:00`;
  const i = await b.instance(key, { TimeZone: "UTC+6" });
  assert.deepEqual([i.SchedulerTime, i.CurRunDate, i.InstanceKey, i.CycleType, i.OwnerUinList],
    ["2025-09-30 22:00:00", day("2025-10-01"), key, "MONTH_CYCLE", ["100000000007", "100000000008"]]);
  const listed = (await list({ Keyword: fails, TimeZone: "UTC+6", SortType: "ASC" })).Items[0];
  assert.deepEqual([listed.SchedulerTime, listed.CurRunDate], [i.SchedulerTime, i.CurRunDate]);
  assert.deepEqual([i.FolderId, i.FolderName, i.WorkflowId, i.TaskName, i.TaskTypeId],
    [folder, "f", other, "fails_two", 30]);

  const bad = "InvalidParameterValue";
  for (const [name, value] of [["PageSize", 101], ["PageNumber", 0], ["InstanceState", "DONE"],
    ["CycleType", "D"], ["SortColumn", "NAME"], ["SortType", "UP"], ["TimeZone", "Mars"],
    ["InstanceType", 9], ["ScheduleTimeFrom", "x"], ["StartTimeTo", "x"], ["LastUpdateTimeFrom", "x"]])
    await b.fails(bad, name, "ListTaskInstances", { [name]: value });
  for (const action of ["GetTaskInstance", "ListTaskInstanceExecutions", "GetTaskInstanceLog",
    "ListUpstreamTaskInstances", "ListDownstreamTaskInstances", "ExplainTaskInstance"]) {
    await b.fails("ResourceNotFound", "InstanceKey", action, { InstanceKey: `${good}_2020-01-01 00:00:00` });
    await b.fails(bad, "InstanceKey", action, { InstanceKey: "no key" });
    await api.fails("ResourceNotFound", null, action, { ProjectId: "12", InstanceKey: key });
  }
};

tests["PreviewTaskFirings"] = async ({ api }) => {
  const b = await Bench.make(api);
  const preview = (o) => b.call("PreviewTaskFirings", o);
  const given = await preview({ CycleType: "DAY_CYCLE", CrontabExpression: "0 37 14 * * ? *",
    ScheduleTimeZone: "UTC+8", StartTime: "2025-02-14 00:00:00", After: "2025-02-14 00:00:00", Count: 2 });
  assert.deepEqual(given.Items.map((i) => [i.SchedulerTime, i.CurRunDate]),
    [["2025-02-14 14:37:00", "2025-02-14 00:00:00"], ["2025-02-15 14:37:00", "2025-02-15 00:00:00"]]);
  const month = await preview({ CycleType: "MONTH_CYCLE", CrontabExpression: "0 2 3 1,L,2 * ?",
    StartTime: "2025-02-01 00:00:00", After: "2025-02-01 00:00:00", Count: 3 });
  assert.deepEqual(month.Items.map((i) => i.SchedulerTime),
    ["2025-02-01 03:02:00", "2025-02-02 03:02:00", "2025-02-28 03:02:00"]);
  const task = await b.newTask({ scheduler: { ...hourly, CrontabExpression: "0 20 0/6 * * ? *",
    StartTime: "2098-01-01 00:00:00", ScheduleTimeZone: "UTC+9", InitStrategy: "T_PLUS_1" } });
  const of = await preview({ TaskId: task, Count: 2 });
  assert.equal(of.ScheduleTimeZone, "UTC+9");
  assert.deepEqual(of.Items.map((i) => [i.SchedulerTime, i.CurRunDate]),
    [["2098-01-01 00:20:00", "2097-12-31 18:00:00"], ["2098-01-01 06:20:00", "2098-01-01 00:00:00"]]);
  await b.fails("ResourceNotFound", "TaskId", "PreviewTaskFirings", { TaskId: "20200101000000000" });
  await b.fails("InvalidParameterValue", "Count", "PreviewTaskFirings", { TaskId: task, Count: 0 });
  await b.fails("InvalidParameterValue", "CrontabExpression", "PreviewTaskFirings",
    { CrontabExpression: "never" });
};

tests["reads in another zone: clock times move, data times and keys do not (2.6; vector 3 of 12.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { CycleType: "MONTH_CYCLE", CrontabExpression: "0 0 0 1 * ? *" } });
  await b.backfill(task, "2025-10-01");
  const key = `${task}_2025-10-01 00:00:00`;
  await b.reaches(key, "COMPLETED");
  const [here, there] = [await b.instance(key), await b.instance(key, { TimeZone: "UTC+6" })];
  assert.deepEqual([here.SchedulerTime, there.SchedulerTime], ["2025-10-01 00:00:00", "2025-09-30 22:00:00"]);
  assert.deepEqual([there.CurRunDate, there.InstanceKey], ["2025-10-01 00:00:00", key]);
  for (const field of ["StartTime", "EndTime", "LastUpdateTime"])
    assert.equal(Date.parse(here[field]) - Date.parse(there[field]), 2 * 3600e3, field);
  // A page behind the end is empty, and no error (vector 14).
  const page = await b.call("ListTaskInstances", { PageNumber: 101, PageSize: 10 });
  assert.deepEqual([page.Items, page.TotalCount], [[], 1]);
};

module.exports = { tests };
