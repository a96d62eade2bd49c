/* test/sdk/t_run.js - what really happens: waiting, running, retrying, order, slots, firing
 * (docs/reference/semantics.md 3.5, 3.6, 5.2-5.5), rounds, their phases and logs (5.10). */
"use strict";
const assert = require("node:assert/strict");
const { Api } = require("./client");
const { Bench, unique, sleep, until, logLines, texts, day, zoned } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const current = (task, more = {}) => ({ TaskId: task, MainCyclicConfig: "DAY",
  SubordinateCyclicConfig: "CURRENT_DAY", ...more });
const depends = (...tasks) => ({ UpstreamDependencyConfigList: tasks.map((t) => current(t)) });
const ALL = { CheckParentType: "ALL" };
const SPAN = "date +%s.%N; sleep 0.6; date +%s.%N\n"; // its log has the two ends of the run

async function span(b, key) {
  await b.reaches(key, "COMPLETED");
  const [from, to] = texts(await b.log(key)).map(Number);
  return { key, from, to };
}

const overlaps = (spans) => spans.some((a) => spans.some((o) => a !== o && a.from < o.to && o.from < a.to));

tests["waits for event and upstream, says so, then runs"] = async ({ api }) => {
  const b = await Bench.make(api);
  await b.call("RegisterDsEvent", { Name: "ev", EventSubType: "DAY", TimeToLive: "3", TimeUnit: "DAYS",
    Owner: "1", Description: "d" });
  const up = await b.submitted({ name: "upstream" });
  const task = await b.submitted({ code: "echo \"ran for $WEFT_DATA_TIME as $WEFT_INSTANCE_KEY\"\n",
    scheduler: { ...depends(up), EventListenerList: [{ EventName: "ev", EventSubType: "DAY",
      EventBroadcastType: "BROADCAST" }] } });
  await b.backfill(task, DAY, DAY, { ...ALL, SkipEventListening: false });
  let why = await b.explain(KEY(task));
  assert.equal(why.InstanceState, "WAIT_EVENT");
  const event = why.Conditions.find((c) => c.Kind === "EVENT");
  assert.deepEqual([event.EventName, event.EventProjectId], ["ev", b.project]);
  await b.call("TriggerDsEvent",
    { EventCaseList: [{ Name: "ev", Dimension: DAY.replaceAll("-", "") }] });
  await b.reaches(KEY(task), "WAIT_UPSTREAM");
  why = await b.explain(KEY(task));
  assert.equal(why.TotalCount, 1);
  const [c] = why.Conditions;
  assert.deepEqual([c.Kind, c.TaskId, c.TaskName, c.DataTime, c.UpstreamState],
    ["UPSTREAM", up, "upstream", day(DAY), null]);
  assert.ok(c.Message.includes(up), c.Message);
  await b.backfill(up, DAY);
  const done = await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual([done.Tries, done.TotalRunNum, done.TryLimit, done.CurRunDate, done.InstanceType,
    done.JobErrorMsg], [1, 1, 5, day(DAY), 0, null]);
  const upstream = await b.instance(KEY(up));
  assert.ok(done.StartTime >= upstream.EndTime, `${done.StartTime} after ${upstream.EndTime}`);
  assert.deepEqual((await b.log(KEY(task))).map((l) => [l.level, l.text]),
    [["INFO", `ran for ${day(DAY)} as ${KEY(task)}`]]);
  why = await b.explain(KEY(task));
  assert.deepEqual([why.InstanceState, why.Conditions], ["COMPLETED", []]);
  const [round] = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).Items;
  assert.deepEqual([round.LifeRoundNum, round.RunType, round.InstanceState, round.Tries],
    [0, "ADDITION", "COMPLETED", 1]);
  const phases = round.ExecutionPhaseList.map((p) => p.DetailState);
  assert.deepEqual(phases.filter((p, i) => p !== phases[i - 1]),
    ["WAIT_UPSTREAM", "WAIT_RUN", "RUNNING", "COMPLETE"]);
};

