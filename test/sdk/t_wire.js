/* test/sdk/t_wire.js - signatures, languages, versions, actions, keys, limits. */
"use strict";
const assert = require("node:assert/strict");
const { Api, WORLD } = require("./client");
const { Bench, base64, unique } = require("./help");
const { tables } = require("./schema");

const SIGNS = ["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"];
const tests = {};

for (const signMethod of SIGNS)
  for (const method of ["POST", "GET"]) {
    tests[`${signMethod} ${method}: nested parameters arrive as they are`] = async (w) => {
      const api = new Api(w.endpoint, { signMethod, method });
      const b = await Bench.make(api);
      const text = "a b+c&d=e/f?g%20~*'()!中文 \"q\" \\";
      const id = await b.newTask({
        base: { TaskDescription: text },
        config: { TaskSchedulingParameterList: [{ ParamKey: "k1", ParamValue: text },
          { ParamKey: "k2", ParamValue: "2" }] },
        scheduler: { RunPriorityType: 5 },
      });
      const t = await b.call("GetTask", { TaskId: id });
      assert.equal(t.TaskBaseAttribute.TaskDescription, text);
      assert.deepEqual(t.TaskConfiguration.TaskSchedulingParameterList,
        [{ ParamKey: "k1", ParamValue: text }, { ParamKey: "k2", ParamValue: "2" }]);
      assert.equal(t.TaskSchedulerConfiguration.RunPriority, 5);
      const page = await b.call("ListTasks", { PageNumber: 1, PageSize: 10, Submit: false });
      assert.deepEqual(page.Items.map((i) => i.TaskId), [id]);
      assert.equal((await b.call("ListTasks", { Submit: true })).TotalCount, 0);
      assert.equal((await b.call("DeleteTask", { TaskId: id, DeleteMode: true })).Status, true);
    };
    tests[`${signMethod} ${method}: a wrong secret and an unknown id are refused`] = async (w) => {
      const wrong = new Api(w.endpoint, { signMethod, method, secretKey: "not the secret" });
      await wrong.fails("AuthFailure.SignatureFailure", null, "ListProjects", {});
      const unknown = new Api(w.endpoint, { signMethod, method, secretId: "AKIDunknown" });
      await unknown.fails("AuthFailure.SecretIdNotFound", null, "ListProjects", {});
    };
  }

tests["messages: Chinese with zh-CN, English with en-US, the same code"] = async (w) => {
  for (const [language, chinese] of [["zh-CN", true], ["en-US", false]]) {
    const api = new Api(w.endpoint, { language });
    const has = (e) => assert.equal(/[\u4e00-\u9fff]/.test(e.message), chinese, e.message);
    has(await api.fails("ResourceNotFound", "ProjectId", "GetProject", { ProjectId: "1" }));
    has(await api.fails("InvalidParameterValue", "PageSize", "ListProjects", { PageSize: 100000 }));
    has(await api.fails("UnsupportedOperation", null, "ListLineage", {}));
    has(await new Api(w.endpoint, { language, secretKey: "x" })
      .fails("AuthFailure.SignatureFailure", null, "ListProjects", {}));
  }
};

tests["actions that are not built say so, all others of the table do not"] = async (w) => {
  const { api } = w;
  let unbuilt = 0;
  for (const version of ["2025-08-06", "2021-08-20"])
    for (const action of Object.keys(tables[version].actions)) {
      const client = api.clients[version];
      assert.equal(typeof client[action], "function", `${action} is no method of the SDK's client`);
      // {} is either enough or lacks a required parameter; nothing is changed by it.
      const error = await client.request(action, {}).then(() => null, (e) => e);
      if (error?.code === "UnsupportedOperation") {
        assert.ok(error.message.includes(action), error.message);
        unbuilt++;
      } else {
        assert.ok(error === null || error.code === "MissingParameter",
          `${action}: ${error?.code} ${error?.message}`);
        WORLD.built.add(action);
      }
    }
  assert.ok(WORLD.built.size >= 50 && unbuilt > 0, `${WORLD.built.size} built, ${unbuilt} not`);
};

tests["unknown action, action of another version, unknown version"] = async (w) => {
  const v2025 = w.api.untyped("2025-08-06"), v2021 = w.api.untyped("2021-08-20");
  const code = (p) => p.then(() => "success", (e) => e.code);
  assert.equal(await code(v2025.request("MakeCoffee", {})), "InvalidAction");
  assert.equal(await code(v2025.request("createTask", {})), "InvalidAction");
  assert.equal(await code(v2025.request("TriggerDsEvent", {})), "InvalidAction");
  assert.equal(await code(v2021.request("CreateTask", {})), "InvalidAction");
  assert.equal(await code(v2025.request("GetServerInfo", {})), "InvalidAction");
  assert.equal(await code(w.api.untyped("2019-01-01").request("CreateTask", {})), "NoSuchVersion");
};

