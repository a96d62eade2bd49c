/* test/sdk/t_fields.js - every field of CreateTask: comes back as it went, and is refused when bad. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, base64, said, unique } = require("./help");
const { tables } = require("./schema");

const tests = {};
const BASE = "TaskBaseAttribute", CONFIG = "TaskConfiguration", SCHEDULER = "TaskSchedulerConfiguration";
const TWINS = [["ScheduleRunType", "ScheduleType", 1, [-1, 2]],
  ["RunPriority", "RunPriorityType", 4, [3, 7]], ["RetryWait", "RetryWaitMinute", 11, [-1, 1000001]],
  ["MaxRetryAttempts", "MaxRetryNumber", 2, [-1, 101]],
  ["ExecutionTTL", "ExecutionTTLMinute", 90, [0, -2, 1000001]],
  ["WaitExecutionTotalTTL", "WaitExecutionTotalTTLMinute", 600, [0, -2, 1000001]]];
const ONLY_ONE_OF_TWINS = TWINS.map(([, number]) => number);

/* A request with every field of CreateTask, all with values other than the defaults. */
async function everything(api, b) {
  const up = await b.newTask(), other = await b.newTask();
  const calendar = unique("cal");
  const CalendarId = (await api.call("CreateCalendar", { CalendarName: calendar, Mode: "PAUSE",
    Dates: ["2026-01-01"] })).CalendarId;
  const event = unique("ev").slice(-20).replace(/^[^a-z]*/, "e");
  await b.call("RegisterDsEvent", { Name: event, EventSubType: "HOUR", TimeToLive: "3", TimeUnit: "DAYS",
    Owner: "1", Description: "d", EventBroadcastType: "SINGLE" });
  await b.call("CreateTaskFolder", { WorkflowId: b.workflow, ParentTaskFolderPath: "/",
    TaskFolderName: "folder", TaskFolderType: "GENERAL" });
  const group = (await api.call("ListResourceGroups", { Name: "local" })).Items[0].Id;
  const params = [{ ParamKey: "k1", ParamValue: "${yyyyMMdd-1d}" }, { ParamKey: "键", ParamValue: "" }];
  return { calendar, request: b.in({
    [BASE]: { TaskName: "全部_all.fields-1", TaskTypeId: "35", WorkflowId: b.workflow,
      OwnerUin: "100000000002;100000000003", TaskDescription: "what it does\n第二行",
      TaskFolderPath: "/folder" },
    [CONFIG]: { ResourceGroup: group, CodeContent: base64("echo 'all fields'\n"),
      TaskExtConfigurationList: params, DataCluster: "cluster", BrokerIp: "10.0.0.1", YarnQueue: "queue",
      SourceServiceId: "101", TargetServiceId: "102", TaskSchedulingParameterList: params,
      BundleId: "bundle", BundleInfo: "bundle info" },
    [SCHEDULER]: { CycleType: "HOUR_CYCLE", ScheduleTimeZone: "UTC-3:30",
      CrontabExpression: "0 15 2-20/3 * * ? *", StartTime: "2025-02-03 04:05:06",
      EndTime: "2031-12-30 21:22:23", ExecutionStartTime: "01:30", ExecutionEndTime: "22:10",
      CalendarOpen: "1", CalendarId, SelfDepend: "orderly",
      UpstreamDependencyConfigList: [
        { TaskId: up, MainCyclicConfig: "RANGE_DAY", SubordinateCyclicConfig: "", Offset: "-2,0",
          DependencyStrategy: { PollingNullStrategy: "EXECUTING",
            TaskDependencyExecutingStrategies: ["NOT_EXIST", "PARENT_EXPIRED", "PARENT_TIMEOUT"],
            TaskDependencyExecutingTimeoutValue: 15 } },
        { TaskId: other, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY",
          DependencyStrategy: { PollingNullStrategy: "WAITING" } }],
      EventListenerList: [{ EventName: event, EventSubType: "HOUR", EventBroadcastType: "SINGLE",
        PropertiesList: [{ ParamKey: "maxWaitEventTime", ParamValue: "2" },
          { ParamKey: "maxWaitEventTimeUnit", ParamValue: "HOURS" }] }],
      AllowRedoType: "FAILURE", ParamTaskOutList: [{ ParamKey: "out", ParamValue: "$[0][1]" }],
      ParamTaskInList: [{ ParamKey: "in", ParamDesc: "p.t.out", FromTaskId: up, FromParamKey: "out",
        Type: "TASK" }],
      TaskOutputRegistryList: [{ DatasourceId: "1", DatabaseName: "db", TableName: "t",
        PartitionName: "p", DataFlowType: "DOWNSTREAM", TablePhysicalId: "tp", DbGuid: "dg",
        TableGuid: "tg", CatalogName: "c", DatasourceName: "dn", QualifiedName: "qn" }],
      InitStrategy: "T_PLUS_1", ScheduleRunType: "1", RunPriority: "4", RetryWait: "11",
      MaxRetryAttempts: "2", ExecutionTTL: "90", WaitExecutionTotalTTL: "600",
      DependencyTriggerPolicy: "ALL_DONE", AllowDownstreamDependency: 0 },
  }) };
}

