#!/usr/bin/env python3
"""test/kill/kill.py WEFT [ROUNDS] - the real server, really killed.

  acknowledged   kill -9 under CreateTask load: every acknowledged task is there, whole; no other is
  running        kill -9 while tasks run: they go on, and each result is there once
  firing         kill -9 while a task fires every second: no firing is missing, none is there twice
  runner         kill -9 of the runner: its tasks go on and report once
"""
import base64
import json
import os
import random
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))
from wire import Connection, Server, headers  # noqa: E402

PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "fixture.json")


def definition(name, code="echo done", **scheduler):
    return {"ProjectId": PROJECT,
            "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW,
                                  "TaskDescription": "of " + name},
            "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode()},
            "TaskSchedulerConfiguration": scheduler}


def data(response):
    assert "Error" not in response, response
    return response["Data"]


def submitted(server, name, code, **scheduler):
    task = data(server.call("CreateTask", definition(name, code, **scheduler)))["TaskId"]
    data(server.call("SubmitTask", {"ProjectId": PROJECT, "TaskId": task, "VersionRemark": "test"}))
    return task


def all_items(server, action, **params):
    items, page = [], 1
    while True:
        found = data(server.call(action, {"ProjectId": PROJECT, "PageNumber": page, "PageSize": 100, **params}))
        items += found["Items"]
        if len(found["Items"]) < 100:
            return items
        page += 1


def instances(server, task):
    return all_items(server, "ListTaskInstances", Keyword=task)


def wait_for(what, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError("it did not come within %d s" % seconds)


# ---- acknowledged ------------------------------------------------------------------------------

class Load(threading.Thread):
    """Creates tasks on one connection until the server is gone; remembers what was sent and acknowledged."""

    def __init__(self, port, prefix):
        super().__init__()
        self.port, self.prefix, self.sent, self.acknowledged = port, prefix, [], {}

    def run(self):
        try:
            connection = Connection(self.port)
            for i in range(100000):
                name = f"{self.prefix}_{i}"
                body = json.dumps(definition(name)).encode()
                self.sent.append(name)
                connection.request(headers("CreateTask", body=body), body)
                answer = json.loads(connection.answer()[2])["Response"]
                self.acknowledged[name] = data(answer)["TaskId"]
        except (EOFError, OSError):
            pass


def acknowledged(weft, rounds):
    chance = random.Random(7)
    with Server(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
        sent, known = set(), {}
        for turn in range(rounds):
            loads = [Load(server.port, f"k{turn}_{i}") for i in range(4)]
            for load in loads:
                load.start()
            time.sleep(chance.uniform(0.05, 0.6))
            server.stop(signal.SIGKILL)
            for load in loads:
                load.join(30)
                sent.update(load.sent)
                known.update(load.acknowledged)
            server.start()
        found = {item["TaskName"]: item["TaskId"] for item in all_items(server, "ListTasks", TaskName="k")
                 if item["TaskName"].startswith("k")}
        lost = {name for name, task in known.items() if found.get(name) != task}
        assert not lost, f"{len(lost)} acknowledged tasks are lost, e.g. {sorted(lost)[:3]}"
        strange = set(found) - sent
        assert not strange, f"tasks that nobody sent: {sorted(strange)[:3]}"
        for name in chance.sample(sorted(found), min(200, len(found))) + sorted(set(found) - set(known)):
            task = data(server.call("GetTask", {"ProjectId": PROJECT, "TaskId": found[name]}))
            assert task["TaskBaseAttribute"]["TaskDescription"] == "of " + name
            versions = data(server.call("ListTaskVersions", {"ProjectId": PROJECT, "TaskId": found[name]}))
            assert versions["TotalCount"] == 1
        return f"{rounds} kills, {len(known)} acknowledged, {len(found) - len(known)} more in flight"


# ---- running -----------------------------------------------------------------------------------

def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))


