/* test/sdk/t_workflow_schedule.js - unified scheduling of a workflow (docs/reference/semantics.md 2.9). */
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Api } = require("./client");
const { Bench, unique, base64, until } = require("./help");

const tests = {};
const W = "WorkflowSchedulerConfiguration", bad = "InvalidParameterValue";
const HOURLY = { ScheduleTimeZone: "UTC+8", CycleType: "HOUR_CYCLE", SelfDepend: "parallel",
  StartTime: "2025-09-04 16:00:17", EndTime: "2099-12-31 23:59:59", CrontabExpression: "0 20 * * * ? *" };
const DAILY = { ...HOURLY, CycleType: "DAY_CYCLE", CrontabExpression: "0 0 0 * * ? *",
  StartTime: "2025-01-01 00:00:00" };
const WHOLE = { ...HOURLY, DependencyWorkflow: "no", ExecutionStartTime: "08:00", ExecutionEndTime: "20:30",
  CalendarOpen: "0" };
const FIELDS = ["ScheduleTimeZone", "CycleType", "SelfDepend", "StartTime", "EndTime", "CrontabExpression",
  "ExecutionStartTime", "ExecutionEndTime", "CalendarOpen"];
const pick = (block) => Object.fromEntries(FIELDS.map((f) => [f, block[f]]));
const pair = (MainCyclicConfig, SubordinateCyclicConfig) => ({ MainCyclicConfig, SubordinateCyclicConfig });
const on = (TaskId, more = pair("DAY", "CURRENT_DAY")) => ({ UpstreamDependencyConfigList: [{ TaskId, ...more }] });

const schedule = (b, config, more = {}) => b.call("UpdateWorkflow",
  { WorkflowId: b.workflow, [W]: config, ...more });
const refused = (b, code, field, config) => b.fails(code, field ? `${W}.${field}` : W, "UpdateWorkflow",
  { WorkflowId: b.workflow, [W]: config });
const kept = async (b) => (await b.call("GetWorkflow", { WorkflowId: b.workflow }))[W];
const draft = (b, task) => b.call("GetTask", { TaskId: task });
/* The newest submitted version. */
const production = async (b, task) => (await b.call("GetTaskVersion", { TaskId: task })).Task;
const block = (task) => task.TaskSchedulerConfiguration;
const answered = (o) => ({ CalendarId: null, CalendarName: null, ...o });

tests["a workflow keeps its schedule and answers it exactly (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  assert.equal(await kept(b), null);
  b.workflow = await b.newWorkflow({ [W]: { ...WHOLE, ModifyCycleValue: "1", ...pair("HOUR", "CURRENT_HOUR"),
    ClearLink: true } });
  assert.deepEqual(await kept(b), answered(WHOLE));
  await b.call("UpdateWorkflow", { WorkflowId: b.workflow, WorkflowDesc: "other" });
  assert.deepEqual(await kept(b), answered(WHOLE));
  await schedule(b, DAILY);
  const whole = { ...DAILY, DependencyWorkflow: "no", ExecutionStartTime: "00:00", ExecutionEndTime: "23:59",
    CalendarOpen: "0" };
  assert.deepEqual(await kept(b), answered(whole));
  const CalendarName = unique("cal");
  const { CalendarId } = await api.call("CreateCalendar", { CalendarName, Mode: "RUN", Dates: ["2098-01-03"] });
  const old = await b.newTask({ scheduler: { CalendarOpen: "1", CalendarId } });
  await schedule(b, DAILY);
  assert.deepEqual([block(await draft(b, old)).CalendarOpen, block(await draft(b, old)).CalendarId], ["0", null]);
  await b.call("DeleteTask", { TaskId: old });
  await schedule(b, { ...DAILY, CalendarOpen: "1", CalendarId });
  assert.deepEqual(await kept(b), { ...whole, CalendarOpen: "1", CalendarId, CalendarName });
  const task = await b.newTask({ scheduler: { CycleType: "", StartTime: "" } });
  assert.deepEqual([block(await draft(b, task)).CalendarId, block(await draft(b, task)).CalendarName],
    [CalendarId, CalendarName]);
  await b.call("DeleteTask", { TaskId: task });
  await api.fails("OperationDenied", "CalendarId", "DeleteCalendar", { CalendarId });
  await schedule(b, DAILY);
  await api.call("DeleteCalendar", { CalendarId });
};

