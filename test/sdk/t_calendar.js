/* test/sdk/t_calendar.js - calendars of version weft-1, and tasks that follow them. */
"use strict";
const assert = require("node:assert/strict");
const { Bench, unique } = require("./help");

const tests = {};

tests["a calendar's life, and what it does to the firings of a task"] = async ({ api }) => {
  const b = await Bench.make(api);
  const name = unique("cal");
  const CalendarId = (await api.call("CreateCalendar", { CalendarName: name, Mode: "RUN",
    Dates: ["2098-01-03", "2098-01-05"] })).CalendarId;
  const task = await b.newTask({ scheduler: { CalendarOpen: "1", CalendarId,
    StartTime: "2098-01-01 00:00:00" } });
  const fires = async () => (await b.call("PreviewTaskFirings", { TaskId: task, Count: 3 })).Items
    .map((i) => i.SchedulerTime.slice(0, 10));
  assert.deepEqual(await fires(), ["2098-01-03", "2098-01-05"]);
  await api.call("UpdateCalendar", { CalendarId, Mode: "PAUSE", Dates: ["2098-01-02"] });
  assert.deepEqual(await fires(), ["2098-01-01", "2098-01-03", "2098-01-04"]);
  const [listed] = (await api.call("ListCalendars", { Keyword: name })).Items;
  assert.deepEqual([listed.CalendarId, listed.CalendarName, listed.Mode, listed.Dates],
    [CalendarId, name, "PAUSE", ["2098-01-02"]]);
  assert.deepEqual((await api.call("ListCalendars", { Keyword: name, PageNumber: 101 })).Items, []);
  const make = (o) => ({ CalendarName: unique("cal"), Mode: "RUN", Dates: [], ...o });
  const bad = "InvalidParameterValue";
  await api.fails("InvalidParameter.DuplicateName", "CalendarName", "CreateCalendar",
    make({ CalendarName: name }));
  await api.fails(bad, "Mode", "CreateCalendar", make({ Mode: "WALK" }));
  await api.fails(bad, "Dates.1", "CreateCalendar", make({ Dates: ["2026-01-01", "2026-02-30"] }));
  await api.fails("ResourceNotFound", "CalendarId", "UpdateCalendar", { CalendarId: "99", Mode: "RUN" });
  await api.fails("OperationDenied", "CalendarId", "DeleteCalendar", { CalendarId });
  await api.fails(bad, "PageSize", "ListCalendars", { PageSize: 0 });
  await b.call("DeleteTask", { TaskId: task });
  await api.call("DeleteCalendar", { CalendarId });
  await api.fails("ResourceNotFound", "CalendarId", "DeleteCalendar", { CalendarId });
};

module.exports = { tests };
