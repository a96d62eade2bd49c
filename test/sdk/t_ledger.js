/* test/sdk/t_ledger.js - the ledger of firings, and what the next ones would wait for. */
"use strict";
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { SECRET_ID, SECRET_KEY } = require("./server");
const { Bench, unique, sleep, until, day, zoned } = require("./help");

const tests = {};
const OUTCOMES = ["ON_TIME", "LATE", "MADE_UP", "MISSED", "MISSING", "FUTURE", "PURGED", "NOT_LIVE"];
const every = (seconds) => ({ CycleType: "CRONTAB_CYCLE", SelfDepend: "parallel", ScheduleRunType: "1",
  CrontabExpression: `0/${seconds} * * * * ? *` });
const hourly = { CycleType: "HOUR_CYCLE", CrontabExpression: "0 0 0-23 * * ? *", SelfDepend: "parallel" };
const depends = (TaskId, pair, more = {}) => {
  const [MainCyclicConfig, SubordinateCyclicConfig = ""] = pair.split("/");
  return { TaskId, MainCyclicConfig, SubordinateCyclicConfig, ...more };
};
const after = (...list) => ({ UpstreamDependencyConfigList: list });

const ledger = (b, TaskId, From, To, more = {}) =>
  b.call("ListTaskFirings", { TaskId, From, To, PageSize: 200, ...more });
const counts = (d) => Object.fromEntries(d.Counts.filter((c) => c.Count > 0)
  .map((c) => [c.Outcome, c.Count]));
const instances = async (b, task) => (await b.call("ListTaskInstances",
  { Keyword: task, PageSize: 100, SortColumn: "SCHEDULE_DATE", SortType: "ASC" })).Items;

tests["2.7 ledger: each firing once, as it came out"] = async ({ api }) => {
  const b = await Bench.make(api);
  const began = Math.floor(Date.now() / 1000) * 1000;
  const task = await b.submitted({ scheduler: every(1) });
  await until("three instances", 20, async () => (await instances(b, task)).length >= 3);
  const from = zoned(began - 5000), to = zoned(Date.now() + 3600e3);
  const d = await ledger(b, task, from, to);
  assert.deepEqual(d.Counts.map((c) => c.Outcome), OUTCOMES);
  assert.equal(d.Counts.reduce((sum, c) => sum + c.Count, 0), d.TotalCount);
  assert.ok(d.TotalCount > 3600 && d.TotalPageNumber === Math.ceil(d.TotalCount / 200));
  assert.equal(d.ScheduleTimeZone, "UTC+8");
  assert.ok(d.LiveFrom >= zoned(began) && d.HighWater >= d.LiveFrom);
  const seen = counts(d);
  assert.deepEqual(Object.keys(seen), ["ON_TIME", "FUTURE", "NOT_LIVE"]);
  assert.ok(seen.ON_TIME >= 3 && seen.NOT_LIVE >= 5, JSON.stringify(seen));
  assert.deepEqual(d.Items.map((i) => i.SchedulerTime),
    d.Items.map((_, n) => zoned(began - 5000 + n * 1000)));
  for (const i of d.Items) {
    assert.deepEqual([i.CurRunDate, i.VersionNo, i.LateSeconds], [i.SchedulerTime, "V2", null]);
    const live = i.SchedulerTime > d.LiveFrom, has = i.Outcome === "ON_TIME";
    assert.deepEqual([i.Outcome === "NOT_LIVE", i.InstanceKey !== null, i.InstanceState !== null],
      [!live, has, has], JSON.stringify(i));
    if (has)
      assert.equal(i.InstanceKey, `${task}_${i.CurRunDate}`);
    if (!live)
      assert.match(i.Reason, /before the task began to schedule/);
  }
  const page = await ledger(b, task, from, to, { PageSize: 7, PageNumber: 2 });
  assert.deepEqual(page.Items.map((i) => i.SchedulerTime),
    d.Items.slice(7, 14).map((i) => i.SchedulerTime));
  assert.deepEqual((await ledger(b, task, from, to, { PageNumber: 1000 })).Items, []);
  await b.call("DeleteTask", { TaskId: task });
};