/* Paths of all members that the table declares below an object, and of those that a value has. */
function declared(object, prefix = "") {
  const { objects } = tables["2025-08-06"];
  return objects[object].flatMap((m) => {
    const inner = m.type.replace(/[[\]]/g, "");
    return [prefix + m.name, ...(objects[inner] ? declared(inner, `${prefix}${m.name}.`) : [])];
  });
}

function present(value, prefix = "") {
  if (Array.isArray(value))
    return value.flatMap((v) => present(v, prefix));
  if (value === null || typeof value !== "object")
    return [];
  return Object.entries(value).flatMap(([k, v]) => [prefix + k, ...present(v, `${prefix}${k}.`)]);
}

tests["all fields come back as they went"] = async ({ api }) => {
  const b = await Bench.make(api);
  const { calendar, request } = await everything(api, b);
  const sent = new Set(present(request));
  const unsent = declared("CreateTaskRequest").filter((p) => !sent.has(p));
  assert.deepEqual(unsent, ONLY_ONE_OF_TWINS.map((n) => `${SCHEDULER}.${n}`), "the request is complete");

  const id = (await api.call("CreateTask", request)).TaskId;
  const t = await b.call("GetTask", { TaskId: id });
  const only = (value, members) => Object.fromEntries(Object.keys(members).map((k) => [k, value[k]]));
  assert.deepEqual(only(t[BASE], request[BASE]), { ...request[BASE], TaskTypeId: 35 });
  assert.deepEqual(only(t[CONFIG], request[CONFIG]), request[CONFIG]);
  const expected = { ...request[SCHEDULER] };
  for (const [text, number, value] of TWINS) {
    expected[text] = text === "WaitExecutionTotalTTL" ? String(value) : value;
    expected[number] = value;
  }
  assert.deepEqual(said(only(t[SCHEDULER], expected)), expected);
  assert.equal(t[SCHEDULER].CalendarName, calendar);
  const version = (await b.call("ListTaskVersions", { TaskId: id })).Items[0];
  const task = (await b.call("GetTaskVersion", { TaskId: id, VersionId: version.VersionId })).Task;
  assert.deepEqual(task[SCHEDULER], t[SCHEDULER]);
  assert.deepEqual(task[CONFIG], t[CONFIG]);
};

