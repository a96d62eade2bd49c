/* test/sdk/help.js - objects that tests need: projects, workflows, tasks; waiting for states. */
"use strict";
const assert = require("node:assert/strict");

let counter = 0;
const unique = (prefix) => `${prefix}_${process.pid}_${++counter}`;
const base64 = (text) => Buffer.from(text).toString("base64");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* A program that is slow on purpose gets more time for the same. */
const patience = process.argv.includes("--apart") ? 5 : 1;

async function until(what, seconds, probe) {
  const end = Date.now() + seconds * 1000 * patience;
  for (;;) {
    const found = await probe();
    if (found)
      return found;
    if (Date.now() > end)
      assert.fail(`${what}: not within ${seconds * patience} s`);
    await sleep(60);
  }
}

/* A project with one workflow, and what is done in it. */
class Bench {
  static async make(api, prefix = "sdk") {
    const b = new Bench();
    b.api = api;
    const name = unique(prefix);
    b.project = (await api.call("CreateProject",
      { Project: { ProjectName: name, DisplayName: name } })).ProjectId;
    b.workflow = await b.newWorkflow();
    return b;
  }

  in(params) {
    return { ProjectId: this.project, ...params };
  }

  call(action, params) {
    return this.api.call(action, this.in(params));
  }

  fails(code, path, action, params) {
    return this.api.fails(code, path, action, this.in(params));
  }

  async newWorkflow(more = {}) {
    return (await this.call("CreateWorkflow",
      { WorkflowName: unique("w"), ParentFolderPath: "/", ...more })).WorkflowId;
  }

  /* o: name, type, code, base, config, scheduler */
  taskParams(o = {}) {
    return this.in({
      TaskBaseAttribute: { TaskName: o.name ?? unique("t"), TaskTypeId: o.type ?? "35",
        WorkflowId: this.workflow, ...o.base },
      TaskConfiguration: { CodeContent: base64(o.code ?? "echo hello\n"), ...o.config },
      // Data times before StartTime would be off the schedule: nobody waits for those.
      TaskSchedulerConfiguration: { CycleType: "DAY_CYCLE", StartTime: "2025-01-01 00:00:00",
        ...o.scheduler },
    });
  }

  async newTask(o) {
    return (await this.api.call("CreateTask", this.taskParams(o))).TaskId;
  }

  submit(task, remark = "test") {
    return this.call("SubmitTask", { TaskId: task, VersionRemark: remark });
  }

  async submitted(o) {
    const task = await this.newTask(o);
    await this.submit(task);
    return task;
  }

  /* A resource group with so many slots, for this project only. */
  async group(slots) {
    return (await this.api.call("CreateResourceGroup", { Name: unique("slots"), Type: { ResourceGroupType: "Schedule",
      Schedule: { Specification: "s_test", Number: slots } }, AutoRenewEnabled: false, PurchasePeriod: 1,
    VpcId: "v", SubNet: "s", ResourceRegion: "r", AssociatedProjectId: this.project })).ResourceGroupId;
  }

  async backfill(tasks, from, to = from, more = {}) {
    return (await this.call("CreateDataBackfillPlan", { TaskIds: [tasks].flat(),
      DataBackfillRangeList: [{ StartDate: from, EndDate: to }], ...more })).DataBackfillPlanId;
  }

  instance(key, more = {}) {
    return this.call("GetTaskInstance", { InstanceKey: key, ...more });
  }

  /* The instance once it has one of the states. */
  async reaches(key, states, seconds = 30) {
    const wanted = [states].flat();
    let last = null;
    try {
      return await until(`${key} ${wanted}`, seconds, async () => {
        last = await this.instance(key).catch((e) => {
          if (e.code === "ResourceNotFound")
            return { InstanceState: "none" };
          throw e;
        });
        return wanted.includes(last.InstanceState) && last;
      });
    } catch (e) {
      e.message += `; it is ${last?.InstanceState}`;
      throw e;
    }
  }

  /* The whole log of a round, [{time, level, text}], without the lines of the server itself. */
  async log(key, more = {}) {
    return (await this.wholeLog(key, more)).filter((l) => !l.text.startsWith("weft: "));
  }

  async wholeLog(key, more = {}) {
    let text = "", cursor;
    for (let page = 0; page < 50; page++) {
      const d = await this.call("GetTaskInstanceLog",
        { InstanceKey: key, ...more, ...(cursor ? { NextCursor: cursor } : {}) });
      text += d.LogInfo;
      cursor = d.NextCursor;
      if (!cursor)
        break;
    }
    return logLines(text);
  }

  explain(key) {
    return this.call("ExplainTaskInstance", { InstanceKey: key });
  }
}

function logLines(text) {
  return text.split("\n").filter((line) => line.length > 0).map((line) => {
    const found = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (\w+) (.*)$/s.exec(line);
    assert.ok(found, `a line of a log: ${line}`);
    return { time: found[1], level: found[2], text: found[3] };
  });
}

const texts = (lines) => lines.map((l) => l.text);
const day = (date) => `${date} 00:00:00`;
/* Now plus seconds as a naive time in UTC+8, which is weft's own zone. */
const zoned = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19).replace("T", " ");

/* What an answer says, without the members that it has nothing for. */
const said = (value) => Array.isArray(value) ? value.map(said)
  : value === null || typeof value !== "object" ? value
  : Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => [k, said(v)]));

module.exports = { patience, Bench, unique, base64, sleep, until, logLines, texts, day, zoned, said };
