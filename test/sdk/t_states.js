/* test/sdk/t_states.js - which operation is possible in which state, as a table: tasks (docs/reference/semantics.md
 * 1.6) and instances (5.6-5.8, 7.1).  Every state is made anew for every operation. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, base64, until } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task) => `${task}_${DAY} 00:00:00`;

async function job(b, action, params) {
  const { AsyncId } = await b.call(action, params);
  const done = await until(`${action} ${AsyncId}`, 30, async () => {
    const d = await b.call("GetOpsAsyncJob", { AsyncId });
    return d.Status !== "RUNNING" && d;
  });
  assert.equal(done.ErrorDesc === null, done.Status === "SUCCESS", done.ErrorDesc);
  return done.Status;
}

/* What it says, or the code of its refusal. */
const said = (promise) => promise.catch((e) => e.code);

/* ---- tasks ---------------------------------------------------------------------------------- */

const taskStates = {
  N: (b) => b.newTask(),
  Y: (b) => b.submitted(),
  O: async (b) => {
    const task = await b.submitted();
    assert.equal(await job(b, "PauseOpsTasksAsync", { TaskIds: [task] }), "SUCCESS");
    return task;
  },
  F: async (b) => {
    const task = await b.submitted();
    assert.equal(await job(b, "StopOpsTasksAsync", { TaskIds: [task] }), "SUCCESS");
    return task;
  },
  INVALID: (b) => b.submitted({ scheduler: { EndTime: "2025-01-02 00:00:00" } }),
};

async function statusOf(b, TaskId) {
  const task = await said(b.call("GetTask", { TaskId }));
  return typeof task === "string" ? "gone" : task.TaskBaseAttribute.Status;
}

const started = (b, task, more) => said(b.call("StartOpsTasks", { TaskIds: [task], ...more }))
  .then((d) => d.Status ?? d);
const taskOperations = {
  start: (b, task) => started(b, task),
  "start with make-up": (b, task) => started(b, task, { EnableDataBackfill: true }),
  pause: (b, task) => said(job(b, "PauseOpsTasksAsync", { TaskIds: [task] })),
  "pause and kill": (b, task) => said(job(b, "PauseOpsTasksAsync", { TaskIds: [task], KillInstance: true })),
  stop: (b, task) => said(job(b, "StopOpsTasksAsync", { TaskIds: [task] })),
  "stop and kill": (b, task) => said(job(b, "StopOpsTasksAsync", { TaskIds: [task], KillInstance: true })),
  owner: (b, task) => said(b.call("UpdateOpsTasksOwner", { TaskIds: [task], OwnerUin: "100000000009" })).then((d) => d.Status ?? d),
  backfill: (b, task) => said(b.backfill(task, DAY)).then((id) => (/-/.test(id) ? "planned" : id)),
  submit: (b, task) => said(b.submit(task)).then((d) => d.Status ?? d),
  delete: (b, task) => said(b.call("DeleteTask", { TaskId: task })).then((d) => d.Status ?? d),
  "delete, downstreams go on": (b, task) => said(b.call("DeleteTask", { TaskId: task, DeleteMode: true })).then((d) => d.Status ?? d),
};

/* [what is answered, the state afterwards] */
const NO = "FailedOperation";
const taskTable = {
  //                     N            Y               O               F               INVALID
  start:                [[NO, "N"], [true, "Y"], [true, "Y"], [true, "Y"], [NO, "INVALID"]],
  "start with make-up": [[NO, "N"], [true, "Y"], [true, "Y"], [true, "Y"], [NO, "INVALID"]],
  pause:                [[NO, "N"], ["SUCCESS", "O"], ["SUCCESS", "O"], ["FAIL", "F"], ["FAIL", "INVALID"]],
  "pause and kill":     [[NO, "N"], ["SUCCESS", "O"], ["SUCCESS", "O"], ["FAIL", "F"], ["FAIL", "INVALID"]],
  stop:                 [[NO, "N"], ["SUCCESS", "F"], ["SUCCESS", "F"], ["SUCCESS", "F"], ["FAIL", "INVALID"]],
  "stop and kill":      [[NO, "N"], ["SUCCESS", "F"], ["SUCCESS", "F"], ["SUCCESS", "F"], ["FAIL", "INVALID"]],
  owner:                [[NO, "N"], [true, "Y"], [true, "O"], [true, "F"], [true, "INVALID"]],
  backfill:             [[NO, "N"], ["planned", "Y"], [NO, "O"], [NO, "F"], [NO, "INVALID"]],
  submit:               [[true, "Y"], [true, "Y"], [true, "O"], [true, "Y"], [true, "INVALID"]],
  delete:               Array(5).fill([true, "gone"]),
  "delete, downstreams go on": Array(5).fill([true, "gone"]),
};

