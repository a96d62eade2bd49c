/* test/sdk/t_ops_read.js - what production shows: the submitted graph, owners, workflows, the instances
 * of backfill plans (docs/reference/semantics.md 1.6, 1.7, 7.2). */
"use strict";
const assert = require("node:assert/strict");
const { Bench } = require("./help");

const tests = {};
const current = (task) => ({ TaskId: task, MainCyclicConfig: "DAY", SubordinateCyclicConfig: "CURRENT_DAY" });
const after = (...tasks) => ({ UpstreamDependencyConfigList: tasks.map(current) });
const ids = (page) => page.Items.map((i) => i.TaskId);

const upstreams = (b, task, more = {}) => b.call("ListUpstreamOpsTasks", { TaskId: task, ...more });
const downstreams = (b, task, more = {}) => b.call("ListDownstreamOpsTasks", { TaskId: task, ...more });

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: the submitted graph, not the draft (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const folder = (await b.call("CreateWorkflowFolder", { FolderName: "ops", ParentFolderPath: "/" })).FolderId;
  const top = await b.submitted({ name: "top" }), other = await b.submitted();
  b.workflow = await b.newWorkflow({ ParentFolderPath: "/ops", WorkflowName: "in_folder" });
  const down = await b.submitted({ name: "down", scheduler: { ...after(top), CycleType: "HOUR_CYCLE",
    CrontabExpression: "0 0 0-23 * * ? *", ExecutionStartTime: "01:30", ExecutionEndTime: "22:45" } });
  assert.deepEqual(ids(await upstreams(b, down)), [top]);
  const page = await downstreams(b, top), [item] = page.Items;
  assert.deepEqual([page.TotalCount, page.TotalPageNumber, page.PageNumber, page.PageSize], [1, 1, 1, 10]);
  const { FirstSubmitTime, ScheduleDesc, ProjectName, ...rest } = item;
  assert.deepEqual(rest, { TaskId: down, TaskName: "down", WorkflowId: b.workflow, WorkflowName: "in_folder",
    ProjectId: b.project, Status: "Y", TaskTypeId: 35, TaskTypeDesc: "Shell", FolderName: "ops", FolderId: folder,
    FirstRunTime: null, CycleType: "HOUR_CYCLE", OwnerUin: "100000000001",
    ExecutionStartTime: "01:30", ExecutionEndTime: "22:45" });
  assert.match(FirstSubmitTime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.ok(ScheduleDesc.length > 0 && ProjectName.length > 0);
  const [root] = (await upstreams(b, down)).Items;
  assert.deepEqual([root.FolderId, root.FolderName, root.ExecutionStartTime, root.ExecutionEndTime],
    [null, null, "00:00", "23:59"]);

  await b.call("UpdateTaskPartially", { TaskId: down, NewSetting: { TaskSchedulerConfiguration: after(other) } });
  assert.deepEqual([ids(await upstreams(b, down)), ids(await downstreams(b, other))], [[top], []]);
  await b.submit(down);
  assert.deepEqual([ids(await upstreams(b, down)), ids(await downstreams(b, other)), ids(await downstreams(b, top))],
    [[other], [down], []]);
};

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: pages, and tasks that were deleted (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api);
  const ups = [];
  for (let i = 0; i < 5; i++)
    ups.push(await b.submitted());
  const down = await b.submitted({ scheduler: after(...ups) });
  const second = await upstreams(b, down, { PageNumber: "2", PageSize: "2" });
  assert.deepEqual([ids(second), second.TotalCount, second.TotalPageNumber, second.PageNumber, second.PageSize],
    [ups.slice(2, 4), 5, 3, 2, 2]);
  assert.deepEqual(ids(await upstreams(b, down, { PageNumber: "4", PageSize: "2" })), []);
  await b.call("DeleteTask", { TaskId: ups[0] }); // its edge stays behind
  await b.call("DeleteTask", { TaskId: ups[1], DeleteMode: true });
  const left = await upstreams(b, down, { PageSize: "2" });
  assert.deepEqual([ids(left), left.TotalCount], [ups.slice(2, 4), 3]);
  await b.call("DeleteTask", { TaskId: down });
  assert.deepEqual(ids(await downstreams(b, ups[2])), []);
};

tests["ListUpstreamOpsTasks, ListDownstreamOpsTasks: what is refused (1.6)"] = async ({ api }) => {
  const b = await Bench.make(api), stranger = await Bench.make(api);
  const draft = await b.newTask(), task = await b.submitted();
  for (const action of ["ListUpstreamOpsTasks", "ListDownstreamOpsTasks"]) {
    await b.fails("ResourceNotFound", "TaskId", action, { TaskId: draft });
    await b.fails("ResourceNotFound", "TaskId", action, { TaskId: "x" });
    await stranger.fails("ResourceNotFound", "TaskId", action, { TaskId: task });
    for (const wrong of [{ PageNumber: "0" }, { PageNumber: "x" }])
      await b.fails("InvalidParameterValue", "PageNumber", action, { TaskId: task, ...wrong });
    await b.fails("InvalidParameterValue", "PageSize", action, { TaskId: task, PageSize: "201" });
  }
};

module.exports = { tests, together: true };