tests["a workflow's schedule is checked as a task's own (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const faults = [
    ["MissingParameter", "CycleType", { CycleType: "" }],
    ["MissingParameter", "CrontabExpression", { CrontabExpression: "" }],
    ["MissingParameter", "StartTime", { StartTime: "" }],
    [bad, "CycleType", { CycleType: "HOURLY" }],
    [bad, "CrontabExpression", { CrontabExpression: "0 0 25 * * ?" }],
    [bad, "ScheduleTimeZone", { ScheduleTimeZone: "Mars" }],
    [bad, "SelfDepend", { SelfDepend: "sometimes" }],
    [bad, "StartTime", { StartTime: "2025-02-30 00:00:00" }],
    [bad, "EndTime", { EndTime: "2024-01-01 00:00:00" }],
    [bad, "ExecutionStartTime", { ExecutionStartTime: "24:30" }],
    [bad, "ExecutionEndTime", { ExecutionStartTime: "10:00", ExecutionEndTime: "09:00" }],
    [bad, "CalendarOpen", { CalendarOpen: "2" }],
    ["MissingParameter", "CalendarId", { CalendarOpen: "1" }],
    ["ResourceNotFound", "CalendarId", { CalendarOpen: "1", CalendarId: "99" }],
    [bad, "DependencyWorkflow", { DependencyWorkflow: "maybe" }],
    [bad, "DependencyWorkflow", { DependencyWorkflow: "yes", CycleType: "ONEOFF_CYCLE" }],
    [bad, "ModifyCycleValue", { ModifyCycleValue: "2" }],
    ["MissingParameter", "MainCyclicConfig", { ModifyCycleValue: "1" }],
    ["MissingParameter", "SubordinateCyclicConfig", { ModifyCycleValue: "1", ...pair("DAY", "") }],
    [bad, "MainCyclicConfig", { ModifyCycleValue: "1", ...pair("FORTNIGHT", "CURRENT_DAY") }],
    [bad, "MainCyclicConfig", { ModifyCycleValue: "1", ...pair("LIST_DAY", "") }],
    [bad, "SubordinateCyclicConfig", { ModifyCycleValue: "1", ...pair("DAY", "CURRENT_HOUR") }],
    [bad, "SubordinateCyclicConfig", { ModifyCycleValue: "0", ...pair("DAY", "YESTERDAY") }],
  ];
  for (const [code, field, more] of faults) {
    await refused(b, code, field, { ...HOURLY, ...more });
    await b.fails(code, `${W}.${field}`, "CreateWorkflow",
      { WorkflowName: unique("w"), ParentFolderPath: "/", [W]: { ...HOURLY, ...more } });
  }
  const none = await b.fails("MissingParameter", null, "UpdateWorkflow",
    { WorkflowId: b.workflow, [W]: { ...HOURLY, EndTime: undefined } });
  assert.ok(none.message.includes(`${W}.EndTime`), none.message);
  assert.equal(await kept(b), null);
};

tests["a workflow's schedule overwrites its tasks, submitted ones at once (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const never = await b.newTask(), clean = await b.submitted(), ahead = await b.submitted({ code: "echo old\n" });
  const elsewhere = await b.submitted({ base: { WorkflowId: await b.newWorkflow() } });
  await b.call("UpdateTaskPartially", { TaskId: ahead,
    NewSetting: { TaskConfiguration: { CodeContent: base64("echo new\n") } } });
  await schedule(b, WHOLE);
  for (const task of [never, clean, ahead])
    assert.deepEqual(pick(block(await draft(b, task))), pick(WHOLE));
  for (const task of [clean, ahead]) {
    assert.deepEqual(pick(block(await production(b, task))), pick(WHOLE));
    const { Items } = await b.call("PreviewTaskFirings", { TaskId: task, Count: 1 });
    assert.match(Items[0].SchedulerTime, /:20:00$/);
  }
  assert.equal(block(await draft(b, elsewhere)).CycleType, "DAY_CYCLE");
  // What was not submitted is not submitted by the way.
  const submit = async (task) => (await draft(b, task)).TaskBaseAttribute.Submit;
  assert.deepEqual(await Promise.all([never, clean, ahead].map(submit)), [false, true, false]);
  assert.equal((await production(b, ahead)).TaskConfiguration.CodeContent, base64("echo old\n"));
  assert.equal((await draft(b, ahead)).TaskConfiguration.CodeContent, base64("echo new\n"));
  const count = async (task, TaskVersionType) => (await b.call("ListTaskVersions",
    { TaskId: task, TaskVersionType })).TotalCount;
  assert.deepEqual([await count(clean, "SAVE"), await count(clean, "SUBMIT"), await count(never, "SAVE")], [2, 2, 2]);
  assert.equal((await b.call("GetTask", { TaskId: never })).TaskBaseAttribute.Status, "N");
  // Its own data times follow the new schedule: an hourly instance of a day, which it had not.
  await b.backfill(clean, "2026-01-10");
  await b.reaches(`${clean}_2026-01-10 09:00:00`, "COMPLETED");
};

