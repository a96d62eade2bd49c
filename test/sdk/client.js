/* test/sdk/client.js - calls by the official SDK; answers are checked against the API's tables. */
"use strict";
const assert = require("node:assert/strict");
const { wedata } = require("tencentcloud-sdk-nodejs");
const { CommonClient } = require("tencentcloud-sdk-nodejs/tencentcloud/common/common_client");
const { SECRET_ID, SECRET_KEY } = require("./server");
const { checkResponse, tables } = require("./schema");

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/* Actions that were answered without an error, those that a test had refused, and those that the server has. */
const WORLD = { called: new Set(), refused: new Set(), built: new Set() };

/* version of an action that has no other: the three tables share no names. */
function versionOf(action) {
  const found = Object.keys(tables).filter((v) => tables[v].actions[action]);
  assert.equal(found.length, 1, `${action} is in the tables ${found}`);
  return found[0];
}

class Api {
  /* o: secretId, secretKey, method (POST), signMethod (TC3-HMAC-SHA256), language, region, common */
  constructor(endpoint, o = {}) {
    const config = {
      credential: { secretId: o.secretId ?? SECRET_ID, secretKey: o.secretKey ?? SECRET_KEY },
      region: o.region ?? "ap-guangzhou",
      profile: {
        signMethod: o.signMethod ?? "TC3-HMAC-SHA256",
        language: o.language ?? "en-US",
        httpProfile: { endpoint, protocol: "http://", reqMethod: o.method ?? "POST", reqTimeout: 60 },
      },
    };
    this.endpoint = endpoint;
    this.common = o.common ?? false;
    this.clients = {
      "2025-08-06": new wedata.v20250806.Client(config),
      "2021-08-20": new wedata.v20210820.Client(config),
      "weft-1": new CommonClient("wedata.tencentcloudapi.com", "weft-1", config),
    };
    this.untyped = (version) => new CommonClient("wedata.tencentcloudapi.com", version, config);
  }

  /* The whole Response, checked. */
  async response(action, params = {}) {
    const version = versionOf(action);
    const client = this.clients[version];
    const typed = !this.common && typeof client[action] === "function";
    const answer = typed ? await client[action](params) : await client.request(action, params);
    WORLD.called.add(action);
    assert.match(answer.RequestId, UUID);
    checkResponse(version, action, answer);
    return answer;
  }

  async call(action, params) {
    return (await this.response(action, params)).Data;
  }

  /* The call must fail with this code; path: the message must name this parameter first. */
  async fails(code, path, action, params) {
    let error = null, answer;
    try {
      answer = await this.response(action, params);
    } catch (e) {
      error = e;
    }
    const what = `${action} ${JSON.stringify(params ?? {}).slice(0, 300)}`;
    assert.ok(error, `${what} should fail with ${code}, and answered ${JSON.stringify(answer)}`);
    assert.equal(error.code, code, `${what}: ${error.message}`);
    assert.match(error.requestId, UUID);
    if (path)
      assert.ok(error.message.startsWith("`" + path + "`"),
        `${what} should name ${path} first: ${error.message}`);
    WORLD.refused.add(action);
    return error;
  }
}

module.exports = { Api, WORLD };
