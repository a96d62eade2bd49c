/* test/sdk/schema.js - holds every answer against the response objects of api/<version>.json. */
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const FILES = {
  "2025-08-06": "wedata-2025-08-06.json",
  "2021-08-20": "wedata-2021-08-20.json",
  "weft-1": "weft-1.json",
};
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/;

const tables = {};
for (const [version, file] of Object.entries(FILES))
  tables[version] = JSON.parse(fs.readFileSync(path.join(__dirname, "../../api", file), "utf8"));

const SCALARS = {
  string: (v) => typeof v === "string",
  bool: (v) => typeof v === "boolean",
  int64: (v) => Number.isSafeInteger(v),
  uint64: (v) => Number.isSafeInteger(v) && v >= 0,
  float: (v) => typeof v === "number",
  datetime_iso: (v) => typeof v === "string" && ISO.test(v),
};

function check(objects, type, value, at) {
  if (value === null)
    return;
  if (type.startsWith("[")) {
    if (!Array.isArray(value))
      throw new Error(`${at}: a list is declared, not ${JSON.stringify(value)}`);
    value.forEach((item, i) => check(objects, type.slice(1, -1), item, `${at}.${i}`));
    return;
  }
  if (SCALARS[type]) {
    if (!SCALARS[type](value))
      throw new Error(`${at}: ${type} is declared, not ${JSON.stringify(value)}`);
    return;
  }
  if (!objects[type])
    throw new Error(`${at}: the table has no type ${type}`);
  if (typeof value !== "object" || Array.isArray(value))
    throw new Error(`${at}: an object is declared, not ${JSON.stringify(value)}`);
  const declared = new Map(objects[type].map((m) => [m.name, m]));
  for (const [name, inner] of Object.entries(value)) {
    if (!declared.has(name))
      throw new Error(`${at}.${name}: ${type} declares no such member`);
    check(objects, declared.get(name).type, inner, `${at}.${name}`);
  }
  for (const m of objects[type])
    if (m.required && value[m.name] === undefined)
      throw new Error(`${at}.${m.name}: ${type} requires it`);
}

/* Throws when the answer has a member that is not declared, or a value of another type. */
function checkResponse(version, action, response) {
  const table = tables[version];
  check(table.objects, table.actions[action].response, response, action);
  if (response.RequestId === undefined || response.Error !== undefined)
    throw new Error(`${action}: RequestId and no Error are declared`);
}

module.exports = { checkResponse, tables };