tests["ModifyCycleValue resets the pairs or leaves them, all tasks or none (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const strategy = { DependencyStrategy: { PollingNullStrategy: "EXECUTING",
    TaskDependencyExecutingStrategies: ["NOT_EXIST"] } };
  const up = await b.submitted();
  const down = await b.submitted({ scheduler: on(up, { ...pair("LIST_DAY"), Offset: "-1,0", ...strategy }) });
  const pairs = async () => block(await production(b, down)).UpstreamDependencyConfigList
    .map((u) => [u.TaskId, u.MainCyclicConfig, u.SubordinateCyclicConfig || null, u.Offset || null,
      u.DependencyStrategy.PollingNullStrategy]);
  const before = [[up, "LIST_DAY", null, "-1,0", "EXECUTING"]];
  assert.deepEqual(await pairs(), before);
  for (const more of [{}, { ModifyCycleValue: "0" }, { ModifyCycleValue: "1", ...pair("DAY", "CURRENT_DAY") }]) {
    const { message } = await refused(b, bad, null, { ...HOURLY, ...more });
    assert.ok(message.includes(`task ${down} does not fit`), message);
    assert.match(message, /UpstreamDependencyConfigList\.0\.MainCyclicConfig.*allowed: HOUR\/CURRENT_HOUR/);
  }
  // Nothing of it has happened: not to the task that fits, and not to the workflow.
  assert.equal(block(await draft(b, up)).CycleType, "DAY_CYCLE");
  assert.equal((await b.call("ListTaskVersions", { TaskId: up })).TotalCount, 1);
  assert.deepEqual([await pairs(), await kept(b)], [before, null]);

  await schedule(b, { ...DAILY, ModifyCycleValue: "0" });
  assert.deepEqual(await pairs(), before);
  await schedule(b, { ...HOURLY, ModifyCycleValue: "1", ...pair("HOUR", "PREVIOUS_HOUR_CYCLE") });
  assert.deepEqual(await pairs(), [[up, "HOUR", "PREVIOUS_HOUR_CYCLE", null, "EXECUTING"]]);
  assert.deepEqual((await b.call("ListUpstreamTasks", { TaskId: down })).Items.map((t) => t.TaskId), [up]);
  // Back at once, with the pair that fits.
  await schedule(b, { ...DAILY, ModifyCycleValue: "1", ...pair("DAY", "CURRENT_DAY") });
  assert.deepEqual(await pairs(), [[up, "DAY", "CURRENT_DAY", null, "EXECUTING"]]);
};

tests["the new pairs may not close a circle (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const one = await b.submitted(), two = await b.submitted({ scheduler: on(one) });
  await b.call("UpdateTaskPartially", { TaskId: one, NewSetting: { TaskSchedulerConfiguration:
    on(two, { ...pair("LIST_DAY"), Offset: "-1" }) } });
  await b.submit(one);
  const error = await refused(b, "FailedOperation", null,
    { ...HOURLY, ModifyCycleValue: "1", ...pair("HOUR", "CURRENT_HOUR") });
  assert.match(error.message, /task (\d{17}) does not fit.*form a cycle/);
  await schedule(b, { ...HOURLY, ModifyCycleValue: "1", ...pair("HOUR", "PREVIOUS_HOUR_CYCLE") });
};

