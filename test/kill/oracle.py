"""test/kill/oracle.py - what must hold after everything that was done to a world.

The server is asked whether it has settled; then it is ended and its store is read directly, so that what the clients
know, what the store says and what the tasks' code did are held against each other.
"""
import os
import signal
import sqlite3
import time

from world import PROJECT, wait_for

ALIVE, EXITED, SIGNALED, KILLED, NOT_STARTED, LOST = -1, 0, 1, 2, 3, 4
TERMINAL = 5                                            # instance states from here on are ends


class Judgement:
    """Figures of one run, and all that is wrong."""

    def __init__(self):
        self.figures, self.wrong = {}, []

    def expect(self, good, text):
        if not good:
            self.wrong.append(text)

    def none(self, name, found, text):
        """Count what must not exist."""
        found = sorted(found)
        self.figures[name] = self.figures.get(name, 0) + len(found)
        self.expect(not found, f"{len(found)} {text}, e.g. {found[:3]}")


def settle(world, tasks, blocked=(), seconds=300):
    """Stop what fires, wait for what lives.  The scheduler must come to rest by itself; only what waits for an instance
    of `blocked` that was killed, or failed too often, waits for a person, who says that it succeeded."""
    if tasks:
        world.ask("PauseOpsTasksAsync", TaskIds=list(tasks))
    looked = [time.time()]

    def rests():
        if world.call("GetServerInfo", version="weft-1")["Data"]["LiveInstances"] == 0:
            return True
        if time.time() - looked[0] > 3:
            looked[0] = time.time()
            for task in blocked:
                expired = [item["InstanceKey"] for item in world.all_items("ListTaskInstances", Keyword=task,
                                                                           InstanceState="EXPIRED")]
                for at in range(0, len(expired), 100):
                    world.ask("SetSuccessTaskInstancesAsync", InstanceKeyList=expired[at:at + 100])
        return False

    try:
        wait_for(rests, seconds, "the end of every instance")
    except AssertionError as error:
        raise AssertionError(f"{error}: {left(world)}") from error


def left(world):
    """Some instances that live, and what each says it waits for."""
    found = []
    for state in ("RUNNING", "WAIT_RUN", "FAILED_RETRY", "WAIT_UPSTREAM", "WAIT_EVENT"):
        for item in world.ask("ListTaskInstances", InstanceState=state, PageSize=10)["Items"][:2]:
            told = world.call("ExplainTaskInstance", {"ProjectId": PROJECT, "InstanceKey": item["InstanceKey"]},
                              version="weft-1")
            found.append((state, item["TaskName"], told.get("Data")))
    return found


def ledgers(world, tasks, first, last, judgement):
    """Every firing of these tasks was made, or there is a reason (I4)."""
    missing, made = [], 0
    for task in tasks:
        found = world.call("ListTaskFirings", {"ProjectId": PROJECT, "TaskId": task, "From": first, "To": last,
                                               "PageSize": 100}, version="weft-1")["Data"]
        counts = {item["Outcome"]: item["Count"] for item in found["Counts"]}
        made += sum(counts.get(name, 0) for name in ("ON_TIME", "MADE_UP", "LATE"))
        missing += [task] * counts.get("MISSING", 0)
    judgement.figures["firings"] = made
    judgement.none("missing firings", missing, "firings are missing")


class Store:
    """The store of a server that has ended."""

    def __init__(self, world):
        if world.is_up():
            status = world.stop(signal.SIGTERM)
            assert status == 0, f"the server ended with status {status}: {world.log()[-3000:]}"
        self.base = sqlite3.connect(f"file:{os.path.join(world.data, 'weft.db')}?mode=ro", uri=True)

    def rows(self, sql, *values):
        return self.base.execute(sql, values).fetchall()

    def close(self):
        self.base.close()


def check_whole(store, judgement):
    (answer,) = store.rows("PRAGMA integrity_check")[0]
    judgement.expect(answer == "ok", f"the store is damaged: {answer}")


