/* test/sdk/t_alarm.js - alarms: rules, messages, and what really arrives: by HTTP, at robots, by
 * mail; receivers that are down, and servers that are killed. */
"use strict";
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const http = require("node:http");
const net = require("node:net");
const { promisify } = require("node:util");
const { Api } = require("./client");
const { SECRET_ID, SECRET_KEY } = require("./server");
const { Bench, said, until } = require("./help");

const run = promisify(execFile);
const tests = {};
const DATE = "2025-03-01", AT = `${DATE} 00:00:00`;

/* A receiver of hooks: keeps what it gets; `answer` says what it answers. */
class Receiver {
  constructor(answer = () => [200, "{}"]) {
    this.got = [];
    this.answer = answer;
  }

  async open(port = 0) {
    this.http = http.createServer((request, response) => {
      let text = "";
      request.on("data", (part) => { text += part; });
      request.on("end", () => {
        const [status, body, headers = {}] = this.answer(request.url, text);
        this.got.push({ path: request.url, headers: request.headers, text, status });
        response.writeHead(status, headers);
        response.end(body);
      });
    });
    await new Promise((done) => this.http.listen(port, "127.0.0.1", done));
    this.port = this.http.address().port;
    return this;
  }

  close() {
    this.http.closeAllConnections();
    return new Promise((done) => this.http.close(done));
  }

  url(path) {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}

/* The smallest mail server: takes everything but what `refuse` names. */
class MailServer {
  async open() {
    this.got = [];
    this.words = [];
    this.sockets = [];
    this.net = net.createServer((socket) => this.talk(socket));
    await new Promise((done) => this.net.listen(0, "127.0.0.1", done));
    this.port = this.net.address().port;
    return this;
  }

  talk(socket) {
    let text = "", mail = null, letter = { to: [] };
    this.sockets.push(socket); // they are kept for the next mail
    socket.write("220 test ESMTP\r\n");
    socket.on("error", () => {});
    socket.on("data", (part) => {
      text += part;
      for (let at; (at = text.indexOf("\r\n")) >= 0;) {
        const line = text.slice(0, at);
        text = text.slice(at + 2);
        if (mail !== null) {
          if (line === ".") {
            this.got.push({ ...letter, text: mail });
            mail = null;
            letter = { to: [] };
            socket.write("250 ok\r\n");
          } else
            mail += line + "\n";
          continue;
        }
        this.words.push(line);
        const word = line.split(" ")[0].toUpperCase();
        if (word === "EHLO")
          socket.write("250-test\r\n250 AUTH PLAIN\r\n");
        else if (word === "MAIL")
          (letter.from = line), socket.write("250 ok\r\n");
        else if (word === "RCPT")
          letter.to.push(line), socket.write("250 ok\r\n");
        else if (word === "DATA")
          (mail = ""), socket.write("354 go on\r\n");
        else if (word === "QUIT")
          socket.end("221 bye\r\n");
        else if (word === "AUTH")
          socket.write("334 \r\n");
        else
          socket.write("235 ok\r\n");
      }
    });
  }

