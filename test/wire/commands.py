#!/usr/bin/env python3
"""test/wire/commands.py WEFT [GROFF] - the client commands as people and programs use them.

Names in place of ids, what is said of mistakes, JSON everywhere, following, a terminal's progress bar
and question, the manual page.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import Cli, new_project, task  # noqa: E402
from terminal import Terminal  # noqa: E402
from wire import SECRET_ID, SECRET_KEY, Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
GROFF = sys.argv[2] if len(sys.argv) > 2 else None
DAY = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00", "SelfDepend": "parallel", "MaxRetryNumber": 0}


def make_world(server):
    c = Cli(WEFT, server, new_project(server, "commands"))
    workflow = c.call("CreateWorkflow", WorkflowName="flow", ParentFolderPath="/")["WorkflowId"]
    c.ids = {}
    for name, code in (("quick", "echo quick\n"), ("slow", "sleep 0.3\n"), ("failing", "exit 3\n"),
                       ("sleeper", "echo begun\nsleep 300\n")):
        c.ids[name] = c.call("CreateTask", **task(name, workflow, code, scheduler=DAY))["TaskId"]
        c.call("SubmitTask", TaskId=c.ids[name], VersionRemark="r")
    waiting = c.call("CreateTask", **task("waiting", workflow, scheduler={**DAY, "UpstreamDependencyConfigList": [
        {"TaskId": c.ids["failing"], "MainCyclicConfig": "DAY", "SubordinateCyclicConfig": "CURRENT_DAY"}]}))["TaskId"]
    c.call("SubmitTask", TaskId=waiting, VersionRemark="r")
    c.ids["waiting"] = waiting
    return c


def check_usage(c):
    rows = [
        (("taks",), 2, "weft: there is no command 'taks'; did you mean tasks?\n"),
        (("xyzzy",), 2, "weft: there is no command 'xyzzy'; see weft help\n"),
        (("tasks", "--nmae", "x"), 2, "weft: there is no option --nmae here; did you mean --name?\nusage: weft tasks"),
        (("tasks", "--page", "x"), 2, "weft: --page takes a whole number, not 'x'\n"),
        (("backfill", "quick", "--from", "2026-01-01", "--wait=no"), 2,
         "weft: --wait is a switch: it takes true or false, not 'no'\nusage: weft backfill"),
        (("tasks", "--insecure=1"), 2, "weft: --insecure is a switch: it takes true or false, not '1'\n"),
        (("preview",), 2, "weft: preview of what? a TASK, or --cron EXPR\n"),
        (("submit",), 2, "weft: something is missing; the usage says what\n"),
        (("submit", "quikc"), 1, "weft: there is no task quikc; did you mean quick?\n"),
        (("explain", "slwo_2026-01-01"), 1, "weft: there is no task slwo; did you mean slow?\n"),
        (("kill", "nothing"), 1, "weft: "),
        (("tasks", "--workflow", "flwo"), 1, "weft: there is no workflow flwo; did you mean flow?\n"),
        (("tasks", "--project", "comands"), 1, "weft: there is no project comands; did you mean commands?\n"),
        (("ledger", "quick"), 2, "weft: which period? --from TIME and --to TIME\n"),
        (("members", "what"), 2, "weft: members list | members add|grant|revoke ACCOUNT --role NAME"),
        (("completion", "fish"), 2, "weft: completion bash | completion zsh\n"),
        (("export",), 2, "weft: export needs --dir DIR\n"),
        (("plan", "no-such-plan"), 1, "weft: ResourceNotFound: "),
        (("jobs", "no-such-job"), 1, "weft: ResourceNotFound: "),
        (("tasks", "--project", "1"), 1, "weft: "),
    ]
    for words, status, message in rows:
        out, err = c.run(*words, status=status)
        assert out == "" and err.startswith(message), (words, err)
        if words[0] not in ("taks", "xyzzy"):
            _, err = c.run(*words, "--json", status=status)
            error = json.loads(err)["Error"]
            assert set(error) == {"Code", "Message", "RequestId"} and error["Message"], error
            said = message[6:].split("\n")[0]
            assert said.endswith(error["Code"] + ": ") or error["Message"].startswith(said), (said, error)
    _, err = c.run("tasks", status=2, WEFT_PROJECT="")
    assert err.startswith("weft: which project? --project ID or WEFT_PROJECT\n"), err
    _, err = c.run("tasks", "--json", status=3, WEFT_ENDPOINT="http://127.0.0.1:1")
    assert json.loads(err)["Error"]["Code"] == "NoAnswer", err
    with tempfile.TemporaryDirectory(prefix="weft-no-curl-") as folder:
        with open(os.path.join(folder, "libcurl.so.4"), "w", encoding="utf-8") as f:
            f.write("no library\n")  # the loader takes the first
        out, err = c.run("tasks", status=3, LD_LIBRARY_PATH=folder)
        assert out == "" and re.fullmatch(r"weft: .*libcurl\.so\.4.*\n", err), err
        _, err = c.run("tasks", "--json", status=3, LD_LIBRARY_PATH=folder)
        assert json.loads(err)["Error"]["Code"] == "NoAnswer", err
    _, err = c.run("tasks", status=2, WEFT_ENDPOINT="127.0.0.1")
    assert err.startswith("weft: the endpoint must look like "), err
    _, err = c.run("tasks", status=2, WEFT_SECRET_ID="", WEFT_SECRET_KEY="", WEFT_DATA="/nonexistent")
    assert err.startswith("weft: no key: "), err
    out, _ = c.run("help")
    for name in re.findall(r"^  weft (\w+)", out, re.M):
        if name not in ("serve", "runner", "backup", "version"):
            shown, _ = c.run(name, "--help")
            assert shown.startswith(f"usage: weft {name}"), shown
            assert c.run(name, "-h") == c.run("help", name) == (shown, "")
    assert json.loads(c.run("tasks", "--json=true")[0])["Items"] and c.run("tasks", "--json", "--json=false")[0][0] != "{"
    _, err = c.run("tasks", "--json=1", status=2)
    assert json.loads(err)["Error"]["Message"] == "--json is a switch: it takes true or false, not '1'", err
    _, err = c.run("help", "taks", status=2)
    assert err == "weft: there is no command 'taks'; did you mean tasks?\n", err
    for name in ("serve", "runner", "backup"):
        assert c.run("help", name)[0].endswith(f"weft {name} --help shows more.\n")
        out, err = c.run(name, "--help")
        assert f"weft {name}" in out.split("\n")[0] and err == "", out


def check_options(c):
    """A refusal names the option that its field came from; a date is its beginning, or its end."""
    for words, told in ((("backfill", "quick", "--from", "2026-01-01", "--to", "x"), "DataBackfillRangeList.0.EndDate` (--to)"),
                        (("backfill", "quick", "--from", "x"), "DataBackfillRangeList.0.StartDate` (--from)"),
                        (("backfill", "quick", "--from", "2026-01-01", "--parents", "x"), "CheckParentType` (--parents)"),
                        (("tasks", "--status", "Q"), "Status` (--status)"),
                        (("tasks", "--size", "99999"), "PageSize` (--size)"),
                        (("instances", "--to", "2026-02-31"), "ScheduleTimeTo` (--to)"),
                        (("preview", "--cron", "x"), "CrontabExpression` (--cron)"),
                        (("audit", "--size", "9999"), "PageSize` (--size)"),
                        (("logs", "quick_2026-01-01", "--level", "x"), "LogLevel` (--level)"),
                        (("rerun", "quick_2026-01-01", "--scope", "x"), "SonRangeType` (--scope)")):
        _, err = c.run(*words, status=1)
        assert err.startswith(f"weft: InvalidParameterValue: `{told}: "), err
        _, err = c.run(*words, "--json", status=1)
        assert json.loads(err)["Error"]["Message"].startswith(f"`{told}: "), err
    _, err = c.run("show", "quick_1999-01-01", status=1)
    assert "(--" not in err, err
    day, whole = ("--from", "2026-01-02", "--to", "2026-01-02"), ("--from", "2026-01-02 00:00:00", "--to", "2026-01-02 23:59:59")
    assert c.json("instances", *day)["TotalCount"] == c.json("instances", *whole)["TotalCount"] > 0
    assert c.json("ledger", "quick", *day) == c.json("ledger", "quick", *whole)
    assert c.json("audit", "--from", time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600)), "--size", "1")["Items"]
    assert c.json("audit", "--to", "2026-01-01")["Items"] == []
    assert c.json("upstreams", "waiting", "--after", "2027-01-01") == \
        c.json("upstreams", "waiting", "--after", "2027-01-01 00:00:00")
    assert c.json("preview", "quick", "--after", "2027-01-01") == c.json("preview", "quick", "--after", "2027-01-01 00:00:00")


def check_api(c):
    """The project of the command line is that of a call that needs one and has none."""
    tasks = json.loads(c.run("api", "ListTasks")[0])["Data"]["TotalCount"]
    assert tasks == json.loads(c.run("api", "ListTasks", "--json", '{"PageSize":1}', "--project", "commands",
                                     WEFT_PROJECT="")[0])["Data"]["TotalCount"] == 5
    _, err = c.run("api", "ListTasks", status=1, WEFT_PROJECT="")
    assert "`ProjectId`" in err, err
    _, err = c.run("api", "ListTasks", "--json", '{"ProjectId":"1"}', status=1)
    assert "MissingParameter" not in err, err
    c.run("api", "ListProjects")


def check_no_log(c):
    """Before the first attempt there is no log, and why there is none."""
    out, err = c.run("logs", "waiting_2026-04-01")
    assert out == "" and err.startswith(
        f"there is no log, as no attempt has begun: {c.ids['waiting']}_2026-04-01 00:00:00 is WAIT_UPSTREAM\n  - "), err
    assert c.json("logs", "waiting_2026-04-01")["Log"] == []


def check_half_a_key(c):
    """Half a key is not made whole with another's, such as the one in the folder of data."""
    half = "weft: half a key: --secret-id (WEFT_SECRET_ID) and --secret-key (WEFT_SECRET_KEY) must both be set, and "
    no_id, no_key = {"WEFT_SECRET_ID": ""}, {"WEFT_SECRET_KEY": ""}
    with tempfile.TemporaryDirectory(prefix="weft-key-") as data:
        with open(os.path.join(data, "root.key"), "w", encoding="utf-8") as f:
            f.write(f"WEFT_SECRET_ID={SECRET_ID}\nWEFT_SECRET_KEY={SECRET_KEY}\n")
        for more, env, missing in (((), no_id, "the id"), ((), no_key, "the secret key"),
                                   (("--secret-id", "x"), {**no_id, **no_key}, "the secret key"),
                                   (("--secret-key", "x"), {**no_id, **no_key}, "the id")):
            _, err = c.run("tasks", *more, "--data", data, status=2, **env)
            assert err.startswith(half + missing + " is not\n"), err
        c.run("tasks", "--data", data, **no_id, **no_key)
        c.run("tasks", "--secret-id", SECRET_ID, **no_id)  # one from here, one from there: both are set