tests["1.6 tasks: every operation in every state"] = async ({ api }) => {
  const b = await Bench.make(api);
  const found = {};
  await Promise.all(Object.entries(taskOperations).map(async ([name, operate]) => {
    found[name] = [];
    for (const make of Object.values(taskStates)) {
      const task = await make(b);
      found[name].push([await operate(b, task), await statusOf(b, task)]);
    }
  }));
  assert.deepEqual(found, taskTable);
};

/* ---- instances ------------------------------------------------------------------------------ */

const sleeper = { code: "sleep 300\n" };
const upstream = (task) => ({ UpstreamDependencyConfigList: [
  { TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" }] });

async function reaching(b, o, state, more) {
  const task = await b.submitted(o);
  await b.backfill(task, DAY, DAY, more);
  await b.reaches(KEY(task), state);
  return task;
}

const instanceStates = {
  WAIT_EVENT: (b) => reaching(b, { scheduler: { EventListenerList: [
    { EventName: "never", EventSubType: "DAY", EventBroadcastType: "BROADCAST" }] } }, "WAIT_EVENT", { SkipEventListening: false }),
  WAIT_UPSTREAM: async (b) => reaching(b, { scheduler: upstream(await b.submitted()) }, "WAIT_UPSTREAM", { CheckParentType: "ALL" }),
  WAIT_RUN: (b) => reaching(b, { ...sleeper, config: { ResourceGroup: b.full } }, "WAIT_RUN"),
  RUNNING: (b) => reaching(b, sleeper, "RUNNING"),
  FAILED_RETRY: (b) => reaching(b, { code: "exit 1\n", scheduler: { RetryWait: "60" } }, "FAILED_RETRY"),
  COMPLETED: (b) => reaching(b, {}, "COMPLETED"),
  EXPIRED: (b) => reaching(b, { code: "exit 1\n", scheduler: { MaxRetryAttempts: "0" } }, "EXPIRED"),
  SKIP_RUNNING: async (b) => {
    const branch = await b.newTask({ type: "130", code: "" });
    const task = await b.newTask({ scheduler: upstream(branch) });
    await b.call("UpdateTaskPartially", { TaskId: branch, NewSetting: { TaskConfiguration: { TaskExtConfigurationList: [
      { ParamKey: "branchCondition", ParamValue: JSON.stringify([{ condition: "1 == 2", downstreamTaskId: task }]) }] } } });
    for (const one of [branch, task])
      await b.submit(one);
    await b.backfill([branch, task], DAY, DAY, { CheckParentType: "MAKE_SCOPE" });
    await b.reaches(KEY(task), "SKIP_RUNNING");
    return task;
  },
};

const keys = (task) => ({ InstanceKeyList: [KEY(task)] });
const instanceOperations = {
  kill: (b, task) => said(job(b, "KillTaskInstancesAsync", keys(task))),
  "set success": (b, task) => said(job(b, "SetSuccessTaskInstancesAsync", keys(task))),
  rerun: (b, task) => said(job(b, "RerunTaskInstancesAsync", keys(task))),
  backfill: (b, task) => said(b.backfill(task, DAY)).then((id) => (/-/.test(id) ? "planned" : id)),
};

/* [what is answered, the state if it stays in one, how many rounds there are] */
const kept = (state) => ["planned", state, 1], anew = ["planned", null, 2];
const instanceTable = {
  //             kill                       set success                  rerun                       backfill
  WAIT_EVENT:    [["SUCCESS", "EXPIRED", 1], ["SUCCESS", "COMPLETED", 1], ["FAIL", "WAIT_EVENT", 1], kept("WAIT_EVENT")],
  WAIT_UPSTREAM: [["SUCCESS", "EXPIRED", 1], ["SUCCESS", "COMPLETED", 1], ["FAIL", "WAIT_UPSTREAM", 1], kept("WAIT_UPSTREAM")],
  WAIT_RUN:      [["SUCCESS", "EXPIRED", 1], ["SUCCESS", "COMPLETED", 1], ["FAIL", "WAIT_RUN", 1], kept("WAIT_RUN")],
  RUNNING:       [["SUCCESS", "EXPIRED", 1], ["FAIL", "RUNNING", 1], ["FAIL", "RUNNING", 1], kept("RUNNING")],
  FAILED_RETRY:  [["SUCCESS", "EXPIRED", 1], ["SUCCESS", "COMPLETED", 1], ["FAIL", "FAILED_RETRY", 1], kept("FAILED_RETRY")],
  COMPLETED:     [["SUCCESS", "COMPLETED", 1], ["SUCCESS", "COMPLETED", 1], ["SUCCESS", null, 2], anew],
  EXPIRED:       [["SUCCESS", "EXPIRED", 1], ["SUCCESS", "COMPLETED", 1], ["SUCCESS", null, 2], anew],
  SKIP_RUNNING:  [["SUCCESS", "SKIP_RUNNING", 1], ["SUCCESS", "COMPLETED", 1], ["SUCCESS", null, 2], anew],
};

tests["5.6-5.8, 7.1 instances: every operation in every state"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", { Name: "never", EventSubType: "DAY", TimeToLive: "1", TimeUnit: "DAYS",
    Owner: "100000000003", Description: "never fired" });
  b.full = await b.group(1);
  // One that holds the only slot of the group until the end.
  const holder = await b.submitted({ ...sleeper, config: { ResourceGroup: b.full } });
  await b.backfill(holder, DAY);
  await b.reaches(KEY(holder), "RUNNING");
  const found = {};
  await Promise.all(Object.entries(instanceStates).map(async ([name, make]) => {
    found[name] = [];
    for (const operate of Object.values(instanceOperations)) {
      const task = await make(b);
      const answer = await operate(b, task);
      const rounds = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).TotalCount;
      const { InstanceState } = await b.instance(KEY(task));
      found[name].push([answer, rounds === 1 ? InstanceState : null, rounds]);
      await job(b, "KillTaskInstancesAsync", keys(task));
    }
  }));
  await job(b, "KillTaskInstancesAsync", keys(holder));
  assert.deepEqual(found, instanceTable);
};

/* ---- submitted as a paused or a stopped task ------------------------------------------------------ */

/* Its moment is past, so a submit alone makes its instance at once (2.3). */
const ONCE = { CycleType: "ONEOFF_CYCLE", StartTime: "2026-01-01 00:00:00" };
const instances = async (b, task) => (await b.call("ListTaskInstances", { Keyword: task })).TotalCount;

tests["SubmitTaskIdle (weft-1): in no moment is it scheduled"] = async ({ api }) => {
  const b = await Bench.make(api);
  const idle = (task, Status, more) => b.call("SubmitTaskIdle", { TaskId: task, VersionRemark: "r", Status, ...more });
  for (const status of ["O", "F"]) {
    const task = await b.newTask({ scheduler: ONCE });
    const made = await idle(task, status);
    assert.deepEqual([made.Status, made.VersionId.startsWith(`${task}_`)], [true, true]);
    assert.equal(await statusOf(b, task), status);
    assert.equal(await instances(b, task), 0);
    await b.call("StartOpsTasks", { TaskIds: [task], EnableDataBackfill: true });
    await until("its instance", 10, async () => (await instances(b, task)) === 1);
  }
  // Out of every state, and a stopped one is not started by its new version.
  for (const [from, make] of Object.entries(taskStates))
    for (const to of ["O", "F"]) {
      const task = await make(b);
      await idle(task, to);
      assert.equal(await statusOf(b, task), to, `${from} to ${to}`);
    }
};

tests["SubmitTaskIdle (weft-1): faults"] = async ({ api }) => {
  const b = await Bench.make(api), task = await b.newTask();
  const faulty = (code, path, more) => b.fails(code, path, "SubmitTaskIdle",
    { TaskId: task, VersionRemark: "r", Status: "O", ...more });
  for (const Status of ["Y", "N", "T", "INVALID", "o", ""])
    await faulty("InvalidParameterValue", "Status", { Status });
  await faulty("InvalidParameterValue", "VersionRemark", { VersionRemark: "" });
  await faulty("ResourceNotFound", "TaskId", { TaskId: "20200101000000001" });
  const down = await b.newTask({ scheduler: { UpstreamDependencyConfigList: [
    { TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" }] } });
  await b.fails("FailedOperation", "", "SubmitTaskIdle", { TaskId: down, VersionRemark: "r", Status: "O" });
  assert.equal(await statusOf(b, task), "N");
  assert.equal(await statusOf(b, down), "N");
};

module.exports = { tests };