tests["2.7 ledger: a data time that a backfill made, before and after its firing"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { ScheduleRunType: "1" } });
  await b.backfill(task, "2025-03-02", "2025-03-03");
  await b.reaches(`${task}_2025-03-03 00:00:00`, "COMPLETED");
  await b.backfill(task, "2097-05-02");
  const of = async (from, to) => (await ledger(b, task, day(from), day(to))).Items
    .map((i) => [i.CurRunDate.slice(0, 10), i.Outcome]);
  assert.deepEqual(await of("2025-03-01", "2025-03-04"), [["2025-03-01", "NOT_LIVE"],
    ["2025-03-02", "MADE_UP"], ["2025-03-03", "MADE_UP"], ["2025-03-04", "NOT_LIVE"]]);
  assert.deepEqual(await of("2097-05-01", "2097-05-02"),
    [["2097-05-01", "FUTURE"], ["2097-05-02", "MADE_UP"]]);
  assert.deepEqual(await of("2024-12-30", "2025-01-01"), [["2025-01-01", "NOT_LIVE"]],
    "nothing is expected before StartTime");
};

tests["2.3 ledger: a one-off whose moment was past is late"] = async ({ api }) => {
  const b = await Bench.make(api);
  const at = "2025-06-01 12:00:00";
  const task = await b.submitted({ scheduler: { CycleType: "ONEOFF_CYCLE", StartTime: at } });
  await b.reaches(`${task}_${at}`, "COMPLETED");
  const d = await ledger(b, task, "2025-01-01 00:00:00", "2026-01-01 00:00:00");
  assert.deepEqual(counts(d), { LATE: 1 });
  const [i] = d.Items;
  assert.deepEqual([i.SchedulerTime, i.At, i.InstanceState, i.Reason],
    [at, "2025-06-01 04:00:00", "COMPLETED", null]);
  const late = Date.now() / 1000 - Date.parse("2025-06-01T04:00:00Z") / 1000;
  assert.ok(i.LateSeconds <= late && i.LateSeconds > late - 120, `${i.LateSeconds} of ${late}`);
};

tests["2.3 ledger: missed, with the reason that was recorded"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: every(1) });
  const daily = await b.submitted({ scheduler: { ScheduleRunType: "1", StartTime: zoned(Date.now()),
    CrontabExpression: "* * * * * ? *" } });
  await until("an instance of each", 20, async () =>
    (await instances(b, task)).length > 0 && (await instances(b, daily)).length > 0);
  await b.call("DisableProject");
  const from = zoned(Date.now());
  await sleep(2500);
  await b.call("EnableProject");
  const d = await ledger(b, task, from, zoned(Date.now()));
  const missed = d.Items.filter((i) => i.Outcome === "MISSED");
  assert.ok(missed.length >= 2, JSON.stringify(counts(d)));
  for (const i of missed)
    assert.deepEqual([i.Reason, i.InstanceKey], ["the project was disabled", null]);
  let items, taken;
  await until("a firing whose data time was taken", 20, async () => {
    items = (await ledger(b, daily, zoned(Date.now() - 60e3), zoned(Date.now()))).Items;
    taken = items.filter((i) => i.Reason === "its data time had an instance already");
    return taken.length > 0;
  });
  assert.ok(taken.every((i) => i.Outcome === "MISSED"
    && i.InstanceKey === `${daily}_${i.CurRunDate}`), JSON.stringify(taken));
  // One of a day makes the instance; the test may run over midnight.
  assert.ok([1, 2].includes(items.filter((i) => i.Outcome === "ON_TIME").length));
  assert.deepEqual(items.filter((i) => i.Outcome === "MISSING"), []);
  for (const TaskId of [task, daily])
    await b.call("DeleteTask", { TaskId });
};

tests["1.5 ledger: each submitted version accounts for its own time"] = async ({ api }) => {
  const b = await Bench.make(api);
  const from = zoned(Date.now());
  const task = await b.submitted({ scheduler: every(1) });
  await until("instances of the first", 20, async () => (await instances(b, task)).length >= 2);
  await b.call("UpdateTaskPartially", { TaskId: task,
    NewSetting: { TaskSchedulerConfiguration: { CrontabExpression: every(2).CrontabExpression } } });
  await b.submit(task, "every second second");
  await sleep(3200);
  const { Items } = await ledger(b, task, from, zoned(Date.now()));
  const [first, second] = ["V2", "V4"].map((v) => Items.filter((i) => i.VersionNo === v));
  assert.equal(first.length + second.length, Items.length);
  assert.ok(first.at(-1).SchedulerTime < second[0].SchedulerTime);
  assert.ok(second.every((i) => Number(i.SchedulerTime.slice(-2)) % 2 === 0));
  for (const i of Items)
    assert.ok(["ON_TIME", "NOT_LIVE", "FUTURE"].includes(i.Outcome), JSON.stringify(i));
  assert.ok(first.filter((i) => i.Outcome === "ON_TIME").length >= 2);
  assert.ok(second.some((i) => i.Outcome === "ON_TIME"));
  assert.ok(second.every((i) => i.Outcome !== "NOT_LIVE"));
  await b.call("DeleteTask", { TaskId: task });
};