tests["parameters: missing, unknown, of another type"] = async ({ api }) => {
  const task = { ProjectId: "1", TaskBaseAttribute: { TaskName: "a", TaskTypeId: "35",
    WorkflowId: "w" }, TaskConfiguration: {}, TaskSchedulerConfiguration: {} };
  const named = async (code, words, action, params) => {
    const e = await api.fails(code, null, action, params);
    for (const word of [words].flat())
      assert.ok(e.message.includes(word), `${action} should name ${word}: ${e.message}`);
  };
  await named("MissingParameter", "`ProjectId`", "GetTask", { TaskId: "1" });
  await named("MissingParameter", "`ProjectId`", "GetTask", {});
  await named("MissingParameter", "`TaskBaseAttribute.TaskName`", "CreateTask",
    { ...task, TaskBaseAttribute: { TaskTypeId: "35", WorkflowId: "w" } });
  await named("MissingParameter", "`ProjectId`", "GetTask", { ProjectId: null, TaskId: "1" });
  await named("UnknownParameter", "`Color`", "ListProjects", { Color: "red" });
  await named("UnknownParameter", "`TaskConfiguration.Color`", "CreateTask",
    { ...task, TaskConfiguration: { Color: "red" } });
  await named("InvalidParameter", ["`PageNumber`"], "ListProjects", { PageNumber: "1" });
  await named("InvalidParameter", ["`PageNumber`"], "ListProjects", { PageNumber: -1 });
  await named("InvalidParameter", ["`PageNumber`"], "ListProjects", { PageNumber: 1.5 });
  await named("InvalidParameter", ["`ProjectIds`"], "ListProjects", { ProjectIds: "1" });
  await named("InvalidParameter", ["`ProjectIds.1`"], "ListProjects", { ProjectIds: ["1", 2] });
  await named("InvalidParameter", "`TaskBaseAttribute.TaskTypeId`", "CreateTask",
    { ...task, TaskBaseAttribute: { ...task.TaskBaseAttribute, TaskTypeId: 35 } });
  await named("InvalidParameter", "`TaskSchedulerConfiguration.RunPriority`", "CreateTask",
    { ...task, TaskSchedulerConfiguration: { RunPriority: 6 } });
  await named("InvalidParameter", "`TaskSchedulerConfiguration.RunPriorityType`", "CreateTask",
    { ...task, TaskSchedulerConfiguration: { RunPriorityType: "6" } });
};

tests["region: needed"] = async (w) => {
  const api = new Api(w.endpoint, { region: "" });
  const e = await api.fails("MissingParameter", null, "ListProjects", {});
  assert.ok(e.message.includes("`Region`"), e.message);
};

tests["100 calls in a row, 100 calls at once"] = async ({ api }) => {
  const ids = new Set();
  for (let i = 0; i < 100; i++)
    ids.add((await api.response("ListProjects", { PageSize: 10 })).RequestId);
  const many = await Promise.all(Array.from({ length: 100 },
    () => api.response("ListProjects", { PageSize: 10 })));
  for (const one of many)
    ids.add(one.RequestId);
  assert.equal(ids.size, 200);
};

tests["a large code comes back"] = async (w) => {
  const b = await Bench.make(w.api);
  const code = Array.from({ length: 40000 }, (_, i) => `: line ${i} 行\n`).join("");
  const id = await b.newTask({ code });
  const got = await b.call("GetTaskCode", { TaskId: id });
  assert.equal(Buffer.from(got.CodeInfo, "base64").toString(), code);
  assert.equal(got.CodeFileSize, String(Math.ceil(Buffer.byteLength(code) / 1024)));
  assert.equal((await b.call("GetTask", { TaskId: id })).TaskConfiguration.CodeContent, base64(code));
};

tests["the limit of calls per second, action and account"] = async (w) => {
  const server = await w.serve("--rate-limit", "5");
  const api = new Api(server.endpoint);
  const codes = await Promise.all(Array.from({ length: 40 },
    () => api.call("ListProjects", {}).then(() => "ok", (e) => e.code)));
  const ok = codes.filter((c) => c === "ok").length;
  // 40 at once may cross one or two borders of a second.
  assert.ok(ok >= 5 && ok <= 15, `${ok} passed`);
  assert.equal(codes.filter((c) => c === "RequestLimitExceeded").length, 40 - ok);
  assert.equal((await api.call("ListResourceGroups", {})).PageNumber, 1);
  await new Promise((done) => setTimeout(done, 1100));
  assert.equal((await api.call("ListProjects", {})).TotalCount, 0);
};

tests["keys: made, used, switched off and on, deleted"] = async (w) => {
  const { api } = w;
  const name = unique("key");
  const key = await api.call("CreateKey", { Uin: "100028579801", Name: name });
  const own = new Api(w.endpoint, { secretId: key.SecretId, secretKey: key.SecretKey });
  const b = await Bench.make(own);
  assert.equal((await b.call("GetProject")).CreatorUin, "100028579801");
  await own.fails("UnauthorizedOperation", null, "CreateKey", { Uin: "1" });
  await own.fails("UnauthorizedOperation", null, "ListKeys", {});
  const listed = (await api.call("ListKeys")).Items;
  assert.deepEqual(listed.filter((k) => k.Name === name).map((k) => [k.SecretId, k.Uin, k.Enabled,
    k.Root]), [[key.SecretId, "100028579801", true, false]]);
  assert.equal(listed.filter((k) => k.Root).length, 1);
  await api.call("DisableKey", { SecretId: key.SecretId });
  await own.fails("AuthFailure.SecretIdNotFound", null, "GetProject", { ProjectId: b.project });
  await api.call("EnableKey", { SecretId: key.SecretId });
  await api.fails("ResourceNotFound", "SecretId", "EnableKey", { SecretId: "AKIDnobody" });
  await b.call("GetProject");
  await api.call("DeleteKey", { SecretId: key.SecretId });
  await own.fails("AuthFailure.SecretIdNotFound", null, "GetProject", { ProjectId: b.project });
  await api.fails("ResourceNotFound", "SecretId", "DeleteKey", { SecretId: key.SecretId });
  await api.fails("InvalidParameterValue", "Uin", "CreateKey", { Uin: "me" });
  await api.fails("OperationDenied", "SecretId", "DisableKey",
    { SecretId: listed.find((k) => k.Root).SecretId });
};

tests["GetServerInfo"] = async ({ api }) => {
  const info = await api.call("GetServerInfo");
  assert.match(info.Version, /^\d+\.\d+\.\d+/);
  assert.ok(info.StartedSecondsAgo >= 0 && info.CommitsFailed === 0);
};

module.exports = { tests };
