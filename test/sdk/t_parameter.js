/* test/sdk/t_parameter.js - parameters in code, their levels, outputs and inputs, the event hook
 * (docs/reference/semantics.md 4.3, 6). */
"use strict";
const assert = require("node:assert/strict");
const { Bench, unique, texts } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const current = (task) => ({ TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" });
const params = (o) => Object.entries(o).map(([ParamKey, ParamValue]) => ({ ParamKey, ParamValue }));
const input = (key, from, fromKey) => ({ ParamKey: key, ParamDesc: `p.t.${fromKey}`, FromTaskId: from,
  FromParamKey: fromKey, Type: "TASK" });
const ALL = { CheckParentType: "ALL" };

async function run(b, task, more = {}) {
  await b.backfill(task, DAY, DAY, more);
  await b.reaches(KEY(task), "COMPLETED");
  return texts(await b.log(KEY(task)));
}

const codeOf = async (b, key, more = {}) =>
  (await b.call("GetTaskInstanceLog", { InstanceKey: key, ...more })).CodeContent;

tests["time parameters, and what only looks like one (6.1)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const code = "echo '${yyyyMMdd} ${yyyy-MM-dd-1d} ${yyyyMMdd+ME} $(yyyyMMdd HH:mm) ${timestamp}'\n" +
    "v=x; echo \"${v} $(echo shell) ${UTC+0_yyyyMMddHH} ${unknown:-none}\"\n";
  const task = await b.submitted({ code, scheduler: { CrontabExpression: "0 30 2 * * ? *" } });
  const want = ["20260110 2026-01-09 20260131 20260110 02:30 1767983400",
    "x shell 2026010916 none"];
  assert.deepEqual(await run(b, task), want);
  assert.equal(await codeOf(b, KEY(task)),
    "echo '20260110 2026-01-09 20260131 20260110 02:30 1767983400'\n" +
    "v=x; echo \"${v} $(echo shell) 2026010916 ${unknown:-none}\"\n");
  const ops = await b.call("GetOpsTaskCode", { TaskId: task });
  assert.equal(ops.CodeContent, code); // the task's own code stays as it was written
};

tests["levels: plan before input before task before workflow (6.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  b.workflow = await b.newWorkflow({ WorkflowParams: params({ a: "workflow a", b: "workflow b",
    c: "workflow ${yyyyMMdd}", d: "workflow d" }) });
  const up = await b.submitted({ code: "echo from upstream, ${d}\n",
    scheduler: { ParamTaskOutList: params({ out: "$[0][0]" }) } });
  const task = await b.submitted({ code: "echo '${a}|${b}|${c}|${d}'\n",
    config: { TaskSchedulingParameterList: params({ a: "task a", b: "task ${yyyy-MM-dd}", d: "task d" }) },
    scheduler: { UpstreamDependencyConfigList: [current(up)], ParamTaskInList: [input("d", up, "out")] } });
  await run(b, up);
  assert.deepEqual(await run(b, task, ALL), [`task a|task ${DAY}|workflow 20260110|from upstream`]);
  assert.deepEqual(await run(b, task, { RedefineParamList: [{ K: "a", V: "plan ${yyyyMM}" },
    { K: "d", V: "plan d" }] }), [`plan 202601|task ${DAY}|workflow 20260110|plan d`]);
  // Each round keeps its own code.
  assert.equal(await codeOf(b, KEY(task)), `echo 'plan 202601|task ${DAY}|workflow 20260110|plan d'\n`);
  assert.equal(await codeOf(b, KEY(task), { LifeRoundNum: 0 }),
    `echo 'task a|task ${DAY}|workflow 20260110|from upstream'\n`);
  await b.fails("InvalidParameterValue", "RedefineParamList.0.K", "CreateDataBackfillPlan", { TaskIds: [task],
    DataBackfillRangeList: [{ StartDate: DAY, EndDate: DAY }], RedefineParamList: [{ K: "", V: "x" }] });
};

tests["outputs of Shell and Python go downstream (6.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const shell = await b.submitted({ name: "shell", code: "echo 1,2,3; echo; echo to stderr >&2; echo 4,5,6\n",
    scheduler: { ParamTaskOutList: params({ first: "$[0]", cell: "$[1][2]", row: "$[0][*]", column: "$[*][1]",
      all: "$[*][*]", last: "$[-1][0]", none: "$[9][0]", fixed: "const ${yyyyMMdd}" }) } });
  const python = await b.submitted({ name: "python", type: "30", code: "print('安', \"o'clock\", sep=',')\n",
    scheduler: { ParamTaskOutList: params({ text: "$[0][*]" }) } });
  const names = ["first", "cell", "row", "column", "all", "last", "none", "fixed"];
  const task = await b.submitted({
    code: `cat <<'EOF'\n${names.map((n) => `${n}=\${${n}}`).join("\n")}\npy=\${py}\nEOF\n`,
    scheduler: { UpstreamDependencyConfigList: [current(shell), current(python)],
      ParamTaskInList: [...names.map((n) => input(n, shell, n)), input("py", python, "text")] } });
  await run(b, shell);
  await run(b, python);
  assert.deepEqual(await run(b, task, ALL), ["first=1", "cell=6", "row=1,2,3", "column=2,5", "all=1,2,3", "4,5,6",
    "last=4", "none=", "fixed=const 20260110", "py=安,o'clock"]);
};

