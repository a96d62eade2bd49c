/* test/sdk/t_event_rules.js - which case serves which instance, and in what state a case is.  Each
 * test names the section of docs/reference/semantics.md whose rule it holds. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, day, sleep } = require("./help");

const tests = {};
const FROM = "2026-01-05";
const dimension = (date) => date.replaceAll("-", "");

/* A bench with words for events: register, listener entries, fire, list cases, wait for states. */
async function stage(api) {
  const b = await Bench.make(api);
  b.kinds = {};
  b.event = async (Name, o = {}) => {
    const made = await b.call("RegisterDsEvent", { Name, EventSubType: "DAY", TimeToLive: "2",
      TimeUnit: "DAYS", Owner: "o", Description: "", ...o });
    b.kinds[Name] = made;
    return made;
  };
  b.listener = (Name) => ({ EventName: Name, EventSubType: b.kinds[Name].EventSubType,
    EventBroadcastType: b.kinds[Name].EventBroadcastType, PropertiesList: [] });
  b.listen = (...names) => b.submitted({ scheduler: { EventListenerList: names.map(b.listener) } });
  b.wait = (task, from = FROM, to = from, o = {}) =>
    b.backfill(task, from, to, { SkipEventListening: false, ...o });
  b.fire = (Name, Dimension = dimension(FROM)) =>
    b.call("TriggerDsEvent", { EventCaseList: [{ Name, Dimension }] });
  b.cases = async (EventName, o = {}) => (await b.call("DescribeEventCases", { Category: "all",
    PageNumber: 1, PageSize: 50, EventName, SortItem: "CreateTime", SortType: "asc", ...o })).Items;
  b.states = async (name) => (await b.cases(name)).map((c) => c.Status);
  b.consumers = async (c) => (await b.call("DescribeEventConsumeTasks",
    { EventCaseId: c.CaseId, PageNumber: 1, PageSize: 50 })).Items.map((i) => i.ConsumerId);
  b.key = (task, date = FROM) => `${task}_${day(date)}`;
  b.state = async (task, date) => (await b.instance(b.key(task, date))).InstanceState;
  b.done = (task, date) => b.reaches(b.key(task, date), "COMPLETED");
  return b;
}

tests["4.2, 4.4 BROADCAST with a limit: so many consumptions, then COMSUMED"] = async ({ api }) => {
  const b = await stage(api);
  assert.equal((await b.event("two", { ValidConsumeCount: 2 })).ValidConsumeCount, 2);
  const tasks = [await b.listen("two"), await b.listen("two"), await b.listen("two")];
  await b.fire("two");
  assert.deepEqual(await b.states("two"), ["ACTIVE"]);
  await b.wait(tasks[0]);
  await b.done(tasks[0]);
  assert.deepEqual(await b.states("two"), ["CONSUMING"]);
  await b.wait(tasks[1]);
  await b.done(tasks[1]);
  assert.deepEqual(await b.states("two"), ["COMSUMED"]);
  await b.wait(tasks[2]);
  assert.equal(await b.state(tasks[2]), "WAIT_EVENT");
  await b.fire("two");
  await b.done(tasks[2]);
  assert.deepEqual(await b.states("two"), ["COMSUMED", "CONSUMING"]);
  const [first, second] = await b.cases("two");
  assert.deepEqual(await b.consumers(first), tasks.slice(0, 2));
  assert.deepEqual(await b.consumers(second), tasks.slice(2));
};

tests["4.2, 4.4 a limit holds among those that wait together"] = async ({ api }) => {
  const b = await stage(api);
  await b.event("two", { ValidConsumeCount: 2 });
  const tasks = [await b.listen("two"), await b.listen("two"), await b.listen("two")];
  await b.wait(tasks);
  await b.fire("two");
  assert.equal((await b.consumers((await b.cases("two"))[0])).length, 2);
  const states = await Promise.all(tasks.map((t) => b.state(t)));
  assert.equal(states.filter((s) => s === "WAIT_EVENT").length, 1);
};

tests["4.2 SINGLE: once, whatever limit was named; no limit by default in BROADCAST"] =
  async ({ api }) => {
    const b = await stage(api);
    for (const [name, o, limit] of [["s1", {}, 1], ["s2", { ValidConsumeCount: -1 }, 1],
      ["s3", { ValidConsumeCount: 1 }, 1]])
      assert.equal((await b.event(name, { EventBroadcastType: "SINGLE", ...o })).ValidConsumeCount,
        limit);
    assert.equal((await b.event("b1")).ValidConsumeCount, -1);
    const tasks = [await b.listen("s2"), await b.listen("s2")];
    await b.fire("s2");
    await b.wait(tasks[0]);
    await b.done(tasks[0]);
    assert.deepEqual(await b.states("s2"), ["COMSUMED"]);
    await b.wait(tasks); // also another round of the one that took it
    for (const t of tasks)
      assert.equal(await b.state(t), "WAIT_EVENT");
  };