tests["the environment of an attempt"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ name: "env", code: "env | sort; pwd; ls -A | wc -l; id -u\n" });
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
  const lines = texts(await b.log(KEY(task)));
  const env = Object.fromEntries(lines.filter((l) => l.includes("=")).map((l) =>
    [l.slice(0, l.indexOf("=")), l.slice(l.indexOf("=") + 1)]));
  for (const [name, value] of [["WEFT_DATA_TIME", day(DAY)], ["WEFT_PLANNED_TIME", day(DAY)],
    ["WEFT_TASK_ID", task], ["WEFT_TASK_NAME", "env"], ["WEFT_PROJECT_ID", b.project],
    ["WEFT_INSTANCE_KEY", KEY(task)], ["WEFT_ROUND", "0"], ["WEFT_ATTEMPT", "1"], ["LANG", "C.UTF-8"],
    ["SHELL", "/bin/sh"]])
    assert.equal(env[name], value, name);
  assert.equal(env.HOME, env.WEFT_WORK);
  assert.ok(lines.includes(env.WEFT_WORK), "it runs in its own folder");
  const allowed = /^(WEFT_\w+|PATH|LANG|HOME|PWD|SHELL|SHLVL|_|OLDPWD)$/;
  assert.deepEqual(Object.keys(env).filter((n) => !allowed.test(n)), [], "nothing is inherited");
  assert.equal(env.WEFT_SECRET_KEY, undefined);
};

tests["a failing task: every attempt, then EXPIRED"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "echo attempt $WEFT_ATTEMPT; echo bad >&2; exit 3\n",
    scheduler: { RetryWaitMinute: 0, MaxRetryNumber: 2 } });
  await b.backfill(task, DAY);
  const i = await b.reaches(KEY(task), "EXPIRED");
  assert.deepEqual([i.Tries, i.TryLimit, i.TotalRunNum], [3, 3, 3]);
  assert.ok(i.JobErrorMsg && i.JobErrorMsg.includes("3"), i.JobErrorMsg);
  assert.deepEqual(texts(await b.log(KEY(task))).filter((t) => t.startsWith("attempt")),
    ["attempt 1", "attempt 2", "attempt 3"]);
  assert.deepEqual((await b.log(KEY(task), { LogLevel: "Error" })).filter((l) => l.text === "bad").length, 3);
  const [round] = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).Items;
  assert.equal(round.ExecutionPhaseList.filter((p) => p.DetailState === "RUNNING").length, 3);
  assert.equal(round.ExecutionPhaseList.filter((p) => p.DetailState === "FAILED").length, 2);
  assert.equal(round.ExecutionPhaseList.at(-1).DetailState, "EXPIRED");
};

tests["a retry that succeeds; one that waits says so"] = async ({ api }) => {
  const b = await Bench.make(api);
  const code = "test $WEFT_ATTEMPT -ge 3\n";
  const fast = await b.submitted({ code, scheduler: { RetryWait: "0" } });
  const slow = await b.submitted({ code, scheduler: { RetryWait: "10" } });
  await b.backfill([fast, slow], DAY);
  assert.equal((await b.reaches(KEY(fast), "COMPLETED")).Tries, 3);
  assert.equal((await b.reaches(KEY(slow), "FAILED_RETRY")).Tries, 1);
  const why = await b.explain(KEY(slow));
  assert.deepEqual(why.Conditions.map((c) => c.Kind), ["RETRY"]);
  const { Since, Until } = why.Conditions[0];
  assert.equal(Date.parse(`${Until.replace(" ", "T")}Z`) - Date.parse(`${Since.replace(" ", "T")}Z`), 600e3);
};

tests["a dry run"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted();
  const task = await b.submitted({ code: "exit 1\n", scheduler: { ScheduleRunType: "1", ...depends(up) } });
  await b.backfill(task, DAY, DAY, ALL);
  await b.reaches(KEY(task), "WAIT_UPSTREAM");
  await b.backfill(up, DAY);
  const i = await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual([i.Tries, i.TotalRunNum, i.StartTime === i.EndTime, i.StartTime !== null],
    [0, 0, true, true]);
  const [round] = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(task) })).Items;
  assert.equal(round.RunType, "ADDITION_SKIP_RUN");
};

