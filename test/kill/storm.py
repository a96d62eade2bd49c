"""test/kill/storm.py - all faults at random under load of all kinds, for as long as one likes.

The world fires every second, creates, submits, backfills, reruns and kills all the time.  Every few seconds something
is done to it.  At the end, and after every part of the time, it must come to rest by itself, and everything is held
against everything (oracle.py).
"""
import os
import random
import signal
import time

import faults
from load import Creator, Ledger, Load, Operator
from oracle import Judgement, Store, check_attempts, check_ledger, check_logs, check_rest, check_whole, ledgers, settle
from world import World, wait_for

# How often each happens, by weight.
WEIGHTS = {"server": 6, "runner": 6, "both": 4, "pause_server": 3, "pause_runner": 3, "pause_then_kill": 2, "disk": 3,
           "disk_and_kill": 2, "server_descriptors": 2, "runner_descriptors": 2, "moved": 2, "machine": 1, "orderly": 1}


class Storm:
    def __init__(self, world, disk, chance):
        self.world, self.disk, self.chance = world, disk, chance
        self.ledger, self.excused, self.done = Ledger(), set(), {}
        self.ticks, self.chain = [], []
        self.load, self.times = None, []

    def prepare(self):
        world = self.world
        retries = {"MaxRetryNumber": 3, "RetryWaitMinute": 0}
        for i, (self_depend, cron, work) in enumerate((("parallel", "*", "sleep 0.3"), ("orderly", "0/2", ":"),
                                                       ("serial", "0/3", "sleep 0.1; seq 200"))):
            self.ticks.append(world.submit(f"tick_{i}", world.marking(work), CycleType="CRONTAB_CYCLE",
                                           SelfDepend=self_depend, CrontabExpression=cron + " * * * * ? *", **retries))
        for i, work in enumerate(("sleep 0.2", "sleep 4", "seq 3000", "sleep 1")):
            upstream = {"UpstreamDependencyConfigList": [{"TaskId": self.chain[-1], "MainCyclicConfig": "DAY",
                                                          "SubordinateCyclicConfig": "CURRENT_DAY"}]} if i % 2 else {}
            self.chain.append(world.submit(f"chain_{i}", world.marking(work), CycleType="DAY_CYCLE", SelfDepend="parallel",
                                           CrontabExpression="0 0 0 * * ? *", **upstream, **retries))

    def begin_load(self):
        seeds = [random.Random(self.chance.random()) for _ in range(2)]
        self.load = Load([Creator(self.world, self.ledger, f"k{len(self.ledger.sent)}_{i}", 0.02) for i in range(3)] +
                         [Operator(self.world, self.ledger, seed, self.chain, self.ticks[1], 0.3) for seed in seeds])

    # ---- faults --------------------------------------------------------------------------------

    def a_while(self, least=0.0, most=1.5):
        time.sleep(self.chance.uniform(least, most))

    def restart(self):
        """On a disk that is full, or without descriptors, it may refuse to start; it must say why."""
        said = self.world.try_start()
        assert said is None or "weft.db" in said or "runner" in said, said
        return said is None

    def server(self):
        self.world.stop(signal.SIGKILL)
        self.a_while()
        self.world.start()

    def runner(self):
        self.world.kill_runner()

    def both(self):
        first, second = self.chance.sample((self.world.kill_runner, lambda: self.world.stop(signal.SIGKILL)), 2)
        first()
        self.a_while(0, 0.3)
        second()
        self.a_while()
        self.world.start()

    def orderly(self):
        assert self.world.stop(signal.SIGTERM) == 0
        self.a_while()
        self.world.start()

    def pause_server(self):
        faults.pause(self.world.process.pid, self.chance.uniform(0.1, 3.0))

    def pause_runner(self):
        pid = self.world.runner_pid()
        if pid:
            faults.pause(pid, self.chance.uniform(0.1, 3.0))

    def pause_then_kill(self):
        pid = self.world.runner_pid()
        if pid:
            self.world.signal(pid, signal.SIGSTOP)
        self.world.signal(self.world.process.pid, signal.SIGSTOP)
        self.a_while()
        if pid:
            self.world.kills += 1
            self.world.signal(pid, signal.SIGKILL)
        self.world.stop(signal.SIGKILL)
        self.world.start()

    def full(self):
        self.disk.fill()
        self.a_while(0.3, 2.5)

    def free(self):
        self.disk.free()
        if not self.world.is_up():
            self.world.start()

    def disk_full(self):
        self.full()
        self.free()

    def disk_and_kill(self):
        self.full()
        if self.chance.random() < 0.5:
            self.world.kill_runner()
        self.world.stop(signal.SIGKILL)
        if self.restart():
            self.a_while()
        self.free()

    def without_descriptors(self, pid):
        if pid:
            give_back = faults.take_descriptors(pid, self.chance.choice((0, 0, 1, 2, 5)))
            self.a_while(0.3, 2.5)
            give_back()

    def server_descriptors(self):
        self.without_descriptors(self.world.process.pid)

    def runner_descriptors(self):
        self.without_descriptors(self.world.runner_pid())

    def moved(self):
        path = os.path.join(self.world.data, "weft.db" + self.chance.choice(("", "-wal")))
        self.ledger.doubtful = True
        os.rename(path, path + ".away")
        self.a_while(0.2, 2.0)
        os.rename(path + ".away", path)
        self.a_while(1.0, 1.5)
        self.ledger.doubtful = False

    def machine(self):
        """Everything dies, keepers too; what runs then may be lost, and the folder is read-only at first."""
        # Also one whose code is over, and whose keeper had no time to write that down.
        self.excused |= self.world.kill_machine()
        marks = self.world.marks()
        ended = {m[1] for m in marks if m[0] == "e"}
        self.excused |= {m[1] for m in marks if m[0] == "b" and m[1] not in ended}
        self.disk.read_only()
        said = self.world.try_start()
        assert said and self.world.data in said, said
        self.disk.writable()
        self.world.start()

    # ---- the run -------------------------------------------------------------------------------

    def alive(self):
        """It goes on by itself: answers, and begins attempts."""
        wait_for(lambda: "Data" in self.world.call("GetServerInfo", version="weft-1"), saying="an answer")
        before = len(self.world.marks())
        wait_for(lambda: len(self.world.marks()) > before, saying="a new attempt")

    def blow(self, seconds):
        names = [{"disk": "disk_full"}.get(name, name) for name, weight in WEIGHTS.items() for _ in range(weight)]
        end = time.time() + seconds
        while time.time() < end:
            self.a_while(0.2, 2.5)
            name = self.chance.choice(names)
            self.times.append(time.strftime("%H:%M:%S ") + name)
            getattr(self, name)()
            self.done[name] = self.done.get(name, 0) + 1
            if self.chance.random() < 0.3:
                self.alive()
        self.alive()

    def judge(self, first):
        judgement = Judgement()
        last = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 - 2))
        settle(self.world, self.ticks, [self.ticks[1], *self.chain])
        ledgers(self.world, self.ticks, first, last, judgement)
        store = Store(self.world)
        check_whole(store, judgement)
        check_ledger(store, self.ledger, judgement)
        check_attempts(store, self.world, self.excused, self.ledger.kills, judgement)
        check_logs(store, self.world, judgement)
        check_rest(store, judgement)
        store.close()
        said = faults.crashes(self.world.log() + self.world.runner_log())
        judgement.expect(not said, f"a process broke: {said[:3]}")
        return judgement