  close() {
    for (const socket of this.sockets)
      socket.destroy();
    return new Promise((done) => this.net.close(done));
  }
}

const hook = (way, ...urls) => ({ AlarmWays: [way], WebHooks: [{ AlarmWay: way, WebHooks: urls }] });
const rule = (task, groups, more = {}) => ({ AlarmRuleName: `r${Math.random()}`.replace(".", "_"),
  MonitorObjectIds: [task], AlarmTypes: ["backTrackingOrRerunSuccess"],
  AlarmGroups: [groups].flat(), ...more });

async function messages(bench, n) {
  return until(`${n} messages`, 20, async () => {
    const d = await bench.call("ListAlarmMessages", { PageSize: 100 });
    return d.TotalCount >= n && d.Items;
  });
}

async function deliveries(bench, message, state, n = 1) {
  let d;
  try {
    return await until(`${n} deliveries ${state}`, 30, async () => {
      d = await bench.call("GetAlarmDeliveries", { AlarmMessageId: String(message) });
      return d.Items.filter((i) => i.State === state).length >= n && d;
    });
  } catch (e) {
    throw new Error(`${e.message}; they are ${JSON.stringify(d?.Items)}`);
  }
}

tests["rules"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm");
  const task = await bench.newTask();
  const groups = [{ AlarmRecipientType: 1, AlarmRecipientIds: ["100", "ops@x.example"],
    AlarmWays: ["1", "9"], WebHooks: [{ AlarmWay: "9", WebHooks: ["https://robot.example/a"] }],
    NotificationFatigue: { NotifyCount: 2, NotifyInterval: 5,
      QuietIntervals: [{ DaysOfWeek: [6, 7], StartTime: "00:00:00", EndTime: "09:00:00" }] },
    AlarmEscalationInterval: 15, AlarmEscalationRecipientIds: ["boss@x.example"] }];
  const detail = { Trigger: 1, DataBackfillOrRerunTrigger: 1,
    TimeOutExtInfo: [{ RuleType: 1, Type: 1, Hour: 1, Min: 30 },
      { RuleType: 2, Type: 1, Hour: 6, Min: 0, ScheduleTimeZone: "UTC+7" }],
    DataBackfillOrRerunTimeOutExtInfo: [{ RuleType: 3, Type: 1, Hour: 0, Min: 10 }] };
  const id = (await bench.call("CreateOpsAlarmRule", { AlarmRuleName: "all_of_it",
    MonitorObjectIds: [task], MonitorObjectType: 1, AlarmTypes: ["failure", "overtime"],
    AlarmRuleDetail: detail, AlarmGroups: groups, AlarmLevel: 2, Description: "d" })).AlarmRuleId;
  const d = await bench.call("GetOpsAlarmRule", { AlarmRuleId: id });
  assert.deepEqual([d.BundleId, d.BundleInfo, d.AlarmRuleDetail.MonitorWhiteTasks], [null, null, null]);
  assert.deepEqual(said(d), { AlarmRuleId: id, AlarmRuleName: "all_of_it", Description: "d",
    MonitorObjectType: 1, MonitorObjectIds: [task], AlarmTypes: ["failure", "overtime"], Status: 1,
    AlarmRuleDetail: detail, AlarmLevel: 2, OwnerUin: "100000000001", AlarmGroups: groups });
  await bench.fails("InvalidParameterValue.RuleNameRepeated", "AlarmRuleName",
    "CreateOpsAlarmRule", rule(task, groups, { AlarmRuleName: "all_of_it" }));
  await bench.fails("UnsupportedOperation", "AlarmGroups.0.AlarmWays.0", "CreateOpsAlarmRule",
    rule(task, { AlarmWays: ["4"], AlarmRecipientIds: ["1"] }));
  await bench.fails("ResourceNotFound", "MonitorObjectIds.0", "CreateOpsAlarmRule",
    rule("20240101000000001", groups));
  assert.equal((await bench.call("UpdateOpsAlarmRule",
    { AlarmRuleId: id, Status: 0, AlarmRuleName: "less" })).Status, true);
  const list = await bench.call("ListOpsAlarmRules", { TaskId: task, AlarmType: "overtime" });
  assert.deepEqual(list.Items.map((r) => [r.AlarmRuleName, r.Status]), [["less", 0]]);
  await bench.fails("InvalidParameterValue", "Status", "UpdateOpsAlarmRule",
    { AlarmRuleId: id, Status: 3 });
  for (const wrong of [{ PageSize: 0 }, { AlarmLevel: 4 }, { MonitorObjectType: 5 }, { AlarmType: "failures" }])
    await bench.fails("InvalidParameterValue", Object.keys(wrong)[0], "ListOpsAlarmRules", wrong);
  assert.deepEqual((await bench.call("ListOpsAlarmRules", { AlarmType: "reconciliationFailure" })).Items, []);
  assert.equal((await bench.call("DeleteOpsAlarmRule", { AlarmRuleId: id })).Status, true);
  for (const action of ["GetOpsAlarmRule", "UpdateOpsAlarmRule", "DeleteOpsAlarmRule"])
    await bench.fails("ResourceNotFound", "AlarmRuleId", action, { AlarmRuleId: id });
};

tests["rules of the numbers of a project's day: all six types"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm");
  const types = { projectFailureInstanceUpwardFluctuationAlarm: { InstanceThresholdCountPercent: 50 },
    projectSuccessInstanceDownwardFluctuationAlarm: { InstanceThresholdCount: 5 },
    projectFailureInstanceUpwardVolatilityAlarm: { InstanceThresholdCount: 5 },
    projectSuccessInstanceDownwardVolatilityAlarm: { InstanceThresholdCount: 5 },
    projectFailureInstanceCountAlarm: { InstanceThresholdCount: 5 },
    projectFailureInstanceProportionAlarm: { InstanceThresholdCountPercent: 20 } };
  const infos = Object.entries(types).map(([AlarmType, thresholds]) => ({ AlarmType, ...thresholds }));
  const wanted = (list) => ({ MonitorObjectType: 7, MonitorObjectIds: [bench.project],
    AlarmTypes: Object.keys(types), AlarmRuleDetail: { ProjectInstanceStatisticsAlarmInfoList: list } });
  const people = { AlarmRecipientIds: ["1"] };
  const { AlarmRuleId } = await bench.call("CreateOpsAlarmRule", rule("", people, wanted(infos)));
  const found = await bench.call("GetOpsAlarmRule", { AlarmRuleId });
  assert.deepEqual(found.AlarmTypes, Object.keys(types));
  assert.deepEqual(found.AlarmRuleDetail.ProjectInstanceStatisticsAlarmInfoList.map((i) => i.AlarmType),
    Object.keys(types));
  const listed = await bench.call("ListOpsAlarmRules", { AlarmType: "projectFailureInstanceCountAlarm" });
  assert.deepEqual(listed.Items.map((r) => r.AlarmRuleId), [AlarmRuleId]);
  infos[4] = { AlarmType: infos[4].AlarmType, InstanceThresholdCountPercent: 5 };
  await bench.fails("MissingParameter",
    "AlarmRuleDetail.ProjectInstanceStatisticsAlarmInfoList.4.InstanceThresholdCount",
    "CreateOpsAlarmRule", rule("", people, wanted(infos)));
};

tests["a message reaches its hook"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm"), receiver = await new Receiver().open();
  const task = await bench.submitted({ name: "told" });
  const id = (await bench.call("CreateOpsAlarmRule",
    rule(task, hook("6", receiver.url("/hook"))))).AlarmRuleId;
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  assert.deepEqual([m.TaskId, m.TaskName, m.CurRunDate, m.AlarmReason, m.AlarmRuleId, m.AlarmLevel],
    [task, "told", AT, "backTrackingOrRerunSuccess", id, 1]);
  assert.deepEqual([m.AlarmWays, m.AlarmRecipients], [["6"], []]);
  const d = await deliveries(bench, m.AlarmMessageId, "DONE");
  assert.deepEqual([d.Items[0].Attempts, d.Items[0].Error, d.Items[0].Target],
    [1, null, receiver.url("/hook")]);
  const body = JSON.parse(receiver.got[0].text);
  assert.deepEqual([body.TaskId, body.CurRunDate, body.InstanceKey, body.AlarmMessageId],
    [task, AT, `${task}_${AT}`, m.AlarmMessageId]);
  assert.match(body.Text, /succeeded[^]*运行成功/);
  assert.equal(receiver.got[0].headers["x-weft-delivery"], String(d.Items[0].DeliveryId));
  assert.equal((await bench.call("GetAlarmMessage",
    { AlarmMessageId: String(m.AlarmMessageId), TimeZone: "UTC" })).TaskId, task);
  await bench.fails("ResourceNotFound", "AlarmMessageId", "GetAlarmMessage", { AlarmMessageId: "1" });
  await bench.fails("InvalidParameterValue", "PageSize", "ListAlarmMessages", { PageSize: 101 });
  await bench.fails("InvalidParameterValue", "AlarmLevel", "ListAlarmMessages", { AlarmLevel: 0 });
  await bench.fails("ResourceNotFound", "AlarmMessageId", "GetAlarmDeliveries",
    { AlarmMessageId: "1" });
  assert.equal((await bench.call("AcknowledgeAlarmMessage",
    { AlarmMessageId: String(m.AlarmMessageId) })).Status, true);
  await bench.fails("ResourceNotFound", "AlarmMessageId", "AcknowledgeAlarmMessage",
    { AlarmMessageId: "1" });
  await receiver.close();
};

tests["robots get what they document"] = async (world) => {
  const text = (body) => ({ "/7": () => body.msgtype === "text" && body.text.content,
    "/8": () => body.msg_type === "text" && body.content.text,
    "/9": () => body.msgtype === "text" && body.text.content,
    "/10": () => body.text,
    "/11": () => body.type === "message" && body.attachments[0].content.body[0].text });
  const answers = { "/7": '{"errcode":0,"errmsg":"ok"}', "/8": '{"code":0,"msg":"success"}',
    "/9": '{"errcode":0}', "/10": "ok", "/11": "1" };
  const bench = await Bench.make(world.api, "alarm");
  const receiver = await new Receiver((path) => [200, answers[path]]).open();
  const task = await bench.submitted({ name: "robots" });
  for (const way of ["7", "8", "9", "10", "11"])
    await bench.call("CreateOpsAlarmRule", rule(task, hook(way, receiver.url("/" + way))));
  await bench.backfill(task, DATE);
  for (const m of await messages(bench, 5))
    await deliveries(bench, m.AlarmMessageId, "DONE");
  assert.equal(receiver.got.length, 5);
  for (const { path, text: sent } of receiver.got)
    assert.match(text(JSON.parse(sent))[path](), /robots[^]*succeeded[^]*成功/);
  await receiver.close();
};

tests["what is not taken is tried again"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm");
  let n = 0;
  const receiver = await new Receiver((path) => path === "/moved" ? [302, "", { Location: "/x" }]
    : ++n === 1 ? [200, '{"errcode":45009,"errmsg":"too often"}'] : [200, '{"errcode":0}']).open();
  const task = await bench.submitted();
  await bench.call("CreateOpsAlarmRule", rule(task, [hook("7", receiver.url("/")),
    hook("6", receiver.url("/moved")), hook("6", "http://169.254.169.254/latest/")]));
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  const d = await deliveries(bench, m.AlarmMessageId, "DONE");
  assert.deepEqual(d.Items.map((i) => [i.State, i.Attempts > 1]),
    [["DONE", true], ["PENDING", d.Items[1].Attempts > 1], ["GIVEN_UP", false]]);
  assert.match(d.Items[0].Error ?? "", /^$/);
  assert.match(d.Items[1].Error, /answered 302/); // redirects are not followed
  assert.ok(receiver.got.every((r) => r.path !== "/x"));
  assert.match(d.Items[2].Error, /not allowed/);
  await receiver.close();
};

tests["first failure, mail without a server"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm");
  const task = await bench.submitted({ code: "exit 3\n", base: { OwnerUin: "100000000001" } });
  await bench.call("CreateOpsAlarmRule", rule(task, { AlarmRecipientType: 2 },
    { AlarmTypes: ["backTrackingOrRerunFailure"],
      AlarmRuleDetail: { DataBackfillOrRerunTrigger: 1 } }));
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  assert.deepEqual([m.AlarmReason, m.AlarmRecipients], ["backTrackingOrRerunFailure",
    ["100000000001"]]);
  const d = await deliveries(bench, m.AlarmMessageId, "GIVEN_UP");
  assert.match(d.Items[0].Error, /setting smtp/);
  assert.match(d.Text, /attempt 1 of/);
};

tests["a receiver that is down, a server that is killed"] = async ({ serve }) => {
  const receiver = await new Receiver().open(), port = receiver.port;
  await receiver.close();
  const server = await serve("--rate-limit", "0");
  let bench = await Bench.make(new Api(server.endpoint), "alarm");
  const task = await bench.submitted();
  await bench.call("CreateOpsAlarmRule", rule(task, hook("6", `http://127.0.0.1:${port}/late`)));
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  await until("a failed attempt", 20, async () => {
    const d = await bench.call("GetAlarmDeliveries", { AlarmMessageId: String(m.AlarmMessageId) });
    return d.Items[0].Attempts > 0 && /connect/i.test(d.Items[0].Error);
  });
  const ended = server.ended;
  server.child.kill("SIGKILL");
  await ended;
  await receiver.open(port);
  await server.start();
  bench = Object.assign(new Bench(), { api: new Api(server.endpoint), project: bench.project });
  await deliveries(bench, m.AlarmMessageId, "DONE");
  assert.deepEqual((await messages(bench, 1)).length, 1);
  assert.equal(JSON.parse(receiver.got[0].text).AlarmMessageId, m.AlarmMessageId);
  await receiver.close();
};

tests["mail"] = async ({ serve }) => {
  const mail = await new MailServer().open();
  process.env.WEFT_SMTP_PASSWORD = "hush-hush-word";
  const server = await serve("--rate-limit", "0", "--smtp", `smtp://127.0.0.1:${mail.port}`,
    "--smtp-from", "weft@x.example", "--smtp-user", "weft", "--mail-domain", "y.example",
    "--alarm-hosts", ".example");
  delete process.env.WEFT_SMTP_PASSWORD;
  const bench = await Bench.make(new Api(server.endpoint), "alarm");
  const task = await bench.submitted({ name: "邮件任务" });
  await bench.fails("OperationDenied", "AlarmGroups.0.WebHooks", "CreateOpsAlarmRule",
    rule(task, hook("6", "http://127.0.0.1:1/")));
  await bench.call("CreateOpsAlarmRule",
    rule(task, { AlarmRecipientIds: ["77", "ops@z.example"] }, { AlarmRuleName: "规则" }));
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  await deliveries(bench, m.AlarmMessageId, "DONE", 2);
  assert.deepEqual(mail.got.map((l) => l.to.join()).sort(),
    ["RCPT TO:<77@y.example>", "RCPT TO:<ops@z.example>"]);
  const [head, body] = mail.got[0].text.split("\n\n");
  const subject = [...head.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)]
    .map((w) => Buffer.from(w[1], "base64").toString()).join("");
  assert.equal(subject, "[weft] 规则: backTrackingOrRerunSuccess 邮件任务");
  assert.match(head, /^From: <weft@x\.example>$/m);
  assert.match(Buffer.from(body, "base64").toString(), /运行成功/);
  const secret = Buffer.from("\0weft\0hush-hush-word").toString("base64");
  assert.ok(mail.words.some((line) => line.includes(secret)), mail.words.join());
  assert.ok(!server.log.includes("hush-hush"));
  await mail.close();
};

