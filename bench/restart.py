#!/usr/bin/env python3
"""bench/restart.py BUILD [ROUNDS] [TASKS] - kill -9 under load, and how soon the next server works.

A world with TASKS (1,000) scheduled tasks, 32 attempts that run and some 2,500 instances that wait for a slot is killed
again and again, ROUNDS (20) times, while clients write.  From the start of the next server: its first signed answer, and
the code of the first attempt that it begins.  The floor is a start on an empty store in the same minute.
"""
import base64
import json
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "test", "wire"))
from wire import Connection, Server, headers  # noqa: E402

PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
FIXTURE = os.path.join(HERE, "..", "examples", "fixture.json")
SLEEPERS, SLOTS, BUSY_SECONDS = 8, 32, 1


def definition(name, code="true", **scheduler):
    return {"ProjectId": PROJECT, "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW},
            "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode()},
            "TaskSchedulerConfiguration": scheduler}


def data(response):
    if "Error" in response:
        raise SystemExit(response["Error"])
    return response["Data"]


def submitted(server, name, code, **scheduler):
    made = data(server.call("CreateTask", definition(name, code, **scheduler)))["TaskId"]
    data(server.call("SubmitTask", {"ProjectId": PROJECT, "TaskId": made, "VersionRemark": "bench"}))
    return made


def fixture_of(tasks):
    """The tasks as a fixture: the quickest way to get many."""
    with open(FIXTURE, encoding="utf-8") as file:
        fixture = json.load(file)
    fixture["Tasks"] += [{**definition(f"task_{i}", CycleType="DAY_CYCLE", CrontabExpression=f"0 {i % 60} {i // 60 % 24} * * ? *"),
                          "TaskId": str(20260000000000000 + i), "Submit": True, "VersionRemark": "bench"} for i in range(tasks)]
    file = tempfile.NamedTemporaryFile("w", suffix=".json")
    json.dump(fixture, file)
    file.flush()
    return file


def load(server, stopping):
    """CreateTask on one connection until the server is gone, and again."""
    n = 0
    while not stopping.is_set():
        try:
            connection = Connection(server.port, 5)
            while not stopping.is_set():
                n += 1
                body = json.dumps(definition(f"load_{os.getpid()}_{threading.get_ident()}_{n}")).encode()
                connection.request(headers("CreateTask", body=body), body)
                connection.answer()
        except (EOFError, OSError):
            time.sleep(0.002)


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit("it did not come")
        time.sleep(0.001)


def processor_ms(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def first_answer(server):
    """When it was started, and milliseconds until the first answer: of the clock, of the processor."""
    begin = time.monotonic()
    server.start()
    data(server.call("ListProjects"))
    return begin, (time.monotonic() - begin) * 1000, processor_ms(server.process.pid)


def one_round(server, marks, chance):
    """Milliseconds to the first answer, to the first new attempt, and of the processor to the first answer."""
    time.sleep(chance.uniform(0.5, 1.5))
    server.stop(signal.SIGKILL)
    # What was begun before leaves its mark at its beginning only: what comes after this is new.  All of it has ended by
    # then, so that the first new attempt waits for the server and not for a slot.
    time.sleep(BUSY_SECONDS + 0.2)
    size = os.path.getsize(marks)
    begin, answered, processor = first_answer(server)
    wait_for(lambda: os.path.getsize(marks) > size)
    return answered, (time.monotonic() - begin) * 1000, processor


def report(name, values):
    values.sort()
    print(f"{name}: {statistics.median(values):.4g} ms ({values[0]:.4g} to {values[-1]:.4g}, {len(values)} rounds)", flush=True)


def floor(weft, rounds):
    found = []
    for _ in range(rounds):
        with Server(weft) as server:
            server.stop(signal.SIGKILL)
            found.append(first_answer(server)[1:])
    return found


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    tasks = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    weft, chance = os.path.join(build, "weft"), random.Random(1)
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = re.search(r"model name\s*: (.*)", file.read()).group(1)
    print(f"{os.cpu_count()} processors, {model}, load {os.getloadavg()[0]:.2f} at the start, {tasks} scheduled tasks")
    with fixture_of(tasks) as fixture, Server(weft, "--rate-limit", "0", "--slots", str(SLOTS), fixture=fixture.name) as server:
        server.fixture = None           # it is there; reading it again is no part of a restart
        marks = os.path.join(server.data, "marks")
        with open(marks, "wb"):
            pass
        os.chmod(marks, 0o666)
        sleepers = [submitted(server, f"sleeper_{i}", "sleep 600", CycleType="DAY_CYCLE") for i in range(SLEEPERS)]
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
        data(server.call("CreateDataBackfillPlan", {"ProjectId": PROJECT, "TaskIds": sleepers, "DataBackfillRangeList": [
            {"StartDate": today, "EndDate": today}]}))
        busy = submitted(server, "busy", f"echo >> {marks}; sleep {BUSY_SECONDS}", CycleType="MINUTE_CYCLE", SelfDepend="parallel",
                         CrontabExpression="0 * * * * ? *")
        data(server.call("CreateDataBackfillPlan", {"ProjectId": PROJECT, "TaskIds": [busy], "DataBackfillRangeList": [
            {"StartDate": "2026-01-01", "EndDate": "2026-01-02"}]}))
        wait_for(lambda: os.path.getsize(marks) > 100)
        stopping = threading.Event()
        clients = [threading.Thread(target=load, args=(server, stopping), daemon=True) for _ in range(2)]
        for client in clients:
            client.start()
        answered, begun, processor, floors = [], [], [], []
        for i in range(rounds):
            one = one_round(server, marks, chance)
            answered.append(one[0])
            begun.append(one[1])
            processor.append(one[2])
            if i % 4 == 0:
                floors += floor(weft, 1)
        stopping.set()
        for key in [f"{one}_{today} 00:00:00" for one in sleepers]:
            state = data(server.call("GetTaskInstance", {"ProjectId": PROJECT, "InstanceKey": key}))
            if state["InstanceState"] != "RUNNING" or state["Tries"] != 1:
                raise SystemExit(f"a running task was harmed: {state}")
        data(server.call("KillTaskInstancesAsync", {"ProjectId": PROJECT, "InstanceKeyList": [
            f"{one}_{today} 00:00:00" for one in sleepers]}))
        wait_for(lambda: all(data(server.call("GetTaskInstance", {"ProjectId": PROJECT, "InstanceKey": f"{one}_{today} 00:00:00"}))[
            "InstanceState"] == "EXPIRED" for one in sleepers))
    report("kill -9 to: exec to first signed answer", answered)
    report("kill -9 to: exec to the first new attempt's code", begun)
    report("  processor time to the first signed answer", processor)
    report("  floor: exec to first signed answer, an empty store after kill -9", [one[0] for one in floors])
    report("  its processor time", [one[1] for one in floors])


main()
