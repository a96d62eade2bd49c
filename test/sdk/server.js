/* test/sdk/server.js - a weft server of its own, on a free port and a new folder of data. */
"use strict";
const { spawn, execFile } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const SECRET_ID = "AKIDsdktest";
const SECRET_KEY = "sdk-test-secret";
const START_SECONDS = 20;
const STOP_SECONDS = 20;

class Server {
  constructor(weft, options = []) {
    this.weft = weft;
    this.options = options;
    this.log = "";
    // Attempts may run as another user and must be able to pass this folder.
    this.data = fs.mkdtempSync(path.join(os.tmpdir(), "weft-sdk-"));
    fs.chmodSync(this.data, 0o711);
  }

  async start() {
    const args = ["serve", "--listen", "127.0.0.1:0", "--data", this.data, "--log-level", "warn"];
    const env = { ...process.env, WEFT_SECRET_ID: SECRET_ID, WEFT_SECRET_KEY: SECRET_KEY };
    this.child = spawn(this.weft, [...args, ...this.options],
      { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr.on("data", (text) => { this.log += text; });
    this.ended = new Promise((done) => this.child.on("close", (code, signal) => done(code ?? signal)));
    this.endpoint = await this.listening();
    return this;
  }

  listening() {
    return new Promise((resolve, reject) => {
      let out = "";
      const late = setTimeout(() => {
        reject(new Error(`the server did not start within ${START_SECONDS} s: ${this.log}`));
      }, START_SECONDS * 1000);
      this.child.stdout.on("data", (text) => {
        out += text;
        const found = /listening on http:\/\/(\S+:\d+)/.exec(out);
        if (found) {
          clearTimeout(late);
          resolve(found[1]);
        }
      });
      this.child.on("error", reject);
      this.ended.then((status) => {
        clearTimeout(late);
        reject(new Error(`the server ended with ${status}: ${this.log}`));
      });
    });
  }

  /* Ends the server, not its runner; start() begins again on the same folder. */
  async end() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), STOP_SECONDS * 1000);
    const status = await this.ended;
    clearTimeout(late);
    return status;
  }

  /* Ends server and runner and removes the folder; what went wrong, or null. */
  async stop() {
    const status = await this.end();
    await new Promise((done) => execFile(this.weft,
      ["runner", "--dir", path.join(this.data, "runner"), "--stop"], () => done()));
    let runner = "";
    try {
      runner = fs.readFileSync(path.join(this.data, "runner", "runner.log"), "utf8");
    } catch { /* no attempt was made, no log */ }
    fs.rmSync(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    if (status !== 0)
      return `the server ended with ${status}: ${this.log.slice(-4000)}`;
    const fault = /AddressSanitizer|runtime error:|LeakSanitizer/;
    for (const [name, text] of [["server", this.log], ["runner", runner]])
      if (fault.test(text))
        return `a sanitizer spoke in the ${name}'s log: ${text.slice(-4000)}`;
    return null;
  }
}

module.exports = { Server, SECRET_ID, SECRET_KEY };
