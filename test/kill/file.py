"""test/kill/file.py - the store's file is removed, replaced, cut or changed, under a server and behind one that is down.

  moved     moved away and back under a running server: nothing is acknowledged meanwhile, then on by itself
  removed   unlinked under a running server: refused, said, not started anew without it
  older     an older copy, or the database without its log, put there while the server is down: not opened
  cut       truncated under a running server and while it is down
  changed   bytes changed at random: never a crash, never fewer acknowledged tasks without a word
"""
import os
import shutil
import signal
import sqlite3
import time
import urllib.error
import urllib.request

import faults
from load import Ledger, Load, Creator, creating
from scenarios import firing_goes_on, judge, tick
from world import PROJECT, World, data, wait_for

DOCUMENT = "docs/operations.md"


def store(world, ending=""):
    return os.path.join(world.data, "weft.db" + ending)


def refused_start(world):
    """It does not start, names the file and says what to do, and leaves the files as they are."""
    before = {name: size(world, name) for name in ("", "-wal")}
    said = world.try_start()
    assert said is not None, "it started"
    assert "weft.db" in said and DOCUMENT in said, said
    assert before == {name: size(world, name) for name in ("", "-wal")}, "the files were changed"


def size(world, ending):
    path = store(world, ending)
    found = os.path.getsize(path) if os.path.exists(path) else 0
    return found or None                   # SQLite makes an empty log before it reads


def health(world):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{world.port}/readyz", timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def is_refused(world, reads=True):
    """What the server cannot answer for is refused; the readiness check and the log tell why."""
    read = world.call("ListTasks", {"ProjectId": PROJECT})
    assert not reads or read["Error"]["Code"] == "InternalError", read
    wait_for(lambda: health(world) == 503, saying="a readiness check that fails")
    assert DOCUMENT in world.log()


def created(world, ledger, seconds):
    load = creating(world, ledger, f"k{len(ledger.sent)}", 2)
    time.sleep(seconds)
    load.end()


def moved(weft, chance):
    with World(weft) as world:
        ledger, ticks = Ledger(), [tick(world)]
        firing_goes_on(world, ticks[0])
        load = Load([Creator(world, ledger, f"k{i}") for i in range(2)])
        for ending in ("", "-wal"):
            time.sleep(chance.uniform(0.2, 0.6))
            ledger.doubtful = True
            os.rename(store(world, ending), store(world, ".away"))
            before = ledger.failed
            wait_for(lambda: ledger.failed > before + 3, saying="a refusal of a write")
            is_refused(world)
            assert size(world, ending) is None
            os.rename(store(world, ".away"), store(world, ending))
            ledger.doubtful = False
            firing_goes_on(world, ticks[0])
            assert health(world) == 200
        load.end()
        figures = judge(world, ledger, ticks)
        return f"2 times, {figures['acknowledged writes']} acknowledged, {ledger.failed} refused"


def removed(weft, chance):
    with World(weft) as world:
        ledger = Ledger()
        load = Load([Creator(world, ledger, f"k{i}") for i in range(2)])
        time.sleep(chance.uniform(0.2, 0.6))
        ledger.doubtful = True
        os.unlink(store(world))
        wait_for(lambda: ledger.failed > 3, saying="a refusal of a write")
        is_refused(world)
        known = len(ledger.created)
        time.sleep(0.3)
        assert len(ledger.created) == known, "writes are acknowledged into a file that is gone"
        load.end()
        # The process has it still: that is how an operator gets it back.
        for ending in ("", "-wal"):
            copied(world, ending)
        world.stop(chance.choice((signal.SIGKILL, signal.SIGTERM)))
        if os.path.exists(store(world, "-wal")):
            os.rename(store(world, "-wal"), store(world, "-wal.old"))
        refused_start(world)
        assert size(world, "") is None, "a new store was begun"
        for ending in ("", "-wal"):
            os.rename(store(world, ending + ".saved"), store(world, ending))
        world.start()
        figures = judge(world, ledger)
        return f"{figures['acknowledged writes']} acknowledged, {ledger.failed} refused"


def copied(world, ending):
    """As docs/operations.md says: out of the process's descriptors."""
    folder = f"/proc/{world.process.pid}/fd"
    for name in os.listdir(folder):
        target = os.readlink(f"{folder}/{name}").removesuffix(" (deleted)")
        if target == os.path.realpath(world.data) + "/weft.db" + ending:
            shutil.copyfile(f"{folder}/{name}", store(world, ending + ".saved"))
            return
    raise AssertionError("the server has no descriptor of weft.db" + ending)