def check_names(c):
    """A task's name is as good as its id."""
    day = "2026-01-01"
    plan, err = c.run("backfill", "quick", "--from", day, "--to", "2026-01-03", "--wait")
    assert err.splitlines()[-1] == "100 %  3 of 3 instances", err
    key = f"{c.ids['quick']}_{day} 00:00:00"
    for words in (("quick_" + day,), (f"quick_{day} 00:00:00",), (key,), (c.ids["quick"] + "_" + day,)):
        assert c.json("show", *words)["InstanceKey"] == key
        out, _ = c.run("explain", *words)
        assert out.startswith(f"{key} is COMPLETED"), out
        out, _ = c.run("logs", *words, "--follow")
        assert "quick" in out, out
        assert any("quick" in text for text in c.json("logs", *words)["Log"])
    assert c.json("tasks", "--workflow", "flow")["TotalCount"] == 5
    assert c.json("tasks", "--project", "commands") == c.json("tasks")
    assert len(c.json("preview", "quick", "--count", "2")["Items"]) == 2
    assert "no firing is left" in c.run("preview", "--cron", "0 0 0 30 2 ? *")[0]
    assert c.json("ledger", "quick", "--from", f"{day} 00:00:00", "--to", f"{day} 12:00:00")["TotalCount"] >= 1
    assert c.json("upstreams", "waiting", "--count", "1")["Items"]
    assert c.json("submit", "quick", "--remark", "again")["VersionId"]
    for words, n in ((("pause", "quick", "slow"), 2), (("start", "quick", "slow"), 2), (("stop", "slow"), 1)):
        assert c.run(*words) == (f"SUCCESS: {n} of {n}\n", "")
    assert c.json("tasks", "--name", "slow")["Items"][0]["Status"] == "F"
    c.run("submit", "slow")
    return plan.strip()


