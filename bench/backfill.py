#!/usr/bin/env python3
"""bench/backfill.py BUILD [ROUNDS] [TASKS] [DAYS] - a backfill of 1,000 tasks over 365 days, planned by one call.

BUILD is a release build directory.  Every second task waits for the one before it.  Twenty other tasks fire every second
meanwhile; their lateness is what /metrics says of each time.  Per round: the same length of time without a plan; the call,
with real attempts and one slot, so that all of the plan waits, how long it takes until all of it is made, and its memory; the
plan's deletion; and, with dry runs, from the call to the last end.  `ROUNDS` is 3.
"""
import json
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from run import FIXTURE, PROJECT, WORKFLOW, KeptServer, data, process_memory, report  # noqa: E402
from wire import Connection, headers  # noqa: E402

TICKS = 20


def definition(number, name, **scheduler):
    return {"TaskId": str(20260000000000000 + number), "ProjectId": PROJECT, "Submit": True, "VersionRemark": "bench",
            "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW},
            "TaskConfiguration": {"CodeContent": "dHJ1ZQ=="}, "TaskSchedulerConfiguration": scheduler}


def fixture_of(tasks, **scheduler):
    """The tasks as a fixture, the quickest way to get many, and those that fire meanwhile."""
    with open(FIXTURE, encoding="utf-8") as file:
        fixture = json.load(file)
    fixture["Tasks"] = []
    for i in range(tasks):
        upstream = {"UpstreamDependencyConfigList": [{"TaskId": str(20260000000000000 + i - 1), "MainCyclicConfig": "DAY",
                                                      "SubordinateCyclicConfig": "CURRENT_DAY"}]} if i % 2 else {}
        fixture["Tasks"].append(definition(i, f"task_{i}", CycleType="DAY_CYCLE", StartTime="2025-01-01 00:00:00",
                                           SelfDepend="parallel", **scheduler, **upstream))
    for i in range(TICKS):
        fixture["Tasks"].append(definition(tasks + i, f"tick_{i}", CycleType="CRONTAB_CYCLE", SelfDepend="parallel",
                                           CrontabExpression="* * * * * ? *", ScheduleRunType="1"))
    file = tempfile.NamedTemporaryFile("w", suffix=".json")
    json.dump(fixture, file)
    file.flush()
    return file


def lateness(server):
    """Firings so far by their bucket of lateness, in seconds, each with all that were less late."""
    connection = Connection(server.port)
    connection.request({"Host": "127.0.0.1"}, target="/metrics", method="GET")
    text = connection.answer()[2].decode()
    connection.close()
    return {float(le): int(n) for le, n in re.findall(r'weft_firing_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)', text)}


def worst(before, after):
    """(firings, the upper bound of the bucket that holds the latest of them)"""
    new = {le: after[le] - before[le] for le in after}
    n = new[float("inf")]
    return n, min([le for le, count in new.items() if count == n])


def call(server, action, version="2025-08-06", **params):
    """(Data, seconds, seconds of a processor of the server)"""
    body = json.dumps({"ProjectId": PROJECT, **params}).encode()
    connection = Connection(server.port, 900)
    worked, begin = processor(server), time.time()
    connection.request(headers(action, body=body, version=version), body)
    found = data(json.loads(connection.answer()[2])["Response"])
    connection.close()
    return found, time.time() - begin, processor(server) - worked