tests["2.7 ledger: faults"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  const task = await b.submitted({ scheduler: every(1) }), draft = await b.newTask();
  const ask = (o = {}) => ({ TaskId: task, From: day("2026-01-01"), To: day("2026-01-02"), ...o });
  const bad = "InvalidParameterValue", faulty = (...o) => b.fails(o[0], o[1], "ListTaskFirings", o[2]);
  await faulty("ResourceNotFound", "TaskId", ask({ TaskId: "20200101000000000" }));
  await faulty("ResourceNotFound", "TaskId", ask({ TaskId: "none" }));
  await faulty("ResourceNotFound", "TaskId", ask({ TaskId: await other.submitted() }));
  const never = await faulty("ResourceNotFound", "TaskId", ask({ TaskId: draft }));
  assert.match(never.message, /never submitted/);
  await api.fails("ResourceNotFound", "ProjectId", "ListTaskFirings", { ProjectId: "1", ...ask() });
  await faulty("MissingParameter", null, { TaskId: task, From: day("2026-01-01") });
  await faulty(bad, "From", ask({ From: "2026-01-01" }));
  await faulty(bad, "To", ask({ To: "2026-02-30 00:00:00" }));
  await faulty(bad, "To", ask({ To: "2025-12-31 23:59:59" }));
  await faulty(bad, "PageSize", ask({ PageSize: 201 }));
  await faulty(bad, "PageNumber", ask({ PageNumber: 0 }));
  const long = await faulty("LimitExceeded", "To", ask({ To: day("2026-01-03") }));
  assert.match(long.message, /more than 100000 firings; ask for a shorter one/);
  const whole = await ledger(b, task, day("2026-01-01"), "2026-01-01 23:59:59");
  assert.equal(whole.TotalCount, 86400);
  await b.call("DeleteTask", { TaskId: task });
};

/* ---- what the next firings would wait for -------------------------------------------------- */

const preview = (b, TaskId, more = {}) => b.call("PreviewTaskUpstreams",
  { TaskId, After: "2026-09-10 12:00:00", Count: 1, ...more });
const dates = (firing, task) => firing.Candidates.filter((c) => c.UpstreamTaskId === task)
  .map((c) => c.CurRunDate);

