"""test/kill/world.py - a real server with its runner, tasks that leave marks, and what is needed to hit them.

Every attempt of a task made here appends "b FENCE ROUND ATTEMPT INSTANCE" to a file outside of the data folder when its
code begins, and "e FENCE ..." when its code ends; "o FENCE ..." when another attempt of the same instance was still
running.  The kernel tells the last: each holds a lock of its instance's name.
"""
import base64
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
from wire import SECRET_ID, SECRET_KEY, Connection, headers  # noqa: E402

PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
FIXTURE = os.path.join(HERE, "..", "..", "examples", "fixture.json")
# A machine that is shared, and sanitizers: what is awaited may take long, and it is no test of speed.
PATIENCE = 120


def data(response):
    assert "Error" not in response, response
    return response["Data"]


def wait_for(what, seconds=PATIENCE, saying="it"):
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{saying} did not come within {seconds} s")


def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))


class World:
    """A weft server with a data folder of its own on a free port, and a folder for marks."""

    def __init__(self, weft, *options, folder=None):
        self.weft = os.path.abspath(weft)
        self.options = ("--rate-limit", "0", "--fixture", FIXTURE, *options)
        self.home = tempfile.mkdtemp(prefix="weft-kill-")
        os.chmod(self.home, 0o711)
        self.data = os.path.join(folder or self.home, "data")
        self.marks_path = os.path.join(self.home, "marks")
        self.locks = os.path.join(self.home, "locks")
        os.mkdir(self.locks)
        os.chmod(self.locks, 0o777)
        with open(self.marks_path, "w", encoding="ascii"):
            pass
        os.chmod(self.marks_path, 0o666)
        self.log_path = os.path.join(self.home, "serve.log")
        self.environment = {}           # of the server and its runner, besides ours
        self.process = None
        self.port = 0
        self.kills = 0                  # processes that got SIGKILL while they worked

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *ignored):
        self.end_all()
        shutil.rmtree(self.home, ignore_errors=True)

    # ---- processes -----------------------------------------------------------------------------

    def try_start(self, seconds=PATIENCE):
        """None when it serves, else what it said; then it has ended by itself."""
        before = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.weft, "serve", "--listen", "127.0.0.1:0", "--data", self.data, "--log-level", "warn", *self.options],
                stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, "WEFT_SECRET_ID": SECRET_ID, "WEFT_SECRET_KEY": SECRET_KEY, **self.environment})
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, f"the server neither serves nor ends within {seconds} s"
        line = self.process.stdout.readline().decode()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
        if found:
            self.port = int(found.group(1))
            return None
        status = self.process.wait(seconds)
        self.process.stdout.close()
        with open(self.log_path, "rb") as log:
            log.seek(before)
            said = log.read().decode(errors="replace")
        assert status == 1, f"a start that fails must end with status 1, not {status}: {said[-3000:]}"
        return said

    def start(self):
        said = self.try_start()
        assert said is None, "the server did not start: " + said[-3000:]

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, number=signal.SIGKILL):
        """Its exit status; it must not have ended by itself before."""
        assert self.is_up(), f"the server ended by itself, status {self.process.returncode}: {self.log()[-3000:]}"
        self.kills += number == signal.SIGKILL
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        return self.process.returncode

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def runner_log(self):
        with open(os.path.join(self.data, "runner", "runner.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def runner_pid(self):
        """The runner says its process id when it is ready; 0: there is none now."""
        found = re.findall(r"ready in .*, pid (\d+)", self.runner_log())
        pid = int(found[-1]) if found else 0
        return pid if pid in self.processes() else 0

    def processes(self):
        """Runners and keepers of this world, by the folder in their command line."""
        found, folder = [], os.path.join(self.data, "runner").encode()
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if name.isdigit() and folder in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass
        return found

    def signal(self, pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def kill_runner(self):
        pid = self.runner_pid()
        if pid:
            self.kills += 1
            self.signal(pid, signal.SIGKILL)

    @staticmethod
    def kept_by(pid):
        """Fences of the attempts whose record this keeper holds: their end is not written down yet, or just so."""
        found = set()
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                record = re.search(r"/attempts/(\d+)$", os.readlink(f"/proc/{pid}/fd/{name}"))
                if record:
                    found.add(int(record.group(1)))
        except OSError:
            pass
        return found

    def kill_machine(self):
        """Everything of weft at once, keepers too: what a crash of the machine leaves, but for the disk.  Returns the
        fences whose keeper died with it."""
        kept = set()
        if self.is_up():
            self.stop(signal.SIGKILL)
        for _ in range(50):
            found = self.processes()
            if not found:
                break
            for pid in found:
                kept |= self.kept_by(pid)
                self.kills += 1
                self.signal(pid, signal.SIGKILL)
            time.sleep(0.02)
        return kept

    def end_all(self):
        if self.process and self.is_up():
            self.signal(self.process.pid, signal.SIGCONT)
        self.kill_machine()

    # ---- calls ---------------------------------------------------------------------------------

    def call(self, action, params=None, version="2025-08-06", timeout=PATIENCE):
        """Response of one signed call on a connection of its own."""
        body = json.dumps(params or {}).encode()
        connection = Connection(self.port, timeout)
        try:
            connection.request(headers(action, version, body), body)
            return json.loads(connection.answer()[2])["Response"]
        finally:
            connection.close()

    def get(self, target):
        """(status, text) of a GET without a signature."""
        connection = Connection(self.port, PATIENCE)
        try:
            connection.request({"Host": "127.0.0.1"}, target=target, method="GET")
            status, _, body = connection.answer()
            return status, body.decode()
        finally:
            connection.close()

    def metric(self, name):
        """The value of a metric without labels."""
        return float(re.search(rf"^{name} (\S+)$", self.get("/metrics")[1], re.M).group(1))

    def ask(self, action, **params):
        return data(self.call(action, {"ProjectId": PROJECT, **params}))

    def all_items(self, action, **params):
        items, page = [], 1
        while True:
            found = self.ask(action, PageNumber=page, PageSize=100, **params)
            items += found["Items"]
            if len(found["Items"]) < 100:
                return items
            page += 1

    def instances(self, task):
        return self.all_items("ListTaskInstances", Keyword=task)

    def submit(self, name, code, **scheduler):
        task = data(self.call("CreateTask", definition(name, code, **scheduler)))["TaskId"]
        self.ask("SubmitTask", TaskId=task, VersionRemark="test")
        return task

    def backfill(self, tasks, first=None, last=None):
        return self.ask("CreateDataBackfillPlan", TaskIds=tasks, DataBackfillRangeList=[
            {"StartDate": first or today(), "EndDate": last or first or today()}])["DataBackfillPlanId"]

    # ---- marks ---------------------------------------------------------------------------------

    def marking(self, work):
        """Code that does `work` between its marks."""
        return (f'm() {{ echo "$1 $WEFT_FENCE $WEFT_ROUND $WEFT_ATTEMPT $WEFT_INSTANCE_KEY" >> {self.marks_path}; }}\n'
                f'm b\nexec 9>>"{self.locks}/$WEFT_INSTANCE_KEY"\nflock -n 9 || m o\necho begin\n{work}\necho end\nm e\n')

    def marks(self):
        """[(letter, fence, round, attempt, instance)]"""
        with open(self.marks_path, encoding="ascii") as file:
            lines = [line.rstrip("\n").split(" ", 4) for line in file]
        return [(m[0], int(m[1]), int(m[2]), int(m[3]), m[4]) for m in lines]

    def begun(self, task):
        return {m[1] for m in self.marks() if m[0] == "b" and m[4].startswith(task + "_")}


def definition(name, code="echo done", **scheduler):
    return {"ProjectId": PROJECT,
            "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW,
                                  "TaskDescription": "of " + name},
            "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode()},
            "TaskSchedulerConfiguration": scheduler}
