/* test/sdk/t_control.js - branch and merge tasks (docs/reference/semantics.md 5.8, vector 11 of 12.3). */
"use strict";
const assert = require("node:assert/strict");
const { Bench, texts } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const current = (task) => ({ TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" });
const after = (...tasks) => ({ UpstreamDependencyConfigList: tasks.map(current) });
const params = (o) => Object.entries(o).map(([ParamKey, ParamValue]) => ({ ParamKey, ParamValue }));
const ext = (o) => ({ TaskExtConfigurationList: params(Object.fromEntries(Object.entries(o).map(([k, v]) =>
  [k, JSON.stringify(v)]))) });
const BRANCH = "130", MERGE = "131";
const SCOPE = { CheckParentType: "MAKE_SCOPE" };

const change = (b, task, NewSetting) => b.call("UpdateTaskPartially", { TaskId: task, NewSetting });

/* flag -> branch -> (one | other -> behind) -> merge over one, other, behind */
async function fork(b, flag, more = {}) {
  const up = await b.submitted({ name: "flag", code: `echo ${flag}\n`,
    scheduler: { ParamTaskOutList: params({ flag: "$[0]" }) } });
  const branch = await b.newTask({ name: "branch", type: BRANCH, code: "", scheduler: { ...after(up),
    ParamTaskInList: [{ ParamKey: "flag", ParamDesc: "p.flag.flag", FromTaskId: up, FromParamKey: "flag",
      Type: "TASK" }] } });
  const one = await b.newTask({ name: "one", scheduler: after(branch) });
  const other = await b.newTask({ name: "other", scheduler: after(branch) });
  const behind = await b.newTask({ name: "behind", scheduler: after(other) });
  const merge = await b.newTask({ name: "merge", type: MERGE, code: "", config: ext({ mergeCondition:
    [one, other, behind].map((upstreamTaskId, i) => ({ conditionType: "AND", expectationState: [2, 21],
      orderNum: i + 1, upstreamTaskId })) }) });
  await change(b, branch, { TaskConfiguration: ext({ branchCondition: [
    { condition: "${flag} == 1", downstreamTaskId: one },
    { condition: "${flag} != 1 and len('${yyyyMMdd}') == 8", downstreamTaskId: other }] }) });
  const all = { up, branch, one, other, behind, merge, ...more };
  for (const task of Object.values(all))
    if (task !== up)
      await b.submit(task);
  return all;
}

tests["branch: the way not taken is skipped, and what is behind it; merge goes on (5.8, vector 11)"] =
async ({ api }) => {
  const b = await Bench.make(api);
  const t = await fork(b, 1);
  await b.backfill(Object.values(t), DAY, DAY, SCOPE);
  const merge = await b.reaches(KEY(t.merge), "COMPLETED");
  const state = async (task) => (await b.instance(KEY(task))).InstanceState;
  assert.deepEqual([await state(t.branch), await state(t.one), await state(t.other), await state(t.behind)],
    ["COMPLETED", "COMPLETED", "SKIP_RUNNING", "SKIP_RUNNING"]);
  assert.deepEqual([merge.Tries, merge.TotalRunNum], [0, 0]);
  assert.match((await b.instance(KEY(t.other))).JobErrorMsg, /a branch did not take this way/);
  // No log, as nothing is dispatched.
  assert.deepEqual(texts(await b.log(KEY(t.branch))), []);
  const [round] = (await b.call("ListTaskInstanceExecutions", { InstanceKey: KEY(t.other) })).Items;
  assert.equal(round.ExecutionPhaseList.at(-1).DetailState, "SKIP_RUNNING");
  // The upstreams of a merge are those of its setting.
  assert.deepEqual((await b.call("ListUpstreamTasks", { TaskId: t.merge })).Items.map((u) => u.TaskId).sort(),
    [t.one, t.other, t.behind].sort());
};

tests["branch: the other way, and a second round decides anew (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const t = await fork(b, 2);
  await b.backfill(Object.values(t), DAY, DAY, SCOPE);
  await b.reaches(KEY(t.merge), "COMPLETED");
  assert.equal((await b.instance(KEY(t.one))).InstanceState, "SKIP_RUNNING");
  assert.equal((await b.instance(KEY(t.behind))).InstanceState, "COMPLETED");
  await b.backfill(Object.values(t), DAY, DAY, { ...SCOPE, RedefineParamList: [{ K: "flag", V: "1" }] });
  const again = await b.reaches(KEY(t.one), "COMPLETED");
  assert.equal(again.LifeRoundNum ?? 1, 1);
  await b.reaches(KEY(t.other), "SKIP_RUNNING");
  await b.reaches(KEY(t.merge), "COMPLETED");
};

tests["branch: a condition that cannot be evaluated fails the instance and says why (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const t = await fork(b, `"'x"`);
  await b.backfill(Object.values(t), DAY, DAY, SCOPE);
  const failed = await b.reaches(KEY(t.branch), "EXPIRED");
  assert.match(failed.JobErrorMsg, /condition 1 \(\$\{flag\} == 1\): a text is not closed at character/);
  assert.equal((await b.instance(KEY(t.one))).InstanceState, "WAIT_UPSTREAM");
};

tests["merge: a failed upstream that is not accepted (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const bad = await b.submitted({ code: "exit 1\n", scheduler: { MaxRetryAttempts: "0" } });
  const good = await b.submitted();
  const merge = (conditionType, expectationState) => b.submitted({ type: MERGE, code: "", config: ext({
    mergeCondition: [bad, good].map((upstreamTaskId) => ({ conditionType, expectationState, upstreamTaskId })) }) });
  const all = await merge("AND"), any = await merge("OR"), failed = await merge("AND", [2, 4]);
  await b.backfill([bad, good, all, any, failed], DAY, DAY, SCOPE);
  await b.reaches(KEY(any), "COMPLETED");
  await b.reaches(KEY(failed), "COMPLETED");
  const no = await b.reaches(KEY(all), "EXPIRED");
  assert.match(no.JobErrorMsg, /did not end as the merge accepts/);
};

tests["branch and merge: what is refused, and where (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.newTask(), down = await b.newTask();
  const E = "TaskConfiguration.TaskExtConfigurationList.";
  const faulty = (code, path, type, setting, scheduler) => b.fails(code, path, "CreateTask",
    b.taskParams({ type, code: "", config: ext(setting), scheduler }));
  const branch = (...list) => ({ branchCondition: list });
  const merge = (...list) => ({ mergeCondition: list });
  const bad = "InvalidParameterValue";
  await faulty(bad, `${E}0.ParamValue`, BRANCH, { branchCondition: { condition: "True" } });
  await faulty(bad, `${E}branchCondition.0.condition`, BRANCH, branch({ downstreamTaskId: down }));
  await faulty(bad, `${E}branchCondition.0.condition`, BRANCH,
    branch({ condition: "import os", downstreamTaskId: down }));
  await faulty(bad, `${E}branchCondition.0.downstreamTaskId`, BRANCH, branch({ condition: "True" }));
  await faulty(bad, `${E}branchCondition.0.downstreamTaskId`, BRANCH,
    branch({ condition: "True", downstreamTaskId: up }), after(up));
  await faulty(bad, `${E}branchCondition.1.downstreamTaskId`, BRANCH,
    branch({ condition: "True", downstreamTaskId: down }, { condition: "False", downstreamTaskId: down }));
  await faulty("ResourceNotFound", `${E}branchCondition.0.downstreamTaskId`, BRANCH,
    branch({ condition: "True", downstreamTaskId: "20200101000000000" }));
  await faulty("LimitExceeded", `${E}0.ParamValue`, BRANCH,
    branch(...Array(51).fill({ condition: "True", downstreamTaskId: down })));
  await faulty(bad, `${E}mergeCondition.0.upstreamTaskId`, MERGE, merge({}));
  await faulty(bad, `${E}mergeCondition.1.upstreamTaskId`, MERGE,
    merge({ upstreamTaskId: up }, { upstreamTaskId: up }));
  await faulty(bad, `${E}mergeCondition.0.expectationState`, MERGE,
    merge({ upstreamTaskId: up, expectationState: [3] }));
  await faulty(bad, `${E}mergeCondition.0.conditionType`, MERGE,
    merge({ upstreamTaskId: up, conditionType: "XOR" }));
  await faulty(bad, `${E}mergeCondition.1.conditionType`, MERGE,
    merge({ upstreamTaskId: up, conditionType: "OR" }, { upstreamTaskId: down, conditionType: "AND" }));
  for (const [type, name] of [[BRANCH, "branchCondition"], [MERGE, "mergeCondition"]]) {
    const empty = await b.newTask({ type, code: "" });
    const e = await b.fails("FailedOperation", "TaskConfiguration.TaskExtConfigurationList", "SubmitTask",
      { TaskId: empty, VersionRemark: "r" });
    assert.match(e?.message ?? name, new RegExp(name));
  }
};

const forEach = (b, code, input, more = {}) => b.submitted({ type: "137", code, scheduler: { ParamTaskInList: [
  { ParamKey: "row", ParamDesc: "p.t.x", FromTaskId: "", Type: "CONSTANT", FromParamKey: "", ...input }], ...more } });

tests["for-each: the code once for every row of a constant (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await forEach(b, "echo \"${row.index}: ${row} of ${yyyyMMdd} in $0\"", { FromParamKey: "a, b,${yyyyMM}" });
  const empty = await forEach(b, "echo never\n", { FromParamKey: " " });
  await b.backfill([task, empty], DAY);
  await b.reaches(KEY(task), "COMPLETED");
  await b.reaches(KEY(empty), "COMPLETED");
  assert.deepEqual(texts(await b.log(KEY(task))), ["0: a of 20260110 in row.sh", "1: b of 20260110 in row.sh",
    "2: 202601 of 20260110 in row.sh"]);
  assert.deepEqual(texts(await b.log(KEY(empty))), []);
  const { CodeContent } = await b.call("GetTaskInstanceLog", { InstanceKey: KEY(task) });
  assert.match(CodeContent, /# row 1\n.*\necho "1: b of 20260110 in \$0"\nEND_OF_ROW\n/);
};

tests["for-each: over the rows that an upstream put out; the first that fails ends it (5.8)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const up = await b.submitted({ code: "echo x,1; echo y,0; echo z,1\n",
    scheduler: { ParamTaskOutList: params({ all: "$[*][*]" }) } });
  const from = { FromTaskId: up, FromParamKey: "all", Type: "TASK" };
  const task = await forEach(b, "echo ${row[0]} is ${row[1]}\n", from, after(up));
  const fails = await forEach(b, "echo ${row[0]}\n[ ${row[1]} = 1 ]\n", from, { ...after(up), MaxRetryAttempts: "0" });
  await b.backfill([up, task, fails], DAY, DAY, SCOPE);
  await b.reaches(KEY(task), "COMPLETED");
  assert.deepEqual(texts(await b.log(KEY(task))), ["x is 1", "y is 0", "z is 1"]);
  const failed = await b.reaches(KEY(fails), "EXPIRED");
  assert.deepEqual([texts(await b.log(KEY(fails))), failed.JobErrorMsg], [["x", "y"], "exit status 1"]);
};

module.exports = { tests, together: true };