def older(weft, chance):
    with World(weft) as world:
        ledger = Ledger()
        created(world, ledger, chance.uniform(0.2, 0.5))
        world.stop(signal.SIGTERM)
        shutil.copyfile(store(world), store(world, ".old"))
        world.start()
        created(world, ledger, 0.3)
        world.stop(signal.SIGKILL)
        # The database without its log.
        os.rename(store(world, "-wal"), store(world, "-wal.away"))
        refused_start(world)
        # An older copy.
        shutil.copyfile(store(world), store(world, ".new"))
        shutil.copyfile(store(world, ".old"), store(world))
        refused_start(world)
        shutil.copyfile(store(world, ".new"), store(world))
        os.rename(store(world, "-wal.away"), store(world, "-wal"))
        world.start()
        figures = judge(world, ledger)
        return f"{figures['acknowledged writes']} acknowledged"


def cut(weft, chance):
    with World(weft) as world:
        ledger = Ledger()
        for ending in ("", "-wal"):
            created(world, ledger, 0.2)
            with open(store(world, ending), "rb+") as file:
                whole = file.read()
                file.truncate(chance.randrange(len(whole)))
                answer = wait_for(lambda: world.call("CreateProject", {"Project": {"ProjectName": "p", "DisplayName": "p"}}))
                assert answer.get("Error", {}).get("Code") == "InternalError", answer
                is_refused(world, reads=False)
                file.seek(0)
                file.write(whole)
            wait_for(lambda: health(world) == 200, saying="health")
            data(world.call("ListTasks", {"ProjectId": PROJECT}))
        created(world, ledger, 0.2)
        world.stop(signal.SIGKILL)
        for ending in ("", "-wal"):
            with open(store(world, ending), "rb+") as file:
                whole = file.read()
                for at in (0, chance.randrange(100, len(whole) - 200)):
                    file.truncate(at)
                    refused_start(world)
                file.seek(0)
                file.write(whole)
        world.start()
        figures = judge(world, ledger)
        return f"6 times, {figures['acknowledged writes']} acknowledged"


def changed(weft, chance, rounds=5):
    """A changed byte in a text is nobody's to see; what is seen must be said, and nothing may break."""
    with World(weft) as world:
        ledger = Ledger()
        tasks = [tick(world)]
        firing_goes_on(world, tasks[0])
        created(world, ledger, 0.3)
        world.backfill(tasks)
        world.kill_machine()
        whole = {ending: read(store(world, ending)) for ending in ("", "-wal")}
        refusals = 0
        for turn in range(rounds):
            for ending, content in whole.items():
                write(store(world, ending), content)
            # Without its mark: here the damage itself must be seen.
            for ending in ("-shm", ".mark"):
                if os.path.exists(store(world, ending)):
                    os.unlink(store(world, ending))
            if turn % 2:                       # the log taken into the database, so that its pages are hit
                base = sqlite3.connect(store(world))
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                base.close()
            damage(store(world), chance, 1 if turn % 3 else 40)
            said = world.try_start()
            if said is None:
                exercise(world)
                status = world.stop(signal.SIGTERM)
                assert status == 0, f"status {status}: {world.log()[-3000:]}"
            else:
                refusals += 1
                assert "weft.db" in said, said
            world.kill_machine()
            broken = faults.crashes(world.log() + world.runner_log())
            assert not broken, broken[:3]
        return f"{rounds} times, {refusals} not opened"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def damage(path, chance, n):
    with open(path, "rb+") as file:
        length = os.path.getsize(path)
        for _ in range(n):
            at = chance.randrange(100 if length > 100 else 0, length)
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ (1 << chance.randrange(8))]))


def exercise(world):
    """Reads and writes of all kinds; each is answered, well or with InternalError."""
    names = []
    for action, params in (("ListTasks", {}), ("ListTaskInstances", {}), ("ListWorkflows", {}), ("ListDataBackfillPlans", {}),
                           ("ListTasks", {"PageNumber": 2})):
        answer = world.call(action, {"ProjectId": PROJECT, "PageSize": 100, **params})
        names += [item["TaskId"] for item in answer.get("Data", {}).get("Items", []) if "TaskId" in item]
    for task in names[:20]:
        for action in ("GetTask", "GetTaskCode", "ListTaskVersions"):
            world.call(action, {"ProjectId": PROJECT, "TaskId": task})
    if names:
        world.call("CreateDataBackfillPlan", {"ProjectId": PROJECT, "TaskIds": names[:1], "DataBackfillRangeList": [
            {"StartDate": "2026-01-01", "EndDate": "2026-01-01"}]})
    load = creating(world, Ledger(), "x", 1)
    time.sleep(0.2)
    load.end()
    assert world.is_up(), world.log()[-3000:]