tests["a Python task; sh"] = async ({ api }) => {
  const b = await Bench.make(api);
  const python = await b.submitted({ type: "30", config: { TaskExtConfigurationList:
    [{ ParamKey: "python_sub_version", ParamValue: "python3" }] },
  code: "import os, sys\nprint('python', sys.version_info[0], os.environ['WEFT_DATA_TIME'], '中')\n"
    + "print('oops', file=sys.stderr)\n" });
  const raises = await b.submitted({ type: "30", code: "raise SystemExit(4)\n",
    scheduler: { MaxRetryNumber: 0 } });
  const sh = await b.submitted({ config: { TaskExtConfigurationList: [{ ParamKey: "shell_type",
    ParamValue: "sh" }] }, code: "echo \"bash ${BASH_VERSION:-none}\"\n" });
  await b.backfill([python, raises, sh], DAY);
  await b.reaches(KEY(python), "COMPLETED");
  assert.deepEqual((await b.log(KEY(python))).map((l) => [l.level, l.text]).sort(),
    [["ERROR", "oops"], ["INFO", `python 3 ${day(DAY)} 中`]]);
  const failed = await b.reaches(KEY(raises), "EXPIRED");
  assert.deepEqual([failed.Tries, failed.TaskTypeId, failed.TaskType], [1, 30, "Python"]);
  await b.reaches(KEY(sh), "COMPLETED");
  assert.match(texts(await b.log(KEY(sh)))[0], /^bash (none|.*)$/);
};

tests["every second of a range, exactly once"] = async ({ api }) => {
  const b = await Bench.make(api);
  const start = Math.ceil(Date.now() / 1000) * 1000 + 2000, seconds = 9;
  const times = Array.from({ length: seconds }, (_, i) => zoned(start + i * 1000));
  const task = await b.submitted({ code: "echo $WEFT_PLANNED_TIME\n", scheduler: {
    CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *", SelfDepend: "parallel",
    StartTime: times[0], EndTime: times.at(-1) } });
  const list = async () => (await b.call("ListTaskInstances",
    { Keyword: task, PageSize: 100, SortColumn: "SCHEDULE_DATE", SortType: "ASC" })).Items;
  await until("all instances", 30, async () => {
    const items = await list();
    return items.length >= seconds && items.every((i) => i.InstanceState === "COMPLETED");
  });
  await sleep(1200);
  const items = await list();
  assert.deepEqual(items.map((i) => i.InstanceKey), times.map((t) => `${task}_${t}`));
  for (const i of items) {
    assert.deepEqual([i.SchedulerTime, i.CurRunDate, i.InstanceType, i.Tries, i.CycleType],
      [i.CurRunDate, i.CurRunDate, 1, 1, "CRONTAB_CYCLE"]);
    const late = Date.parse(`${i.StartTime.replace(" ", "T")}Z`)
      - Date.parse(`${i.SchedulerTime.replace(" ", "T")}Z`);
    assert.ok(late >= 0 && late <= 5000, `${i.InstanceKey} began ${late} ms after its time`);
  }
  assert.deepEqual(texts(await b.log(items[4].InstanceKey)), [times[4]]);
  const [round] = (await b.call("ListTaskInstanceExecutions", { InstanceKey: items[0].InstanceKey })).Items;
  assert.equal(round.RunType, "PERIODIC");
  await until("INVALID once the range is over", 5, async () =>
    (await b.call("GetTask", { TaskId: task })).TaskBaseAttribute.Status === "INVALID");
};

tests["T_PLUS_1: the data time of the firing before"] = async ({ api }) => {
  const b = await Bench.make(api);
  const start = Math.ceil(Date.now() / 2000) * 2000 + 2000;
  const task = await b.submitted({ scheduler: { CycleType: "CRONTAB_CYCLE", InitStrategy: "T_PLUS_1",
    CrontabExpression: "0/2 * * * * ? *", StartTime: zoned(start), EndTime: zoned(start + 2000) } });
  for (const at of [start, start + 2000]) {
    const i = await b.reaches(`${task}_${zoned(at - 2000)}`, "COMPLETED");
    assert.equal(i.SchedulerTime, zoned(at));
  }
};

tests["a one-off task fires at its moment, once"] = async ({ api }) => {
  const b = await Bench.make(api);
  const at = zoned(Math.ceil(Date.now() / 1000) * 1000 + 2000);
  const task = await b.submitted({ scheduler: { CycleType: "ONEOFF_CYCLE", StartTime: at } });
  await b.reaches(`${task}_${at}`, "COMPLETED");
  await until("INVALID", 5, async () =>
    (await b.call("GetTask", { TaskId: task })).TaskBaseAttribute.Status === "INVALID");
  assert.equal((await b.call("ListTaskInstances", { Keyword: task })).TotalCount, 1);
};

