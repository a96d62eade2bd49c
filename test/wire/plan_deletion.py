#!/usr/bin/env python3
"""test/wire/plan_deletion.py WEFT - a large plan is deleted, and the server is killed again and again meanwhile.

The plan is being deleted from its answer on: every server that starts afterwards goes on with it, nothing of it runs, and
in the end its job has succeeded and each of its instances has ended once.
"""
import os
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "fixture.json")
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
TASKS, TOTAL = 40, 40 * 365  # more than is deleted in the call


def call(server, action, **params):
    response = server.call(action, {"ProjectId": PROJECT, **params})
    assert "Error" not in response, (action, response)
    return response.get("Data")


def wait_for(what, probe, seconds=120):
    end = time.time() + seconds
    while not probe():
        assert time.time() < end, what
        time.sleep(0.1)


def count(server, query):
    db = sqlite3.connect(f"file:{server.data}/weft.db?mode=ro", uri=True)
    try:
        return db.execute(query).fetchone()[0]
    finally:
        db.close()


def kill(server):
    server.stop(signal.SIGKILL)
    server.start()


with Server(WEFT, "--slots", "1", "--rate-limit", "0", fixture=FIXTURE) as server:
    tasks = []
    for n in range(TASKS):
        tasks.append(call(server, "CreateTask", TaskBaseAttribute={"TaskName": f"day_{n}", "TaskTypeId": "35", "WorkflowId": WORKFLOW},
                          TaskConfiguration={"CodeContent": "c2xlZXAgNjAwCg=="},  # sleep 600
                          TaskSchedulerConfiguration={"CycleType": "DAY_CYCLE", "SelfDepend": "parallel"})["TaskId"])
        call(server, "SubmitTask", TaskId=tasks[-1], VersionRemark="test")
    plan = call(server, "CreateDataBackfillPlan", TaskIds=tasks,
                DataBackfillRangeList=[{"StartDate": "2025-01-01", "EndDate": "2025-12-31"}])["DataBackfillPlanId"]
    wait_for("the plan is made and one of it runs", lambda: count(server, "SELECT count(*) FROM instance WHERE state = 3 AND plan_id <> ''") == 1
             and count(server, "SELECT count(*) FROM plan_slice") == 0)
    began = count(server, "SELECT count(*) FROM attempt")
    job = call(server, "DeleteDataBackfillPlanAsync", DataBackfillPlanId=plan)["AsyncId"]
    kill(server)
    killed = 1
    while count(server, "SELECT count(*) FROM plan_deletion"):
        kill(server)
        killed += 1
        assert server.call("GetDataBackfillPlan", {"ProjectId": PROJECT, "DataBackfillPlanId": plan})["Error"]["Code"] == "ResourceNotFound"
        assert killed < 50, "the deletion does not go on"
    wait_for("the job succeeds", lambda: call(server, "GetOpsAsyncJob", AsyncId=job)["Status"] == "SUCCESS")
    assert call(server, "GetOpsAsyncJob", AsyncId=job)["TotalSubProcessCount"] == TOTAL + 1
    assert count(server, f"SELECT count(*) FROM instance WHERE plan_id = '{plan}'") == TOTAL
    assert count(server, f"SELECT count(*) FROM instance WHERE plan_id = '{plan}' AND reason = 'its backfill plan was deleted'") == TOTAL
    assert count(server, "SELECT count(*) FROM plan_instance") == 0
    assert count(server, "SELECT count(*) FROM attempt") == began, "something of the plan began"
print(f"plan deletion: {TOTAL} instances ended, {killed} servers killed meanwhile")