def processor(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plan(server, tasks, days):
    last = time.strftime("%Y-%m-%d", time.gmtime(1735689600 + (days - 1) * 86400))
    made, seconds, worked = call(server, "CreateDataBackfillPlan", TaskIds=[str(20260000000000000 + i) for i in range(tasks)],
                                 CheckParentType="MAKE_SCOPE", DataBackfillRangeList=[{"StartDate": "2025-01-01", "EndDate": last}])
    return made["DataBackfillPlanId"], seconds, worked


def whole(server, made):
    while call(server, "GetDataBackfillProgress", "weft-1", DataBackfillPlanId=made)[0]["Pending"] > 0:
        time.sleep(0.2)


def ended(server, made):
    while call(server, "GetDataBackfillPlan", DataBackfillPlanId=made)[0]["CompletePercent"] < 100:
        time.sleep(0.1)


def waiting(weft, tasks, days, figures):
    with fixture_of(tasks) as fixture, KeptServer(weft, "--rate-limit", "0", "--slots", "1", fixture=fixture.name) as server:
        server.call("ListProjects")
        time.sleep(3)
        before = lateness(server)
        time.sleep(10)
        figures["quiet"].append(worst(before, lateness(server))[1])
        empty = process_memory(server.process.pid)[0]
        before, begin, worked_before = lateness(server), time.time(), processor(server)
        made, seconds, worked = plan(server, tasks, days)
        figures["call"].append(seconds)
        figures["call worked"].append(worked)
        whole(server, made)
        figures["whole"].append(time.time() - begin)
        figures["whole worked"].append(processor(server) - worked_before)
        time.sleep(3)
        figures["during"].append(worst(before, lateness(server))[1])
        figures["memory"].append(process_memory(server.process.pid)[0] - empty)
        before, begin, worked_before = lateness(server), time.time(), processor(server)
        job, seconds, worked = call(server, "DeleteDataBackfillPlanAsync", DataBackfillPlanId=made)
        figures["delete"].append(seconds)
        figures["delete worked"].append(worked)
        while call(server, "GetOpsAsyncJob", AsyncId=job["AsyncId"])[0]["Status"] in ("INIT", "RUNNING"):
            time.sleep(0.1)
        figures["deleted"].append(time.time() - begin)
        figures["deleted worked"].append(processor(server) - worked_before)
        time.sleep(2)
        figures["deleting"].append(worst(before, lateness(server))[1])


def running(weft, tasks, days, figures):
    with fixture_of(tasks, ScheduleRunType="1") as fixture, KeptServer(weft, "--rate-limit", "0", fixture=fixture.name) as server:
        server.call("ListProjects")
        time.sleep(3)
        before, begin = lateness(server), time.time()
        made, seconds, _ = plan(server, tasks, days)
        figures["dry call"].append(seconds)
        ended(server, made)
        figures["dry end"].append(time.time() - begin)
        time.sleep(2)
        figures["dry late"].append(worst(before, lateness(server))[1])
        figures["file"].append(sum(os.path.getsize(os.path.join(server.data, name)) for name in ("weft.db", "weft.db-wal")) / 1e6)


def main():
    build = os.path.abspath(sys.argv[1])
    rounds, tasks, days = (int(sys.argv[i]) if len(sys.argv) > i else n for i, n in ((2, 3), (3, 1000), (4, 365)))
    figures = {name: [] for name in ("quiet", "call", "call worked", "whole", "whole worked", "delete worked", "deleted worked", "during", "memory", "delete", "deleted", "deleting", "dry call", "dry end",
                                     "dry late", "file")}
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.2f} at the start; {tasks} tasks, {days} days, {tasks * days} instances")
    for _ in range(rounds):
        waiting(os.path.join(build, "weft"), tasks, days, figures)
        running(os.path.join(build, "weft"), tasks, days, figures)
        print({name: round(values[-1], 3) for name, values in figures.items()}, flush=True)
    report("the call of the plan, all of it waits", figures["call"], "s")
    report("  of a processor", figures["call worked"], "s")
    report("  until all of it is made", figures["whole"], "s")
    report("    of a processor", figures["whole worked"], "s")
    report("  resident memory of the plan that waits", figures["memory"], "MB")
    report("  lateness of the schedule until 3 s after, the latest firing at most", figures["during"], "s")
    report("    the same before it", figures["quiet"], "s")
    report("the call that deletes it", figures["delete"], "s")
    report("  of a processor", figures["delete worked"], "s")
    report("  until its job succeeded", figures["deleted"], "s")
    report("    of a processor", figures["deleted worked"], "s")
    report("  lateness, the latest firing at most", figures["deleting"], "s")
    report("the call of the plan, dry runs", figures["dry call"], "s")
    report("  from the call to the last end", figures["dry end"], "s")
    report("  lateness, the latest firing at most", figures["dry late"], "s")
    report("  size of the store then", figures["file"], "MB")


main()