tests["3.4 preview: the candidates of a draft, and their instances"] = async ({ api }) => {
  const b = await Bench.make(api);
  const hour = await b.submitted({ name: "hours", scheduler: { ...hourly, ScheduleRunType: "1" } });
  const daily = await b.submitted({ name: "days", scheduler: { ScheduleRunType: "1" } });
  const task = await b.newTask({ scheduler: { CrontabExpression: "0 37 14 * * ? *",
    ...after(depends(hour, "DAY/PREVIOUS_DAY"), depends(daily, "LIST_DAY", { Offset: "-2,0" })) } });
  await b.backfill(daily, "2026-09-08");
  await b.reaches(`${daily}_2026-09-08 00:00:00`, "COMPLETED");
  const d = await preview(b, task, { Count: 2 });
  assert.deepEqual([d.VersionNo, d.ScheduleTimeZone, d.TotalCount, d.CountIsComplete],
    ["V1", "UTC+8", 52, true]);
  assert.deepEqual(d.Items.map((i) => [i.SchedulerTime, i.CurRunDate, i.At]), [
    ["2026-09-10 14:37:00", day("2026-09-10"), "2026-09-10 06:37:00"],
    ["2026-09-11 14:37:00", day("2026-09-11"), "2026-09-11 06:37:00"]]);
  const [first] = d.Items;
  assert.deepEqual(first.Dependencies.map((x) => [x.UpstreamTaskId, x.TaskName, x.MainCyclicConfig,
    x.SubordinateCyclicConfig, x.TotalCount, x.Message]),
  [[hour, "hours", "DAY", "PREVIOUS_DAY", 24, null], [daily, "days", "LIST_DAY", null, 2, null]]);
  assert.deepEqual(dates(first, hour),
    Array.from({ length: 24 }, (_, h) => `2026-09-09 ${String(h).padStart(2, "0")}:00:00`));
  assert.deepEqual(first.Candidates.slice(-2), [
    { UpstreamTaskId: daily, TaskName: "days", CurRunDate: day("2026-09-08"), OnSchedule: true,
      InstanceState: "COMPLETED" },
    { UpstreamTaskId: daily, TaskName: "days", CurRunDate: day("2026-09-10"), OnSchedule: true,
      InstanceState: null }]);
  assert.equal((await preview(b, task, { Count: undefined })).Items.length, 3);
  // What it says is what the scheduler then waits for.
  await b.submit(task);
  await b.backfill(task, "2026-09-10", "2026-09-10", { CheckParentType: "ALL" });
  const key = `${task}_2026-09-10 00:00:00`;
  await b.reaches(key, "WAIT_UPSTREAM");
  assert.deepEqual((await b.explain(key)).Conditions.map((c) => [c.TaskId, c.DataTime]).sort(),
    first.Candidates.filter((c) => c.InstanceState !== "COMPLETED")
      .map((c) => [c.UpstreamTaskId, c.CurRunDate]).sort());
  assert.equal((await preview(b, task)).VersionNo, "V2");
};

tests["3.2 preview: a single candidate off the upstream's schedule says so"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ scheduler: { ...hourly, ExecutionStartTime: "02:00",
    ExecutionEndTime: "22:59" } });
  const task = await b.newTask({ scheduler: { ...hourly, ...after(depends(up, "HOUR/CURRENT_HOUR")) } });
  const d = await preview(b, task, { After: "2026-01-09 00:30:00", Count: 2 });
  assert.deepEqual(d.Items.map((i) => i.Candidates.map((c) => [c.CurRunDate, c.OnSchedule])),
    [[["2026-01-09 01:00:00", false]], [["2026-01-09 02:00:00", true]]]);
};

tests["3.5 preview: nothing to wait for, an upstream that is a draft, one that is gone"] = async ({ api }) => {
  const b = await Bench.make(api);
  const late = await b.submitted({ scheduler: { StartTime: day("2097-01-01") } });
  const draft = await b.newTask({ name: "draft" }), gone = await b.submitted();
  const task = await b.newTask({ scheduler: after(depends(late, "DAY/CURRENT_DAY"),
    depends(draft, "DAY/CURRENT_DAY"), depends(gone, "DAY/CURRENT_DAY")) });
  await b.call("DeleteTask", { TaskId: gone });
  const [firing] = (await preview(b, task)).Items;
  const of = (id) => firing.Dependencies.find((x) => x.UpstreamTaskId === id);
  assert.equal(of(late).TotalCount, 0);
  assert.match(of(late).Message, /does not wait/);
  assert.equal(of(draft).TotalCount, 1);
  assert.match(of(draft).Message, /never submitted/);
  assert.deepEqual([of(gone).TotalCount, of(gone).TaskName], [0, null]);
  assert.match(of(gone).Message, /does not exist/);
  assert.deepEqual(firing.Candidates.map((c) => [c.UpstreamTaskId, c.CurRunDate]),
    [[draft, day("2026-09-11")]]);
  const alone = await b.newTask({ scheduler: { EndTime: day("2025-02-01") } });
  assert.deepEqual((await preview(b, alone)).Items, [], "it does not fire any more");
  // The upstream's cycle was changed, and the pair does not fit any more.
  await b.call("UpdateTaskPartially", { TaskId: draft, NewSetting: { TaskSchedulerConfiguration:
    { CycleType: "CRONTAB_CYCLE", CrontabExpression: "0 0 3 * * ? *" } } });
  const [changed] = (await preview(b, task)).Items;
  assert.match(changed.Dependencies[1].Message, /not allowed/);
};

