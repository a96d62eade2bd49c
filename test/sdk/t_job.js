/* test/sdk/t_job.js - tasks in operation and what operators do to instances: start, pause, stop, kill,
 * rerun, set success, and the jobs that they are (docs/reference/semantics.md 1.6, 5.6-5.9; vectors 10
 * and 13 of 12.3). */
"use strict";
const assert = require("node:assert/strict");
const { Api } = require("./client");
const { Bench, sleep, until } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const current = (task) => ({ TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" });
const after = (...tasks) => ({ UpstreamDependencyConfigList: tasks.map(current) });
const NO_RETRY = { MaxRetryAttempts: "0" };

/* The job once it has ended. */
async function job(b, action, params) {
  const { AsyncId } = await b.call(action, params);
  return until(`${action} ${AsyncId}`, 30, async () => {
    const d = await b.call("GetOpsAsyncJob", { AsyncId });
    assert.ok(["RUNNING", "SUCCESS", "FAIL", "PART_SUCCESS"].includes(d.Status), d.Status);
    return d.Status !== "RUNNING" && d;
  });
}
const counts = (j) => [j.Status, j.TotalSubProcessCount, j.FinishedSubProcessCount, j.SuccessSubProcessCount];
const status = async (b, task) => (await b.call("GetOpsTask", { TaskId: task })).TaskBaseAttribute.Status;
const kill = (b, ...keys) => job(b, "KillTaskInstancesAsync", { InstanceKeyList: keys });
const rerun = (b, keys, more = {}) => job(b, "RerunTaskInstancesAsync", { InstanceKeyList: [keys].flat(), ...more });
const setSuccess = (b, ...keys) => job(b, "SetSuccessTaskInstancesAsync", { InstanceKeyList: keys });

tests["kill: over a running and a finished instance (5.6, vector 13)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const long = await b.submitted({ code: "sleep 300\n" }), short = await b.submitted();
  await b.backfill([long, short], DAY);
  await b.reaches(KEY(short), "COMPLETED");
  await b.reaches(KEY(long), "RUNNING");
  await until("the cost of a round that runs", 10, async () =>
    (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(long) })).Items[0].CostTime > 0);
  const j = await kill(b, KEY(long), KEY(short));
  assert.deepEqual(counts(j), ["SUCCESS", 2, 2, 2]);
  assert.deepEqual([j.AsyncType, j.ErrorDesc, j.ProjectId], ["INSTANCE_KILL", null, b.project]);
  for (const time of [j.CreateTime, j.UpdateTime]) { // in a form that no other action has (0.4)
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    assert.ok(Math.abs(Date.parse(`${time}+08:00`) - Date.now()) < 600e3, time);
  }
  const dead = await b.instance(KEY(long));
  assert.equal(dead.InstanceState, "EXPIRED");
  assert.match(dead.JobErrorMsg, /manually terminated/);
  assert.equal((await b.instance(KEY(short))).InstanceState, "COMPLETED");
  assert.equal(dead.Tries, 1); // a kill is final: no retry (5.4)
};

tests["kill: waiting and retrying instances end at once (5.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "exit 1\n", scheduler: { RetryWait: "60" } });
  const down = await b.submitted({ scheduler: after(up) });
  await b.backfill([up, down], DAY, DAY, { CheckParentType: "ALL" });
  await b.reaches(KEY(up), "FAILED_RETRY");
  await b.reaches(KEY(down), "WAIT_UPSTREAM");
  assert.deepEqual(counts(await kill(b, KEY(up), KEY(down))), ["SUCCESS", 2, 2, 2]);
  for (const task of [up, down])
    assert.equal((await b.instance(KEY(task))).InstanceState, "EXPIRED");
  assert.deepEqual([(await b.instance(KEY(down))).StartTime, (await b.instance(KEY(down))).Tries], [null, 0]);
};

