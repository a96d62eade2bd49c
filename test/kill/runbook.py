"""test/kill/runbook.py - the procedures of docs/operations.md, done as they stand there.

  install     from the program to a key of one's own
  backup      weft backup beside a server that writes and runs tasks; a server started on the copy knows everything that
              was acknowledged before, and begins nothing again that the original had begun
  refusals    what weft backup refuses, and that it leaves the folder of data alone
  upgrade     another version of the program, while attempts run: they end as if nothing had been
  schema      a store of the first schema is brought up to date, one of a later program is refused
  clock       the wall clock is set forward and back under a running server
"""
import base64
import calendar
import hashlib
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

import faults
from load import Ledger, creating
from scenarios import check_sleepers, firing_goes_on, judge, start_sleepers
from world import PATIENCE, PROJECT, World, data, wait_for

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA, BACKUP, INSTALLED = "/var/lib/weft", "/backup/weft-2026-11-27", "/usr/local/bin/weft"


# ---- the document ------------------------------------------------------------------------------

def section(name):
    with open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8") as file:
        text = file.read()
    found = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"the runbook has no section {name}"
    return found.group(1)


def commands(name):
    """The lines of the console blocks of one section."""
    return "".join(re.findall(r"^```sh\n(.*?)^```$", section(name), re.M | re.S))


def run(script, places, steps=()):
    """A script of the runbook with other places, line by line; what the test does by itself stands in steps."""
    said = ""
    for line in script.strip().split("\n"):
        line = line.split(" #")[0].strip()
        if line in steps:
            steps[line]()
            continue
        for place in sorted(places, key=len, reverse=True):
            line = line.replace(place, places[place])
        done = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=PATIENCE)
        said += done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{line}: status {done.returncode}: {said}"
    return said


