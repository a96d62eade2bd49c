/* test/sdk/t_manual.js - manual workflows: TriggerManualTasks of version 2021-08-20.  Numbers are
 * sections of docs/reference/semantics.md. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, texts, until } = require("./help");

const tests = {};
const at = "2026-01-05 12:34:56", other = "2026-01-06 00:00:00";

async function manual(api) {
  const b = await Bench.make(api);
  b.cyclic = b.workflow;
  b.workflow = await b.newWorkflow({ WorkflowType: "manual" });
  b.trigger = (more = {}) => b.call("TriggerManualTasks", { WorkflowId: b.workflow, TriggerName: "run",
    TriggerScope: "ENTIRE_WORKFLOW", DataTimeList: [at], ...more });
  b.refused = (code, path, more = {}) => b.fails(code, path, "TriggerManualTasks",
    { WorkflowId: b.workflow, TriggerName: "run", TriggerScope: "ENTIRE_WORKFLOW", DataTimeList: [at],
      ...more });
  b.after = (TaskId) => ({ UpstreamDependencyConfigList: [{ TaskId, MainCyclicConfig: "DAY",
    SubordinateCyclicConfig: "CURRENT_DAY" }] });
  return b;
}

tests["1.8 a manual workflow runs when it is triggered, its tasks one behind the other"] =
  async ({ api }) => {
    const b = await manual(api);
    const first = await b.submitted({ code: "echo of ${yyyyMMdd} by ${who}" });
    const second = await b.submitted({ code: "echo behind", scheduler: b.after(first) });
    const run = await b.trigger({ DataTimeList: [other, at], Remark: "why", ExecOrder: "DESC",
      CustomParams: [{ K: "who", V: "hand" }] });
    assert.deepEqual([run.TriggerName, run.Remark, run.TaskCnt, run.InstanceCnt, run.FinishedInstanceCnt,
      run.Status, run.TriggerSource, run.TimeType, run.DatetimeList, run.ScheduleTimeList],
    ["run", "why", 2, 4, 0, "INIT", "MANUAL_RUN_BY_USER", "DATA_TIME", [other, at], null]);
    assert.equal(JSON.parse(run.TriggerParams).ExecOrder, "DESC");
    for (const time of [at, other]) {
      const i = await b.reaches(`${second}_${time}`, "COMPLETED");
      assert.deepEqual([i.InstanceType, i.SchedulerTime], [2, time]);
      const before = await b.instance(`${first}_${time}`);
      assert.equal(before.InstanceState, "COMPLETED");
      assert.ok(before.EndTime <= i.StartTime, `${before.EndTime}, ${i.StartTime}`);
    }
    assert.deepEqual(texts(await b.log(`${first}_${at}`)), ["of 20260105 by hand"]);
    const runs = await b.call("ListTaskInstanceExecutions", { InstanceKey: `${first}_${at}` });
    assert.equal(runs.Items[0].RunType, "MANUAL_TRIGGER");
    const plan = await b.call("GetDataBackfillPlan", { DataBackfillPlanId: run.TriggerId });
    assert.deepEqual([plan.DataBackfillPlanName, plan.CompletePercent, plan.SuccessPercent],
      ["run", 100, 100]);
    const listed = await b.call("ListTaskInstances", { InstanceType: 2, PageNumber: 1, PageSize: 10 });
    assert.equal(listed.TotalCount, 4);
  };

tests["1.8 a run of some tasks, and the next round of the same time"] = async ({ api }) => {
  const b = await manual(api);
  const first = await b.submitted();
  const second = await b.submitted({ scheduler: b.after(first) });
  const group = await b.group(2);
  const only = { TriggerScope: "SPECIFIED_TASK", TaskIds: [second], SchedulerResourceGroup: group,
    TimeType: "SCHEDULE_TIME", ScheduleTimeZone: "UTC+8" };
  const run = await b.trigger(only);
  assert.deepEqual([run.InstanceCnt, run.TimeType, run.ScheduleTimeList, run.DatetimeList],
    [1, "SCHEDULE_TIME", [at], null]);
  const i = await b.reaches(`${second}_${at}`, "COMPLETED");
  assert.equal(i.ExecutorGroupId, group);
  await b.fails("ResourceNotFound", "InstanceKey", "GetTaskInstance", { InstanceKey: `${first}_${at}` });
  await b.trigger(only);
  await until("a second round", 30, async () => (await b.call("ListTaskInstanceExecutions",
    { InstanceKey: `${second}_${at}` })).TotalCount === 2);
  await b.reaches(`${second}_${at}`, "COMPLETED");
  await b.call("RerunTaskInstancesAsync", { InstanceKeyList: [`${second}_${at}`], RerunType: "1" });
  await until("a rerun", 30, async () => (await b.call("ListTaskInstanceExecutions",
    { InstanceKey: `${second}_${at}` })).Items[0].RunType === "RERUN_MANUAL_TRIGGER");
};

tests["1.8 what cannot be triggered, and what does not go with a manual workflow"] = async ({ api }) => {
  const b = await manual(api);
  await b.refused("FailedOperation", "WorkflowId"); // nothing in it
  const task = await b.submitted();
  await b.refused("FailedOperation", "WorkflowId", { WorkflowId: b.cyclic });
  await b.refused("ResourceNotFound", "WorkflowId", { WorkflowId: "none" });
  await b.refused("InvalidParameterValue", "TriggerScope", { TriggerScope: "ALL" });
  await b.refused("InvalidParameterValue", "TaskIds", { TaskIds: [task] });
  await b.refused("ResourceNotFound", "TaskIds.0", { TriggerScope: "SPECIFIED_TASK", TaskIds: ["1"] });
  await b.refused("InvalidParameterValue", "DataTimeList.0", { DataTimeList: ["tomorrow"] });
  await b.refused("InvalidParameterValue", "ExecOrder", { ExecOrder: "UP" });
  await b.refused("UnsupportedOperation", "IntegrationResourceGroup", { IntegrationResourceGroup: "1" });
  await b.fails("FailedOperation", "TaskIds.0", "CreateDataBackfillPlan", { TaskIds: [task],
    DataBackfillRangeList: [{ StartDate: "2026-01-01", EndDate: "2026-01-01" }] });
  await b.fails("InvalidParameterValue", "TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.TaskId",
    "CreateTask", b.taskParams({ base: { WorkflowId: b.cyclic }, scheduler: b.after(task) }));
  await b.call("PauseOpsTasksAsync", { TaskIds: [task] });
  await b.refused("FailedOperation", "TaskIds.0", { TriggerScope: "SPECIFIED_TASK", TaskIds: [task] });
  await b.call("StartOpsTasks", { TaskIds: [task] });
  await b.trigger();
  await b.reaches(`${task}_${at}`, "COMPLETED");
};

module.exports = { tests };
