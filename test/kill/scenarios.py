"""test/kill/scenarios.py - one fault each, with what must hold after it.

  acknowledged   kill -9 under CreateTask load: every acknowledged task is there, whole; no other is
  running        kill -9 of the server while tasks run: they go on, and each result is there once
  firing         kill -9 while a task fires every second: no firing is missing, none is there twice
  runner         kill -9 of the runner: its tasks go on and report once
  stopped        SIGSTOP and SIGCONT of the server and of the runner, also killed while stopped
  other_user     the server of a user leaves its runner, and root's comes: it replaces that runner
  descriptors    server and runner out of file descriptors: refused for a while, then on by itself
"""
import os
import signal
import time

import faults
from load import Ledger, Load, Creator, creating
from oracle import Judgement, Store, check_attempts, check_ledger, check_logs, check_rest, check_whole, settle
from world import PROJECT, World, data, wait_for


def judge(world, ledger, tasks=(), excused=(), kills=(), logs=True, forgotten=()):
    """Settle, end, and hold everything against everything.  logs: False where the newest bytes of a file may be gone
    with the disk, as with power (docs/operations.md, "What survives what")."""
    judgement = Judgement()
    settle(world, list(tasks))
    store = Store(world)
    check_whole(store, judgement)
    check_ledger(store, ledger, judgement)
    check_attempts(store, world, set(excused), set(kills), judgement, set(forgotten))
    if logs:
        check_logs(store, world, judgement)
    check_rest(store, judgement)
    store.close()
    said = faults.crashes(world.log() + world.runner_log())
    judgement.expect(not said, f"a process broke: {said[:3]}")
    assert not judgement.wrong, "; ".join(judgement.wrong)
    return judgement.figures


def acknowledged(weft, chance, rounds=6):
    with World(weft) as world:
        ledger = Ledger()
        load = creating(world, ledger, "k")
        for _ in range(rounds):
            time.sleep(chance.uniform(0.05, 0.6))
            world.stop(signal.SIGKILL)
            world.start()
        load.end()
        found = {item["TaskName"]: item["TaskId"] for item in world.all_items("ListTasks", TaskName="k")
                 if item["TaskName"].startswith("k")}
        assert len(found) >= len(ledger.created)
        for name in chance.sample(sorted(found), min(100, len(found))):
            task = world.ask("GetTask", TaskId=found[name])
            assert task["TaskBaseAttribute"]["TaskDescription"] == "of " + name
        figures = judge(world, ledger)
        return f"{rounds} kills, {figures['acknowledged writes']} acknowledged, {len(found) - len(ledger.created)} more in flight"


def start_sleepers(world, n, seconds):
    tasks = [world.submit(f"sleeper_{i}", world.marking(f"sleep {seconds}"), CycleType="DAY_CYCLE") for i in range(n)]
    world.backfill(tasks)
    # RUNNING begins with the dispatch; what is meant here is code that runs.
    wait_for(lambda: all(world.begun(task) for task in tasks), saying="the beginning of the attempts")
    return tasks


def check_sleepers(world, tasks):
    wait_for(lambda: all(item["InstanceState"] in ("COMPLETED", "EXPIRED") for task in tasks for item in world.instances(task)),
             saying="the end of the attempts")
    for task in tasks:
        (item,) = world.instances(task)
        assert (item["InstanceState"], item["Tries"], item["TotalRunNum"]) == ("COMPLETED", 1, 1), item
        log = world.ask("GetTaskInstanceLog", InstanceKey=item["InstanceKey"])
        assert log["LogInfo"].count(" begin\n") == log["LogInfo"].count(" end\n") == 1
        assert log["NextCursor"] is None
    judge(world, Ledger())


def running(weft, chance):
    with World(weft) as world:
        tasks = start_sleepers(world, 6, 3)
        for _ in range(3):
            world.stop(signal.SIGKILL)
            time.sleep(chance.uniform(0.0, 0.7))
            world.start()
        check_sleepers(world, tasks)
        return "6 tasks, 3 kills"


def runner(weft, chance):
    with World(weft) as world:
        tasks = start_sleepers(world, 6, 3)
        for _ in range(3):
            world.kill_runner()
            time.sleep(chance.uniform(0.2, 1.0))
        check_sleepers(world, tasks)
        return "6 tasks, 3 kills of the runner"


