#!/usr/bin/env python3
"""test/trial/trial.py WEFT [--short] [--seed N] [OPERATION...] - an operator's day with a project of 300 tasks.

Makes a project of 20 workflows, or 8 small ones with --short, and then does every operation of issue items while instances
are live, waiting, retrying and finished, with the server killed now and then; each operation is checked to have done what
it says (docs/reference/semantics.md 1.6-1.8, 5.3-5.11, 7, 8), and how long its calls took is told.  What is not as it
should be is told and counted as a surprise; the end is judged like that of test/kill.
"""
import argparse
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from project import Project, data  # noqa: E402
from receiver import Mailbox, Receiver  # noqa: E402
from load import Ledger  # noqa: E402
from scenarios import judge  # noqa: E402
from world import PROJECT, World, wait_for  # noqa: E402
import operations  # noqa: E402

FULL = {"chain": 4, "diamond": 2, "tick": 4, "minute": 3, "sleep": 2, "stubborn": 1, "write": 2, "retry": 2}
SLOW = 2.0                                            # seconds; a sanitized server on a shared machine


class Trial:
    def __init__(self, weft, short, seed):
        self.short, self.chance, self.project = short, random.Random(seed), PROJECT
        self.receiver, self.mailbox = Receiver(), Mailbox()
        self.world = World(weft, "--slots", "24", "--smtp", self.mailbox.address, "--smtp-from", "weft@trial.example",
                           "--mail-domain", "trial.example")
        self.surprises, self.calls, self.kills, self.rules = [], [], set(), []
        self.hits = 0

    def expect(self, good, text):
        if not good:
            self.surprises.append(text)
            print(f"  surprise: {text}", flush=True)
        return good

    # ---- calls ---------------------------------------------------------------------------------

    def call(self, action, params, version="2025-08-06"):
        begin = time.time()
        response = self.world.call(action, params, version)
        self.calls.append((time.time() - begin, action))
        return response

    def ask(self, action, **params):
        response = self.call(action, {"ProjectId": PROJECT, **params})
        if "Error" in response:
            raise AssertionError(f"{action}: {response['Error']}")
        return response["Data"]

    def refused(self, code, action, **params):
        error = self.call(action, {"ProjectId": PROJECT, **params}).get("Error", {"Code": "OK", "Message": ""})
        self.expect(error["Code"] == code, f"{action} should be refused with {code}: {error}")
        return error["Message"]

    def items(self, action, size=100, text=False, **params):
        """All pages; the numbers of the pages must agree."""
        found, page, form = [], 1, str if text else int
        while True:
            answer = self.ask(action, PageNumber=form(page), PageSize=form(size), **params)
            found += answer["Items"]
            if len(answer["Items"]) < size:
                return found
            page += 1

    def hit(self):
        """kill -9, and the next start."""
        self.hits += 1
        self.world.stop(signal.SIGKILL)
        self.world.start()

    def job(self, status, action, hit=False, **params):
        """The job once it has ended; its numbers only grow."""
        made = self.ask(action, **params)["AsyncId"]
        if hit:
            self.hit()
        last = [0, 0]

        def ended():
            now = self.ask("GetOpsAsyncJob", AsyncId=made)
            numbers = [now["FinishedSubProcessCount"], now["SuccessSubProcessCount"]]
            self.expect(numbers >= last and numbers[1] <= numbers[0] <= now["TotalSubProcessCount"],
                        f"{action}: numbers of its job went from {last} to {now}")
            last[:] = numbers
            return now["Status"] not in ("INIT", "RUNNING") and now

        found = wait_for(ended, saying=f"the end of {action}")
        self.expect(found["Status"] == status, f"{action}: {status} was expected: {found}")
        self.expect((found["ErrorDesc"] is None) == (found["Status"] == "SUCCESS"), f"{action}: ErrorDesc of {found}")
        return found

    # ---- what there is -------------------------------------------------------------------------

    def instance(self, key):
        return self.ask("GetTaskInstance", InstanceKey=key)

    def state(self, key):
        return self.instance(key)["InstanceState"]

    def reaches(self, keys, *states):
        wait_for(lambda: all(self.state(key) in states for key in keys), saying=f"{states} of {keys[:3]}")

    def status(self, task):
        return self.ask("GetOpsTask", TaskId=task.id)["TaskBaseAttribute"]["Status"]

    def backfill(self, tasks, day, **more):
        self.ask("CreateDataBackfillPlan", TaskIds=[task.id for task in tasks],
                 DataBackfillRangeList=[{"StartDate": day, "EndDate": day}], **more)
        return [f"{task.id}_{day} 00:00:00" for task in tasks]

    def kill(self, keys):
        self.kills |= set(keys)
        return self.job("SUCCESS", "KillTaskInstancesAsync", InstanceKeyList=keys)


def finish(trial, tasks):
    """Whatever lives is ended; then everything is held against everything."""
    live = [item["InstanceKey"] for state in ("WAIT_EVENT", "WAIT_UPSTREAM", "FAILED_RETRY", "RUNNING", "WAIT_RUN")
            for item in trial.items("ListTaskInstances", InstanceState=state)]
    periodic = [task.id for task in tasks.all() if task.schedule["CycleType"] != "DAY_CYCLE" and task.id]
    trial.job("SUCCESS", "PauseOpsTasksAsync", TaskIds=periodic, KillInstance=True)
    trial.kills |= set(live)
    trial.kills |= {item["InstanceKey"] for task in tasks.all() if task.schedule["CycleType"] != "DAY_CYCLE" and task.id
                    for item in trial.items("ListTaskInstances", Keyword=task.id)}
    for at in range(0, len(live), 500):
        trial.job("SUCCESS", "KillTaskInstancesAsync", InstanceKeyList=live[at:at + 500])
    figures = judge(trial.world, Ledger(), kills=trial.kills)
    return f"{figures['attempts']} attempts, {trial.hits} kills of the server"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("weft")
    parser.add_argument("operation", nargs="*")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000)
    given = parser.parse_args()
    trial = Trial(given.weft, given.short, given.seed)
    print(f"seed {given.seed}")
    try:
        with trial.world:
            begin = time.time()
            tasks = Project(trial, 5 if given.short else 15, {} if given.short else FULL)
            print(f"{len(tasks.all())} tasks in {len(tasks.flows)} workflows ({time.time() - begin:.1f} s)", flush=True)
            for name in given.operation or operations.ALL:
                begin = time.time()
                said = getattr(operations, name)(trial, tasks)
                print(f"{name}: {said} ({time.time() - begin:.1f} s)", flush=True)
            print(f"end: {finish(trial, tasks)}")
    finally:
        trial.receiver.stop()
        trial.mailbox.stop()
    slow = sorted(trial.calls, reverse=True)[:3]
    print(f"{len(trial.calls)} calls; slowest: " + ", ".join(f"{action} {seconds:.2f} s" for seconds, action in slow))
    print(f"{len(trial.surprises)} surprises")
    sys.exit(1 if trial.surprises else 0)


main()
