"""test/kill/power.py - the power goes: what was acknowledged is there, whatever the disk forgot of what was not synced.

Server and runner work under strace, with clients of all kinds; meanwhile both are ended and started again.  From what they wrote and synced, the disk is made as a loss of power at some instant may leave
it (remains.py), and weft is started on that, as after a restart of the machine.  Then everything is held against
everything, as far as clients and tasks knew it at that instant.

  forgets     everything that was not synced is gone
  scrambles   some of it is there: in any order, torn at sectors, names without contents
"""
import base64
import copy
import os
import random
import shutil
import signal
import time

import faults
import recording
from load import Creator, Ledger, Load, Operator
from oracle import Judgement, Store, check_attempts, check_ledger, check_rest, check_whole, settle
from remains import Disk, File, Folder
from world import PROJECT, World, data, wait_for

INSTANTS = 8                            # in each scenario; WEFT_POWER_INSTANTS says otherwise
SECONDS = 2                             # of work before each fault
KEPT = os.environ.get("WEFT_POWER_KEPT")
BOOT = "/proc/sys/kernel/random/boot_id"


class Known(dict):
    """When each value was set: what a client knew at an instant."""

    def __init__(self):
        super().__init__()
        self.times = []

    def __setitem__(self, key, known):
        super().__setitem__(key, known)
        self.times.append((time.time(), key, known))

    def at(self, instant):
        return {key: known for when, key, known in self.times if when < instant}


class Uploader(Creator):
    """Resource files: their bytes are no part of the store."""

    def step(self):
        name, path = f"{self.prefix}_{self.number}.txt", f"/datastudio/resource/{PROJECT}/{self.prefix}_{self.number}.txt"
        text = f"{name} " * (1 + self.number % 400)
        how, _ = self.call("UploadResourceFile", {"ProjectId": PROJECT, "Path": path, "Offset": 0,
                                                  "Content": base64.b64encode(text.encode()).decode()}, version="weft-1")
        if how != "yes":
            return how
        how, made = self.call("CreateResourceFile", {
            "ProjectId": PROJECT, "ResourceName": name, "BucketName": "weft", "CosRegion": "ap-x", "ParentFolderPath": "/",
            "ResourceFile": path})
        if how == "yes":
            with self.ledger.lock:
                self.ledger.resources[made["ResourceId"]] = text
        return how


def knowing():
    ledger = Ledger()
    ledger.created, ledger.submitted, ledger.plans, ledger.jobs, ledger.resources = (Known() for _ in range(5))
    return ledger


def known_at(ledger, instant):
    then = copy.copy(ledger)
    for name in ("created", "submitted", "plans", "jobs", "resources"):
        setattr(then, name, getattr(ledger, name).at(instant))
    return then


# ---- the work ------------------------------------------------------------------------------------