tests["4.2, 4.4 a case past its life is EXPIRED, consumed or not, and serves nobody"] =
  async ({ api }) => {
    const b = await stage(api);
    await b.event("short", { TimeToLive: "1", TimeUnit: "SECONDS" });
    const tasks = [await b.listen("short"), await b.listen("short")];
    await b.wait(tasks[0]);
    await b.fire("short");
    await b.done(tasks[0]);
    await b.fire("short", "20260106");
    await sleep(1100);
    assert.deepEqual(await b.states("short"), ["EXPIRED", "EXPIRED"]);
    assert.equal((await b.cases("short", { Category: "expired" })).length, 2);
    assert.equal((await b.cases("short", { Category: "consuming" })).length, 0);
    await b.wait(tasks[1], FROM, "2026-01-06");
    assert.equal(await b.state(tasks[1]), "WAIT_EVENT");
    assert.equal(await b.state(tasks[1], "2026-01-06"), "WAIT_EVENT");
    await b.fire("short");
    await b.done(tasks[1]);
    assert.equal(await b.state(tasks[1], "2026-01-06"), "WAIT_EVENT");
  };

tests["4.4 several events: all of them; one that expires meanwhile is waited for again"] =
  async ({ api }) => {
    const b = await stage(api);
    await b.event("long", { EventBroadcastType: "SINGLE" });
    await b.event("short", { TimeToLive: "1", TimeUnit: "SECONDS" });
    const task = await b.listen("short", "long");
    await b.wait(task);
    await b.fire("short");
    assert.equal(await b.state(task), "WAIT_EVENT");
    await sleep(1100);
    await b.fire("long");
    assert.equal(await b.state(task), "WAIT_EVENT");
    assert.deepEqual(await b.states("long"), ["ACTIVE"]);
    await b.fire("short");
    await b.done(task);
    assert.deepEqual(await b.states("long"), ["COMSUMED"]);
  };

tests["4.4 a case that was fired before the instance exists counts; and not of another data time"] =
  async ({ api }) => {
    const b = await stage(api);
    await b.event("early");
    await b.fire("early");
    await b.fire("early", "20260107");
    const task = await b.listen("early");
    await b.wait(task, FROM, "2026-01-06");
    await b.done(task);
    assert.equal(await b.state(task, "2026-01-06"), "WAIT_EVENT");
    assert.deepEqual(await b.states("early"), ["CONSUMING", "ACTIVE"]);
  };