tests["a disabled project fires nothing"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { CycleType: "CRONTAB_CYCLE",
    CrontabExpression: "* * * * * ? *", SelfDepend: "parallel" } });
  const count = async () => (await b.call("ListTaskInstances", { Keyword: task })).TotalCount;
  await until("a firing", 5, count);
  await b.call("DisableProject");
  const before = await count();
  await sleep(2500);
  assert.equal(await count(), before);
  await b.call("EnableProject");
  await until("another firing", 5, async () => await count() > before);
  await b.call("DeleteTask", { TaskId: task });
};

for (const [self, together] of [["serial", false], ["orderly", false], ["parallel", true]])
  tests[`SelfDepend ${self}`] = async ({ api }) => {
    const b = await Bench.make(api);
    const task = await b.submitted({ code: SPAN, scheduler: { SelfDepend: self } });
    await b.backfill(task, "2026-02-01", "2026-02-04");
    const spans = await Promise.all([1, 2, 3, 4].map((d) => span(b, KEY(task, `2026-02-0${d}`))));
    assert.equal(overlaps(spans), together, JSON.stringify(spans));
    if (self === "orderly")
      assert.deepEqual([...spans].sort((x, y) => x.from - y.from).map((s) => s.key),
        spans.map((s) => s.key));
  };

tests["orderly: a failure holds those behind it"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "test \"$WEFT_DATA_TIME\" != '2026-02-01 00:00:00'\n",
    scheduler: { SelfDepend: "orderly", MaxRetryNumber: 0 } });
  await b.backfill(task, "2026-02-01", "2026-02-03");
  await b.reaches(KEY(task, "2026-02-01"), "EXPIRED");
  for (const date of ["2026-02-02", "2026-02-03"]) {
    assert.equal((await b.instance(KEY(task, date))).InstanceState, "WAIT_UPSTREAM");
    const why = await b.explain(KEY(task, date));
    assert.deepEqual(why.Conditions.map((c) => c.Kind), ["ORDER"]);
  }
};

tests["one slot: priority decides, one at a time"] = async ({ api }) => {
  const b = await Bench.make(api);
  const config = { ResourceGroup: await b.group(1) };
  const first = await b.submitted({ code: "sleep 600\n", config }); // it has the slot until it is killed
  const tasks = [];
  for (const RunPriorityType of [6, 5, 4])
    tasks.push(await b.submitted({ code: SPAN, config, scheduler: { RunPriorityType } }));
  await b.backfill(first, DAY);
  await b.reaches(KEY(first), "RUNNING");
  for (const t of tasks)
    await b.backfill(t, DAY);
  const waiting = await b.instance(KEY(tasks[0]));
  assert.equal(waiting.InstanceState, "WAIT_RUN");
  const [slot] = (await b.explain(KEY(tasks[0]))).Conditions;
  assert.deepEqual([slot.Kind, slot.ResourceGroupId, slot.Ahead], ["SLOT", config.ResourceGroup, 2]);
  for (const t of tasks)
    assert.equal((await b.instance(KEY(t))).InstanceState, "WAIT_RUN");
  await b.call("KillTaskInstancesAsync", { InstanceKeyList: [KEY(first)] });
  const spans = await Promise.all(tasks.map((t) => span(b, KEY(t))));
  assert.equal(overlaps(spans), false);
  assert.deepEqual([...spans].sort((x, y) => x.from - y.from).map((s) => s.key),
    [...tasks].reverse().map((t) => KEY(t)));
};

