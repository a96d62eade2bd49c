#!/usr/bin/env python3
"""test/wire/metrics.py WEFT - /healthz, /readyz and /metrics of a live server.

The table of metrics in docs/operations.md and the output name the same families, and every alert of
examples/alerts.yml has its section there; the output is read by a
strict parser, and by promtool where there is one; and every number is seen to move while the server is
driven through what it counts.
"""
import base64
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import exposition  # noqa: E402
from wire import Connection, Server, headers  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
GROUP = "20240416215649571819"
# What stands still in any run of a test, and why.
STILL = {
    "weft_instances_purged_total": "takes days; test/engine/t_purge.c sees it",
    "weft_build_info": "a constant",
    "process_start_time_seconds": "a constant",
    "process_max_fds": "a setting of the system",
    "weft_http_connections_max": "a setting",
    "weft_http_connections_refused_total": "libmicrohttpd lets a connection wait before it refuses it",
}


def get(server, target, **lines):
    connection = Connection(server.port)
    try:
        connection.request({"Host": "127.0.0.1", **lines}, target=target, method="GET")
        status, fields, body = connection.answer()
        return status, fields["content-type"], body.decode()
    finally:
        connection.close()


def wait_for(what, probe, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{what}: not within {seconds} s")


def scrape(server):
    status, kind, text = get(server, "/metrics")
    assert status == 200 and kind == "text/plain; version=0.0.4; charset=utf-8", (status, kind)
    return exposition.parse(text)


def value(families, name, **labels):
    """The sum of the samples that have these labels; of a histogram its count."""
    ending = "_count" if families[name]["kind"] == "histogram" else ""
    return sum(v for n, has, v in families[name]["samples"]
               if n == name + ending and labels.items() <= has.items())


def documented():
    with open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8") as f:
        section = f.read().split("\n## Metrics\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `((?:weft|process)_[a-z_]+)", section, re.M))