tests["a deleted upstream"] = async ({ serve }) => {
  const mail = await new MailServer().open();
  const server = await serve("--rate-limit", "0", "--smtp", `smtp://127.0.0.1:${mail.port}`,
    "--smtp-from", "weft@x.example", "--mail-domain", "y.example");
  const bench = await Bench.make(new Api(server.endpoint), "alarm");
  const up = await bench.submitted({ name: "上游" }), scheduler = { UpstreamDependencyConfigList:
    [{ TaskId: up, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" }] };
  const down = await bench.submitted({ name: "下游", scheduler, base: { OwnerUin: "77;78" } });
  const crowd = await bench.newTask({ scheduler,
    base: { OwnerUin: Array.from({ length: 2999 }, (_, i) => 1000 + i).join(";") } });
  await bench.fails("LimitExceeded", "OperateInform", "DeleteTask", { TaskId: up, OperateInform: true });
  assert.equal((await bench.call("GetTask", { TaskId: up })).TaskBaseAttribute.TaskName, "上游");
  assert.deepEqual((await bench.call("ListAlarmMessages", {})).Items, []);
  await bench.call("DeleteTask", { TaskId: crowd });
  assert.equal((await bench.call("DeleteTask", { TaskId: up, OperateInform: true })).Status, true);
  const [m, ...more] = await messages(bench, 1);
  assert.deepEqual(more, []);
  assert.deepEqual([m.TaskId, m.TaskName, m.CurRunDate, m.AlarmReason, m.AlarmRuleId, m.AlarmLevel, m.AlarmWays, m.AlarmRecipients],
    [down, "下游", null, "upstreamDeleted", null, 1, ["1"], ["77", "78"]]);
  const d = await deliveries(bench, m.AlarmMessageId, "DONE", 2);
  assert.match(d.Text, new RegExp(`上游 \\(${up}\\) was deleted by 100000000001`));
  assert.deepEqual(mail.got.map((l) => l.to.join()).sort(),
    ["RCPT TO:<77@y.example>", "RCPT TO:<78@y.example>"]);
  for (const { text } of mail.got)
    assert.match(Buffer.from(text.split("\n\n")[1], "base64").toString(), /上游任务 上游.*删除/);
  assert.equal((await bench.call("GetAlarmMessage", { AlarmMessageId: String(m.AlarmMessageId) })).AlarmRuleId, null);
  await mail.close();
};

tests["weft alarms"] = async (world) => {
  const bench = await Bench.make(world.api, "alarm"), receiver = await new Receiver().open();
  const weft = (...words) => run(world.server.weft, ["alarms", ...words, "--endpoint",
    `http://${world.endpoint}`, "--project", bench.project],
  { env: { ...process.env, WEFT_SECRET_ID: SECRET_ID, WEFT_SECRET_KEY: SECRET_KEY } });
  const task = await bench.submitted({ name: "shown" });
  const id = (await bench.call("CreateOpsAlarmRule", rule(task, hook("6", receiver.url("/")),
    { AlarmRuleName: "watch" }))).AlarmRuleId;
  assert.match((await weft("rules")).stdout, /watch +backTrackingOrRerunSuccess/);
  await bench.backfill(task, DATE);
  const [m] = await messages(bench, 1);
  assert.match((await weft("list")).stdout, new RegExp(`${m.AlarmMessageId}.*shown`));
  await deliveries(bench, m.AlarmMessageId, "DONE");
  assert.match((await weft("show", String(m.AlarmMessageId))).stdout, /succeeded[^]*DONE/);
  await weft("ack", String(m.AlarmMessageId));
  await weft("off", id);
  assert.equal(JSON.parse((await weft("rules", "--json")).stdout)[0].Status, 0);
  await weft("on", id);
  await weft("remove", id);
  assert.equal(JSON.parse((await weft("rules", "--json")).stdout).length, 0);
  await assert.rejects(weft("show", "1"), (e) => e.code === 1);
  await assert.rejects(weft("show"), (e) => e.code === 2);
  await receiver.close();
};

module.exports = { tests };
