#!/usr/bin/env python3
"""test/security/keys.py WEFT - where secrets must not be: looked for on a live server at log level debug.

  logs       of server, runner and attempts, after calls that succeed and calls that fail
  answers    of everything but CreateKey
  processes  command lines and environments of server, runner, keepers, attempts and clients
  files      of the data folder, but for the store
  tasks      what the code of a task finds when it looks everywhere
  cores      of a server and of a client that crash
"""
import base64
import glob
import http.server
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))
import wire  # noqa: E402
from wire import Connection, Server, headers  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "fixture.json")
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
ROOT = "Root" + os.urandom(12).hex()
wire.SECRET_KEY = ROOT  # of the servers that it starts
MAIL = "Mail" + os.urandom(12).hex()
HOOK = "Hook" + os.urandom(12).hex()
SECRETS = {"the root key": ROOT, "the password of the mail server": MAIL, "the key of a robot": HOOK}


def check_clean(what, data):
    data = data.encode() if isinstance(data, str) else data
    for name, secret in SECRETS.items():
        assert secret.encode() not in data, f"{name} is in {what}"


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def wait_for(what, probe, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"{what}: not within {seconds} s")


def call(server, action, params=None, version="2025-08-06", **more):
    answer = server.call(action, params, version, **{"key": ROOT, **more})
    if action != "CreateKey":
        check_clean(f"the answer of {action}", json.dumps(answer))
    return answer


def make_key(server, uin):
    key = call(server, "CreateKey", {"Uin": uin, "Name": "secret"}, "weft-1")["Data"]
    SECRETS["the key of " + uin] = key["SecretKey"]
    return {"key": key["SecretKey"], "secret_id": key["SecretId"]}


def failing_calls(server, own):
    """Requests that are refused at every step there is, some with a secret in a wrong place."""
    call(server, "ListProjects", key="wrong")
    call(server, "ListProjects", secret_id="AKIDnobody")
    call(server, "ListKeys", version="weft-1", **own)
    call(server, "GetProject", {"ProjectId": PROJECT}, **own)
    call(server, "NoSuchAction")
    call(server, "CreateTask", {})
    call(server, "DeleteKey", {"SecretId": own["secret_id"]}, "weft-1", **own)
    call(server, "ListDataSources", {})
    for body in (b"{", b"[]", b'{"ProjectId": ' + ROOT.encode()):
        send(server, headers("GetProject", body=body, key=ROOT), body)
    send(server, {**headers(), "Authorization": "TC3-HMAC-SHA256 Credential=" + ROOT}, b"{}")
    send(server, {**headers(), "X-TC-Timestamp": "1"}, b"{}")
    send(server, {"Host": "127.0.0.1", "Content-Type": "application/x-www-form-urlencoded"},
         f"Action=ListProjects&SecretKey={ROOT}&SecretId={ROOT}&Nonce=1".encode())


def send(server, lines, body):
    connection = Connection(server.port)
    connection.request(lines, body)
    connection.answer()
    connection.close()


def task(server, name, code):
    t = call(server, "CreateTask", {
        "ProjectId": PROJECT, "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW},
        "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode()},
        "TaskSchedulerConfiguration": {"CycleType": "DAY_CYCLE", "StartTime": "2025-01-01 00:00:00"}})["Data"]["TaskId"]
    call(server, "SubmitTask", {"ProjectId": PROJECT, "TaskId": t, "VersionRemark": "r"})
    call(server, "CreateDataBackfillPlan", {
        "ProjectId": PROJECT, "TaskIds": [t], "DataBackfillRangeList": [
            {"StartDate": "2025-02-01", "EndDate": "2025-02-01"}]})
    return t + "_2025-02-01 00:00:00"


def state(server, key):
    return call(server, "GetTaskInstance", {"ProjectId": PROJECT, "InstanceKey": key})["Data"]["InstanceState"]


def log_of(server, key):
    return call(server, "GetTaskInstanceLog", {"ProjectId": PROJECT, "InstanceKey": key})["Data"]["LogInfo"]


def processes(server):
    """Server, runner, keepers, attempts: whoever works in the data folder, and whatever names it."""
    found = []
    for path in glob.glob("/proc/[0-9]*"):
        pid = int(path[6:])
        try:
            here = os.readlink(path + "/cwd")
        except OSError:
            here = ""
        if pid == server.process.pid or here.startswith(server.data) or \
                server.data.encode() in read(path + "/environ") + read(path + "/cmdline"):
            found.append(pid)
    return [pid for pid in found if pid != os.getpid()]


LOOK = """env; id; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'
"""
# Where attempts run as the server they can read what it reads; docs/security.md says so.
LOOK_AS_ANOTHER = """for f in root.key weft.db weft.db-wal runner/runner.log runner/fences; do
  cat "%s/$f" 2>/dev/null && echo "READ $f"
done
ls %s/runner/logs %s/runner/attempts 2>/dev/null && echo "READ logs"
"""
WAIT = "echo looked; sleep 60"