def check_ledger(store, ledger, judgement):
    """Acknowledged is there, refused is not, and nothing is there that nobody sent (I6)."""
    names = dict(store.rows("SELECT name, id FROM task"))
    judgement.none("lost", [n for n, task in ledger.created.items() if str(names.get(n)) != task],
                   "acknowledged tasks are lost")
    judgement.none("strange", [n for n in names if n not in ledger.sent and n.startswith("k")],
                   "tasks are there that nobody sent")
    judgement.none("refused and there", [f"{n}, {said}" for n, said in ledger.refused.items() if n in names],
                   "tasks are there although they were refused")
    versions = dict(store.rows("SELECT task_id, count(*) FROM version GROUP BY task_id"))
    judgement.none("lost", [t for t, n in ledger.submitted.items() if versions.get(int(t), 0) < n],
                   "tasks have fewer versions than acknowledged submits")
    torn = store.rows("SELECT name FROM task WHERE id NOT IN (SELECT task_id FROM version)")
    judgement.none("torn", [n for (n,) in torn], "tasks are there without a version")
    plans = {plan for (plan,) in store.rows("SELECT id FROM plan")}
    judgement.none("lost", [p for p in ledger.plans if p not in plans], "acknowledged backfills are lost")
    short = store.rows("SELECT id FROM plan WHERE total != (SELECT count(*) FROM plan_instance WHERE plan_id = plan.id)")
    judgement.none("torn", [p for (p,) in short], "backfills are there with a part of their instances")
    jobs = {job for (job,) in store.rows("SELECT id FROM job")}
    judgement.none("lost", [j for j in ledger.jobs if j not in jobs], "acknowledged reruns or kills are lost")
    judgement.expect(not ledger.faults, f"{len(ledger.faults)} answers that should not be, e.g. {ledger.faults[:3]}")
    judgement.figures["acknowledged writes"] = ledger.acknowledged()
    judgement.figures["refused or cut off"] = len(ledger.refused) + ledger.cut_off


def check_attempts(store, world, excused, kills, judgement, forgotten=frozenset()):
    """What the store says of attempts against what their code did.  excused: fences whose attempt was killed together
    with its keeper, so that it may be lost; kills: keys of instances that somebody may have killed; forgotten: fences
    that the disk forgot without a restart of the machine, so that they may have been begun again."""
    marks = world.marks()
    begun, ended = {}, {}
    for letter, fence, *_ in marks:
        if letter in "be":
            seen = begun if letter == "b" else ended
            seen[fence] = seen.get(fence, 0) + 1
    attempts = {fence: (outcome, code, key) for fence, outcome, code, key in store.rows(
        "SELECT fence, outcome, exit_code, task_id || '_' || datetime(data_time, 'unixepoch') FROM attempt")}
    name = {fence: key for _, fence, _, _, key in marks}
    judgement.figures["attempts"] = len(attempts)
    judgement.figures["marks"] = len(begun)
    judgement.none("doubled", [f for f, n in begun.items() if n > 1 and f not in forgotten], "attempts ran more than once")
    places = [m[2:] for m in marks if m[0] == "b" and m[1] not in forgotten]
    judgement.none("doubled", twice(places), "attempts of one number began twice")
    judgement.none("together", [m[1] for m in marks if m[0] == "o"], "attempts began beside another of their instance")
    judgement.none("unknown", [f for f in begun if f not in attempts], "attempts ran that the store does not know")
    judgement.none("unended", [f for f, a in attempts.items() if a[0] == ALIVE], "attempts have no end")
    judgement.none("lost", [f for f, a in attempts.items() if a[0] == EXITED and a[1] == 0 and
                            f not in forgotten and not (begun.get(f) == 1 and ended.get(f) == 1)], "attempts succeeded without their marks")
    judgement.none("harmed", [f for f in begun if f not in ended and f not in excused and name[f] not in kills],
                   "attempts were broken off although nobody killed them")
    judgement.none("harmed", [f for f in ended if attempts.get(f, (ALIVE,))[0] != EXITED and f not in excused and
                              name[f] not in kills], "attempts ran to their end, and the store says otherwise")
    judgement.figures["never begun"] = sum(1 for f in attempts if f not in begun)
    return attempts


def check_logs(store, world, judgement):
    """Every byte before the end of an attempt that succeeded is in its log (I7), unless its end says that the disk was
    full."""
    short = []
    for fence, text in store.rows("SELECT fence, text FROM attempt WHERE outcome = 0 AND exit_code = 0"):
        if "the log is incomplete" in text:
            continue
        path = os.path.join(world.data, "runner", "logs", f"{fence >> 12:06x}", f"{fence}.log")
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                log = file.read()
        except FileNotFoundError:
            log = ""
        if log.count(" begin\n") != 1 or log.count(" end\n") != 1 or "weft: ended with exit code 0" not in log:
            short.append(fence)
    judgement.none("short logs", short, "logs of attempts that succeeded are not whole")


def twice(places):
    seen, again = set(), set()
    for place in places:
        (again if place in seen else seen).add(place)
    return again


def check_rest(store, judgement):
    """Nothing waits for ever (I8), and every instance that succeeded has one attempt that did."""
    open_ones = store.rows("SELECT task_id, data_time, state FROM instance WHERE state < ?", TERMINAL)
    judgement.none("stuck", open_ones, "instances never ended")
    double = store.rows("SELECT task_id, data_time, round FROM attempt WHERE outcome = 0 AND exit_code = 0"
                        " GROUP BY task_id, data_time, round HAVING count(*) > 1")
    judgement.none("doubled", double, "rounds succeeded more than once")