tests["rerun of an EXPIRED instance: a new round of the same key (5.7, vector 10)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "exit ${x}\n", config: { TaskSchedulingParameterList:
    [{ ParamKey: "x", ParamValue: "1" }] }, scheduler: { MaxRetryAttempts: "1", RetryWait: "0" } });
  await b.backfill(task, DAY);
  const first = await b.reaches(KEY(task), "EXPIRED");
  assert.deepEqual([first.Tries, first.TotalRunNum], [2, 2]);
  const j = await rerun(b, KEY(task), { RedefineParamList: { K: "x", V: "0" } });
  assert.deepEqual([...counts(j), j.AsyncType], ["SUCCESS", 1, 1, 1, "INSTANCE_RERUN"]);
  const second = await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual([second.Tries, second.TotalRunNum, second.InstanceType], [1, 3, 0]);
  const rounds = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).Items;
  assert.deepEqual(rounds.map((r) => [r.LifeRoundNum, r.RunType, r.InstanceState]),
    [[1, "RERUN", "COMPLETED"], [0, "ADDITION", "EXPIRED"]]);
};

tests["rerun: children of every level, in their order (5.7)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const top = await b.submitted({ name: "top" }), middle = await b.submitted({ name: "middle", scheduler: after(top) });
  const bottom = await b.submitted({ name: "bottom", scheduler: after(middle) });
  const aside = await b.submitted({ name: "aside" });
  await b.backfill([top, middle, bottom, aside], DAY, DAY, { CheckParentType: "MAKE_SCOPE" });
  for (const task of [bottom, aside])
    await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual(counts(await rerun(b, KEY(top), { RerunType: "2" })), ["SUCCESS", 3, 3, 3]);
  const round = async (task) => (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).TotalCount;
  await until("the bottom again", 20, async () =>
    (await round(bottom)) === 2 && (await b.instance(KEY(bottom))).InstanceState === "COMPLETED");
  const [t, m, l] = [await b.instance(KEY(top)), await b.instance(KEY(middle)), await b.instance(KEY(bottom))];
  assert.ok(t.EndTime <= m.StartTime && m.EndTime <= l.StartTime, `${t.EndTime} ${m.StartTime} ${m.EndTime} ${l.StartTime}`);
  assert.equal(await round(aside), 1);
  // Only the children: the parent stays as it is.
  assert.deepEqual(counts(await rerun(b, KEY(middle), { RerunType: "3" })), ["SUCCESS", 1, 1, 1]);
  assert.deepEqual([await round(middle), await round(bottom)], [2, 3]);
  // Of another workflow: by the range of the children.
  const here = b.workflow;
  b.workflow = await b.newWorkflow();
  const far = await b.submitted({ name: "far", scheduler: after(bottom) });
  b.workflow = here;
  await b.backfill(far, DAY);
  await b.reaches(KEY(far), "COMPLETED");
  await b.reaches(KEY(bottom), "COMPLETED");
  assert.deepEqual(counts(await rerun(b, KEY(bottom), { RerunType: "3" })), ["SUCCESS", 1, 1, 1]);
  assert.equal(await round(far), 1);
  await rerun(b, KEY(bottom), { RerunType: "3", SonRangeType: "PROJECT" });
  assert.equal(await round(far), 2);
};

tests["rerun: AllowRedoType, and instances that are active (5.7)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const never = await b.submitted({ scheduler: { AllowRedoType: "NONE" } });
  const failed = await b.submitted({ scheduler: { AllowRedoType: "FAILURE" } });
  const fails = await b.submitted({ code: "exit 1\n", scheduler: { AllowRedoType: "FAILURE", ...NO_RETRY } });
  const runs = await b.submitted({ code: "sleep 300\n" });
  await b.backfill([never, failed, fails, runs], DAY);
  for (const [task, state] of [[never, "COMPLETED"], [failed, "COMPLETED"], [fails, "EXPIRED"], [runs, "RUNNING"]])
    await b.reaches(KEY(task), state);
  const j = await rerun(b, [never, failed, fails, runs].map((t) => KEY(t)));
  assert.deepEqual(counts(j), ["PART_SUCCESS", 4, 4, 1]);
  assert.match(j.ErrorDesc, new RegExp(`${never}_${DAY} 00:00:00: AllowRedoType.*${runs}_${DAY} 00:00:00: RUNNING`));
  const no = await rerun(b, KEY(never));
  assert.deepEqual(counts(no), ["FAIL", 1, 1, 0]);
  await kill(b, KEY(runs));
};

