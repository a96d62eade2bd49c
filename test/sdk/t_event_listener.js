/* test/sdk/t_event_listener.js - version 2021-08-20: listeners, and the calls that were there before
 * the Ds ones.  Numbers are sections of docs/reference/semantics.md. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, day } = require("./help");

const tests = {};
const event = (o = {}) => ({ Name: "ev", EventSubType: "DAY", TimeToLive: "2", TimeUnit: "DAYS",
  Owner: "100000000003", Description: "an event", ...o });
const wait = (n) => [{ ParamKey: "maxWaitEventTime", ParamValue: String(n) },
  { ParamKey: "maxWaitEventTimeUnit", ParamValue: "HOURS" }];
const bad = "InvalidParameterValue";

async function listening(api) {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", event());
  b.listen = (Key, o = {}) => b.call("RegisterDsEventListener",
    { Key, Type: "REST_API", EventName: "ev", ...o });
  b.draft = async (TaskId) => {
    const task = await b.call("GetTask", { TaskId });
    return { base: task.TaskBaseAttribute, list: task.TaskSchedulerConfiguration.EventListenerList };
  };
  b.inOps = async (TaskId) => (await b.call("GetOpsTask", { TaskId }))
    .TaskSchedulerConfiguration.EventListenerList;
  return b;
}

tests["4.6 RegisterDsEventListener: a draft gets the listener, a submit makes it act"] =
  async ({ api }) => {
    const b = await listening(api);
    const task = await b.newTask({ name: "one" });
    const made = await b.listen(task, { Properties: wait(3), RequestFromSource: "WEB" });
    assert.deepEqual([made.Key, made.Type, made.EventName, made.EventProjectId, made.PropertiesList],
      [task, "REST_API", "ev", b.project, wait(3)]);
    const { TaskId, TaskName, WorkflowId, TaskTypeId, ProjectId, CycleType } = made.TaskInfo;
    assert.deepEqual([TaskId, TaskName, WorkflowId, TaskTypeId, ProjectId, CycleType],
      [task, "one", b.workflow, 35, b.project, "DAY_CYCLE"]);
    const { base, list } = await b.draft(task);
    assert.deepEqual([base.Submit, base.Status, base.TaskLatestVersionNo], [false, "N", "V2"]);
    assert.deepEqual(list, [{ EventName: "ev", EventSubType: "DAY", EventBroadcastType: "BROADCAST",
      PropertiesList: wait(3) }]);
    await b.submit(task);
    await b.backfill(task, "2026-01-05", "2026-01-05", { SkipEventListening: false });
    assert.equal((await b.instance(`${task}_${day("2026-01-05")}`)).InstanceState, "WAIT_EVENT");
    await b.call("TriggerDsEvent", { EventCaseList: [{ Name: "ev", Dimension: "20260105" }] });
    await b.reaches(`${task}_${day("2026-01-05")}`, "COMPLETED");
  };

tests["4.6 a listener of a submitted task acts at once, replaces, and is no change when repeated"] =
  async ({ api }) => {
    const b = await listening(api);
    const task = await b.submitted();
    const state = async () => {
      const { base } = await b.draft(task);
      return [base.TaskLatestVersionNo, base.TaskLatestSubmitVersionNo, base.Submit, base.Status];
    };
    assert.deepEqual(await state(), ["V2", "V2", true, "Y"]);
    await b.listen(task, { Properties: wait(3) });
    assert.deepEqual(await state(), ["V4", "V4", true, "Y"]);
    assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [wait(3)]);
    await b.listen(task, { Properties: wait(3) });
    assert.deepEqual(await state(), ["V4", "V4", true, "Y"]);
    await b.listen(task, { Properties: wait(4), EventProjectId: b.project });
    assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [wait(4)]);
    await b.listen(task);
    assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [[]]);
    await b.call("RegisterDsEvent", event({ Name: "second", EventSubType: "HOUR",
      EventBroadcastType: "SINGLE" }));
    await b.listen(task, { EventName: "second" });
    assert.deepEqual((await b.inOps(task)).map((l) => [l.EventName, l.EventSubType,
      l.EventBroadcastType]), [["ev", "DAY", "BROADCAST"], ["second", "HOUR", "SINGLE"]]);
  };

tests["4.6 a listener does not publish what was saved and not submitted"] = async ({ api }) => {
  const b = await listening(api);
  const task = await b.submitted({ name: "before" });
  await b.call("UpdateTaskPartially",
    { TaskId: task, NewSetting: { TaskBaseAttribute: { TaskName: "after" } } });
  await b.listen(task);
  const { base, list } = await b.draft(task);
  assert.deepEqual([base.TaskName, base.Submit, base.TaskLatestSubmitVersionNo, list.length],
    ["after", false, "V2", 1]);
  assert.deepEqual(await b.inOps(task), []);
  await b.submit(task);
  assert.equal((await b.inOps(task)).length, 1);
};

tests["4.6 a listener does not start a task that is over"] = async ({ api }) => {
  const b = await listening(api);
  const task = await b.submitted({ scheduler: { EndTime: "2025-02-01 00:00:00" } });
  assert.equal((await b.draft(task)).base.Status, "INVALID");
  await b.listen(task);
  const { base, list } = await b.draft(task);
  assert.deepEqual([base.Status, base.Submit, list.length], ["INVALID", false, 1]);
  assert.deepEqual(await b.inOps(task), []);
};

tests["4.4, 4.6 events of another project, also of the same name"] = async ({ api }) => {
  const b = await listening(api);
  const far = await Bench.make(api);
  await far.call("RegisterDsEvent", event());
  const task = await b.submitted();
  const property = { ParamKey: "EventProjectId", ParamValue: far.project };
  const made = await b.listen(task, { EventProjectId: far.project, Properties: wait(3) });
  assert.deepEqual([made.EventProjectId, made.TaskInfo.ProjectId], [far.project, b.project]);
  await b.listen(task, { Properties: wait(5) });
  assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList),
    [[...wait(3), property], wait(5)]);
  // By the property it is the same listener.
  await b.listen(task, { Properties: [property] });
  assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [[property], wait(5)]);
  const listeners = async (bench) => (await bench.call("DescribeEvent", { EventName: "ev" })).Listeners
    .map((l) => [l.Key, /EventProjectId/.test(l.Properties), /maxWait/.test(l.Properties)]);
  assert.deepEqual(await listeners(far), [[task, true, false]]);
  assert.deepEqual(await listeners(b), [[task, false, true]]);
  const key = `${task}_${day("2026-01-05")}`;
  await b.backfill(task, "2026-01-05", "2026-01-05", { SkipEventListening: false });
  const fire = (bench) => bench.call("TriggerDsEvent",
    { EventCaseList: [{ Name: "ev", Dimension: "20260105" }] });
  await fire(b);
  assert.equal((await b.instance(key)).InstanceState, "WAIT_EVENT");
  await fire(far);
  await b.reaches(key, "COMPLETED");
  const [theCase] = (await far.call("DescribeEventCases",
    { Category: "all", PageNumber: 1, PageSize: 10 })).Items;
  const consumers = await far.call("DescribeEventConsumeTasks",
    { EventCaseId: theCase.CaseId, PageNumber: 1, PageSize: 10 });
  assert.deepEqual(consumers.Items.map((i) => [i.ConsumerId, i.ConsumerDetail.ProjectId]),
    [[task, b.project]]);
};

tests["RegisterDsEventListener: faults"] = async ({ api }) => {
  const b = await listening(api);
  const task = await b.newTask();
  const faulty = (code, path, o) => b.fails(code, path, "RegisterDsEventListener",
    { Key: task, Type: "REST_API", EventName: "ev", ...o });
  await faulty("ResourceNotFound", "Key", { Key: "20200101000000000" });
  await faulty("ResourceNotFound", "Key", { Key: "task" });
  await faulty("ResourceNotFound", "EventName", { EventName: "none" });
  await faulty("ResourceNotFound", "EventProjectId", { EventProjectId: "12" });
  await faulty("ResourceNotFound", "EventName",
    { EventProjectId: (await Bench.make(api)).project });
  await faulty(bad, "Type", { Type: "MAIL" });
  await faulty("UnsupportedOperation", "Type", { Type: "KAFKA" });
  await faulty(bad, "Properties", { Properties: [{ ParamKey: "maxWaitEventTime", ParamValue: "0" }] });
  await faulty(bad, "Properties",
    { Properties: [{ ParamKey: "maxWaitEventTimeUnit", ParamValue: "WEEKS" }] });
  await faulty(bad, "Properties.1.ParamKey", { Properties:
    [{ ParamKey: "a", ParamValue: "1" }, { ParamKey: "", ParamValue: "2" }] });
  await faulty(bad, "Properties", { EventProjectId: b.project,
    Properties: [{ ParamKey: "EventProjectId", ParamValue: "12" }] });
  await api.fails("ResourceNotFound", "Key", "RegisterDsEventListener",
    { ProjectId: (await Bench.make(api)).project, Key: task, Type: "REST_API", EventName: "ev" });
  assert.deepEqual((await b.draft(task)).list, []);
};

tests["4.7 RegisterEventListener: properties as text"] = async ({ api }) => {
  const b = await listening(api);
  const task = await b.submitted();
  const listen = (o) => ({ Key: task, EventName: "ev", ...o });
  assert.deepEqual(await b.call("RegisterEventListener",
    listen({ Properties: '{"maxWaitEventTime":3,"maxWaitEventTimeUnit":"HOURS"}' })),
  { Result: true, ErrorDesc: null, ErrorId: null });
  assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [wait(3)]);
  await b.call("RegisterEventListener", listen({ Type: "REST_API", Properties: "" }));
  assert.deepEqual((await b.inOps(task)).map((l) => l.PropertiesList), [[]]);
  for (const Properties of ["[]", "{", '{"maxWaitEventTime":[1]}', '{"maxWaitEventTime":1.5}',
    '{"maxWaitEventTime":-1}'])
    await b.fails(bad, "Properties", "RegisterEventListener", listen({ Properties }));
  await b.fails("ResourceNotFound", "Key", "RegisterEventListener", listen({ Key: "1" }));
};

tests["4.7 RegisterEvent, TriggerEvent"] = async ({ api }) => {
  const b = await Bench.make(api);
  const old = (o) => ({ Name: "old", EventSubType: "DAY", EventBroadcastType: "SINGLE",
    TimeUnit: "DAYS", Owner: "tom", ...o });
  const done = { Result: true, ErrorDesc: null, ErrorId: null };
  assert.deepEqual(await b.call("RegisterEvent", old({ TimeToLive: 30, Description: "text",
    EventType: "TIME_SERIES", DimensionFormat: "yyyyMMdd" })), done);
  await b.call("RegisterEvent", old({ Name: "longest" }));
  const life = async (EventName) => {
    const e = await b.call("DescribeEvent", { EventName });
    return [e.TimeToLive, e.TimeUnit, e.EventBroadcastType, e.Owner];
  };
  assert.deepEqual(await life("old"), [30, "DAYS", "SINGLE", "tom"]);
  assert.deepEqual(await life("longest"), [3653, "DAYS", "SINGLE", "tom"]);
  await b.fails("InvalidParameter.DuplicateName", "Name", "RegisterEvent", old());
  await b.fails(bad, "TimeToLive", "RegisterEvent", old({ Name: "x", TimeToLive: 0 }));
  await b.fails(bad, "TimeUnit", "RegisterEvent", old({ Name: "x", TimeUnit: "WEEKS" }));
  await b.fails(bad, "EventSubType", "RegisterEvent", old({ Name: "x", EventSubType: "WEEK" }));

  assert.deepEqual(await b.call("TriggerEvent",
    { Name: "old", Dimension: "20260105", Description: "why" }), done);
  const cases = (await b.call("DescribeEventCases",
    { Category: "all", PageNumber: 1, PageSize: 10 })).Items;
  assert.deepEqual(cases.map((c) => [c.EventName, c.Dimension, c.Status, c.Description]),
    [["old", "20260105", "ACTIVE", "why"]]);
  await b.fails("ResourceNotFound", "Name", "TriggerEvent", { Name: "none", Dimension: "20260105" });
  await b.fails(bad, "Dimension", "TriggerEvent", { Name: "old", Dimension: "2026-01-05" });
  await api.fails("ResourceNotFound", "ProjectId", "TriggerEvent",
    { ProjectId: "12", Name: "old", Dimension: "20260105" });
};

module.exports = { tests };
