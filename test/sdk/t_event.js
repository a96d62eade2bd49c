/* test/sdk/t_event.js - events of version 2021-08-20, which 2025-08-06 can only listen to
 * (docs/reference/semantics.md 4.1-4.5). */
"use strict";
const assert = require("node:assert/strict");
const { Bench } = require("./help");

const tests = {};
const event = (o = {}) => ({ Name: "ev", EventSubType: "DAY", TimeToLive: "2", TimeUnit: "DAYS",
  Owner: "100000000003", Description: "an event", ...o });

tests["4.2 RegisterDsEvent, DescribeEvent"] = async ({ api }) => {
  const b = await Bench.make(api);
  const made = await b.call("RegisterDsEvent", event());
  assert.deepEqual([made.Name, made.EventType, made.EventSubType, made.EventBroadcastType,
    made.DimensionFormat, made.TimeToLive, made.TimeUnit, made.Owner, made.Description,
    made.ValidConsumeCount, made.Listeners, made.ProjectId],
  ["ev", "TIME_SERIES", "DAY", "BROADCAST", "yyyyMMdd", 2, "DAYS", "100000000003", "an event", -1, [],
    b.project]);
  assert.ok(made.EventId.length > 0);
  const task = await b.newTask({ scheduler: { EventListenerList: [{ EventName: "ev", EventSubType: "DAY",
    EventBroadcastType: "BROADCAST",
    PropertiesList: [{ ParamKey: "maxWaitEventTime", ParamValue: "3" }] }] } });
  const seen = await b.call("DescribeEvent", { EventName: "ev" });
  assert.deepEqual([seen.Name, seen.EventSubType, seen.TimeToLive, seen.Owner, seen.EventCases],
    ["ev", "DAY", 2, "100000000003", []]);
  assert.deepEqual(seen.Listeners.map((l) => l.Key), [task]);
  for (const [EventSubType, format] of [["HOUR", "yyyyMMddHH"], ["MIN", "yyyyMMddHHmm"],
    ["SECOND", "yyyyMMddHHmmss"]])
    assert.equal((await b.call("RegisterDsEvent", event({ Name: `e${EventSubType}`, EventSubType })))
      .DimensionFormat, format);
};

tests["4.2 RegisterDsEvent: faults"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", event());
  const faulty = (code, path, o) => b.fails(code, path, "RegisterDsEvent", event({ Name: "other", ...o }));
  const bad = "InvalidParameterValue";
  await faulty("InvalidParameter.DuplicateName", "Name", { Name: "ev" });
  await faulty(bad, "Name", { Name: "1ev" });
  await faulty(bad, "Name", { Name: "_ev" });
  await faulty(bad, "Name", { Name: "e".repeat(21) });
  await faulty(bad, "EventSubType", { EventSubType: "WEEK" });
  await faulty(bad, "TimeToLive", { TimeToLive: "0" });
  await faulty(bad, "TimeToLive", { TimeToLive: "two" });
  await faulty(bad, "TimeUnit", { TimeUnit: "WEEKS" });
  await faulty(bad, "EventType", { EventType: "BIG" });
  await faulty(bad, "EventBroadcastType", { EventBroadcastType: "ALL" });
  await faulty(bad, "DimensionFormat", { DimensionFormat: "yyyyMMddHH" });
  await faulty(bad, "ValidConsumeCount", { ValidConsumeCount: 0 });
  await faulty(bad, "ValidConsumeCount", { EventBroadcastType: "SINGLE", ValidConsumeCount: 2 });
  await api.fails("ResourceNotFound", "ProjectId", "RegisterDsEvent", { ...event(), ProjectId: "12" });
  await b.fails("ResourceNotFound", "EventName", "DescribeEvent", { EventName: "none" });
};