tests["rerun: self-dependency holds, orderly after the predecessor (3.6, 5.7)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "sleep 0.5\n", scheduler: { SelfDepend: "orderly" } });
  const days = ["2026-01-10", "2026-01-11", "2026-01-12"].map((d) => KEY(task, d));
  await b.backfill(task, "2026-01-10", "2026-01-12");
  for (const key of days)
    await b.reaches(key, "COMPLETED");
  await rerun(b, days);
  await until("all again", 20, async () => {
    const all = await Promise.all(days.map((k) => b.instance(k)));
    return all.every((i) => i.TotalRunNum === 2 && i.InstanceState === "COMPLETED");
  });
  const all = await Promise.all(days.map((k) => b.instance(k)));
  for (let i = 1; i < 3; i++)
    assert.ok(all[i - 1].EndTime <= all[i].StartTime, `${all[i - 1].EndTime} ${all[i].StartTime}`);
};

const overlapping = (all) => Math.max(...all.map((x) => all.filter((o) => o.from <= x.from && x.from < o.to).length));

tests["RedefineParallelNum in place of the self-dependency, for backfill and rerun (3.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const code = "date +%s.%N; sleep 1.2; date +%s.%N\n";
  const orderly = await b.submitted({ code, scheduler: { SelfDepend: "orderly" } });
  const parallel = await b.submitted({ code, scheduler: { SelfDepend: "parallel" } });
  const days = [...Array(6)].map((_, i) => `2026-01-1${i}`);
  const spans = async (task) => Promise.all(days.map(async (d) => {
    await b.reaches(KEY(task, d), "COMPLETED");
    const lines = (await b.log(KEY(task, d))).map((l) => Number(l.text));
    return { from: lines.at(-2), to: lines.at(-1) };
  }));
  const range = ["2026-01-10", "2026-01-15", { RedefineParallelNum: 3 }];
  await b.backfill(orderly, ...range);
  await b.backfill(parallel, ...range);
  const last = await until("one that waits for its plan", 5, async () => {
    const why = await Promise.all(days.map((d) => b.explain(KEY(parallel, d))));
    return why.find((w) => w.Conditions.some((c) => c.Kind === "PLAN"));
  });
  assert.match(last.Conditions.find((c) => c.Kind === "PLAN").Message, /RedefineParallelNum/);
  const [o, p] = [await spans(orderly), await spans(parallel)];
  assert.ok(overlapping(o) > 1 && overlapping(o) <= 3, `${overlapping(o)} of the orderly task at once`);
  assert.ok(overlapping(p) > 1 && overlapping(p) <= 3, `${overlapping(p)} of the parallel task at once`);
  await rerun(b, days.map((d) => KEY(parallel, d)), { RedefineParallelNum: 1 });
  await until("all again", 20, async () => (await Promise.all(days.map((d) => b.instance(KEY(parallel, d)))))
    .every((i) => i.TotalRunNum === 2 && i.InstanceState === "COMPLETED"));
  assert.equal(overlapping(await spans(parallel)), 1);
};