def start_sleepers(server, n, seconds, mark):
    """n tasks that write one line into a file of their own when they end."""
    tasks = [submitted(server, f"sleeper_{i}", f"touch {mark}/began_{i}; echo begin; sleep {seconds}; echo $WEFT_ATTEMPT >> {mark}/{i}; echo end",
                       CycleType="DAY_CYCLE") for i in range(n)]
    data(server.call("CreateDataBackfillPlan", {"ProjectId": PROJECT, "TaskIds": tasks, "DataBackfillRangeList": [
        {"StartDate": today(), "EndDate": today()}]}))
    # RUNNING begins with the dispatch; what is meant here is code that runs.
    wait_for(lambda: all(os.path.exists(f"{mark}/began_{i}") for i in range(n)))
    return tasks


def check_sleepers(server, tasks, mark, states):
    wait_for(lambda: all(item["InstanceState"] in states for task in tasks for item in instances(server, task)))
    for i, task in enumerate(tasks):
        (item,) = instances(server, task)
        assert (item["InstanceState"], item["Tries"], item["TotalRunNum"]) == ("COMPLETED", 1, 1), item
        with open(f"{mark}/{i}", encoding="ascii") as file:
            assert file.read() == "1\n"
        log = data(server.call("GetTaskInstanceLog", {"ProjectId": PROJECT, "InstanceKey": item["InstanceKey"]}))
        assert log["LogInfo"].count(" begin\n") == log["LogInfo"].count(" end\n") == 1
        assert log["NextCursor"] is None


def shared_folder(server):
    mark = os.path.join(server.data, "marks")
    os.mkdir(mark)
    os.chmod(mark, 0o777)
    return mark


def running(weft, rounds):
    with Server(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
        mark = shared_folder(server)
        tasks = start_sleepers(server, 6, 3, mark)
        for pause in (0.1, 0.7, 0.2):
            server.stop(signal.SIGKILL)
            time.sleep(pause)
            server.start()
        check_sleepers(server, tasks, mark, ("COMPLETED", "EXPIRED"))
        return "6 tasks, 3 kills"


def runner_pid(server):
    """The runner says its process id when it is ready; keepers have the same command line."""
    with open(os.path.join(server.data, "runner", "runner.log"), encoding="utf-8") as log:
        return int(re.findall(r"ready in .*, pid (\d+)", log.read())[-1])


def runner(weft, rounds):
    with Server(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
        mark = shared_folder(server)
        tasks = start_sleepers(server, 6, 3, mark)
        for _ in range(2):
            os.kill(runner_pid(server), signal.SIGKILL)
            time.sleep(0.8)
        check_sleepers(server, tasks, mark, ("COMPLETED", "EXPIRED"))
        return "6 tasks, 2 kills of the runner"


# ---- firing ------------------------------------------------------------------------------------

def firing(weft, rounds):
    with Server(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
        task = submitted(server, "tick", "true", CycleType="CRONTAB_CYCLE", CrontabExpression="* * * * * ? *",
                         SelfDepend="parallel")
        begin = time.time()
        for pause in (0.3, 2.2, 0.1):
            time.sleep(1.7)
            server.stop(signal.SIGKILL)
            time.sleep(pause)
            server.start()
        time.sleep(1.5)
        end = time.time()
        wait_for(lambda: all(item["InstanceState"] == "COMPLETED" for item in instances(server, task)))
        found = sorted(item["CurRunDate"] for item in instances(server, task))
        expected = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second + 8 * 3600))
                    for second in range(int(begin) + 1, int(end))]
        missing = set(expected) - set(found)
        assert not missing, f"missing firings: {sorted(missing)}"
        assert len(found) == len(set(found))
        return f"{len(found)} firings, 3 kills"


def main():
    weft, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8
    failed = 0
    for test in (acknowledged, running, firing, runner):
        try:
            print(f"{test.__name__}: {test(weft, rounds)}", flush=True)
        except Exception as error:                    # pylint: disable=broad-except
            failed += 1
            print(f"{test.__name__}: FAILED: {type(error).__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)


main()