tests["ClearLink cuts the dependencies on other workflows (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const foreign = await b.submitted({ base: { WorkflowId: await b.newWorkflow() } });
  const up = await b.submitted({ scheduler: on(foreign) });
  const down = await b.submitted({ scheduler: { UpstreamDependencyConfigList: [
    { TaskId: foreign, ...pair("DAY", "CURRENT_DAY") }, { TaskId: up, ...pair("DAY", "CURRENT_DAY") }] } });
  const CRON = { ...HOURLY, CycleType: "CRONTAB_CYCLE", CrontabExpression: "0 7 3 * * ? *",
    ModifyCycleValue: "1", ...pair("CRONTAB", "CURRENT") };
  for (const more of [{}, { ClearLink: false }]) {
    const { message } = await refused(b, bad, null, { ...CRON, ...more });
    assert.ok(message.includes(`task ${up} does not fit`), message);
  }
  await schedule(b, { ...CRON, ClearLink: true });
  const ups = async (task) => (await b.call("ListUpstreamTasks", { TaskId: task })).Items.map((t) => t.TaskId);
  assert.deepEqual([await ups(up), await ups(down)], [[], [up]]);
  assert.deepEqual(block(await production(b, up)).UpstreamDependencyConfigList, []);
  assert.deepEqual((await b.call("ListDownstreamTasks", { TaskId: foreign })).Items, []);
};

tests["what the cut leaves must still be whole, else the task is named (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const foreign = await b.submitted({ base: { WorkflowId: await b.newWorkflow() },
    scheduler: { ParamTaskOutList: [{ ParamKey: "x", ParamValue: "1" }] } });
  const down = await b.submitted({ scheduler: { ...on(foreign), ParamTaskInList: [{ ParamKey: "x",
    ParamDesc: "p.t.x", FromTaskId: foreign, FromParamKey: "x" }] } });
  const { message } = await refused(b, bad, null, { ...DAILY, ClearLink: true });
  assert.ok(message.includes(`task ${down} does not fit: TaskSchedulerConfiguration.ParamTaskInList.0`), message);
  assert.equal(block(await draft(b, down)).UpstreamDependencyConfigList.length, 1);
};

tests["a new task takes the workflow's schedule when it has none of its own (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  await schedule(b, WHOLE);
  const params = (TaskSchedulerConfiguration) => ({ ...b.taskParams(), TaskSchedulerConfiguration });
  const made = async (scheduler) => draft(b, (await api.call("CreateTask", params(scheduler))).TaskId);
  const taken = await made({ MaxRetryNumber: 2, CycleType: "" });
  assert.deepEqual(pick(block(taken)), pick(WHOLE));
  assert.equal(block(taken).MaxRetryNumber, 2);
  const own = await made({ CycleType: "WEEK_CYCLE" });
  assert.equal(block(own).CycleType, "WEEK_CYCLE");
  assert.equal(block(own).CrontabExpression, "0 0 0 * * ? *");
  const { TaskId } = await api.call("CreateTask", params({}));
  await b.submit(TaskId);
  // Updates of the task are its own again, until the workflow's schedule is set the next time.
  await b.call("UpdateTaskPartially", { TaskId, NewSetting: { TaskSchedulerConfiguration: {
    CycleType: "DAY_CYCLE" } } });
  assert.equal(block(await draft(b, TaskId)).CycleType, "DAY_CYCLE");
  assert.equal((await kept(b)).CycleType, "HOUR_CYCLE");
};

/* A task that succeeds once the file is there. */
function gated() {
  const file = path.join(os.tmpdir(), unique("weft_gate"));
  return { code: `test -e ${file}\n`, open: () => fs.writeFileSync(file, ""), close: () => fs.rmSync(file) };
}

