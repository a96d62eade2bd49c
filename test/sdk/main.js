/* test/sdk/main.js - runs every t_*.js against a server and counts; test/sdk/run starts it. */
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Server } = require("./server");
const { Api, WORLD } = require("./client");
const { patience } = require("./help");
const { tables } = require("./schema");

const TEST_SECONDS = 60 * patience;
const FIXTURE = path.join(__dirname, "../../examples/fixture.json");

function deadline(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${TEST_SECONDS} s`)),
      TEST_SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/* So many tests at once: more of them would wait for the processor, not for the server, and what they say
 * of times would say nothing. */
const AT_ONCE = 32;
class Gate {
  constructor(room) {
    this.room = room;
    this.waiting = [];
  }

  async through(body) {
    if (this.room > 0)
      this.room--;
    else
      await new Promise((go) => this.waiting.push(go));
    try {
      return await body();
    } finally {
      const next = this.waiting.shift();
      if (next)
        next();
      else
        this.room++;
    }
  }
}

class Suite {
  constructor(words, apart) {
    this.gate = new Gate(AT_ONCE);
    this.words = words;
    this.apart = apart;
    this.passed = 0;
    this.failed = 0;
  }

  report(name, error) {
    if (!error) {
      this.passed++;
      return;
    }
    this.failed++;
    console.log(`FAILED ${name}\n    ${(error.stack ?? String(error)).replaceAll("\n", "\n    ")}`);
  }

  /* Tests of a file, one after another, or all at once where the file says so. */
  async file(name, world) {
    const { tests, together = false } = require(path.join(__dirname, name));
    const one = async ([title, body]) => {
      const full = `${name}: ${title}`;
      if (this.words.length > 0 && !this.words.some((w) => full.includes(w)))
        return;
      await this.gate.through(() =>
        deadline(body(world)).then(() => this.report(full), (e) => this.report(full, e)));
    };
    const list = Object.entries(tests);
    if (together && !this.apart)
      await Promise.all(list.map(one));
    else
      for (const test of list)
        await one(test);
  }
}

async function main() {
  const [weft, ...words] = process.argv.slice(2).filter((word) => word !== "--apart");
  const apart = process.argv.includes("--apart");
  const suite = new Suite(words, apart);
  const servers = [];
  const serve = async (...options) => {
    const server = new Server(weft, options);
    servers.push(server);
    return server.start();
  };
  const began = Date.now();
  try {
    const server = await serve("--rate-limit", "0", "--slots", "64", "--fixture", FIXTURE);
    const world = { server, serve, endpoint: server.endpoint, api: new Api(server.endpoint) };
    const files = fs.readdirSync(__dirname).filter((f) => /^t_\w+\.js$/.test(f)).sort();
    // Files use projects of their own, so they do not see each other.
    if (apart)
      for (const f of files)
        await suite.file(f, world);
    else
      await Promise.all(files.map((f) => suite.file(f, world)));
    if (words.length === 0) {
      const all = [...WORLD.built, ...Object.keys(tables["weft-1"].actions)];
      for (const [what, seen] of [["succeeded", WORLD.called], ["was refused", WORLD.refused]]) {
        const left = all.filter((action) => !seen.has(action));
        suite.report(`every action that the server has ${what} once`,
          left.length > 0 ? new Error(`never: ${left.join(", ")}`) : undefined);
      }
    }
  } catch (e) {
    suite.report("the server", e);
  }
  for (const server of servers) {
    const fault = server.child ? await server.stop() : null;
    if (fault)
      suite.report("the end of the server", new Error(fault));
  }
  console.log(`${((Date.now() - began) / 1000).toFixed(1)} s`);
  console.log(`${suite.passed} passed, ${suite.failed} failed`);
  process.exit(suite.failed > 0 || suite.passed === 0 ? 1 : 0);
}

main();
