#!/usr/bin/env python3
"""test/wire/retention.py WEFT - --keep-days on a live server: rows, logs and audit records of an aged store leave;
what was consumed of a case that lives on leaves with who did.

Nothing can wait for days, so the store of a server that has ended is made older: its instants are moved back.
"""
import base64
import glob
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "fixture.json")
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
TEN_DAYS = 10 * 86400 * 1000000
AGED = {"instance": ("created_at", "updated_at", "round_at", "started_at", "ended_at", "fire_at"),
        "attempt": ("begun_at", "started_at", "ended_at"), "plan": ("created_at",), "audit": ("at",)}


def call(server, action, params, version="2025-08-06"):
    response = server.call(action, params, version)
    assert "Error" not in response, (action, response)
    return response.get("Data")


def wait_for(what, probe, seconds=60):
    end = time.time() + seconds
    while not probe():
        assert time.time() < end, what
        time.sleep(0.1)


def instances(server):
    return {one["InstanceKey"]: one["InstanceState"]
            for one in call(server, "ListTaskInstances", {"ProjectId": PROJECT, "PageSize": 100})["Items"]}


def logs(server):
    return [path for path in glob.glob(os.path.join(server.data, "runner", "logs", "**"), recursive=True)
            if os.path.isfile(path)]


def rows(server, table):
    with sqlite3.connect(os.path.join(server.data, "weft.db")) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def age(server):
    with sqlite3.connect(os.path.join(server.data, "weft.db")) as db:
        for table, columns in AGED.items():
            moved = ", ".join(f"{one} = {one} - {TEN_DAYS}" for one in columns)
            db.execute(f"UPDATE {table} SET {moved}")
    db.close()


def backfill(server, first, last):
    call(server, "CreateDataBackfillPlan", {
        "ProjectId": PROJECT, "TaskIds": [task], "SkipEventListening": False,
        "DataBackfillRangeList": [{"StartDate": first, "EndDate": last}]})


def consumers(server):
    return call(server, "DescribeEventConsumeTasks", {
        "ProjectId": PROJECT, "EventCaseId": "c1", "PageNumber": 1, "PageSize": 10}, "2021-08-20")["TotalCount"]


with Server(WEFT, fixture=FIXTURE) as server:
    call(server, "RegisterDsEvent", {
        "ProjectId": PROJECT, "Name": "arrived", "EventSubType": "DAY", "EventType": "GENERAL", "TimeToLive": "90",
        "TimeUnit": "DAYS", "Owner": "100", "Description": "d"}, "2021-08-20")
    call(server, "TriggerDsEvent", {
        "ProjectId": PROJECT, "EventCaseList": [{"Name": "arrived", "CaseId": "c1"}]}, "2021-08-20")
    task = call(server, "CreateTask", {
        "ProjectId": PROJECT, "TaskBaseAttribute": {"TaskName": "old", "TaskTypeId": "35", "WorkflowId": WORKFLOW},
        "TaskConfiguration": {"CodeContent": base64.b64encode(b"echo old").decode()},
        "TaskSchedulerConfiguration": {"CycleType": "DAY_CYCLE", "StartTime": "2025-01-01 00:00:00", "EventListenerList": [
            {"EventName": "arrived", "EventSubType": "DAY", "EventBroadcastType": "BROADCAST"}]}})["TaskId"]
    call(server, "SubmitTask", {"ProjectId": PROJECT, "TaskId": task, "VersionRemark": "r"})
    backfill(server, "2025-02-01", "2025-02-05")
    old = [f"{task}_2025-02-0{day} 00:00:00" for day in range(1, 6)]
    wait_for("five ends", lambda: all(instances(server).get(key) == "COMPLETED" for key in old))
    assert len(logs(server)) >= 5, logs(server)
    assert consumers(server) == 5
    server.stop()
    age(server)
    server.options = ("--keep-days", "30")
    server.start()
    time.sleep(2)
    assert set(old) <= set(instances(server)), "they are not as old as that"
    server.stop()
    server.options = ("--keep-days", "7")
    server.start()
    wait_for("four that leave", lambda: set(old) & set(instances(server)) == {old[-1]})
    wait_for("their logs", lambda: len(logs(server)) == 1)
    wait_for("the audit records", lambda: not call(server, "ListAuditRecords", {}, "weft-1")["Items"])
    assert rows(server, "attempt") == 1 and rows(server, "plan") == 0 and rows(server, "plan_instance") == 0
    assert consumers(server) == 1
    # A backfill of what is gone makes it anew, and takes the case anew.
    backfill(server, "2025-02-01", "2025-02-01")
    wait_for("the new one", lambda: instances(server).get(old[0]) == "COMPLETED")
    assert consumers(server) == 2
print("ok")
