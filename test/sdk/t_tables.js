/* test/sdk/t_tables.js - api/*.json against the models that the SDK declares: a newer SDK with more
 * actions or fields fails here, not in somebody's program. */
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { tables } = require("./schema");

const SERVICE = path.join(path.dirname(require.resolve("tencentcloud-sdk-nodejs/package.json")),
  "tencentcloud/services/wedata");
const tests = {};

function declared(version, file) {
  const text = fs.readFileSync(path.join(SERVICE, version, `wedata_${file}.d.ts`), "utf8");
  return text.replace(/\/\*\*[^]*?\*\//g, "");
}

/* {object: {field: {required, list}}}; a list of lists counts as one. */
function models(version) {
  const found = {};
  for (const [, name, body] of declared(version, "models").matchAll(/export interface (\w+) \{([^]*?)\n\}/g)) {
    found[name] = {};
    for (const [, field, optional, type] of body.matchAll(/^\s*(\w+)(\??): (.+);$/gm))
      found[name][field] = { required: optional === "", list: type.startsWith("Array<") };
  }
  return found;
}

function differences(version, api) {
  const sdk = models(version), { objects } = tables[api], wrong = [];
  for (const [name, fields] of Object.entries(objects)) {
    const ours = new Map(fields.map((f) => [f.name, f]));
    for (const [field, { required, list }] of Object.entries(sdk[name] ?? {})) {
      const f = ours.get(field);
      if (!f && field !== "RequestId")
        wrong.push(`${name} lacks ${field}`);
      else if (f && Boolean(f.required) !== required)
        wrong.push(`${name}.${field} is ${required ? "required" : "optional"}`);
      else if (f && f.type.startsWith("[") !== list)
        wrong.push(`${name}.${field} is ${list ? "a" : "no"} list`);
    }
    for (const field of ours.keys())
      if (sdk[name] && !(field in sdk[name]))
        wrong.push(`${name} has ${field}, which the SDK does not`);
  }
  assert.ok(Object.keys(sdk).length > Object.keys(objects).length / 2, "the models could be read");
  return wrong;
}

tests["the tables of 2025-08-06 are those of the SDK"] = async () => {
  const { actions } = tables["2025-08-06"];
  const methods = [...declared("v20250806", "client").matchAll(/^\s+(\w+)\(req\??: /gm)].map((m) => m[1]);
  assert.deepEqual(methods.sort(), Object.keys(actions).sort());
  assert.deepEqual(differences("v20250806", "2025-08-06"), []);
};

tests["the tables of 2021-08-20 are those of the SDK"] = async () => {
  assert.deepEqual(differences("v20210820", "2021-08-20"), []);
};

module.exports = { tests };