tests["a log while it is written: every line once, by cursor"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({
    code: "for i in $(seq 8); do echo line $i; sleep 0.8; done; echo WARN careful; echo end >&2\n" });
  await b.backfill(task, DAY);
  await until("a log", 10, () => b.call("GetTaskInstanceLog", { InstanceKey: KEY(task) })
    .then((d) => d.LogInfo.length > 0, () => false));
  let text = "", cursor, partial = 0;
  for (;;) {
    const d = await b.call("GetTaskInstanceLog",
      { InstanceKey: KEY(task), ...(cursor ? { NextCursor: cursor } : {}) });
    text += d.LogInfo;
    assert.ok(d.CodeContent.startsWith("for i in"));
    cursor = d.NextCursor;
    if (cursor === null)
      break;
    partial++;
    await sleep(100);
  }
  assert.ok(partial >= 5, `${partial} pages while it ran`);
  const lines = logLines(text);
  const own = texts(lines).filter((t) => t.startsWith("weft: "));
  assert.equal(own.length, 2);
  assert.ok(own[0].includes(KEY(task)) && own[0].includes("attempt 1"), own[0]);
  assert.ok(own[1].includes("exit code 0"), own[1]);
  assert.deepEqual(texts(lines).slice(1, -1), [...Array.from({ length: 8 }, (_, i) => `line ${i + 1}`),
    "WARN careful", "end"]);
  const level = async (LogLevel) => texts(await b.log(KEY(task), { LogLevel }));
  assert.deepEqual(await level("Error"), ["end"]);
  assert.deepEqual(await level("Warn"), ["WARN careful"]);
  assert.equal((await level("Info")).length, 8);
  assert.equal((await level("All")).length, 10);
  assert.deepEqual(await level("Debug"), []);
  const bad = "InvalidParameterValue";
  await b.fails(bad, "LogLevel", "GetTaskInstanceLog", { InstanceKey: KEY(task), LogLevel: "Loud" });
  for (const NextCursor of ["x", "1", "0.0", "1.-1", ".1", "1.9223372036854775807"])
    await b.fails(bad, "NextCursor", "GetTaskInstanceLog", { InstanceKey: KEY(task), NextCursor });
  const beyond = await b.call("GetTaskInstanceLog", { InstanceKey: KEY(task), NextCursor: "1.99999999" });
  assert.deepEqual([beyond.LogInfo, beyond.NextCursor], ["", null]);
  await b.fails("ResourceNotFound", "LifeRoundNum", "GetTaskInstanceLog",
    { InstanceKey: KEY(task), LifeRoundNum: 3 });
};

tests["a large log comes in pages"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "seq -f 'number %.0f of a line that is not so short' 60000\n" });
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
  const first = await b.call("GetTaskInstanceLog", { InstanceKey: KEY(task) });
  assert.ok(first.NextCursor !== null, "one page does not hold it");
  const lines = await b.log(KEY(task));
  assert.equal(lines.length, 60000);
  lines.forEach((l, i) => assert.equal(l.text, `number ${i + 1} of a line that is not so short`));
};

tests["a log keeps odd bytes, long lines and a last line without an end"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "printf 'a\\tb \\033[31mred \\\\ \"q\"\\r\\n'; echo 中文😀\n"
    + "head -c 150000 /dev/zero | tr '\\0' x; echo; echo FATAL lost; printf 'no end'\n" });
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
  const lines = await b.log(KEY(task));
  assert.deepEqual(lines.slice(0, 2).map((l) => l.text.replace(/\r$/, "")),
    ["a\tb \u001b[31mred \\ \"q\"", "中文😀"]);
  assert.deepEqual(lines.slice(-2).map((l) => [l.level, l.text]), [["FATAL", "FATAL lost"], ["INFO", "no end"]]);
  assert.equal(texts(lines.slice(2, -2)).join(""), "x".repeat(150000));
  assert.deepEqual(texts(await b.log(KEY(task), { LogLevel: "Error" })), ["FATAL lost"]);
};

tests["a process left behind does not outlive its attempt; a signal is a failure"] = async ({ api }) => {
  const b = await Bench.make(api);
  const left = await b.submitted({ code: "setsid sleep 600 & echo $!\n" });
  const shot = await b.submitted({ code: "kill -9 $$\n", scheduler: { MaxRetryNumber: 0 } });
  await b.backfill([left, shot], DAY);
  await b.reaches(KEY(left), "COMPLETED");
  const [pid] = texts(await b.log(KEY(left))).map(Number);
  await until(`the end of process ${pid}`, 10, () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch (e) {
      return e.code === "ESRCH";
    }
  });
  const i = await b.reaches(KEY(shot), "EXPIRED");
  assert.ok(i.JobErrorMsg.includes("signal 9"), i.JobErrorMsg);
};

tests["ExecutionTTL and WaitExecutionTotalTTL do not disturb what ends in time"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ scheduler: { ExecutionTTL: "1", WaitExecutionTotalTTLMinute: 1 } });
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "COMPLETED");
};