tests["DependencyWorkflow: instances wait for the whole previous cycle (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const gate = gated();
  const scheduler = { MaxRetryNumber: 0 };
  const one = await b.submitted(), two = await b.submitted({ code: gate.code, scheduler });
  const key = (task, day) => `${task}_2026-01-${day} 00:00:00`;
  await schedule(b, { ...DAILY, DependencyWorkflow: "yes" });
  assert.equal((await kept(b)).DependencyWorkflow, "yes");
  await b.backfill([one, two], "2026-01-10", "2026-01-12", { CheckParentType: "MAKE_SCOPE" });
  await b.reaches(key(one, 10), "COMPLETED");
  await b.reaches(key(two, 10), "EXPIRED");
  for (const task of [one, two]) {
    await b.reaches(key(task, 11), "WAIT_UPSTREAM");
    const { Conditions } = await b.explain(key(task, 11));
    assert.deepEqual(Conditions.map((c) => [c.Kind, c.TaskId, c.DataTime, c.UpstreamState]),
      [["CYCLE", two, "2026-01-10 00:00:00", "EXPIRED"]]);
    assert.match(Conditions[0].Message, /previous cycle: task \d+ .*is EXPIRED and must be COMPLETED/);
  }
  assert.equal((await b.explain(key(one, 12))).TotalCount, 2);
  // Such waits are no dependencies of the tasks.
  assert.deepEqual((await b.call("ListUpstreamTasks", { TaskId: one })).Items, []);
  gate.open();
  await b.backfill(two, "2026-01-10");
  const done = await Promise.all([one, two].map((task) => b.reaches(key(task, 12), "COMPLETED")));
  const before = await Promise.all([one, two].map((task) => b.instance(key(task, 11))));
  for (const last of done)
    for (const first of before)
      assert.ok(last.StartTime >= first.EndTime, `${last.StartTime} ${first.EndTime}`);
  gate.close();
};

tests["DependencyWorkflow: firings wait too, and a restart keeps it (2.9)"] = async ({ serve }) => {
  const server = await serve("--rate-limit", "0");
  const b = await Bench.make(new Api(server.endpoint));
  const gate = gated();
  await b.submitted({ name: "quick" });
  const slow = await b.submitted({ name: "slow", code: gate.code, scheduler: { MaxRetryNumber: 0 } });
  await schedule(b, { ...DAILY, CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *",
    DependencyWorkflow: "yes" });
  const states = async () => {
    const { Items } = await b.call("ListTaskInstances", { PageSize: 100 });
    return Items.map((i) => [i.TaskName, i.CurRunDate, i.InstanceState]).sort();
  };
  // The first cycle runs, and ends badly; from then on all wait.
  const waits = async () => {
    const all = await states();
    return all.filter((s) => s[2] === "EXPIRED").length === 1 &&
      all.filter((s) => s[2] === "WAIT_UPSTREAM").length >= 4 && all;
  };
  const held = await until("the second cycle waits", 20, waits);
  assert.equal(held.filter((s) => s[2] === "COMPLETED").length, 1, JSON.stringify(held));
  assert.equal(await server.end(), 0);
  await server.start();
  b.api = new Api(server.endpoint);
  await until("it waits again", 20, waits);
  gate.open();
  await schedule(b, { ...DAILY, CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *",
    DependencyWorkflow: "no" });
  await until("all are released", 30, async () => (await states()).filter((s) => s[0] === "slow" &&
    s[2] === "COMPLETED").length >= 2);
  await b.call("DeleteTask", { TaskId: slow });
  gate.close();
};