tests["set success: releases those who wait; not of a running instance (5.8)"] = async ({ api, endpoint }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "exit 1\n", scheduler: NO_RETRY });
  const down = await b.submitted({ code: "echo went on\n", scheduler: after(up) });
  const runs = await b.submitted({ code: "sleep 300\n" });
  await b.backfill([up, down], DAY, DAY, { CheckParentType: "ALL" });
  await b.backfill(runs, DAY);
  await b.reaches(KEY(up), "EXPIRED");
  await b.reaches(KEY(runs), "RUNNING");
  const j = await setSuccess(b, KEY(up), KEY(runs));
  assert.deepEqual([...counts(j), j.AsyncType], ["PART_SUCCESS", 2, 2, 1, "INSTANCE_SET_SUCCESS"]);
  assert.match(j.ErrorDesc, /the instance is RUNNING/);
  const zh = new Api(endpoint, { language: "zh-CN" });
  assert.equal((await zh.call("GetOpsAsyncJob", { ProjectId: b.project, AsyncId: j.AsyncId })).ErrorDesc,
    `${KEY(runs)}: 实例的状态为 RUNNING`);
  await b.reaches(KEY(down), "COMPLETED");
  const done = await b.instance(KEY(up));
  assert.deepEqual([done.InstanceState, done.TotalRunNum], ["COMPLETED", 1]);
  // What succeeded has no failure to tell of; who made it so is in the explanation.
  assert.deepEqual([done.JobErrorMsg, (await b.explain(KEY(up))).Reason], [null, "set successful by an operator"]);
  assert.deepEqual(counts(await setSuccess(b, KEY(up))), ["SUCCESS", 1, 1, 1]); // nothing to do
  await kill(b, KEY(runs));
  assert.equal((await zh.call("GetTaskInstance", { ProjectId: b.project, InstanceKey: KEY(runs) })).JobErrorMsg,
    "被手动终止");
};

const seconds = { CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *", SelfDepend: "parallel",
  ScheduleRunType: "1" };
const planned = async (b, task) => (await b.call("ListTaskInstances", { Keyword: task, PageSize: 100,
  SortColumn: "SCHEDULE_DATE", SortType: "ASC" })).Items.map((i) => i.SchedulerTime);
const gaps = (times) => times.slice(1).filter((t, i) => Date.parse(t) - Date.parse(times[i]) > 1000).length;

tests["pause and start, without and with making up (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const [plain, made] = [await b.submitted({ scheduler: seconds }), await b.submitted({ scheduler: seconds })];
  await until("firings", 10, async () => (await planned(b, plain)).length >= 2 && (await planned(b, made)).length >= 2);
  const j = await job(b, "PauseOpsTasksAsync", { TaskIds: [plain, made] });
  assert.deepEqual([...counts(j), j.AsyncType], ["SUCCESS", 2, 2, 2, "TASK_PAUSE"]);
  assert.deepEqual([await status(b, plain), await status(b, made)], ["O", "O"]);
  const before = (await planned(b, plain)).length;
  await sleep(3000);
  assert.equal((await planned(b, plain)).length, before); // a paused task makes nothing
  assert.deepEqual(counts(await job(b, "PauseOpsTasksAsync", { TaskIds: [plain] })), ["SUCCESS", 1, 1, 1]);
  assert.deepEqual(await b.call("StartOpsTasks", { TaskIds: [plain] }), { Status: true });
  assert.deepEqual(await b.call("StartOpsTasks", { TaskIds: [made], EnableDataBackfill: true }), { Status: true });
  assert.deepEqual([await status(b, plain), await status(b, made)], ["Y", "Y"]);
  await until("firings again", 10, async () => (await planned(b, plain)).length >= before + 2);
  await job(b, "StopOpsTasksAsync", { TaskIds: [plain, made] });
  assert.deepEqual([gaps(await planned(b, plain)), gaps(await planned(b, made))], [1, 0]);
  assert.deepEqual(await b.call("StartOpsTasks", { TaskIds: [plain] }), { Status: true }); // from F too
  assert.deepEqual(await b.call("StartOpsTasks", { TaskIds: [plain] }), { Status: true }); // nothing to do
  await job(b, "StopOpsTasksAsync", { TaskIds: [plain] });
};

tests["stop: instances go on, or are killed with it (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "sleep 300\n", scheduler: { SelfDepend: "parallel" } });
  await b.backfill(task, "2026-01-10", "2026-01-11");
  const [one, two] = [KEY(task), KEY(task, "2026-01-11")];
  await b.reaches(one, "RUNNING");
  await b.reaches(two, "RUNNING");
  assert.deepEqual(counts(await job(b, "StopOpsTasksAsync", { TaskIds: [task] })), ["SUCCESS", 1, 1, 1]);
  assert.equal(await status(b, task), "F");
  assert.equal((await b.instance(one)).InstanceState, "RUNNING");
  const j = await job(b, "StopOpsTasksAsync", { TaskIds: [task], KillInstance: true });
  assert.deepEqual([...counts(j), j.AsyncType], ["SUCCESS", 3, 3, 3, "TASK_STOP"]);
  for (const key of [one, two])
    assert.equal((await b.instance(key)).InstanceState, "EXPIRED");
};