tests["3.4 preview: more candidates than are shown, and than are counted"] = async ({ api }) => {
  const b = await Bench.make(api);
  const minutes = await b.submitted({ scheduler: { CycleType: "MINUTE_CYCLE", SelfDepend: "parallel",
    CrontabExpression: "0 0/5 * * * ? *", StartTime: day("2025-01-01") } });
  const yearly = (pair) => b.newTask({ scheduler: { CycleType: "YEAR_CYCLE",
    CrontabExpression: "0 0 1 31 12 ? *", ...after(depends(minutes, pair)) } });
  const task = await yearly("YEAR/CURRENT_YEAR");
  const one = await preview(b, task);
  assert.deepEqual([one.TotalCount, one.CountIsComplete, one.Items[0].Candidates.length],
    [365 * 288, true, 1000]);
  assert.equal(one.Items[0].Candidates[999].CurRunDate, "2026-01-04 11:15:00");
  const two = await preview(b, task, { Count: 3 });
  assert.deepEqual([two.TotalCount, two.CountIsComplete], [200000, false]);
  assert.deepEqual(two.Items.map((i) => i.Candidates.length), [1000, 0, 0]);
};

tests["3.4 preview: faults"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  const task = await b.newTask();
  const bad = "InvalidParameterValue";
  const faulty = (code, path, o) => b.fails(code, path, "PreviewTaskUpstreams", { TaskId: task, ...o });
  await faulty("ResourceNotFound", "TaskId", { TaskId: "20200101000000000" });
  await faulty("ResourceNotFound", "TaskId", { TaskId: await other.newTask() });
  await api.fails("ResourceNotFound", "ProjectId", "PreviewTaskUpstreams", { ProjectId: "1", TaskId: task });
  await faulty(bad, "Count", { Count: 0 });
  await faulty(bad, "Count", { Count: 21 });
  await faulty(bad, "After", { After: "tomorrow" });
  assert.equal((await b.call("PreviewTaskUpstreams", { TaskId: task, Count: 20 })).Items.length, 20);
};

/* ---- the command line ---------------------------------------------------------------------- */

const weft = ({ server }, ...words) => new Promise((done) => execFile(server.weft,
  [...words, "--endpoint", `http://${server.endpoint}`],
  { env: { ...process.env, WEFT_SECRET_ID: SECRET_ID, WEFT_SECRET_KEY: SECRET_KEY } },
  (error, out, err) => done({ status: error ? error.code : 0, out, err })));

tests["2.7 3.4 weft ledger and weft upstreams"] = async (world) => {
  const b = await Bench.make(world.api);
  const up = await b.submitted({ name: unique("up"), scheduler: { ScheduleRunType: "1" } });
  const task = await b.newTask({ scheduler: after(depends(up, "DAY/CURRENT_DAY")) });
  await b.backfill(up, "2025-03-02");
  await b.reaches(`${up}_2025-03-02 00:00:00`, "COMPLETED");
  const run = (...words) => weft(world, ...words, "--project", b.project);
  const period = ["--from", day("2025-03-01"), "--to", day("2025-03-02")];
  const table = await run("ledger", up, ...period);
  assert.equal(table.status, 0, table.err);
  const lines = table.out.trimEnd().split("\n");
  assert.match(lines[0], /^PLANNED +DATA TIME +OUTCOME +LATE \(S\) +STATE +REASON$/);
  assert.match(lines[2], /^2025-03-02 00:00:00 +2025-03-02 00:00:00 +MADE_UP +- +COMPLETED +-$/);
  assert.equal(lines[3], "2 of 2: 1 MADE_UP, 1 NOT_LIVE");
  assert.equal(JSON.parse((await run("ledger", up, ...period, "--json")).out).TotalCount, 2);
  assert.equal((await run("ledger", up, "--from", day("2025-03-01"))).status, 2);
  const refused = await run("ledger", task, ...period);
  assert.equal(refused.status, 1);
  assert.match(refused.err, /ResourceNotFound/);
  const waits = await run("upstreams", task, "--after", "2025-03-01 12:00:00", "--count", "1");
  assert.equal(waits.status, 0, waits.err);
  assert.match(waits.out, /^data time 2025-03-02 00:00:00, planned 2025-03-02 00:00:00\nUPSTREAM /);
  assert.match(waits.out, new RegExp(`\n${up} +up\\w+ +2025-03-02 00:00:00 +true +COMPLETED\n`));
  assert.match(waits.out, /\n1 of 1\n$/);
  assert.equal(JSON.parse((await run("upstreams", task, "--json")).out).Items.length, 3);
};

module.exports = { tests, together: true };
