#!/usr/bin/env python3
"""test/threads/stress.py WEFT [SECONDS [SEED]] - everything at once against a real server.

  traffic   random calls of every action, lives of tasks, keys made and taken away while they are used, figures,
            logs that are written meanwhile, clients that break off, a debug log, and a runner that is killed
  ends      SIGTERM and SIGINT under all that, again and again on one folder: every end is clean, and what was
            acknowledged is there after the next start

Made for a build with ThreadSanitizer (test/threads/run), which judges the memory; here answers are judged.
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

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
from noise import Noise, PROJECT, TABLES, WORKFLOW  # noqa: E402
from wire import SECRET_ID, SECRET_KEY, Connection, Server, headers  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
FIXTURE = os.path.join(ROOT, "examples", "fixture.json")
GROUP = "20240416215649571819"
MANAGER = "308335260274237440"
# What would take the ground away from under the others; keys have a client of their own.
LEFT_OUT = {"DeleteProject", "DisableProject", "DisableKey", "DeleteKey", "CreateKey"}
ZONES = ["UTC+8", "UTC-3", "UTC+05:30", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
         "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"]
ENDED = (EOFError, ConnectionError, TimeoutError)


class World:
    """What the clients share: the server, when to stop, what was done and what was wrong."""

    def __init__(self, server, seed):
        self.server, self.seed = server, seed
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.calls, self.codes, self.wrong = 0, {}, []
        self.tasks, self.keys, self.acknowledged = [], [], {}
        self.tables = {version: json.load(open(os.path.join(ROOT, "api", file), encoding="utf-8"))
                       for version, file in TABLES.items()}
        self.built = []

    def look(self):
        """Which actions are built."""
        self.built = [(version, action) for version, table in self.tables.items() for action in table["actions"]
                      if action not in LEFT_OUT and self.server.call(action, {}, version=version)
                      .get("Error", {}).get("Code") != "UnsupportedOperation"]

    def count(self, action, code, message=""):
        with self.lock:
            self.calls += 1
            self.codes[code] = self.codes.get(code, 0) + 1
            if code.startswith("Internal"):
                self.wrong.append(f"{action}: {code}: {message}")

    def complain(self, text):
        with self.lock:
            self.wrong.append(text)

    def some_task(self, chance):
        with self.lock:
            return chance.choice(self.tasks) if self.tasks else "20241204111252781"


class Client(threading.Thread):
    """One connection, one thing done over and over until the world stops or the server is gone."""

    def __init__(self, world, number):
        super().__init__(daemon=True)
        self.world, self.number, self.connection = world, number, None
        self.chance = random.Random(f"{world.seed} {type(self).__name__} {number}")
        self.round = 0

    def run(self):
        try:
            while not self.world.stop.is_set():
                self.round += 1
                self.once()
        except ENDED as error:
            if not self.world.stop.is_set():
                self.world.complain(f"{type(self).__name__}: {type(error).__name__}: {error}")
        except Exception as error:                    # pylint: disable=broad-except
            self.world.complain(f"{type(self).__name__}: {type(error).__name__}: {error}")
        finally:
            if self.connection:
                self.connection.close()

    def call(self, action, params=None, version="2025-08-06", **more):
        body = json.dumps(params or {}).encode()
        self.connection = self.connection or Connection(self.world.server.port, 60)
        self.connection.request(headers(action, version, body, **more), body)
        _, fields, answer = self.connection.answer()
        response = json.loads(answer)["Response"]
        error = response.get("Error", {"Code": "OK", "Message": ""})
        self.world.count(action, error["Code"], error["Message"])
        if fields.get("connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
            if not self.world.stop.is_set():
                raise EOFError("the server closes the connection")
        return response.get("Data"), error["Code"]

    def once(self):
        raise NotImplementedError


class Anything(Client):
    """Random calls of every built action."""

    def __init__(self, world, number):
        super().__init__(world, number)
        self.noise = Noise(self.chance.random())

    def once(self):
        version, action = self.chance.choice(self.world.built)
        with self.world.lock:
            self.noise.tasks = self.world.tasks[-20:]
        self.call(action, self.noise.request(self.world.tables[version], action), version)


class Lives(Client):
    """Whole lives of tasks: made, changed, submitted, run, looked at, killed or rerun, deleted."""

    def once(self):
        name = f"life_{self.world.seed}_{self.number}_{self.round}"
        code = base64.b64encode(b"for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done").decode()
        rest = {"TaskConfiguration": {"CodeContent": code, "ResourceGroup": GROUP},
                "TaskSchedulerConfiguration": {"CycleType": "CRONTAB_CYCLE", "CrontabExpression": "0/2 * * * * ? *",
                                               "SelfDepend": "parallel"}}
        made, _ = self.call("CreateTask", {
            "ProjectId": PROJECT, **rest,
            "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW}})
        if not made:
            return
        task = {"ProjectId": PROJECT, "TaskId": made["TaskId"]}
        with self.world.lock:
            self.world.tasks.append(made["TaskId"])
        self.call("SubmitTask", {**task, "VersionRemark": "first"})
        self.call("UpdateTask", {**task, "Task": {
            "TaskBaseAttribute": {"TaskName": name, "OwnerUin": "1", "TaskDescription": "again"}, **rest}})
        self.call("SubmitTask", {**task, "VersionRemark": "second"})
        self.world.stop.wait(self.chance.uniform(0, 2.5))
        found, _ = self.call("ListTaskInstances", {"ProjectId": PROJECT, "Keyword": made["TaskId"]})
        keys = [item["InstanceKey"] for item in (found or {}).get("Items", [])][:3]
        for key in keys:
            self.call("ExplainTaskInstance", {"ProjectId": PROJECT, "InstanceKey": key}, "weft-1")
            self.call("GetTaskInstanceLog", {"ProjectId": PROJECT, "InstanceKey": key})
        if keys:
            action = self.chance.choice(["KillTaskInstancesAsync", "RerunTaskInstancesAsync",
                                         "SetSuccessTaskInstancesAsync"])
            self.call(action, {"ProjectId": PROJECT, "InstanceKeyList": keys})
        self.call("DeleteTask", task)
        with self.world.lock:
            self.world.tasks.remove(made["TaskId"])


class Keeps(Client):
    """Makes tasks that nobody else is told of; an acknowledged one is there after the next start."""

    def once(self):
        name = f"kept_{self.world.seed}_{self.number}_{self.round}"
        made, _ = self.call("CreateTask", {"ProjectId": PROJECT, "TaskBaseAttribute": {
            "TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW}})
        if made:
            with self.world.lock:
                self.world.acknowledged[name] = made["TaskId"]
        self.world.stop.wait(0.05)


class Keys(Client):
    """Keys that come and go.  Each step holds from its acknowledgement on, on whichever thread."""

    def expect(self, key, good):
        _, code = self.call("ListProjects", secret_id=key["SecretId"], key=key["SecretKey"])
        right = code == "OK" if good else code.startswith("AuthFailure")
        if not right and not self.world.stop.is_set():
            self.world.complain(f"a key that {'holds' if good else 'is taken away'}: {code}")

    def once(self):
        uin = str(100000000000 + self.number)
        if self.round == 1:  # a folder that was used before has the member
            self.call("CreateProjectMember", {"ProjectId": PROJECT, "UserUins": [uin], "RoleIds": [MANAGER]})
        key, _ = self.call("CreateKey", {"Uin": uin, "Name": "stress"}, "weft-1")
        if not key:
            return
        name = {"SecretId": key["SecretId"]}
        with self.world.lock:
            self.world.keys.append(key)
        self.expect(key, True)
        for _ in range(3):
            for action, good in (("DisableKey", False), ("EnableKey", True)):
                if self.call(action, name, "weft-1")[1] == "OK":
                    self.expect(key, good)
            self.call("ListKeys", {}, "weft-1")
        with self.world.lock:
            self.world.keys.remove(key)
        if self.call("DeleteKey", name, "weft-1")[1] == "OK":
            self.expect(key, False)


class Borrower(Client):
    """Works with keys that others take away: either it is let in or it is not."""

    def once(self):
        with self.world.lock:
            key = self.chance.choice(self.world.keys) if self.world.keys else None
        key = key or {"SecretId": SECRET_ID, "SecretKey": SECRET_KEY}
        action, params = self.chance.choice([("ListTasks", {"ProjectId": PROJECT}), ("UpdateProject", {
            "ProjectId": PROJECT, "Description": str(self.round)})])
        _, code = self.call(action, params, secret_id=key["SecretId"], key=key["SecretKey"])
        if code != "OK" and not code.startswith("AuthFailure") and not self.world.stop.is_set():
            self.world.complain(f"{action} with a borrowed key: {code}")


class Figures(Client):
    """What the server says of itself; its counts never go back.  And zones, which are loaded when first asked for."""

    def __init__(self, world, number):
        super().__init__(world, number)
        self.turns = 0

    def once(self):
        info, _ = self.call("GetServerInfo", {}, "weft-1")
        if info:
            if info["Turns"] < self.turns:
                self.world.complain(f"turns went back from {self.turns} to {info['Turns']}")
            self.turns = info["Turns"]
        self.call("GetResourceGroupMetrics", {"ResourceGroupId": GROUP})
        self.call("PreviewTaskFirings", {
            "ProjectId": PROJECT, "CycleType": "DAY_CYCLE", "CrontabExpression": "0 0 3 * * ? *",
            "ScheduleTimeZone": self.chance.choice(ZONES)}, "weft-1")
        self.call("PreviewTaskUpstreams", {"ProjectId": PROJECT, "TaskId": self.world.some_task(self.chance)}, "weft-1")


class Rude(Client):
    """Breaks off: in a head, in a body, before the answer of a write, with requests behind each other."""

    def once(self):
        connection = Connection(self.world.server.port, 60)
        body = json.dumps({"ProjectId": PROJECT, "Description": "x" * self.chance.choice([1, 1000, 200000])}).encode()
        lines = headers("UpdateProject", body=body)
        way = self.chance.randrange(4)
        if way == 0:
            connection.send(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        elif way == 1:
            connection.request({**lines, "Content-Length": str(len(body) + 10)}, body, length=False)
        elif way == 2:
            connection.request(lines, body)
        else:
            for _ in range(8):
                connection.request(headers("GetServerInfo", "weft-1", b"{}"), b"{}")
        time.sleep(self.chance.choice([0, 0.001, 0.02]))
        connection.close()


CLIENTS = [Anything] * 3 + [Lives] * 3 + [Keeps] + [Keys] * 2 + [Borrower] * 2 + [Figures] * 2 + [Rude]


def run_clients(world, seconds, meanwhile):
    """Lets all clients work and calls meanwhile, which may end the server; then all are gone."""
    clients = [kind(world, number) for number, kind in enumerate(CLIENTS)]
    for client in clients:
        client.start()
    meanwhile(world, time.time() + seconds)
    for client in clients:
        client.join(120)
        if client.is_alive():
            world.complain(f"{type(client).__name__} hangs")


def runner_pid(server):
    try:
        with open(os.path.join(server.data, "runner", "runner.log"), encoding="utf-8", errors="replace") as log:
            return int(re.findall(r"ready in .*, pid (\d+)", log.read())[-1])
    except (OSError, IndexError):
        return 0


def kill_runners(world, until):
    while time.time() < until and not world.wrong:
        time.sleep(min(1.5, max(0.0, until - time.time())))
        pid = runner_pid(world.server)
        try:
            if pid and os.readlink(f"/proc/{pid}/exe") == os.path.realpath(world.server.weft):
                os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    world.stop.set()


def judge(world, what):
    if world.server.process.poll() is not None and world.server.process.returncode != 0:
        world.complain(f"the server ended with {world.server.process.returncode}")
    if world.wrong:
        raise AssertionError(f"{what}: " + "; ".join(world.wrong[:5]) + f" (of {len(world.wrong)})")


def traffic(weft, seconds, seed):
    with Server(weft, "--rate-limit", "100000", "--log-level", "debug", "--threads", "4", fixture=FIXTURE) as server:
        world = World(server, seed)
        world.look()
        run_clients(world, seconds, kill_runners)
        if server.stop() != 0:
            world.complain(f"the server ended with {server.process.returncode}")
        judge(world, "traffic")
        for code in ("OK", "AuthFailure.SecretIdNotFound"):
            if not world.codes.get(code):
                raise AssertionError(f"traffic: no call was answered with {code}: {world.codes}")
        return f"{world.calls} calls, {world.codes['OK']} of them OK"


def end_it(number):
    def meanwhile(world, until):
        time.sleep(max(0.0, until - time.time()))
        world.stop.set()        # from here on a closed connection is right
        world.server.process.send_signal(number)
        world.server.process.wait(60)
    return meanwhile


def check_kept(world, server):
    for name, task in sorted(world.acknowledged.items())[-40:]:
        response = server.call("GetTask", {"ProjectId": PROJECT, "TaskId": task})
        if "Error" in response:
            world.complain(f"the acknowledged task {name} is gone: {response['Error']['Code']}")


def ends(weft, seconds, seed):
    chance, rounds, calls, begin = random.Random(seed), 0, 0, time.time()
    with Server(weft, "--rate-limit", "0", "--log-level", "debug", "--log-json", "--threads", "4",
                fixture=FIXTURE) as server:
        built = None
        while rounds < 3 or time.time() - begin < seconds:
            world = World(server, f"{seed}_{rounds}")
            if built is None:
                world.look()
                built = world.built
            world.built = built
            run_clients(world, chance.uniform(0.2, 2), end_it(chance.choice([signal.SIGTERM, signal.SIGINT])))
            if server.stop() != 0:
                world.complain(f"the server ended with {server.process.returncode}")
            server.start()
            check_kept(world, server)
            judge(world, f"end {rounds}")
            rounds += 1
            calls += world.calls
        return f"{rounds} ends under {calls} calls"


def main():
    weft = os.path.realpath(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    passed = failed = 0
    for test in (traffic, ends):
        try:
            print(f"{test.__name__}: {test(weft, seconds, seed)}", flush=True)
            passed += 1
        except Exception as error:                    # pylint: disable=broad-except
            failed += 1
            print(f"{test.__name__}: FAILED: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