tests["twins: each alone, both, and bad values"] = async ({ api }) => {
  const b = await Bench.make(api);
  const get = async (scheduler) => (await b.call("GetTask",
    { TaskId: await b.newTask({ scheduler }) }))[SCHEDULER];
  for (const [text, number, value, bad] of TWINS) {
    const form = text === "WaitExecutionTotalTTL" ? String(value) : value;
    for (const given of [{ [text]: String(value) }, { [number]: value },
      { [text]: String(value), [number]: value }, { [text]: "", [number]: value },
      { [text]: { ScheduleRunType: "0", RunPriority: "5" }[text] ?? "1", [number]: value }]) {
      const s = await get(given);
      assert.deepEqual([s[text], s[number]], [form, value], JSON.stringify(given));
    }
    for (const wrong of bad) {
      await b.api.fails("InvalidParameterValue", `${SCHEDULER}.${text}`, "CreateTask",
        b.taskParams({ scheduler: { [text]: String(wrong) } }));
      await b.api.fails("InvalidParameterValue", `${SCHEDULER}.${number}`, "CreateTask",
        b.taskParams({ scheduler: { [number]: wrong } }));
    }
    await b.api.fails("InvalidParameterValue", `${SCHEDULER}.${text}`, "CreateTask",
      b.taskParams({ scheduler: { [text]: "many" } }));
    await b.api.fails("InvalidParameterValue", `${SCHEDULER}.${text}`, "CreateTask",
      b.taskParams({ scheduler: { [text]: "1.5" } }));
  }
};