def check_plans(c, plan):
    shown = c.json("plan", plan)
    assert shown["DataBackfillPlanId"] == plan and shown["SuccessPercent"] == 100
    out, _ = c.run("plan", plan)
    assert re.search(r"^CompletePercent +100$", out, re.M), out
    ended = c.json("plan", plan, "--follow")
    assert ended["Failed"] == [], ended
    out, err = c.run("backfill", "failing", "quick", "--from", "2026-02-01", "--to", "2026-02-02", "--follow", status=1)
    failed = out.strip()
    assert "100 %  4 of 4 instances, 2 failed\n2 did not succeed:\n" in err, err
    assert re.search(rf"{c.ids['failing']}_2026-02-01 00:00:00 +failing +EXPIRED", err), err
    shown = c.json("plan", failed, "--follow", status=1)
    assert {i["InstanceKey"] for i in shown["Failed"]} == \
        {f"{c.ids['failing']}_2026-02-0{d} 00:00:00" for d in (1, 2)}, shown
    assert {plan, failed} <= {p["DataBackfillPlanId"] for p in c.json("plans")}
    out, _ = c.run("plans", "--size", "1")
    assert failed in out and plan not in out, out
    # Who may read sees them, without the rights of an administrator.
    key, _ = c.run("keys", "add", "200000000001")
    c.run("members", "add", "200000000001", "--role", "Visitor")
    seen, _ = c.run("plans", "--json", WEFT_SECRET_ID=json.loads(key)["SecretId"], WEFT_SECRET_KEY=json.loads(key)["SecretKey"])
    assert {plan, failed} <= {p["DataBackfillPlanId"] for p in json.loads(seen)}, seen
    assert c.json("backfill", "quick", "--from", "2026-02-05")["DataBackfillPlanId"]