tests["which operation is valid in which state (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const draft = await b.newTask(), stopped = await b.submitted();
  const over = await b.submitted({ scheduler: { StartTime: "2020-01-01 00:00:00", EndTime: "2020-01-02 00:00:00" } });
  await job(b, "StopOpsTasksAsync", { TaskIds: [stopped] });
  await until("INVALID", 10, async () => (await status(b, over)) === "INVALID");
  await b.fails("FailedOperation", "TaskIds.0", "StartOpsTasks", { TaskIds: [draft] });
  await b.fails("FailedOperation", "TaskIds.1", "StartOpsTasks", { TaskIds: [stopped, over] });
  assert.equal(await status(b, stopped), "F"); // nothing of a refused request has happened
  assert.deepEqual(counts(await job(b, "PauseOpsTasksAsync", { TaskIds: [stopped, over] })), ["FAIL", 2, 2, 0]);
  assert.deepEqual(counts(await job(b, "StopOpsTasksAsync", { TaskIds: [stopped, over] })),
    ["PART_SUCCESS", 2, 2, 1]);
};

tests["operations: what is refused, and where"] = async ({ api }) => {
  const b = await Bench.make(api), bad = "InvalidParameterValue";
  const task = await b.submitted();
  for (const action of ["StartOpsTasks", "PauseOpsTasksAsync", "StopOpsTasksAsync"]) {
    await b.fails("MissingParameter", "TaskIds", action, { TaskIds: [] });
    await b.fails("ResourceNotFound", "TaskIds.1", action, { TaskIds: [task, "20200101000000000"] });
    await b.fails("ResourceNotFound", "TaskIds.0", action, { TaskIds: ["x"] });
    await b.fails("LimitExceeded", "TaskIds", action, { TaskIds: Array(1001).fill(task) });
  }
  const K = "InstanceKeyList";
  for (const action of ["KillTaskInstancesAsync", "RerunTaskInstancesAsync", "SetSuccessTaskInstancesAsync"]) {
    await b.fails("MissingParameter", K, action, { [K]: [] });
    await b.fails(bad, `${K}.0`, action, { [K]: ["x"] });
    await b.fails("ResourceNotFound", `${K}.0`, action, { [K]: [KEY(task)] });
  }
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
  const faulty = (code, path, more) => b.fails(code, path, "RerunTaskInstancesAsync", { [K]: [KEY(task)], ...more });
  await faulty(bad, "RerunType", { RerunType: "4" });
  await faulty(bad, "CheckParentType", { CheckParentType: "SOME" });
  await faulty(bad, "SonRangeType", { SonRangeType: "WORLD" });
  await faulty(bad, "RedefineParallelNum", { RedefineParallelNum: 1001 });
  await faulty(bad, "RedefineParallelNum", { RedefineParallelNum: -1 });
  for (const pair of [{}, { V: "1" }, { K: "", V: "1" }])
    await faulty(bad, "RedefineParamList.K", { RedefineParamList: pair });
  await faulty("FailedOperation", "RedefineSelfWorkflowDependency", { RedefineSelfWorkflowDependency: "yes" });
  await faulty(bad, "RedefineSelfWorkflowDependency", { RedefineSelfWorkflowDependency: "x" });
  await b.fails("ResourceNotFound", "AsyncId", "GetOpsAsyncJob", { AsyncId: "x" });
  const other = await Bench.make(api);
  const { AsyncId } = await b.call("KillTaskInstancesAsync", { [K]: [KEY(task)] });
  await other.fails("ResourceNotFound", "AsyncId", "GetOpsAsyncJob", { AsyncId });
  await other.fails("ResourceNotFound", `${K}.0`, "KillTaskInstancesAsync", { [K]: [KEY(task)] });
};

module.exports = { tests, together: true };