class Traced:
    """A program that starts weft under strace: each start has a file of its own."""

    def __init__(self, world):
        self.folder = os.path.join(world.home, "calls")
        os.mkdir(self.folder)
        self.program = os.path.join(world.home, "traced")
        with open(self.program, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {" ".join(recording.STRACE)} -o {self.folder}/$$ {world.weft} "$@"\n')
        os.chmod(self.program, 0o755)

    def sizes(self):
        return [os.path.getsize(path) for path in self.files()]

    def is_over(self):
        """strace writes on for a while when what it looked at has ended; it may itself never end."""
        before = self.sizes()
        time.sleep(1)
        return self.sizes() == before

    def files(self):
        return [os.path.join(self.folder, name) for name in os.listdir(self.folder)]


def clients(world, ledger, chance, tasks):
    return Load([Creator(world, ledger, f"k{len(ledger.sent)}_{i}", 0.02) for i in range(2)] +
                [Uploader(world, ledger, f"r{len(ledger.sent)}", 0.1)] +
                [Operator(world, ledger, random.Random(chance.random()), tasks, tasks[0], 0.05)])


def work(world, ledger, chance):
    """Records.  Nothing is killed: of a call that is under way then strace cannot say whether it was done."""
    plain, traced = world.weft, Traced(world)
    world.weft, world.environment = traced.program, {"ASAN_OPTIONS": "detect_leaks=0"}      # it looks with ptrace as well
    world.start()
    retries = {"MaxRetryNumber": 3, "RetryWaitMinute": 0, "SelfDepend": "parallel"}
    tasks = [world.submit(f"day_{i}", world.marking(what), CycleType="DAY_CYCLE", **retries)
             for i, what in enumerate((":", "sleep 0.2", "seq 500"))]
    for _ in range(3):
        load = clients(world, ledger, chance, tasks)
        time.sleep(SECONDS)
        world.signal(world.runner_pid(), signal.SIGTERM)        # another takes over what runs
        time.sleep(SECONDS / 4)
        world.stop(signal.SIGTERM)
        world.start()
        load.end()
    settle(world, [])
    world.stop(signal.SIGTERM)
    world.signal(world.runner_pid(), signal.SIGTERM)
    wait_for(lambda: not world.processes(), saying="the end of runner and keepers")
    world.weft, world.environment = plain, {}
    wait_for(traced.is_over, saying="the end of strace")
    return traced.files()


# ---- one instant ---------------------------------------------------------------------------------

def restart_of_machine(content):
    """The machine's boot is another one, as the runner reads it."""
    with open(BOOT, "rb") as file:
        boot = file.read().strip()
    return content.replace(boot, b"0" * len(boot))


def lay_out(world, disk, how, chance):
    shutil.rmtree(world.data, ignore_errors=True)
    there = disk.top.remains(how, chance)
    if "data" in there:
        os.mkdir(world.data, 0o711)
        disk.lay_out_folder(there["data"], world.data, how, chance, restart_of_machine)
    with open(world.marks_path, "wb") as file:
        file.write(disk.top.now["marks"].now)


def check_resources(world, ledger, judgement):
    def text(resource):
        found = world.call("ReadResourceFile", {"ProjectId": PROJECT, "ResourceId": resource, "Offset": 0}, version="weft-1")
        return base64.b64decode(found["Data"]["Content"]).decode() if "Data" in found else found["Error"]["Code"]

    judgement.none("lost", [r for r, sent in ledger.resources.items() if text(r) != sent], "acknowledged resource files are lost")


def judge(world, ledger, kills):
    judgement = Judgement()
    broken_off = {m[1] for m in world.marks()}
    check_resources(world, ledger, judgement)
    settle(world, [], seconds=60)
    store = Store(world)
    check_whole(store, judgement)
    check_ledger(store, ledger, judgement)
    check_attempts(store, world, broken_off, kills, judgement)
    check_rest(store, judgement)
    store.close()
    said = faults.crashes(world.log() + world.runner_log())
    judgement.expect(not said, f"a process broke: {said[:3]}")
    return judgement


def instants(calls, disk, n, chance):
    """Replays; stops n times between two calls that change something, with the time of the next one."""
    changing = []
    for number, call in enumerate(calls):
        if disk.do(call):
            changing.append(number)
        assert not disk.unknown(call), f"the model of the disk does not know {call.name}"
    return sorted(chance.sample(changing, min(n, len(changing))))


def replay(world):
    disk = Disk(world.home, recording.Folders(os.getcwd()))
    disk.top.now["marks"] = disk.top.kept["marks"] = File()
    return disk


def check_model(disk, world):
    """What the calls made is what is there."""
    def look(folder, path):
        for name, what in folder.now.items():
            at = os.path.join(path, name)
            if isinstance(what, Folder):
                look(what, at)
            elif not name.endswith("-shm"):     # that one is written through memory
                with open(at, "rb") as file:
                    assert file.read() == bytes(what.now), f"{at} is not what the recorded calls make of it"

    look(disk.top.now["data"], world.data)


def lose_power(weft, chance, how):
    impossible = recording.impossible()
    if impossible:
        raise faults.Impossible(impossible)
    world = World(weft)                 # it is started under strace, and not before
    try:
        return cut(world, chance, how, int(os.environ.get("WEFT_POWER_INSTANTS", INSTANTS)))
    finally:
        world.__exit__()


def cut(world, chance, how, n):
    ledger = knowing()
    calls = list(recording.read(work(world, ledger, chance)))
    whole = replay(world)
    chosen = instants(calls, whole, n, chance)
    check_model(whole, world)
    disk, at, figures = replay(world), 0, {}
    for stop in chosen:
        while at <= stop:
            disk.do(calls[at])
            at += 1
        instant = calls[at].time if at < len(calls) else time.time()
        lay_out(world, disk, how, chance)
        if KEPT:                        # to look at what a failing state is
            shutil.rmtree(KEPT, ignore_errors=True)
            shutil.copytree(world.home, KEPT)
        world.start()
        judgement = judge(world, known_at(ledger, instant), ledger.kills)
        world.kill_machine()
        if judgement.wrong:
            raise AssertionError(f"after call {at} of {len(calls)}, {calls[stop].name}: " + "; ".join(judgement.wrong))
        figures = judgement.figures
    return (f"{len(chosen)} instants of {len(calls)} calls, at the last {figures['acknowledged writes']} acknowledged, "
            f"{figures['attempts']} attempts")


def forgets(weft, chance):
    return lose_power(weft, chance, "synced")


def scrambles(weft, chance):
    return lose_power(weft, chance, "some")