tests["DependencyWorkflow: one cycle, and whoever comes or goes counts (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const gate = gated();
  const one = await b.submitted();
  await schedule(b, { ...DAILY, DependencyWorkflow: "yes" });
  const C = "TaskSchedulerConfiguration.CycleType";
  const other = await api.fails(bad, C, "CreateTask", b.taskParams({ scheduler: { CycleType: "HOUR_CYCLE" } }));
  assert.match(other.message, /DependencyWorkflow yes, so all its tasks are DAY_CYCLE/);
  await b.fails(bad, `NewSetting.${C}`, "UpdateTaskPartially", { TaskId: one,
    NewSetting: { TaskSchedulerConfiguration: { CycleType: "WEEK_CYCLE" } } });
  // A task that comes is waited for once it is submitted, and one that goes no longer.
  const two = await b.newTask({ code: gate.code, scheduler: { MaxRetryNumber: 0 } });
  const key = (task, day) => `${task}_2026-01-${day} 00:00:00`;
  const scope = { CheckParentType: "ALL" };
  await b.submit(two);
  await b.backfill(two, "2026-01-20", "2026-01-20", scope);
  await b.reaches(key(two, 20), "EXPIRED");
  await b.backfill(one, "2026-01-21", "2026-01-21", scope);
  await b.reaches(key(one, 21), "WAIT_UPSTREAM");
  assert.deepEqual((await b.explain(key(one, 21))).Conditions.map((c) => [c.Kind, c.TaskId]), [["CYCLE", two]]);
  await b.call("DeleteTask", { TaskId: two });
  await b.reaches(key(one, 21), "COMPLETED");
  // Another cycle for all of them is no trouble.
  await schedule(b, { ...HOURLY, DependencyWorkflow: "yes" });
  assert.equal(block(await draft(b, one)).CycleType, "HOUR_CYCLE");
  await schedule(b, HOURLY);
  await b.newTask({ scheduler: { CycleType: "WEEK_CYCLE" } });
};

tests["a stopped task gets a draft only; set success lets the next cycle go (2.9)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const fails = await b.submitted({ code: "false\n", scheduler: { MaxRetryNumber: 0 } });
  const stopped = await b.submitted();
  await b.call("StopOpsTasksAsync", { TaskIds: [stopped] });
  await schedule(b, { ...DAILY, SelfDepend: "orderly", DependencyWorkflow: "yes" });
  assert.equal(block(await production(b, fails)).SelfDepend, "orderly");
  assert.equal(block(await production(b, stopped)).SelfDepend, "serial");
  const task = await draft(b, stopped);
  assert.deepEqual([block(task).SelfDepend, task.TaskBaseAttribute.Status, task.TaskBaseAttribute.Submit],
    ["orderly", "F", false]);
  const key = (day) => `${fails}_2026-01-${day} 00:00:00`;
  await b.backfill(fails, "2026-01-10", "2026-01-11", { CheckParentType: "ALL" });
  await b.reaches(key(10), "EXPIRED");
  await b.reaches(key(11), "WAIT_UPSTREAM");
  await b.call("SetSuccessTaskInstancesAsync", { InstanceKeyList: [key(10)] });
  await b.reaches(key(11), "EXPIRED");
  assert.equal((await b.instance(key(11))).Tries, 1);
};

tests["RedefineSelfWorkflowDependency of backfills and reruns (2.9, 5.7, 7.1)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const one = await b.submitted({ code: "exit 1\n", scheduler: { MaxRetryAttempts: "0" } }), two = await b.submitted();
  await schedule(b, { ...DAILY, DependencyWorkflow: "yes" });
  const [before, day] = ["2026-01-10", "2026-01-11"], key = (task, d) => `${task}_${d} 00:00:00`;
  await b.backfill(one, before);
  await b.reaches(key(one, before), "EXPIRED");
  // By itself CheckParentType NONE asks nobody; with yes the previous cycle still counts.
  await b.backfill(two, day, day, { RedefineSelfWorkflowDependency: "yes" });
  await b.reaches(key(two, day), "WAIT_UPSTREAM");
  assert.ok((await b.explain(key(two, day))).Conditions.every((c) => c.Kind === "CYCLE"));
  await b.call("KillTaskInstancesAsync", { InstanceKeyList: [key(two, day)] });
  await b.reaches(key(two, day), "EXPIRED");
  // With no it does not, where the other upstreams are asked.
  const { AsyncId } = await b.call("RerunTaskInstancesAsync", { InstanceKeyList: [key(two, day)], CheckParentType: "ALL",
    RedefineSelfWorkflowDependency: "no" });
  assert.equal((await b.call("GetOpsAsyncJob", { AsyncId })).Status, "SUCCESS");
  await b.reaches(key(two, day), "COMPLETED");
  const plan = await b.backfill(two, day, day, { RedefineSelfWorkflowDependency: "yes", CheckParentType: "ALL" });
  assert.equal((await b.call("GetDataBackfillPlan", { DataBackfillPlanId: plan })).RedefineSelfWorkflowDependency, "yes");
  await b.reaches(key(two, day), "WAIT_UPSTREAM");
};

module.exports = { tests, together: true };