def check_retries(c):
    """A plan whose instance waits for its retry does not look as if it hung."""
    flow = c.call("ListWorkflows", Keyword="flow")["Items"][0]["WorkflowId"]
    again = c.call("CreateTask", **task("again", flow, "exit $((WEFT_ATTEMPT < 2))", scheduler={
        **DAY, "MaxRetryNumber": 1, "RetryWaitMinute": 1}))["TaskId"]
    c.run("submit", "again")
    c.run("backfill", "again", "--from", "2026-01-02")
    wait_for_state(c, "again_2026-01-02", "FAILED_RETRY")
    follow = subprocess.Popen([WEFT, "backfill", "again", "--from", "2026-01-01", "--follow"], env=c.environment(),
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = follow.stderr.readline()
    while line and "tried again" not in line:
        line = follow.stderr.readline()
    due = c.call("ListTaskInstances", Keyword=again, InstanceState="FAILED_RETRY")["Items"]
    assert len(due) == 2, "the other is not of the plan"
    at = re.fullmatch(r"  0 %  0 of 1 instances, 1 to be tried again at (\d\d:\d\d:\d\d)\n", line).group(1)
    assert f" {at} (UTC+8)" in c.run("explain", "again_2026-01-01")[0], line
    c.run("kill", "again_2026-01-01", "again_2026-01-02")
    _, err = follow.communicate(timeout=20)
    assert follow.returncode == 1 and "100 %  1 of 1 instances, 1 failed\n" in err, err
    c.run("stop", "again")
    c.call("DeleteTask", TaskId=again)


def check_trigger(c):
    """A manual workflow runs when it is asked to."""
    flow = c.call("CreateWorkflow", WorkflowName="by hand", ParentFolderPath="/", WorkflowType="manual")["WorkflowId"]
    one = c.call("CreateTask", **task("one", flow, "echo ${who} ${yyyyMMdd}"))["TaskId"]
    two = c.call("CreateTask", **task("two", flow, "echo two"))["TaskId"]
    for name in ("one", "two"):
        c.run("submit", name)
    out, err = c.run("trigger", "by hand", "--at", "2026-01-02", "--at", "2026-01-03 04:05:06", "--param", "who=a=b", "--follow")
    assert err.splitlines()[-1] == "100 %  4 of 4 instances", err
    assert any("a=b 20260103" in line for line in c.json("logs", "one_2026-01-03 04:05:06")["Log"])
    assert c.json("show", f"{two}_2026-01-02")["InstanceType"] == 2
    assert c.json("plan", out.strip())["DataBackfillPlanName"] == "weft trigger"
    only = c.json("trigger", flow, "two", "--name", "again")
    assert (only["TaskCnt"], only["TriggerName"], len(only["DatetimeList"])) == (1, "again", 1), only
    _, err = c.run("trigger", "by hand", "--param", "who", status=2)
    assert err.startswith("weft: --param needs KEY=VALUE, not who"), err
    _, err = c.run("trigger", "flow", status=1)
    assert "is not manual" in err, err
    _, err = c.run("trigger", "by hnd", status=1)
    assert "did you mean by hand?" in err, err
    for name in ("one", "two"):
        c.run("stop", name)
        c.call("DeleteTask", TaskId=one if name == "one" else two)
    c.call("DeleteWorkflow", WorkflowId=flow)


def wait_for_state(c, key, state):
    for _ in range(300):
        if c.json("show", key)["InstanceState"] == state:
            return
        time.sleep(0.1)
    raise AssertionError((key, state, c.run("explain", key)))


def check_jobs(c):
    c.run("backfill", "sleeper", "--from", "2026-03-01", "--to", "2026-03-02")
    wait_for_state(c, "sleeper_2026-03-01", "RUNNING")
    c.run("kill", "sleeper_2026-03-01")
    wait_for_state(c, "sleeper_2026-03-02", "RUNNING")
    job, _ = c.run("succeed", "quick_2026-01-01", "sleeper_2026-03-02", "--no-wait")
    out, _ = c.run("jobs", job.strip(), "--wait", status=1)
    assert re.search(rf"^{job.strip()}  \w+  PART_SUCCESS: 1 of 2\n  {c.ids['sleeper']}_2026-03-02 00:00:00: ", out), out
    (shown,) = c.json("jobs", job.strip(), status=1)
    assert shown["Status"] == "PART_SUCCESS" and shown["TotalSubProcessCount"] == 2, shown
    c.run("rerun", "sleeper_2026-03-01", "--no-wait")


def check_rerun(c):
    """What is accepted has not run yet; --wait follows it to its end."""
    assert c.run("rerun", "quick_2026-01-01") == ("accepted to run again: 1 of 1\n", "")
    wait_for_state(c, "quick_2026-01-01", "COMPLETED")
    out, err = c.run("rerun", "quick_2026-01-01", "quick_2026-01-02", "--wait")
    assert out == "accepted to run again: 2 of 2\n" and err.endswith("100 %  2 of 2 instances\n"), (out, err)
    out, err = c.run("rerun", "failing_2026-02-01", "quick_2026-01-01", "--follow", status=1)
    assert out == "accepted to run again: 2 of 2\n", out
    assert "100 %  2 of 2 instances, 1 failed\n1 did not succeed:\n" in err and "failing  EXPIRED" in err, err
    wait_for_state(c, "sleeper_2026-03-02", "RUNNING")
    out, _ = c.run("rerun", "quick_2026-01-01", "sleeper_2026-03-02", "--wait", status=1)
    assert out == (f"accepted to run again: 1 of 2\n  {c.ids['sleeper']}_2026-03-02 00:00:00: it is RUNNING, and only "
                   "what has ended runs again: wait for its end, or weft kill it\n"), out
    shown = c.json("rerun", "quick_2026-01-01", "sleeper_2026-03-02", "--wait", status=1)
    assert [i["InstanceState"] for i in shown["Instances"]] == ["COMPLETED"] and shown["Job"]["Status"] == "PART_SUCCESS", shown
    for more in ("--only-children", "--no-wait"):
        _, err = c.run("rerun", "quick_2026-01-01", "--wait", more, status=2)
        assert err.startswith("weft: --wait is for the instances that are named, "), err


def check_cancel(c):
    """A plan is ended, with what lives of it, by who says yes."""
    out, err = c.run("backfill", "sleeper", "--from", "2026-09-01", "--to", "2026-09-03")
    assert err == "3 instances; weft plan PLAN --follow follows, weft cancel PLAN ends it\n", err
    plan = out.strip()
    _, err = c.run("cancel", plan, status=2)
    assert err == "weft: nothing was ended: nobody to ask; give --yes\n", err
    _, err = c.run("cancel", plan, "no-such-plan", "--yes", status=1)
    assert err.startswith("weft: ResourceNotFound: "), err
    t = Terminal(c, "cancel", plan)
    t.until(r"End this plan, with the instances that live of it\? \[y/N\] ")
    t.write("n\n")
    assert t.end()[0] == 4
    assert c.json("plan", plan)["CompletePercent"] == 0
    out, _ = c.run("cancel", plan, "--yes")
    assert out == "SUCCESS: 4 of 4\n", out  # the plan itself is one
    _, err = c.run("plan", plan, status=1)
    assert err.startswith("weft: ResourceNotFound: "), err
    assert {c.json("show", f"sleeper_2026-09-0{d}")["InstanceState"] for d in (1, 2, 3)} == {"EXPIRED"}
    plan = c.json("backfill", "sleeper", "--from", "2026-09-04")["DataBackfillPlanId"]
    job, _ = c.run("cancel", plan, "--yes", "--no-wait")
    c.run("jobs", job.strip(), "--wait")


def check_status(c):
    """What runs, failed, is late and waits, and why, on one screen."""
    c.run("backfill", "waiting", "--from", "2026-04-01", "--parents", "ALL")
    wait_for_state(c, "waiting_2026-04-01", "WAIT_UPSTREAM")
    wait_for_state(c, "sleeper_2026-03-01", "RUNNING")
    out, _ = c.run("status")
    for pattern in (r"^RUNNING 2   WAIT_RUN 0   FAILED_RETRY 0   WAIT_UPSTREAM 1   WAIT_EVENT 0$",
                    r"^failed in the last 24 hours: 2$", rf"{c.ids['failing']}_2026-02-01 00:00:00 +failing +EXPIRED",
                    r"^running, the longest first: 2$", r"^late: planned over 10 minutes ago, wait for upstream: 1$",
                    r"^waiting for \(of the 1 oldest\)\n +1  UPSTREAM failing$"):
        assert re.search(pattern, out, re.M), (pattern, out)
    shown = c.json("status")
    assert shown["Live"]["RUNNING"] == 2 and shown["WaitingFor"] == {"UPSTREAM failing": 1}, shown


def check_follow_instances(c):
    """What changes, a line for each, until Ctrl-C."""
    follow = subprocess.Popen([WEFT, "instances", "--follow", "--task", "quick"], env=c.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not re.match(r"\d+ of \d+", follow.stdout.readline()):
        pass
    time.sleep(1)
    c.run("backfill", "quick", "--from", "2026-05-01", "--wait")
    line = follow.stdout.readline()
    while "COMPLETED" not in line:
        line = follow.stdout.readline()
    assert re.fullmatch(rf"\d{{4}}-\S+ \S+  COMPLETED +{c.ids['quick']}_2026-05-01 00:00:00  quick\n", line), line
    follow.send_signal(signal.SIGINT)
    assert follow.wait(20) == 0, follow.stderr.read()
    assert follow.stdout.read() == ""


def check_terminal(c):
    """The bar moves, colours are there, unless NO_COLOR says no; Ctrl-C ends it and not the plan."""
    t = Terminal(c, "backfill", "slow", "--from", "2026-06-01", "--to", "2026-06-08", "--follow")
    t.until(r"\r\[ {30}\]   0 %  0 of 8 instances\x1b\[K|\r\[#+ +\]")
    status, out = t.end()
    assert status == 0, out
    assert re.search(r"\r\[#{30}\] 100 %  8 of 8 instances(, [\d.]+/s)?\x1b\[K\r\n$", out), out
    assert all(len(line) <= 80 for line in re.sub(r"\x1b\[\d*[mK]", "", out).replace("\r", "\n").split("\n")), out

    t = Terminal(c, "backfill", "sleeper", "--from", "2026-07-01", "--follow")
    t.until(r"0 of 1 instances")
    t.process.send_signal(signal.SIGINT)
    status, out = t.end()
    plan = out.split("\r\n")[0]
    assert status == 130, (status, out)
    assert out.endswith(f"\r\nthe plan goes on; weft plan {plan} --follow follows it again\r\n"), out
    assert c.json("plan", plan)["CompletePercent"] == 0

    status, out = Terminal(c, "instances", "--state", "EXPIRED").end()
    assert status == 0 and "\x1b[31mEXPIRED\x1b[0m" in out, out
    for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        status, out = Terminal(c, "instances", "--state", "EXPIRED", **more).end()
        assert status == 0 and "\x1b" not in out, out


def check_question(c, folder):
    """On a terminal an apply asks, and only yes is yes."""
    c.run("export", "--dir", folder)
    path = os.path.join(folder, "workflows", "flow", "quick.sh")
    with open(path, "a", encoding="utf-8") as f:
        f.write("echo more\n")
    for answer, status, done in (("\n", 4, False), ("n\n", 4, False), ("yep\n", 4, False), ("y\n", 0, True)):
        t = Terminal(c, "apply", folder, NO_COLOR="1")
        t.until(r"Make this change to project \d+\? \[y/N\] ")
        assert "~ change task quick\r\n    code:\r\n      + echo more\r\n" in t.output, t.output
        t.write(answer)
        got, out = t.end()
        assert got == status and ("changed task quick" in out) == done, (got, out)
    status, out = Terminal(c, "apply", folder).end()
    assert status == 0 and "0 to create, 0 to change" in out, out


def check_restart(c):
    """A follow outlives a restart of the server."""
    follow = subprocess.Popen([WEFT, "backfill", "slow", "--from", "2026-08-01", "--to", "2026-08-20", "--follow"],
                              env=c.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert follow.stdout.readline()
    port = c.server.port
    c.server.stop()
    time.sleep(1)
    c.server.options = (*c.server.options, "--listen", f"127.0.0.1:{port}")
    c.server.start()
    _, err = follow.communicate(timeout=60)
    assert follow.returncode == 0, err
    assert err.splitlines()[-1] == "100 %  20 of 20 instances", err


def check_backup(c, folder):
    """A backup is made outside of what it is a backup of, by whatever path that is named."""
    data, link = c.server.data, os.path.join(folder, "link")
    os.symlink(data, link)
    for given, target, cwd in ((data, data + "/b", "/"), (data, data + "/new/b", "/"), (data, "b", data),
                               (".", "b", data), (".", "./runner/b/", data), ("..", "b", data + "/runner"),
                               (link, data + "/b", "/"), (data, link + "/b", "/"), (data, "new/../b", data),
                               (data, os.path.join(folder, "..", os.path.basename(folder), "link", "b"), "/")):
        done = subprocess.run([WEFT, "backup", "--data", given, target], cwd=cwd, text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        name = target.rstrip("/")
        assert (done.returncode, done.stdout, done.stderr) == (
            1, "", f"weft backup: {name} is in the folder of data, {data}: a backup is made outside of it; "
            "there is no backup\n"), done
    assert not [n for n in os.listdir(data) + os.listdir(data + "/runner") if n.endswith(".part")]
    beside = data + "-copy"  # its name begins like that of the folder
    try:
        subprocess.run([WEFT, "backup", "--data", ".", beside], cwd=data, check=True, stdout=subprocess.PIPE, timeout=60)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_manual(c):
    page, _ = c.run("help", "--man")
    out, _ = c.run("help")
    for name in re.findall(r"^  weft (\w+)", out, re.M):
        assert f".SS \"weft {name}" in page or name in ("serve", "runner", "backup", "version"), name
    if GROFF:
        done = subprocess.run([GROFF, "-man", "-ww", "-z"], input=page, text=True, stderr=subprocess.PIPE, check=True)
        assert done.stderr == "", done.stderr


def main():
    signal.alarm(200)  # nothing here may wait for ever
    with tempfile.TemporaryDirectory(prefix="weft-commands-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        c = make_world(server)
        check_usage(c)
        check_half_a_key(c)
        plan = check_names(c)
        check_plans(c, plan)
        check_trigger(c)
        check_jobs(c)
        check_rerun(c)
        check_status(c)
        check_retries(c)
        check_no_log(c)
        check_options(c)
        check_api(c)
        check_follow_instances(c)
        check_terminal(c)
        check_question(c, os.path.join(folder, "files"))
        check_manual(c)
        check_backup(c, folder)
        check_cancel(c)
        check_restart(c)
        c.run("kill", "sleeper_2026-03-01", "sleeper_2026-03-02", "sleeper_2026-07-01")
    print("commands: as people and programs use them")


if __name__ == "__main__":
    main()