tests["an input takes the newest completed of the selected instances (6.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "[ ${yyyyMMdd} != 20260109 ] && echo ${yyyyMMdd}\n",
    scheduler: { ParamTaskOutList: params({ d: "$[0]" }), MaxRetryAttempts: "0" } });
  const task = await b.submitted({ code: "echo got ${d}\n", scheduler: {
    UpstreamDependencyConfigList: [{ TaskId: up, MainCyclicConfig: "RANGE_DAY", Offset: "-3,-1" }],
    ParamTaskInList: [input("d", up, "d")], MaxRetryAttempts: "0" } });
  await b.backfill(up, "2026-01-07", "2026-01-10");
  await b.reaches(KEY(up, "2026-01-10"), "COMPLETED");
  await b.reaches(KEY(up, "2026-01-08"), "COMPLETED");
  await b.reaches(KEY(up, "2026-01-09"), "EXPIRED");
  assert.deepEqual(await run(b, task), ["got 20260108"]);
};

tests["an input without a value stops the attempt, and says so (6.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ scheduler: { ParamTaskOutList: params({ out: "$[0]" }) } });
  const task = await b.submitted({ code: "echo ran ${x}\n", scheduler: { MaxRetryAttempts: "0",
    UpstreamDependencyConfigList: [current(up)], ParamTaskInList: [input("x", up, "out")] } });
  await b.backfill(task, DAY); // checks no parent, and the parent never ran
  const done = await b.reaches(KEY(task), "EXPIRED");
  assert.match(done.JobErrorMsg, /could not start: input parameter `x` has no value: no completed instance/);
  assert.deepEqual(await b.log(KEY(task)), []);
  // What a task names must be there when it is submitted.
  const wrong = await b.newTask({ scheduler: { UpstreamDependencyConfigList: [current(up)],
    ParamTaskInList: [input("x", up, "other")] } });
  await b.fails("FailedOperation", "TaskSchedulerConfiguration.ParamTaskInList.0.FromParamKey", "SubmitTask",
    { TaskId: wrong, VersionRemark: "r" });
  await b.fails("InvalidParameterValue", "TaskSchedulerConfiguration.ParamTaskInList.0.FromTaskId", "CreateTask",
    b.taskParams({ scheduler: { ParamTaskInList: [input("x", up, "out")] } }));
  await b.fails("InvalidParameterValue", "TaskSchedulerConfiguration.ParamTaskOutList.0.ParamValue", "CreateTask",
    b.taskParams({ scheduler: { ParamTaskOutList: params({ o: "$[x]" }) } }));
};

tests["a dry run puts out constants, and variables that are empty (6.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "echo never\n", scheduler: { RunPriority: "6", ScheduleRunType: "1",
    ParamTaskOutList: params({ v: "$[0]", c: "fixed" }) } });
  const task = await b.submitted({ code: "echo '[${v}][${c}]'\n", scheduler: {
    UpstreamDependencyConfigList: [current(up)], ParamTaskInList: [input("v", up, "v"), input("c", up, "c")] } });
  await b.backfill(up, DAY);
  await b.reaches(KEY(up), "COMPLETED");
  assert.deepEqual(await run(b, task, ALL), ["[][fixed]"]);
};

tests["an output that is too long is a failure, and says so (6.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ code: "head -c 70000 /dev/zero | tr '\\0' x\n",
    scheduler: { MaxRetryAttempts: "0", ParamTaskOutList: params({ o: "$[0]" }) } });
  await b.backfill(task, DAY);
  const done = await b.reaches(KEY(task), "EXPIRED");
  assert.match(done.JobErrorMsg, /output parameter `o` is longer than 64 KB/);
};

tests["a retry looks its parameters up again; the log shows what ran (6.2)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const workflow = await b.newWorkflow({ WorkflowParams: params({ status: "1" }) });
  b.workflow = workflow;
  const task = await b.submitted({ code: "sleep 3; exit ${status}\n",
    scheduler: { RetryWait: "0", MaxRetryAttempts: "3" } });
  await b.backfill(task, DAY);
  await b.reaches(KEY(task), "RUNNING");
  await b.call("UpdateWorkflow", { WorkflowId: workflow, WorkflowParams: params({ status: "0" }) });
  const done = await b.reaches(KEY(task), "COMPLETED");
  assert.equal(done.Tries, 2);
  assert.equal(await codeOf(b, KEY(task)), "sleep 3; exit 0\n");
};

tests["the event hook of a Shell task fires events (4.3)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const names = [unique("ev"), unique("ev")];
  for (const Name of names)
    await b.call("RegisterDsEvent", { Name, EventSubType: "DAY", TimeToLive: "3", TimeUnit: "DAYS", Owner: "1",
      Description: "d" });
  const code = `echo ev="${names[0]},\${yyyyMMdd};${names[1]},20260111;nobody,20260110;"\n`;
  const hook = { TaskExtConfigurationList: params({ event_hook: "ev" }) };
  const listener = await b.submitted({ code: "echo heard\n", scheduler: { EventListenerList: [
    { EventName: names[0], EventSubType: "DAY", EventBroadcastType: "BROADCAST" }] } });
  await b.backfill(listener, DAY, DAY, { SkipEventListening: false });
  await b.reaches(KEY(listener), "WAIT_EVENT");
  const quiet = await b.submitted({ code }); // printed, but the hook is off
  await run(b, quiet);
  const failing = await b.submitted({ code: `${code}exit 1\n`, config: hook, scheduler: { MaxRetryAttempts: "0" } });
  await b.backfill(failing, DAY);
  await b.reaches(KEY(failing), "EXPIRED");
  assert.equal((await b.instance(KEY(listener))).InstanceState, "WAIT_EVENT");
  const task = await b.submitted({ code, config: hook });
  await run(b, task);
  await b.reaches(KEY(listener), "COMPLETED");
  await b.fails("InvalidParameterValue", "TaskConfiguration.TaskExtConfigurationList.0.ParamValue", "CreateTask",
    b.taskParams({ config: { TaskExtConfigurationList: params({ event_hook: "a b" }) } }));
};

module.exports = { tests, together: true };
