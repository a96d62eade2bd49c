/* test/sdk/t_audit.js - the audit trail of writes (docs/operations.md, "Audit"). */
"use strict";
const assert = require("node:assert/strict");
const { Bench, until } = require("./help");

const tests = {};

tests["every write leaves its record, and no read does"] = async ({ api }) => {
  const b = await Bench.make(api);
  const task = await b.submitted({ name: "watched" });
  await b.call("GetTask", { TaskId: task });
  const refused = { TaskId: task, VersionRemark: "" };
  await b.fails("InvalidParameterValue", "VersionRemark", "SubmitTask", refused);
  const records = async (o = {}) => (await b.call("ListAuditRecords", o)).Items;
  await until("the refused one", 10, async () => (await records({ Result: "REFUSED" })).length === 1);
  const all = await records();
  assert.deepEqual(new Set(all.map((r) => r.ProjectId)), new Set([b.project]));
  assert.ok(!all.some((r) => r.Action === "GetTask"), "a read is there");
  const submits = all.filter((r) => r.Action === "SubmitTask");
  assert.deepEqual(submits.map((r) => r.Result), ["InvalidParameterValue", "OK"], "newest first");
  for (const r of submits) {
    assert.deepEqual([r.Account, r.Version], ["100000000001", "2025-08-06"]);
    assert.ok(r.Objects.includes(`TaskId=${task}`), r.Objects);
    assert.match(r.CallRequestId, /^[0-9a-f-]{36}$/);
  }
  const [made] = await records({ Action: "CreateTask" });
  assert.ok(made.Objects.includes("Made="), made.Objects);
  const page = await b.call("ListAuditRecords", { PageSize: 1 });
  const next = await b.call("ListAuditRecords", { PageSize: 1, Cursor: page.NextCursor });
  assert.deepEqual([...page.Items, ...next.Items], all.slice(0, 2));
};

tests["audit: faults"] = async ({ api }) => {
  const b = await Bench.make(api);
  const bad = "InvalidParameterValue";
  await b.fails(bad, "StartTime", "ListAuditRecords", { StartTime: "yesterday" });
  await b.fails(bad, "Cursor", "ListAuditRecords", { Cursor: "x" });
};

module.exports = { tests };
