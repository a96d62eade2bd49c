"""test/kill/load.py - clients that write all the time, and remember what was acknowledged.

A call ends in one of three ways.  Acknowledged: it must be there for ever.  Refused: nothing of it may be there.  Cut off
(no answer): it may be there or not, whole.  When the store's files go or the disk fails, the commit of that moment may
have become durable although nobody could be told so: then refused is as doubtful as cut off.
"""
import json
import threading
import time

from world import PROJECT, Connection, definition, headers

# What a server may answer when the machine fails it.  The client may try again; nothing was changed.
FAILING = ("InternalError", "RequestLimitExceeded")


class Ledger:
    """What the clients of one world know; shared by their threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent, self.created = set(), {}
        self.refused = {}               # name: when, and what was answered
        self.submitted, self.plans, self.jobs = {}, {}, {}
        self.kills = set()              # instances that somebody may have killed
        self.cut_off = self.failed = 0
        self.doubtful = False           # the refusals of now
        self.faults = []                # what should never have been answered

    def acknowledged(self):
        with self.lock:
            return len(self.created) + sum(self.submitted.values()) + len(self.plans) + len(self.jobs)


    def names(self):
        with self.lock:
            return set(self.created)

    def doubt_since(self, names):
        """What was acknowledged since then may be there or not."""
        with self.lock:
            for name in set(self.created) - names:
                del self.created[name]


class Client(threading.Thread):
    """Calls until stopped; after a lost connection it connects again, after a failing server it tries again."""

    def __init__(self, world, ledger, pause=0.0):
        super().__init__(daemon=True)
        self.world, self.ledger, self.pause = world, ledger, pause
        self.stopping = threading.Event()
        self.connection = None
        self.number = 0

    def call(self, action, params, version="2025-08-06"):
        """("yes", Data), ("no", error) or ("cut", None)."""
        body = json.dumps(params).encode()
        try:
            if not self.connection:
                self.connection = Connection(self.world.port, 30)
            self.connection.request(headers(action, version, body), body)
            answer = json.loads(self.connection.answer()[2])["Response"]
        except (EOFError, OSError):
            if self.connection:
                self.connection.close()
            self.connection = None
            with self.ledger.lock:
                self.ledger.cut_off += 1
            return "cut", None
        if "Error" in answer:
            with self.ledger.lock:
                if answer["Error"]["Code"] in FAILING:
                    self.ledger.failed += 1
            return "no", answer["Error"]
        return "yes", answer["Data"]

    def run(self):
        while not self.stopping.is_set():
            self.number += 1
            how = self.step()
            if how == "cut" or (how == "no" and not self.pause):
                self.stopping.wait(0.05)
            elif self.pause:
                self.stopping.wait(self.pause)
        if self.connection:
            self.connection.close()

    def stop(self):
        self.stopping.set()

    def fault(self, text):
        with self.ledger.lock:
            self.ledger.faults.append(text)


class Creator(Client):
    """CreateTask, one after the other."""

    def __init__(self, world, ledger, prefix, pause=0.0):
        super().__init__(world, ledger, pause)
        self.prefix = prefix

    def step(self):
        name = f"{self.prefix}_{self.number}"
        with self.ledger.lock:
            self.ledger.sent.add(name)
            doubtful = self.ledger.doubtful
        how, what = self.call("CreateTask", definition(name))
        with self.ledger.lock:
            if how == "yes":
                self.ledger.created[name] = what["TaskId"]
            elif how == "no":
                if not (doubtful or self.ledger.doubtful):
                    self.ledger.refused[name] = time.strftime("%H:%M:%S ") + what["Message"]
                if what["Code"] not in FAILING:
                    self.ledger.faults.append(f"CreateTask: {what}")
        return how


class Operator(Client):
    """Submits, backfills, reruns, kills; what and when is drawn from `chance`."""

    def __init__(self, world, ledger, chance, tasks, orderly, pause=0.1):
        super().__init__(world, ledger, pause)
        self.chance, self.tasks, self.orderly = chance, tasks, orderly

    def step(self):
        return self.chance.choice((self.submit, self.submit, self.backfill, self.rerun, self.kill, self.mend))()

    def submit(self):
        with self.ledger.lock:
            known = list(self.ledger.created.values())
        if not known:
            return "no"
        task = self.chance.choice(known)
        how, what = self.call("SubmitTask", {"ProjectId": PROJECT, "TaskId": task, "VersionRemark": "load"})
        with self.ledger.lock:
            if how == "yes":
                self.ledger.submitted[task] = self.ledger.submitted.get(task, 0) + 1
            elif how == "no" and what["Code"] not in FAILING:
                self.ledger.faults.append(f"SubmitTask: {what}")
        return how

    def backfill(self):
        day = f"2026-{self.chance.randint(1, 9):02}-{self.chance.randint(1, 28):02}"
        tasks = self.tasks if self.chance.random() < 0.5 else [self.chance.choice(self.tasks)]
        how, what = self.call("CreateDataBackfillPlan", {
            "ProjectId": PROJECT, "TaskIds": tasks, "CheckParentType": "MAKE_SCOPE",
            "DataBackfillRangeList": [{"StartDate": day, "EndDate": day}]})
        with self.ledger.lock:
            if how == "yes":
                self.ledger.plans[what["DataBackfillPlanId"]] = (tasks, day)
            elif how == "no" and what["Code"] not in FAILING + ("FailedOperation", "OperationDenied"):
                self.ledger.faults.append(f"CreateDataBackfillPlan: {what}")
        return how

    def some_instance(self, state, task=""):
        how, what = self.call("ListTaskInstances", {"ProjectId": PROJECT, "PageSize": 50, "InstanceState": state,
                                                    **({"Keyword": task} if task else {})})
        if how != "yes" or not what["Items"]:
            return None
        return self.chance.choice(what["Items"])["InstanceKey"]

    def operate(self, action, key, kills):
        # Before it is sent: the answer may be lost, and the kill done all the same.
        if kills:
            with self.ledger.lock:
                self.ledger.kills.add(key)
        how, what = self.call(action, {"ProjectId": PROJECT, "InstanceKeyList": [key]})
        if how == "yes":
            with self.ledger.lock:
                self.ledger.jobs[what["AsyncId"]] = action
        return how

    def mend(self):
        """What is orderly stands still behind an instance that failed too often."""
        key = self.some_instance("EXPIRED", self.orderly)
        return self.operate("RerunTaskInstancesAsync", key, False) if key else "no"

    def rerun(self):
        key = self.some_instance("COMPLETED")
        return self.operate("RerunTaskInstancesAsync", key, False) if key else "no"

    def kill(self):
        key = self.some_instance("RUNNING")
        return self.operate("KillTaskInstancesAsync", key, True) if key else "no"


class Load:
    """All clients of a world together."""

    def __init__(self, clients):
        self.clients = clients
        for client in clients:
            client.start()

    def end(self):
        for client in self.clients:
            client.stop()
        for client in self.clients:
            client.join(60)
            assert not client.is_alive(), "a client has waited for an answer for more than 60 s"


def creating(world, ledger, prefix, n=4):
    return Load([Creator(world, ledger, f"{prefix}{i}") for i in range(n)])