tests["each field with a bad value"] = async ({ api }) => {
  const b = await Bench.make(api);
  const { request } = await everything(api, b);
  const bad = "InvalidParameterValue", none = "ResourceNotFound", much = "LimitExceeded";
  const up = request[SCHEDULER].UpstreamDependencyConfigList[1];
  const listener = request[SCHEDULER].EventListenerList[0];
  const strategy = (o) => ({ UpstreamDependencyConfigList: [{ ...up,
    DependencyStrategy: { PollingNullStrategy: "EXECUTING", ...o } }] });
  const upstream = (o) => ({ UpstreamDependencyConfigList: [{ ...up, ...o }] });
  const listening = (o) => ({ EventListenerList: [{ ...listener, ...o }] });
  const self = await b.newTask({ name: "closed", scheduler: { AllowDownstreamDependency: 0 } });
  const U = "UpstreamDependencyConfigList.0.", S = `${U}DependencyStrategy.`, E = "EventListenerList.0.";
  const params = (key) => Array.from({ length: 1001 }, (_, i) => ({ ParamKey: `${key}${i}`, ParamValue: "" }));
  const cases = [
    [bad, BASE, "TaskName", { TaskName: "a b" }], [bad, BASE, "TaskName", { TaskName: "a/b" }],
    [bad, BASE, "TaskName", { TaskName: "x".repeat(201) }],
    [bad, BASE, "TaskTypeId", { TaskTypeId: "shell" }], [bad, BASE, "TaskTypeId", { TaskTypeId: "139" }],
    [bad, BASE, "TaskTypeId", { TaskTypeId: "9999" }],
    [none, BASE, "WorkflowId", { WorkflowId: "none" }],
    [bad, BASE, "OwnerUin", { OwnerUin: "me" }], [bad, BASE, "OwnerUin", { OwnerUin: ";" }],
    [much, BASE, "TaskDescription", { TaskDescription: "x".repeat(4097) }],
    [none, BASE, "TaskFolderPath", { TaskFolderPath: "/none" }],
    [none, CONFIG, "ResourceGroup", { ResourceGroup: "12" }],
    [bad, CONFIG, "CodeContent", { CodeContent: "echo hello" }],
    [bad, CONFIG, "TaskExtConfigurationList.1.ParamKey", { TaskExtConfigurationList:
      [{ ParamKey: "a", ParamValue: "" }, { ParamKey: "a", ParamValue: "" }] }],
    [much, CONFIG, "TaskExtConfigurationList", { TaskExtConfigurationList: params("a") }],
    [bad, CONFIG, "TaskSchedulingParameterList.0.ParamKey", { TaskSchedulingParameterList:
      [{ ParamKey: "", ParamValue: "" }] }],
    [bad, SCHEDULER, "CycleType", { CycleType: "SOMETIMES" }],
    [bad, SCHEDULER, "CycleType", { CycleType: "day_cycle" }],
    [bad, SCHEDULER, "ScheduleTimeZone", { ScheduleTimeZone: "UTC+15" }],
    [bad, SCHEDULER, "ScheduleTimeZone", { ScheduleTimeZone: "Mars/Base" }],
    ...["* * * * *", "61 * * * * ?", "0 0 25 * * ?", "0 0 0 32 * ?", "0 0 0 ? * 8", "0 0 0 ? 13 2",
      "0 0 0 * * ? 1969", "0 0 0 * * ? * *", "a b c d e f", "0/0 * * * * ?"]
      .map((cron) => [bad, SCHEDULER, "CrontabExpression", { CrontabExpression: cron }]),
    [bad, SCHEDULER, "StartTime", { StartTime: "2025-02-30 00:00:00" }],
    [bad, SCHEDULER, "StartTime", { StartTime: "today" }],
    [bad, SCHEDULER, "EndTime", { EndTime: "2025-01-01T00:00:00" }],
    [bad, SCHEDULER, "EndTime", { StartTime: "2026-01-01 00:00:00", EndTime: "2025-01-01 00:00:00" }],
    [bad, SCHEDULER, "ExecutionStartTime", { ExecutionStartTime: "24:00" }],
    [bad, SCHEDULER, "ExecutionEndTime", { ExecutionEndTime: "noon" }],
    [bad, SCHEDULER, "ExecutionEndTime", { ExecutionStartTime: "12:00", ExecutionEndTime: "11:59" }],
    [bad, SCHEDULER, "CalendarOpen", { CalendarOpen: "2" }],
    ["MissingParameter", SCHEDULER, "CalendarId", { CalendarOpen: "1" }],
    [none, SCHEDULER, "CalendarId", { CalendarOpen: "1", CalendarId: "99" }],
    [bad, SCHEDULER, "SelfDepend", { SelfDepend: "alone" }],
    [bad, SCHEDULER, "AllowRedoType", { AllowRedoType: "SUCCESS" }],
    [bad, SCHEDULER, "InitStrategy", { InitStrategy: "T_MINUS_1" }],
    [bad, SCHEDULER, "DependencyTriggerPolicy", { DependencyTriggerPolicy: "MOST" }],
    [bad, SCHEDULER, "AllowDownstreamDependency", { AllowDownstreamDependency: 2 }],
    [none, SCHEDULER, `${U}TaskId`, upstream({ TaskId: "20200101000000000" })],
    [none, SCHEDULER, `${U}TaskId`, upstream({ TaskId: "upstream" })],
    [bad, SCHEDULER, "UpstreamDependencyConfigList.1.TaskId", { UpstreamDependencyConfigList: [up, up] }],
    ["OperationDenied", SCHEDULER, `${U}TaskId`, upstream({ TaskId: self })],
    [bad, SCHEDULER, `${U}MainCyclicConfig`, upstream({ MainCyclicConfig: "DAYS" })],
    [bad, SCHEDULER, `${U}MainCyclicConfig`, upstream({ MainCyclicConfig: "HOUR",
      SubordinateCyclicConfig: "CURRENT_HOUR" })],
    [bad, SCHEDULER, `${U}SubordinateCyclicConfig`, upstream({ SubordinateCyclicConfig: "TODAY" })],
    [bad, SCHEDULER, `${U}SubordinateCyclicConfig`, upstream({ MainCyclicConfig: "LIST_DAY",
      SubordinateCyclicConfig: "CURRENT_DAY", Offset: "1" })],
    [bad, SCHEDULER, `${U}Offset`, upstream({ Offset: "-1" })],
    ["MissingParameter", SCHEDULER, `${U}Offset`, upstream({ MainCyclicConfig: "LIST_DAY",
      SubordinateCyclicConfig: "" })],
    ...["x", "1", "2,1", "1,2,3", "1.5,2"].map((Offset) => [bad, SCHEDULER, `${U}Offset`,
      upstream({ MainCyclicConfig: "RANGE_DAY", SubordinateCyclicConfig: "", Offset })]),
    [bad, SCHEDULER, `${S}PollingNullStrategy`, strategy({ PollingNullStrategy: "SLEEPING" })],
    [bad, SCHEDULER, `${S}TaskDependencyExecutingStrategies`,
      strategy({ TaskDependencyExecutingStrategies: ["LATE"] })],
    [bad, SCHEDULER, `${S}TaskDependencyExecutingTimeoutValue`,
      strategy({ TaskDependencyExecutingStrategies: ["PARENT_TIMEOUT"] })],
    [none, SCHEDULER, `${E}EventName`, listening({ EventName: "nobody" })],
    [bad, SCHEDULER, `${E}EventName`, listening({ EventName: "" })],
    [bad, SCHEDULER, `${E}EventSubType`, listening({ EventSubType: "WEEK" })],
    [bad, SCHEDULER, `${E}EventSubType`, listening({ EventSubType: "DAY" })],
    [bad, SCHEDULER, `${E}EventBroadcastType`, listening({ EventBroadcastType: "ALL" })],
    [bad, SCHEDULER, `${E}PropertiesList`, listening({ PropertiesList:
      [{ ParamKey: "maxWaitEventTime", ParamValue: "0" }] })],
    [bad, SCHEDULER, "EventListenerList.1.EventName", { EventListenerList: [listener, listener] }],
    [bad, SCHEDULER, "ParamTaskOutList.0.ParamKey", { ParamTaskOutList: [{ ParamKey: "", ParamValue: "" }] }],
    [bad, SCHEDULER, "ParamTaskInList.0.ParamKey", { ParamTaskInList:
      [{ ParamKey: "", ParamDesc: "", FromTaskId: "", FromParamKey: "" }] }],
    [bad, SCHEDULER, "ParamTaskInList.0.FromTaskId", { ParamTaskInList:
      [{ ParamKey: "a", ParamDesc: "", FromTaskId: "x", FromParamKey: "" }] }],
  ];
  const missing = [
    [CONFIG, "TaskExtConfigurationList.0.ParamValue", { TaskExtConfigurationList: [{ ParamKey: "a" }] }],
    [SCHEDULER, `${U}MainCyclicConfig`, { UpstreamDependencyConfigList: [{ TaskId: up.TaskId }] }],
    [SCHEDULER, `${E}EventSubType`, { EventListenerList: [{ EventName: "e", EventBroadcastType: "SINGLE" }] }],
    [SCHEDULER, "ParamTaskInList.0.FromParamKey", { ParamTaskInList:
      [{ ParamKey: "a", ParamDesc: "", FromTaskId: "x" }] }],
    [SCHEDULER, "TaskOutputRegistryList.0.DataFlowType", { TaskOutputRegistryList: [{ DatasourceId: "1",
      DatabaseName: "d", TableName: "t", PartitionName: "p", TablePhysicalId: "x" }] }],
  ];
  const before = (await b.call("ListTasks", {})).TotalCount;
  const faults = [];
  const collect = (promise) => promise.catch((e) => faults.push(e.message.split("\n")[0]));
  const part = { [BASE]: "base", [CONFIG]: "config", [SCHEDULER]: "scheduler" };
  for (const [code, block, path, value] of cases)
    await collect(api.fails(code, `${block}.${path}`, "CreateTask", b.taskParams({ [part[block]]: value })));
  for (const [block, path, value] of missing)
    await collect(api.fails("MissingParameter", null, "CreateTask", b.taskParams({ [part[block]]: value }))
      .then((e) => assert.ok(e.message.includes(`\`${block}.${path}\``), `${path}: ${e.message}`)));
  assert.deepEqual(faults, []);
  assert.equal((await b.call("ListTasks", {})).TotalCount, before, "nothing of the refused was made");
};

tests["every task type of the documentation can be drafted"] = async ({ api }) => {
  const b = await Bench.make(api);
  for (const type of ["21", "23", "26", "30", "31", "32", "33", "34", "35", "36", "38", "39", "40", "41",
    "42", "43", "46", "47", "48", "50", "92", "130", "131", "132", "133", "134", "137", "138"]) {
    const id = await b.newTask({ type });
    assert.equal((await b.call("GetTask", { TaskId: id }))[BASE].TaskTypeId, Number(type));
  }
};

module.exports = { tests };