def storm(weft, seconds, seed):
    """(figures, what is wrong)"""
    chance = random.Random(seed)
    disk = faults.Disk(4096)
    try:
        with World(weft, "--slots", "16", folder=disk.path) as world:
            s = Storm(world, disk, chance)
            s.prepare()
            first = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 + 2))
            s.begin_load()
            try:
                s.blow(seconds)
                s.load.end()
                judgement = s.judge(first)
                if judgement.wrong:
                    print("faults:", *s.times, sep="\n  ", flush=True)
            except BaseException:
                print(world.log()[-4000:], world.runner_log()[-4000:], sep="\n", flush=True)
                raise
            judgement.figures["faults"] = sum(s.done.values())
            judgement.figures["processes killed"] = world.kills
            judgement.figures["by kind"] = dict(sorted(s.done.items()))
            return judgement.figures, judgement.wrong
    finally:
        disk.remove()


def short(weft, chance, seconds=25):
    seed = chance.randrange(1000000)
    figures, wrong = storm(weft, seconds, seed)
    assert not wrong, f"{wrong}; again: test/kill/run {seconds} --seed {seed} --weft {weft}"
    return (f"{figures['faults']} faults, {figures['acknowledged writes']} acknowledged, {figures['attempts']} attempts, "
            f"{figures['marks']} marks, {figures['firings']} firings")