def weft_backup(world, *arguments):
    done = subprocess.run([world.weft, "backup", "--data", world.data, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=PATIENCE)
    return done.returncode, done.stdout.decode(errors="replace")


# ---- install -----------------------------------------------------------------------------------

def install(weft, chance):
    del chance
    world = World(weft)
    conf, program = os.path.join(world.home, "weft.conf"), os.path.join(world.home, "weft")
    places = {DATA: world.data, INSTALLED: program, "/etc/weft.conf": conf, "build/weft": world.weft, ":8099": ":0"}
    run(commands("Installing"), places, {line: lambda: None for line in (
        "tools/install-deps && meson setup build --buildtype=release && ninja -C build weft", "weft serve --config /etc/weft.conf")})
    without = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
    with open(world.log_path, "wb") as log, subprocess.Popen([program, "serve", "--config", conf], stdout=subprocess.PIPE,
                                                             stderr=log, env=without) as server:
        world.port = int(re.search(rb"listening on http://127\.0\.0\.1:(\d+)", server.stdout.readline()).group(1))
        assert b"root keys were made" in server.stdout.readline()
        assert os.stat(os.path.join(world.data, "root.key")).st_mode & 0o777 == 0o600
        key = subprocess.run([program, "keys", "add", "100028579801", "--name", "ci", "--data", world.data, "--endpoint",
                              f"http://127.0.0.1:{world.port}"], stdout=subprocess.PIPE, check=True, timeout=PATIENCE, env=without)
        assert b"AKID" in key.stdout, key.stdout
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0
    world.end_all()
    shutil.rmtree(world.home)
    return "a key was added"


# ---- backup ------------------------------------------------------------------------------------

def restored(weft, copy, script):
    """A world whose folder of data is that copy."""
    world = World(weft)
    run(script, {DATA: world.data, BACKUP: copy})
    return world


def logs_of(world, task):
    return {item["InstanceKey"]: (item["InstanceState"],
                                  world.ask("GetTaskInstanceLog", InstanceKey=item["InstanceKey"])["LogInfo"])
            for item in world.instances(task)}


def registered(world, name, content):
    """A resource file of the project, and the path by which a task reads it."""
    path = f"/datastudio/resource/{PROJECT}/{name}"
    data(world.call("UploadResourceFile", {"ProjectId": PROJECT, "Path": path, "Offset": 0,
                                           "Content": base64.b64encode(content.encode()).decode()}, "weft-1"))
    world.ask("CreateResourceFile", ResourceName=name, BucketName="weft", CosRegion="ap-guangzhou", ParentFolderPath="/",
              ResourceFile=path)
    return path


def backup(weft, chance):
    with World(weft) as world:
        ledger = Ledger()
        path = registered(world, "table.csv", "brought along")
        done = world.submit("done", world.marking("seq 500"), CycleType="DAY_CYCLE")
        world.backfill([done], "2025-02-01", "2025-02-03")
        wait_for(lambda: [item["InstanceState"] for item in world.instances(done)] == ["COMPLETED"] * 3)
        known = logs_of(world, done)
        # One that is retried by the restored server, and one that is not.
        sleepers = [world.submit(f"sleeper_{n}", world.marking("sleep 15"), CycleType="DAY_CYCLE", MaxRetryNumber=n,
                                 RetryWaitMinute=0) for n in (0, 1)]
        world.backfill(sleepers)
        wait_for(lambda: all(world.begun(task) for task in sleepers))
        load = creating(world, ledger, "k", 2)
        time.sleep(chance.uniform(0.5, 1.0))
        names = ledger.names()
        copy = os.path.join(world.home, "copy")
        backing_up, restoring = commands("Backup").split("\n\n")
        said = run(backing_up, {DATA: world.data, BACKUP: copy, "weft backup": world.weft + " backup"})
        assert re.search(r"store +\d+ bytes, \d+ commits, checked\n", said) and "running   2 attempts" in said and "files: 1, 13 bytes" in said, said
        time.sleep(chance.uniform(0.2, 0.6))
        load.end()
        begun = set.union(*(world.begun(task) for task in sleepers))
        with restored(weft, copy, restoring) as other:
            found = {item["TaskName"] for item in other.all_items("ListTasks", TaskName="k")}
            assert names <= found, f"lost: {sorted(names - found)[:5]}"
            assert found <= ledger.sent
            assert logs_of(other, done) == known
            # Both count as lost; one has a retry, with a number of its own.
            wait_for(lambda: (other.instances(sleepers[0])[0]["InstanceState"] == "EXPIRED"), saying="the lost end")
            lost = other.ask("GetTaskInstance", InstanceKey=other.instances(sleepers[0])[0]["InstanceKey"])
            assert "nothing is known of it here" in lost["JobErrorMsg"] and lost["Tries"] == 1, lost
            again = wait_for(lambda: world.begun(sleepers[1]) - begun, saying="the retry")
            assert not world.begun(sleepers[0]) - begun and len(again) == 1 and not again & begun
            (retried,) = other.instances(sleepers[1])
            assert (retried["InstanceState"], retried["Tries"]) == ("RUNNING", 2), retried
            # What it makes from now on collides with nothing.
            more = other.submit("more", f"cat {path}", CycleType="DAY_CYCLE")
            other.backfill([more])
            wait_for(lambda: [item["InstanceState"] for item in other.instances(more)] == ["COMPLETED"])
            assert all("brought along" in log for _, log in logs_of(other, more).values())
        for task in sleepers:                         # and the original did not notice
            wait_for(lambda t=task: world.instances(t)[0]["InstanceState"] == "COMPLETED")
            assert world.instances(task)[0]["Tries"] == 1
        said = faults.crashes(world.log() + world.runner_log())
        assert not said, said
        return f"{len(names)} tasks acknowledged before, {len(found)} in the copy"


def digest(folder):
    """Names and content of what is in it; without files that are empty, and without the runner's, which lives on."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not name.endswith("-shm") and os.path.getsize(path):
            with open(path, "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def refusals(weft, chance):
    with World(weft) as world:
        task = world.submit("some", "echo some", CycleType="DAY_CYCLE")
        world.backfill([task])
        wait_for(lambda: [item["InstanceState"] for item in world.instances(task)] == ["COMPLETED"])
        world.stop(signal.SIGKILL)                    # the log of the database stays
        before = digest(world.data)
        assert os.path.getsize(os.path.join(world.data, "weft.db-wal")) > 0
        first, second = os.path.join(world.home, "first"), os.path.join(world.home, "second")
        status, said = weft_backup(world, first)
        assert status == 0 and digest(world.data) == before, said
        assert sorted(os.listdir(first)) == ["objects", "runner", "weft.db"], os.listdir(first)
        assert os.stat(os.path.join(first, "weft.db")).st_mode & 0o777 == 0o600
        status, said = weft_backup(world, first)
        assert status == 1 and "is there already" in said, said
        os.mkdir(second + ".part")
        status, said = weft_backup(world, second)
        assert status == 1 and ".part is there" in said and not os.path.exists(second), said
        os.rmdir(second + ".part")
        status, said = weft_backup(world, "--no-logs", second)
        assert status == 0 and "left out" in said and os.listdir(os.path.join(second, "runner")) == ["fences"], said
        for arguments in ((), ("--what", second), (first, second), ("--data",)):
            assert weft_backup(world, *arguments)[0] == 2, arguments
        third = os.path.join(world.home, "third")
        shutil.move(os.path.join(world.data, "weft.db-wal"), world.home)
        status, said = weft_backup(world, third)      # a store that has lost acknowledged changes
        assert status == 1 and "that were acknowledged" in said, said
        assert not os.path.exists(third) and not os.path.exists(third + ".part")
        os.replace(os.path.join(world.home, "weft.db-wal"), os.path.join(world.data, "weft.db-wal"))
        with open(os.path.join(world.data, "weft.db"), "r+b") as file:
            file.seek(chance.randrange(2, 4) * 4096)
            file.write(os.urandom(4096))
        status, said = weft_backup(world, third)
        assert status == 0 or ("damaged" in said and not os.path.exists(third)), said
        os.remove(os.path.join(world.data, "weft.db"))
        os.remove(os.path.join(world.data, "weft.db-wal"))
        status, said = weft_backup(world, os.path.join(world.home, "fourth"))
        assert status == 1 and "weft.db" in said, said
        return "9 refusals"


# ---- upgrade -----------------------------------------------------------------------------------

def other_version(weft, path):
    """The same program that says another version of itself: what is told apart by it can be seen."""
    version = subprocess.run([weft, "version"], stdout=subprocess.PIPE, check=True).stdout.split()[-1]
    older = b"0.0.1"
    assert len(version) == len(older) and version != older, version
    with open(weft, "rb") as file:
        program = file.read()
    with open(path, "wb") as file:
        file.write(program.replace(version, older))
    os.chmod(path, 0o755)
    return version.decode(), older.decode()


def upgrade(weft, chance):
    world = World(weft)
    installed = os.path.join(world.home, "weft")
    new, old = other_version(weft, installed)
    world.weft = installed
    with world:
        info = data(world.call("GetServerInfo", version="weft-1"))
        assert info["Version"] == old, info
        short = world.submit("short", world.marking("sleep 1"), CycleType="DAY_CYCLE")
        tasks = start_sleepers(world, 4, 6)
        world.backfill([short])
        wait_for(lambda: world.begun(short))
        before = wait_for(world.runner_pid)

        def stop():
            world.stop(signal.SIGTERM)
            time.sleep(chance.uniform(1.0, 1.5))      # the short one ends without a server

        run(commands("Upgrade"), {DATA: world.data, BACKUP: os.path.join(world.home, "copy"),
                                  "weft backup": installed + " backup", "weft.new": weft, INSTALLED: installed},
            {"systemctl stop weft": stop, "systemctl start weft": world.start})
        assert data(world.call("GetServerInfo", version="weft-1"))["Version"] == new
        now = wait_for(lambda: world.runner_pid() not in (0, before) and world.runner_pid(), saying="the new runner")
        assert f"the runner there is of version {old}, not {new}: it is replaced" in world.log()
        assert before not in world.processes()
        (item,) = world.instances(short)
        wait_for(lambda: world.instances(short)[0]["InstanceState"] == "COMPLETED")
        assert item["Tries"] == 1, item
        check_sleepers(world, tasks)
        world.start()
        wait_for(world.runner_pid)
        assert world.runner_pid() == now, "a runner of the same version stays"
        return f"{len(tasks)} attempts ran on, from {old} to {new}"


def first_schema(path):
    """A store as the first schema had it, made of the frozen text of its migration, with a project in it."""
    with open(os.path.join(ROOT, "src", "store", "migration_1.c"), encoding="utf-8") as file:
        source = file.read()
    with open(os.path.join(ROOT, "src", "store", "migrations.c"), encoding="utf-8") as file:
        number = int(re.search(r"APPLICATION_ID = (0x[0-9a-fA-F]+|\d+)", file.read()).group(1), 0)
    literals = re.findall(r'"((?:\\.|[^"\\])*)"', source[source.index("migration_1[] ="):])
    script = "".join(literals).replace('\\"', '"').replace("\\n", "\n")
    db = sqlite3.connect(path)
    db.executescript(script)
    db.execute(f"PRAGMA application_id = {number}")
    db.execute("PRAGMA user_version = 1")
    db.execute("INSERT INTO project VALUES ('1234567890123456789', 'of_old', 'of old', '', 'SIMPLE', '100028579801',"
               " '100000000001', 1, 5000000, 6000000, '{}')")
    db.commit()
    db.close()


def schema(weft, chance):
    del chance
    world = World(weft)
    os.makedirs(world.data, 0o711)
    path = os.path.join(world.data, "weft.db")
    first_schema(path)
    with world:
        assert data(world.call("GetProject", {"ProjectId": "1234567890123456789"}))["ProjectName"] == "of_old"
        members = data(world.call("ListProjectMembers", {"ProjectId": "1234567890123456789"}))
        assert members["TotalCount"] >= 1, members
        task = world.submit("new", "echo new", CycleType="DAY_CYCLE")
        world.backfill([task])
        wait_for(lambda: [item["InstanceState"] for item in world.instances(task)] == ["COMPLETED"])
        world.stop(signal.SIGTERM)
        db = sqlite3.connect(path)
        (reached,) = db.execute("PRAGMA user_version").fetchone()
        db.execute(f"PRAGMA user_version = {reached + 1}")
        db.close()
        before = digest(world.data)
        said = world.try_start()
        assert said and f"has schema {reached + 1}, this program knows schemas up to {reached}" in said, said
        assert digest(world.data) == before, "a store that is refused is not touched"
        return f"from schema 1 to {reached}; {reached + 1} refused"


# ---- clock -------------------------------------------------------------------------------------

class Clock:
    """By how much the wall clock of a world is off; its processes have it preloaded (clock_step.c)."""

    def __init__(self, world):
        library = os.environ.get("CLOCK_STEP_LIBRARY")
        if not library:
            raise faults.Impossible("CLOCK_STEP_LIBRARY does not name the library of clock_step.c")
        self.path = os.path.join(world.home, "clock")
        self.set(0)
        asan = os.environ.get("ASAN_OPTIONS", "")
        world.environment = {"LD_PRELOAD": library, "CLOCK_STEP": self.path,
                             "ASAN_OPTIONS": asan + (":" if asan else "") + "verify_asan_link_order=0"}

    def set(self, seconds):
        # Written over in place: the processes have it mapped.
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb") as file:
            file.write(struct.pack("=q", int(seconds * 1e6)))
        self.off = seconds

    def second(self):
        return int(time.time() + self.off + 8 * 3600)


def fired(world, task):
    """Data times of its instances, as seconds; every one exists once."""
    found = [calendar.timegm(time.strptime(item["CurRunDate"], "%Y-%m-%d %H:%M:%S")) for item in world.instances(task)]
    assert len(found) == len(set(found)), "an instance is there twice"
    return sorted(found)


def unbroken(times, step):
    return not times or times == list(range(times[0], times[-1] + 1, step))


def every_5_s(world, name):
    return world.submit(name, world.marking("true"), CycleType="CRONTAB_CYCLE", CrontabExpression="0/5 * * * * ? *",
                        SelfDepend="parallel")


def clock(weft, chance):
    world = World(weft)
    off = Clock(world)
    with world:
        tick = every_5_s(world, "tick")
        limited = world.submit("limited", world.marking("sleep 600"), CycleType="DAY_CYCLE", MaxRetryNumber=0, ExecutionTTL="2")
        free = world.submit("free", world.marking("sleep 12"), CycleType="DAY_CYCLE", MaxRetryNumber=0)
        world.backfill([limited, free])
        wait_for(lambda: world.begun(limited) and world.begun(free) and fired(world, tick))
        # Forward: what was skipped is made up, and a limit of the running time that the step passed has passed.
        off.set(150)
        wait_for(lambda: fired(world, tick)[-1] >= off.second() - 10, saying="the firings that were skipped")
        assert unbroken(fired(world, tick), 5), fired(world, tick)
        wait_for(lambda: world.instances(limited)[0]["InstanceState"] == "EXPIRED", saying="the limit of the running time")
        wait_for(lambda: world.instances(free)[0]["InstanceState"] == "COMPLETED")
        assert world.instances(free)[0]["Tries"] == 1
        # Back: nothing fires twice, a crash included; a task that is new fires by the clock.
        before = fired(world, tick)
        off.set(chance.randint(20, 60))
        late = every_5_s(world, "late")
        wait_for(lambda: fired(world, late), saying="a firing of the new task")
        world.stop(signal.SIGKILL)
        world.start()
        time.sleep(1.0)
        assert fired(world, tick) == before, "something fired twice, or early"
        # The clock catches up, and it goes on where it was.
        off.set(190)
        wait_for(lambda: fired(world, tick)[-1] > before[-1], saying="the next firing")
        assert unbroken(fired(world, tick), 5), fired(world, tick)
        # Signatures are good for five minutes around the server's clock.
        world.ask("PauseOpsTasksAsync", TaskIds=[tick, late])
        off.set(chance.choice((-1, 1)) * 1000)
        answer = world.call("ListTasks", {"ProjectId": PROJECT})
        assert answer["Error"]["Code"] == "AuthFailure.SignatureExpire", answer
        off.set(0)
        n = len(fired(world, tick))
        judge(world, Ledger(), [tick, late], kills={world.instances(limited)[0]["InstanceKey"]})
        return f"{n} firings, 5 steps"