def check_tasks(server):
    another = LOOK_AS_ANOTHER % ((server.data,) * 3) if os.geteuid() == 0 else ""
    key = task(server, "look", LOOK + another + WAIT)
    wait_for("the task looked", lambda: "looked" in log_of(server, key))
    log = log_of(server, key)
    assert "READ " not in log, re.findall("READ .*", log)
    check_clean("what a task sees", log)
    pids = processes(server)
    assert len(pids) >= 4, pids
    for pid in pids:
        check_clean(f"the command line of {pid}", read(f"/proc/{pid}/cmdline"))
        check_clean(f"the environment of {pid}", read(f"/proc/{pid}/environ"))
    assert b"WEFT_SECRET_KEY=\0" in read(f"/proc/{server.process.pid}/environ") or os.geteuid() != 0
    call(server, "KillTaskInstancesAsync", {"ProjectId": PROJECT, "InstanceKeyList": [key]})
    wait_for("the end of the task", lambda: state(server, key) == "EXPIRED")


class Receiver(http.server.BaseHTTPRequestHandler):
    """A server that does not know the address, and says so in its own words."""

    def do_POST(self):  # noqa: N802, the name that http.server wants
        text = f"Cannot POST {self.path}".encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(404)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def rule(server, name, task_id, host):
    return call(server, "CreateOpsAlarmRule", {
        "ProjectId": PROJECT, "AlarmRuleName": name, "MonitorObjectIds": [task_id], "AlarmTypes": ["backTrackingOrRerunSuccess"],
        "AlarmGroups": [{"AlarmWays": ["6"], "WebHooks": [
            {"AlarmWay": "6", "WebHooks": [f"http://{host}/robot/send?access_token={HOOK}"]}]}]})


def check_hooks(server):
    """An address that is refused, and one whose receiver repeats it."""
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    key = task(server, "quick", "true")
    task_id = key.split("_", maxsplit=1)[0]
    assert rule(server, "elsewhere", task_id, "hooks.example")["Error"]["Code"] == "OperationDenied"
    assert "Error" not in rule(server, "here", task_id, f"127.0.0.1:{receiver.server_port}")
    wait_for("the end of the task", lambda: state(server, key) == "COMPLETED")
    call(server, "RerunTaskInstancesAsync", {"ProjectId": PROJECT, "InstanceKeyList": [key]})
    wait_for("a delivery that failed", lambda: b"the receiver answered 404: Cannot POST" in read(server.log.name))
    messages = call(server, "ListAlarmMessages", {"ProjectId": PROJECT, "PageNumber": 1, "PageSize": 10})
    for message in messages["Data"]["Items"]:
        call(server, "GetAlarmMessage", {"ProjectId": PROJECT, "AlarmMessageId": message["AlarmMessageId"]})
    receiver.shutdown()


def check_files(server):
    for folder, _, names in os.walk(server.data):
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith("weft.db"):
                assert os.stat(path).st_mode & 0o077 == 0, path
            elif os.path.isfile(path):
                check_clean(path, read(path))


def crashed(process):
    process.send_signal(signal.SIGQUIT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = status
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGQUIT, status
    assert not os.WCOREDUMP(status), "there is a core"


def check_client():
    """A client that waits for a server that says nothing."""
    silent = socket.create_server(("127.0.0.1", 0))
    with tempfile.TemporaryDirectory() as folder:
        for how in ("option", "option=", "environment"):
            words = {"option": ["--secret-key", ROOT], "option=": ["--secret-key=" + ROOT], "environment": []}[how]
            environment = {**os.environ, **({"WEFT_SECRET_KEY": ROOT} if how == "environment" else {})}
            client = subprocess.Popen([WEFT, "keys", "add", "5", "--secret-id", "AKIDx", *words, "--endpoint",
                                       f"http://127.0.0.1:{silent.getsockname()[1]}"],
                                      env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            connection, _ = silent.accept()
            connection.recv(1)
            check_clean("the command line of a client", read(f"/proc/{client.pid}/cmdline"))
            check_clean("the environment of a client", read(f"/proc/{client.pid}/environ"))
            crashed(client)
            connection.close()
        assert not os.listdir(folder)
    silent.close()


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell that put us into the background ignores it
    os.environ["WEFT_SMTP_PASSWORD"] = MAIL
    with Server(WEFT, "--log-level", "debug", "--smtp", "smtp://127.0.0.1:1", "--smtp-from", "w@x.example", "--smtp-user",
                "weft", "--alarm-hosts", "127.0.0.1", fixture=FIXTURE) as server:
        del os.environ["WEFT_SMTP_PASSWORD"]
        own = make_key(server, "100000000077")
        call(server, "ListKeys", version="weft-1")
        call(server, "ListProjects", **own)
        failing_calls(server, own)
        check_tasks(server)
        check_hooks(server)
        check_files(server)
        log = read(server.log.name)
        assert log.count(b"action=") > 20 and b"UnauthorizedOperation" in log, "the log is not at level debug"
        crashed(server.process)
        assert not glob.glob(os.path.join(server.data, "**", "core*"), recursive=True)
    check_client()
    print("no secret is where it should not be")


main()