tests["4.4 a case is of the data time, cut to the event's granularity"] = async ({ api }) => {
  const b = await stage(api);
  await b.event("hourly", { EventSubType: "HOUR" });
  await b.event("daily");
  const spec = { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 0-1 * * ? *" };
  const make = (name) => b.submitted({ scheduler: { ...spec,
    EventListenerList: [b.listener(name)] } });
  const [byHour, byDay] = [await make("hourly"), await make("daily")];
  await b.wait([byHour, byDay]);
  const at = (task, time) => `${task}_${FROM} ${time}:00`;
  await b.fire("daily");
  await b.reaches(at(byDay, "00:00"), "COMPLETED");
  await b.reaches(at(byDay, "01:00"), "COMPLETED");
  await b.fire("hourly", "2026010501");
  await b.reaches(at(byHour, "01:00"), "COMPLETED");
  assert.equal((await b.instance(at(byHour, "00:00"))).InstanceState, "WAIT_EVENT");
};

tests["4.3, 4.4 GENERAL: any live case, the oldest first, with or without a dimension"] =
  async ({ api }) => {
    const b = await stage(api);
    await b.event("any", { EventType: "GENERAL", EventBroadcastType: "SINGLE" });
    await b.fire("any", "19990101");
    await b.call("TriggerDsEvent", { EventCaseList: [{ Name: "any" }] });
    const task = await b.listen("any");
    await b.wait(task, FROM);
    await b.done(task);
    assert.deepEqual(await b.states("any"), ["COMSUMED", "ACTIVE"]);
    await b.wait(task, "2026-01-06", "2026-01-07");
    const left = async () => (await Promise.all(["2026-01-06", "2026-01-07"].map((d) =>
      b.state(task, d)))).filter((s) => s === "WAIT_EVENT").length;
    assert.equal(await left(), 1);
    await b.fire("any");
    assert.equal(await left(), 0);
    assert.deepEqual(await b.states("any"), ["COMSUMED", "COMSUMED", "COMSUMED"]);
    const time = (await b.cases("any"))[1].Dimension;
    assert.match(time, /^\d{8}$/);
  };

tests["4.3 a batch fires a case for every step, and each serves its instance"] = async ({ api }) => {
  const b = await stage(api);
  await b.event("batch");
  const task = await b.listen("batch");
  await b.wait(task, "2026-01-05", "2026-01-08");
  const r = await b.call("TriggerDsEvent", { EventBatchCaseList: [{ Name: "batch",
    StartDimension: "20260105", EndDimension: "20260107", EventSubType: "DAY" }] });
  assert.deepEqual([r.TotalCount, r.SuccessCount, r.FailCount, r.FailMessageList], [3, 3, 0, []]);
  for (const date of ["2026-01-05", "2026-01-06", "2026-01-07"])
    await b.done(task, date);
  assert.equal(await b.state(task, "2026-01-08"), "WAIT_EVENT");
  assert.deepEqual((await b.cases("batch", { SortItem: "Dimension" })).map((c) => [c.Dimension,
    c.Status]), [["20260105", "CONSUMING"], ["20260106", "CONSUMING"], ["20260107", "CONSUMING"]]);
  const faulty = await b.call("TriggerDsEvent", { EventBatchCaseList: [
    { Name: "batch", StartDimension: "20260105", EndDimension: "2026", EventSubType: "DAY" },
    { Name: "batch", StartDimension: "20260105", EndDimension: "20260106", EventSubType: "HOUR" },
    { Name: "batch", StartDimension: "20260108", EndDimension: "20260108", EventSubType: "DAY" }],
  EventCaseList: [{ Name: "none", Dimension: "20260105" }] });
  assert.deepEqual([faulty.SuccessCount, faulty.FailCount], [1, 3]);
  await b.done(task, "2026-01-08");
};

tests["4.4 events come before upstreams; a backfill skips them by default"] = async ({ api }) => {
  const b = await stage(api);
  await b.event("gate");
  const up = await b.submitted();
  const task = await b.submitted({ scheduler: { EventListenerList: [b.listener("gate")],
    UpstreamDependencyConfigList: [{ TaskId: up, MainCyclicConfig: "DAY",
      SubordinateCyclicConfig: "CURRENT_DAY" }] } });
  await b.wait(task, FROM, FROM, { CheckParentType: "ALL" });
  assert.equal(await b.state(task), "WAIT_EVENT");
  await b.fire("gate");
  assert.equal(await b.state(task), "WAIT_UPSTREAM");
  await b.backfill(up, FROM);
  await b.done(task);
  await b.backfill(task, "2026-01-06");
  await b.done(task, "2026-01-06");
  assert.deepEqual((await b.cases("gate")).map((c) => c.Dimension), ["20260105"]);
};

tests["4.4 events of another project, by the property of the listener"] = async ({ api }) => {
  const b = await stage(api), far = await stage(api);
  await b.event("same");
  await far.event("same");
  const task = await b.submitted({ scheduler: { EventListenerList: [{ ...b.listener("same"),
    PropertiesList: [{ ParamKey: "EventProjectId", ParamValue: far.project }] }] } });
  await b.wait(task);
  await b.fire("same");
  assert.equal(await b.state(task), "WAIT_EVENT");
  await far.fire("same");
  await b.done(task);
  assert.deepEqual([await b.states("same"), await far.states("same")], [["ACTIVE"], ["CONSUMING"]]);
};

tests["4.4, 4.5 a case is consumed again by another round"] = async ({ api }) => {
  const b = await stage(api);
  await b.event("again");
  const task = await b.listen("again");
  await b.fire("again");
  await b.wait(task);
  await b.done(task);
  await b.wait(task);
  const [theCase] = await b.cases("again");
  const logs = async () => (await b.call("DescribeEventConsumeTasks",
    { EventCaseId: theCase.CaseId, PageNumber: 1, PageSize: 10 })).Items.map((i) => i.ConsumeLogId);
  assert.deepEqual(await logs(), [`${b.key(task)}_0`, `${b.key(task)}_1`]);
};

module.exports = { tests };
