"""test/kill/disk.py - the disk below the data folder fails; each in a mount namespace of the test's own.

  full        no room at all, under load and running tasks, also when the server is killed then
  read_only   the folder cannot be written at the start
  failing     the file system turns read-only under a running server, as ext4 does after an error of its disk
"""
import json
import re
import signal
import time

import faults
from runbook import section as runbook_section
from load import Creator, Ledger, Load
from scenarios import firing_goes_on, judge, tick
from world import PROJECT, World, data, wait_for


def operator_sees(world, failing):
    """What the runbook says under "Disk full"."""
    status, said = world.get("/readyz")
    found = json.loads(said)
    assert (status, found["ready"], found["store"] == "ok") == ((503, False, False) if failing else (200, True, True)), said
    assert world.get("/healthz")[0] == 200, "nobody may restart it because of a full disk"
    assert world.metric("weft_store_failing") == failing
    assert not failing or world.metric("weft_turns_failed_total") > 0


def full(weft, chance):
    disk = faults.Disk()
    try:
        with World(weft, folder=disk.path) as world:
            ledger, ticks = Ledger(), [tick(world, "echo $WEFT_DATA_TIME; sleep 1; seq 1000")]
            firing_goes_on(world, ticks[0])
            load = Load([Creator(world, ledger, f"k{i}") for i in range(3)])
            time.sleep(chance.uniform(0.5, 1.0))
            disk.fill()
            wait_for(lambda: ledger.failed > 5, saying="a refusal of a write")
            data(world.call("ListTasks", {"ProjectId": PROJECT}))
            time.sleep(chance.uniform(1.0, 2.0))
            assert world.is_up()
            operator_sees(world, True)
            for said in re.findall(r"`([^`]*disk is full)`", runbook_section("Disk full")):
                assert said in world.log(), f"the log does not say: {said}"
            disk.free()
            firing_goes_on(world, ticks[0])
            operator_sees(world, False)
            assert "the store can be written again" in world.log()
            # Once more, and the server dies on it; it may refuse to start, but must say why.
            disk.fill()
            time.sleep(chance.uniform(0.2, 1.0))
            world.stop(signal.SIGKILL)
            said = world.try_start()
            assert said is None or "weft.db" in said, said
            if said is None:
                time.sleep(chance.uniform(0.2, 1.0))
                world.stop(signal.SIGKILL)
            disk.free()
            world.start()
            firing_goes_on(world, ticks[0])
            # And the runner.
            disk.fill()
            world.kill_runner()
            time.sleep(chance.uniform(0.5, 1.5))
            disk.free()
            firing_goes_on(world, ticks[0])
            load.end()
            figures = judge(world, ledger, ticks)
            return (f"3 times, {figures['acknowledged writes']} acknowledged, {ledger.failed} refused, "
                    f"{figures['attempts']} attempts, {figures['never begun']} of them never begun")
    finally:
        disk.remove()


def read_only(weft, chance):
    disk = faults.Disk()
    try:
        with World(weft, folder=disk.path) as world:
            ledger = Ledger()
            load = Load([Creator(world, ledger, f"k{i}") for i in range(2)])
            time.sleep(chance.uniform(0.3, 1.0))
            world.kill_machine()
            load.end()
            disk.read_only()
            said = world.try_start()
            assert said and world.data in said and "ead-only" in said, said
            disk.writable()
            world.start()
            ticks = [tick(world)]
            firing_goes_on(world, ticks[0])
            figures = judge(world, ledger, ticks)
            return f"{figures['acknowledged writes']} acknowledged"
    finally:
        disk.remove()


def failing(weft, chance):
    image = faults.Image()
    try:
        if image.impossible:
            raise faults.Impossible(image.impossible)
        with World(weft, folder=image.path) as world:
            ledger, ticks = Ledger(), [tick(world)]
            firing_goes_on(world, ticks[0])
            load = Load([Creator(world, ledger, f"k{i}") for i in range(2)])
            time.sleep(chance.uniform(0.5, 1.5))
            ledger.doubtful = True
            # ext4 may answer the sync that is under way in that instant as if it were done: a program that does nothing but
            # write and sync loses its last record in one of seven such ends.  So nobody can promise those writes.
            before = ledger.names()
            image.abort()
            wait_for(lambda: ledger.failed > 5, saying="a refusal of a write")
            ledger.doubt_since(before)
            data(world.call("ListTasks", {"ProjectId": PROJECT}))
            assert world.is_up()
            load.end()
            excused = {m[1] for m in world.marks()}
            world.kill_machine()
            image.mend()
            world.start()
            firing_goes_on(world, ticks[0])
            figures = judge(world, ledger, ticks, excused, logs=False, forgotten=excused)
            return f"{figures['acknowledged writes']} acknowledged, {ledger.failed} refused"
    finally:
        image.remove()