def firing(weft, chance):
    with World(weft) as world:
        task = world.submit("tick", world.marking("true"), CycleType="CRONTAB_CYCLE", CrontabExpression="* * * * * ? *",
                            SelfDepend="parallel")
        begin = time.time()
        for _ in range(3):
            time.sleep(chance.uniform(0.5, 1.7))
            world.stop(signal.SIGKILL)
            time.sleep(chance.uniform(0.1, 2.2))
            world.start()
        time.sleep(1.5)
        end = time.time()
        wait_for(lambda: all(item["InstanceState"] == "COMPLETED" for item in world.instances(task)))
        found = sorted(item["CurRunDate"] for item in world.instances(task))
        expected = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second + 8 * 3600))
                    for second in range(int(begin) + 1, int(end))]
        missing = set(expected) - set(found)
        assert not missing, f"missing firings: {sorted(missing)}"
        assert len(found) == len(set(found))
        judge(world, Ledger(), [task])
        return f"{len(found)} firings, 3 kills"


def firing_goes_on(world, task):
    """The scheduler works by itself: an attempt begins that had not begun before."""
    before = world.begun(task)
    wait_for(lambda: world.begun(task) - before, saying="a new attempt")


def tick(world, work="sleep 0.2"):
    return world.submit("tick", world.marking(work), CycleType="CRONTAB_CYCLE", CrontabExpression="* * * * * ? *",
                        SelfDepend="parallel", MaxRetryNumber=3, RetryWaitMinute=0)


def stopped(weft, chance):
    with World(weft) as world:
        ledger, ticks = Ledger(), [tick(world)]
        firing_goes_on(world, ticks[0])
        load = creating(world, ledger, "k", 2)
        faults.pause(world.process.pid, chance.uniform(1.0, 2.5))
        firing_goes_on(world, ticks[0])
        faults.pause(world.runner_pid(), chance.uniform(1.0, 2.5))
        firing_goes_on(world, ticks[0])
        # Killed while they stand still, the server with commands in its sockets, the runner with attempts in its.
        for pid in (world.process.pid, world.runner_pid()):
            world.signal(pid, signal.SIGSTOP)
            time.sleep(chance.uniform(0.5, 1.2))
            if pid == world.process.pid:
                world.stop(signal.SIGKILL)
                world.start()
            else:
                world.signal(pid, signal.SIGKILL)
            firing_goes_on(world, ticks[0])
        load.end()
        figures = judge(world, ledger, ticks)
        return f"4 stops, {figures['acknowledged writes']} acknowledged, {figures['attempts']} attempts"


def other_user(weft, chance):
    """What runs goes on, as under any other runner."""
    if os.geteuid() != 0:
        raise faults.Impossible("only root can be two users")
    world = World(weft)
    try:
        wrapper, plain = os.path.join(world.home, "as-nobody"), world.weft
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups {plain} "$@"\n')
        os.chmod(wrapper, 0o755)
        os.chown(world.home, 65534, 65534)
        world.weft = wrapper
        world.start()
        tasks = start_sleepers(world, 2, chance.uniform(1, 3))
        first = world.runner_pid()
        world.stop(signal.SIGTERM)
        world.weft = plain
        world.start()
        wait_for(lambda: world.runner_pid() not in (0, first), saying="another runner")
        check_sleepers(world, tasks)
        return "2 tasks"
    finally:
        world.__exit__()


def descriptors(weft, chance):
    with World(weft, "--threads", "2") as world:
        ledger, ticks = Ledger(), [tick(world)]
        firing_goes_on(world, ticks[0])
        load = Load([Creator(world, ledger, f"k{i}", 0.01) for i in range(3)])
        for spare in (0, chance.randint(1, 3)):
            give_back = faults.take_descriptors(world.process.pid, spare)
            time.sleep(1.5)
            give_back()
            data(world.call("ListTasks", {"ProjectId": PROJECT}))
            firing_goes_on(world, ticks[0])
        for spare in (0, chance.randint(1, 3)):
            give_back = faults.take_descriptors(world.runner_pid(), spare)
            time.sleep(1.5)
            give_back()
            firing_goes_on(world, ticks[0])
        # A server without room for anything must not keep the next runner from starting afterwards.
        give_back = faults.take_descriptors(world.process.pid, 0)
        world.kill_runner()
        time.sleep(1.0)
        give_back()
        firing_goes_on(world, ticks[0])
        assert world.is_up()
        load.end()
        figures = judge(world, ledger, ticks)
        return f"5 times, {figures['acknowledged writes']} acknowledged, {figures['attempts']} attempts"