tests["upstream EXECUTING: NOT_EXIST and PARENT_EXPIRED pass, WAITING waits"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "exit 1\n", scheduler: { MaxRetryNumber: 0 } });
  const down = (DependencyStrategy) => b.submitted({ scheduler: {
    UpstreamDependencyConfigList: [current(up, { DependencyStrategy })] } });
  const waiting = await down({ PollingNullStrategy: "WAITING" });
  const expired = await down({ PollingNullStrategy: "EXECUTING",
    TaskDependencyExecutingStrategies: ["PARENT_EXPIRED"] });
  await b.backfill([waiting, expired], DAY, DAY, ALL);
  for (const t of [waiting, expired])
    await b.reaches(KEY(t), "WAIT_UPSTREAM");
  await b.backfill(up, DAY);
  await b.reaches(KEY(expired), "COMPLETED");
  assert.equal((await b.instance(KEY(waiting))).InstanceState, "WAIT_UPSTREAM");
  assert.equal((await b.explain(KEY(waiting))).Conditions[0].UpstreamState, "EXPIRED");
};

tests["submitting again: what waits takes the new code and dependencies"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted();
  const task = await b.submitted({ code: "echo old\n", scheduler: depends(up) });
  await b.backfill(task, DAY, DAY, ALL);
  await b.reaches(KEY(task), "WAIT_UPSTREAM");
  await b.call("UpdateTaskPartially", { TaskId: task, NewSetting: {
    TaskConfiguration: { CodeContent: Buffer.from("echo new\n").toString("base64") } },
  FieldToRemoveList: [`TaskSchedulerConfiguration/UpstreamDependencyConfigList:${up}`] });
  assert.equal((await b.instance(KEY(task))).InstanceState, "WAIT_UPSTREAM", "a draft changes nothing");
  await b.submit(task);
  await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual(texts(await b.log(KEY(task))), ["new"]);
};

tests["DeleteTask: what waits for it fails, or goes on; what runs is ended"] = async ({ api }) => {
  const b = await Bench.make(api);
  for (const gentle of [false, true]) {
    const up = await b.submitted({ code: "sleep 30\n" });
    const down = await b.submitted({ scheduler: depends(up) });
    await b.backfill([up, down], DAY, DAY, ALL);
    await b.reaches(KEY(up), "RUNNING");
    await b.reaches(KEY(down), "WAIT_UPSTREAM");
    await b.call("DeleteTask", { TaskId: up, ...(gentle ? { DeleteMode: true } : {}) });
    const i = await b.reaches(KEY(down), ["COMPLETED", "EXPIRED"]);
    assert.equal(i.InstanceState, gentle ? "COMPLETED" : "EXPIRED");
    if (!gentle)
      assert.deepEqual([i.Tries, i.StartTime, i.EndTime !== null, i.JobErrorMsg !== null],
        [0, null, true, true]);
    assert.equal((await b.reaches(KEY(up), "EXPIRED")).Tries, 1);
  }
};

tests["a server that ends and starts again: nothing missed, nothing twice"] = async (w) => {
  const server = await w.serve("--rate-limit", "0");
  let b = await Bench.make(new Api(server.endpoint));
  const start = Math.ceil(Date.now() / 1000) * 1000 + 1000, seconds = 9;
  const times = Array.from({ length: seconds }, (_, i) => zoned(start + i * 1000));
  const task = await b.submitted({ code: "echo $WEFT_FENCE\n", scheduler: { SelfDepend: "parallel",
    CycleType: "CRONTAB_CYCLE", CrontabExpression: "* * * * * ? *", StartTime: times[0],
    EndTime: times.at(-1) } });
  const long = await b.submitted({ code: SPAN.replace("0.6", "5") });
  await b.backfill(long, DAY);
  await b.reaches(KEY(long), "RUNNING");
  await b.reaches(`${task}_${times[1]}`, "COMPLETED");
  await server.end();
  await sleep(2500);
  await server.start();
  b = Object.assign(new Bench(), b, { api: new Api(server.endpoint) });
  for (const t of times)
    assert.equal((await b.reaches(`${task}_${t}`, "COMPLETED")).TotalRunNum, 1);
  assert.equal((await b.call("ListTaskInstances", { Keyword: task })).TotalCount, seconds);
  assert.equal((await b.reaches(KEY(long), "COMPLETED")).Tries, 1, "its attempt went on");
  const { from, to } = await span(b, KEY(long));
  assert.ok(to - from >= 5);
};

module.exports = { tests, together: true };