def promtool(text):
    tool = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not tool:
        return "no promtool here"
    found = subprocess.run([tool, "check", "metrics"], input=text.encode(), capture_output=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout.decode() + found.stderr.decode()
    rules = os.path.join(ROOT, "examples", "alerts.yml")
    for words in (("check", "rules", rules), ("test", "rules", os.path.join(ROOT, "test", "wire", "alerts_test.yml"))):
        found = subprocess.run([tool, *words], capture_output=True, timeout=60, check=False)
        assert found.returncode == 0, found.stdout.decode() + found.stderr.decode()
    return "promtool agrees"


def call(server, action, params, version="2025-08-06"):
    response = server.call(action, params, version)
    assert "Error" not in response, (action, response)
    return response.get("Data")


def task(server, name, code, cron=None, dry=False):
    schedule = {"CycleType": "DAY_CYCLE", "SelfDepend": "parallel", "MaxRetryNumber": 0, "StartTime": "2025-01-01 00:00:00"}
    if cron:
        schedule = {"CycleType": "CRONTAB_CYCLE", "CrontabExpression": cron, "StartTime": "2025-01-01 00:00:00"}
    if dry:
        schedule |= {"ScheduleRunType": "1", "SelfDepend": "parallel"}
    found = call(server, "CreateTask", {
        "ProjectId": PROJECT, "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW},
        "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode()},
        "TaskSchedulerConfiguration": schedule})["TaskId"]
    call(server, "SubmitTask", {"ProjectId": PROJECT, "TaskId": found, "VersionRemark": "r"})
    return found


def backfill(server, tasks, first, last):
    call(server, "CreateDataBackfillPlan", {
        "ProjectId": PROJECT, "TaskIds": tasks,
        "DataBackfillRangeList": [{"StartDate": first, "EndDate": last}]})


def plan_being_made(server, many):
    """A plan of some seventeen slices is soon whole: it is made again until it was seen."""
    for month in range(1, 9):
        backfill(server, [many], f"2025-{month:02}-01", f"2025-{month + 4:02}-01")
        families = scrape(server)
        if value(families, "weft_backfill_instances_pending"):
            return families
    raise SystemExit("no plan was seen while it was made")


def drive(server):
    """Everything that is counted happens once."""
    good, bad = task(server, "good", "echo good; sleep 0.5"), task(server, "bad", "exit 3")
    task(server, "often", "true", "0/2 * * * * ? *")
    backfill(server, [good], "2025-02-01", "2025-02-20")  # more than there are slots
    families = wait_for("instances that wait for a slot", lambda: (
        lambda now: now if value(now, "weft_group_queued") and value(now, "weft_instances_queued") else None)(scrape(server)))
    assert value(families, "weft_group_slots_used", group="default") <= 4
    assert value(families, "weft_instances", state="WAIT_RUN") > 0
    seen = [families]
    backfill(server, [bad], "2025-02-01", "2025-02-01")
    wait_for("ends", lambda: value(scrape(server), "weft_attempts_ended_total", result="failed") > 0 and
             value(scrape(server), "weft_instances_ended_total", state="EXPIRED") > 0)
    wait_for("a firing", lambda: value(scrape(server), "weft_firing_lateness_seconds") > 0)
    assert server.call("SubmitTask", {"ProjectId": PROJECT, "TaskId": "1" * 17, "VersionRemark": "r"})["Error"]
    for _ in range(15):  # more refused writes of one account in a second than are recorded
        for action in ("DeleteTask", "SubmitTask", "DeleteWorkflow"):
            server.call(action, {})
    assert server.call("NoSuchAction", {})["Error"]["Code"] == "InvalidAction"
    call(server, "UpdateResourceGroup", {"Id": GROUP, "Number": {"Type": "ADD", "Quantity": 2}})
    connection = Connection(server.port)  # one connection, faster than the limit
    for _ in range(60):
        connection.request(headers(), b"{}")
    codes = [json.loads(connection.answer()[2])["Response"].get("Error", {}).get("Code") for _ in range(60)]
    connection.close()
    assert "RequestLimitExceeded" in codes
    crowd = [Connection(server.port) for _ in range(16)]  # most of the places: patience is short
    seen.append(scrape(server))
    wait_for("closed connections", lambda: value(scrape(server), "weft_http_connections_closed_total") > 0)
    for connection in crowd:
        connection.close()
    many = task(server, "many", "true", "0 0/20 * * * ? *", dry=True)
    seen.append(plan_being_made(server, many))
    wait_for("a plan that is whole", lambda: value(scrape(server), "weft_backfill_instances_pending") == 0)
    return seen


def store_fails(server):
    """The store is taken away and brought back."""
    path = os.path.join(server.data, "weft.db")
    os.rename(path, path + ".away")
    status, _, text = wait_for("a server that is not ready", lambda: (
        lambda answer: answer if answer[0] == 503 else None)(get(server, "/readyz")))
    found = json.loads(text)
    assert found["ready"] is False and found["store"] != "ok" and found["runner"] == "ok", found
    assert get(server, "/healthz")[0] == 200, "the process answers all the same"
    families = scrape(server)
    assert value(families, "weft_store_failing") == 1
    os.rename(path + ".away", path)
    wait_for("a server that is ready", lambda: get(server, "/readyz")[0] == 200)
    return families


def runner_goes(server):
    """The runner ends and none can follow it, as its folder's lock is ours, until it was seen to be away."""
    folder = os.path.join(server.data, "runner")
    with open(os.path.join(folder, "runner.lock"), "wb") as lock:
        ours = threading.Thread(target=fcntl.flock, args=(lock, fcntl.LOCK_EX), daemon=True)
        ours.start()
        for _ in range(20):  # one that the server starts may be sooner at the lock than we
            subprocess.run([WEFT, "runner", "--dir", folder, "--stop"], timeout=30, stdout=subprocess.DEVNULL, check=True)
            ours.join(1)
            if not ours.is_alive():
                break
        assert not ours.is_alive(), "a runner holds its lock for ever"
        away = wait_for("a runner that is away", lambda: (
            lambda now: now if value(now, "weft_runner_connected") == 0 else None)(scrape(server)))
        status, _, text = get(server, "/readyz")
        assert status == 503 and json.loads(text)["runner"] != "ok", text
    wait_for("a runner that is back", lambda: value(scrape(server), "weft_runner_connected") == 1)
    return away


def check_alerts(names):
    """Every alert has its section in the runbook, in the same order, and speaks of metrics that there are."""
    with open(os.path.join(ROOT, "examples", "alerts.yml"), encoding="utf-8") as file:
        rules = file.read()
    with open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8") as file:
        text = file.read()
    section = re.search(r"^## When an alert fires$(.*?)^## ", text, re.M | re.S).group(1)
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert alerts and re.findall(r"^### (\w+)$", section, re.M) == alerts
    for part in re.split(r"^### ", section, flags=re.M)[1:]:
        assert "Look: " in part and "Do: " in part, part.split("\n", 1)[0]
    used = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\b(?:weft|process)_\w+", rules + section)}
    assert used <= names, used - names


def check_moves(seen):
    names = set(seen[0])
    for name in sorted(names - set(STILL)):
        forms = {json.dumps(families[name]["samples"]) for families in seen}
        assert len(forms) > 1, f"{name} never moved: {forms}"
        counts = [value(families, name) for families in seen]
        if seen[0][name]["kind"] == "counter":
            assert counts == sorted(counts), f"{name} went back: {counts}"


def who_may_read():
    with Server(WEFT, "--metrics", "off") as server:
        assert get(server, "/metrics")[0] == 404
    token = "a-token-of-some-length"
    path = os.path.join("/tmp", f"weft-token-{os.getpid()}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(token + "\n")
    try:
        with Server(WEFT, "--metrics-token", path) as server:
            assert get(server, "/metrics")[0] == 403
            assert get(server, "/metrics", Authorization="Bearer " + token[:-1] + "x")[0] == 403
            assert get(server, "/metrics", Authorization="Bearer " + token)[0] == 200
            assert token not in get(server, "/metrics", Authorization="Bearer " + token)[2]
    finally:
        os.remove(path)


def main():
    with Server(WEFT, "--slots", "4", "--connections", "20", "--threads", "2",
                fixture=os.path.join(ROOT, "examples", "fixture.json")) as server:
        assert get(server, "/healthz") == (200, "text/plain", "ok\n")
        wait_for("a server that is ready", lambda: get(server, "/readyz")[0] == 200)
        seen = [scrape(server)]
        assert set(seen[0]) == documented(), set(seen[0]) ^ documented()
        check_alerts(set(seen[0]))
        seen += drive(server)
        seen.append(store_fails(server))
        seen.append(runner_goes(server))
        seen.append(scrape(server))
        check_moves(seen)
        print(promtool(get(server, "/metrics")[2]))
    who_may_read()
    print("ok")


main()