tests["4.2 ListEvents (weft-1)"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  assert.deepEqual((await b.call("ListEvents")).Items, []);
  for (const Name of ["tick", "alpha", "stock"])
    await b.call("RegisterDsEvent", event({ Name, ...(Name === "alpha" ? { ValidConsumeCount: 3 } : {}) }));
  const all = await b.call("ListEvents", {});
  assert.deepEqual([all.TotalCount, all.Items.map((i) => i.Name)], [3, ["alpha", "stock", "tick"]]);
  const { EventId, CreateTime, ...rest } = all.Items[0];
  assert.ok(EventId.length > 0 && /^\d{4}-\d\d-\d\d /.test(CreateTime));
  assert.deepEqual(rest, { Name: "alpha", EventType: "TIME_SERIES", EventSubType: "DAY", EventBroadcastType: "BROADCAST",
    DimensionFormat: "yyyyMMdd", TimeToLive: 2, TimeUnit: "DAYS", ValidConsumeCount: 3, Owner: "100000000003",
    Description: "an event" });
  assert.deepEqual((await b.call("ListEvents", { Keyword: "ck" })).Items.map((i) => i.Name), ["stock", "tick"]);
  assert.deepEqual((await b.call("ListEvents", { PageNumber: 2, PageSize: 2 })).Items.map((i) => i.Name), ["tick"]);
  assert.deepEqual((await other.call("ListEvents", {})).Items, []);
  await b.fails("InvalidParameterValue", "PageSize", "ListEvents", { PageSize: 0 });
  await api.fails("ResourceNotFound", "ProjectId", "ListEvents", { ProjectId: "12" });
};

tests["4.3 TriggerDsEvent: single cases, ranges, faults"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", event());
  await b.call("RegisterDsEvent", event({ Name: "hourly", EventSubType: "HOUR" }));
  const fire = (EventCaseList, EventBatchCaseList) => b.call("TriggerDsEvent", {
    ...(EventCaseList ? { EventCaseList } : {}), ...(EventBatchCaseList ? { EventBatchCaseList } : {}) });
  let r = await fire([{ Name: "ev", Dimension: "20260101" }, { Name: "none", Dimension: "20260101" },
    { Name: "ev", Dimension: "2026-01-02" }, { Name: "ev", Dimension: "20260103" }]);
  assert.deepEqual([r.TotalCount, r.SuccessCount, r.FailCount, r.FailMessageList.length], [4, 2, 2, 2]);
  r = await fire(undefined, [{ Name: "hourly", StartDimension: "2026010122", EndDimension: "2026010203",
    EventSubType: "HOUR" }]);
  assert.deepEqual([r.TotalCount, r.SuccessCount], [6, 6]);
  r = await fire(undefined, [{ Name: "hourly", StartDimension: "2026010203", EndDimension: "2026010122",
    EventSubType: "HOUR" }]);
  assert.deepEqual([r.SuccessCount, r.FailCount], [0, r.TotalCount]);
  await b.fails("MissingParameter", "EventCaseList", "TriggerDsEvent", {});
  await b.fails("InvalidParameterValue", "ScheduleTimeZone", "TriggerDsEvent",
    { EventCaseList: [{ Name: "ev", Dimension: "20260101" }], ScheduleTimeZone: "Mars" });

  const cases = (o = {}) => b.call("DescribeEventCases",
    { Category: "all", PageNumber: 1, PageSize: 50, ...o });
  const listed = async (o) => (await cases(o)).Items.map((c) => c.Dimension);
  assert.equal((await cases()).TotalCount, 8);
  assert.deepEqual(await listed({ EventName: "ev", SortItem: "Dimension", SortType: "asc" }),
    ["20260101", "20260103"]);
  assert.deepEqual(await listed({ EventName: "hourly", SortItem: "Dimension", SortType: "desc" }),
    ["2026010203", "2026010202", "2026010201", "2026010200", "2026010123", "2026010122"]);
  assert.deepEqual(await listed({ Dimension: "2026010200" }), ["2026010200"]);
  assert.equal((await cases({ EventSubType: "HOUR" })).TotalCount, 6);
  assert.equal((await cases({ Status: "ACTIVE" })).TotalCount, 8);
  assert.equal((await cases({ Category: "expired" })).TotalCount, 0);
  assert.equal((await cases({ EventTriggeredTimeEnd: "2020-01-01 00:00:00" })).TotalCount, 0);
  const past = await cases({ PageNumber: 101, PageSize: 10 });
  assert.deepEqual([past.Items, past.TotalCount], [[], 8]);
  const bad = "InvalidParameterValue";
  const query = { Category: "all", PageNumber: 1, PageSize: 10 };
  await b.fails(bad, "Category", "DescribeEventCases", { ...query, Category: "some" });
  await b.fails(bad, "Status", "DescribeEventCases", { ...query, Status: "NEW" });
  await b.fails(bad, "SortItem", "DescribeEventCases", { ...query, SortItem: "Color" });
  await b.fails(bad, "SortType", "DescribeEventCases", { ...query, SortType: "up" });
  await b.fails(bad, "CreationTimeStart", "DescribeEventCases", { ...query, CreationTimeStart: "x" });
  assert.equal((await b.call("DescribeEvent", { EventName: "hourly" })).EventCases.length, 6);
};

tests["4.4, 4.5 a consumed case: SINGLE serves one instance, BROADCAST all"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", event({ Name: "one", EventBroadcastType: "SINGLE" }));
  await b.call("RegisterDsEvent", event({ Name: "all" }));
  const make = (name, type) => b.submitted({ scheduler: { EventListenerList: [{ EventName: name,
    EventSubType: "DAY", EventBroadcastType: type }] } });
  const single = [await make("one", "SINGLE"), await make("one", "SINGLE")];
  const broad = [await make("all", "BROADCAST"), await make("all", "BROADCAST")];
  await b.backfill([...single, ...broad], "2026-01-05", "2026-01-05", { SkipEventListening: false });
  const key = (t) => `${t}_2026-01-05 00:00:00`;
  for (const t of [...single, ...broad])
    assert.equal((await b.instance(key(t))).InstanceState, "WAIT_EVENT");
  const fire = (Dimension) => b.call("TriggerDsEvent",
    { EventCaseList: ["one", "all"].map((Name) => ({ Name, Dimension })) });
  await fire("20260104"); // another data time
  for (const t of [...single, ...broad])
    assert.equal((await b.instance(key(t))).InstanceState, "WAIT_EVENT");
  await fire("20260105");
  for (const t of broad)
    await b.reaches(key(t), "COMPLETED");
  const ends = async () => (await Promise.all(single.map((t) => b.instance(key(t)))))
    .map((i) => i.InstanceState);
  const served = (await ends())[0] === "WAIT_EVENT" ? 1 : 0;
  await b.reaches(key(single[served]), "COMPLETED");
  assert.equal((await ends())[1 - served], "WAIT_EVENT");
  const list = async (EventName, o) => (await b.call("DescribeEventCases", { Category: "all",
    PageNumber: 1, PageSize: 10, EventName, Dimension: "20260105", ...o })).Items;
  // ConsumeCount is how often a case may be consumed.
  assert.deepEqual((await list("one")).map((c) => [c.Status, c.ConsumeCount]), [["COMSUMED", 1]]);
  assert.deepEqual((await list("all")).map((c) => [c.Status, c.ConsumeCount]), [["CONSUMING", -1]]);
  // 4.5: who consumed a case.
  const consumers = async (EventCaseId, o = {}) => b.call("DescribeEventConsumeTasks",
    { EventCaseId, PageNumber: 1, PageSize: 10, ...o });
  const [one] = await list("one"), [all] = await list("all");
  const took = await consumers(one.CaseId);
  assert.deepEqual([took.TotalCount, took.Items[0].ConsumerId, took.Items[0].ConsumeLogId,
    took.Items[0].EventCaseId], [1, single[served], `${key(single[served])}_0`, one.CaseId]);
  assert.match(took.Items[0].CreationTimestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const detail = took.Items[0].ConsumerDetail;
  assert.deepEqual([detail.TaskId, detail.CycleType, detail.Status, detail.ProjectId,
    detail.WorkflowId, detail.TaskType.TypeId, detail.MinDateTime],
  [single[served], "DAY_CYCLE", "Y", b.project, b.workflow, 35, "2026-01-05 00:00:00"]);
  assert.deepEqual((await consumers(all.CaseId)).Items.map((i) => i.ConsumerId).sort(),
    [...broad].sort());
  const second = await consumers(all.CaseId, { PageNumber: 2, PageSize: 1 });
  assert.deepEqual([second.TotalCount, second.TotalPage, second.PageCount], [2, 2, 1]);
  await b.fails("ResourceNotFound", "EventCaseId", "DescribeEventConsumeTasks",
    { EventCaseId: "none", PageNumber: 1, PageSize: 10 });
  await fire("20260105");
  await b.reaches(key(single[1 - served]), "COMPLETED");
};

module.exports = { tests };
