#!/usr/bin/env python3
"""test/wire/project_state.py WEFT - weft export and weft apply: what state tasks are in, and who is told of alarms."""
import json
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import Cli, new_project, task  # noqa: E402
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
DAY = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00"}
NOTHING = "0 to create, 0 to change, 0 to delete, "


def edit(folder, path, change):
    with open(os.path.join(folder, path), encoding="utf-8") as f:
        value = json.load(f)
    change(value)
    with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
        json.dump(value, f, indent=2)


def read(folder, path):
    with open(os.path.join(folder, path), encoding="utf-8") as f:
        return json.load(f)


def of_task(name):
    return f"workflows/flow/{name}.json"


def make_world(server):
    c = Cli(WEFT, server, new_project(server, "state"))
    c.flow = c.call("CreateWorkflow", WorkflowName="flow", ParentFolderPath="/")["WorkflowId"]
    c.ids = {}
    for name in ("running", "paused", "stopped", "draft"):
        c.ids[name] = c.call("CreateTask", **task(name, c.flow, scheduler=DAY))["TaskId"]
        if name != "draft":
            c.call("SubmitTask", TaskId=c.ids[name], VersionRemark="r")
    c.run("pause", "paused")
    c.run("stop", "stopped")
    return c


def states(c):
    return {i["TaskName"]: i["Status"] for i in c.call("ListTasks", PageSize=100)["Items"]}


def unchanged(c, folder):
    out, _ = c.run("apply", folder, "--dry-run")
    assert out.startswith(NOTHING), out


# ---- state ------------------------------------------------------------------------------------------

def check_states_travel(c, folder):
    """A paused task is paused in the other project too, and was never started by an apply."""
    first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
    c.run("export", "--dir", first)
    assert {n: read(first, of_task(n)).get("Status") for n in c.ids} == \
        {"running": None, "paused": "O", "stopped": "F", "draft": None}
    unchanged(c, first)
    copy = Cli(WEFT, c.server, new_project(c.server, "state_copy"))
    copy.run("apply", first, "--yes")
    assert states(copy) == {"running": "Y", "paused": "O", "stopped": "F", "draft": "N"} == states(c)
    unchanged(copy, first)
    copy.run("export", "--dir", second)
    assert read(first, of_task("paused")) == read(second, of_task("paused"))
    return first


def check_moves(c, folder):
    """Each move is shown, made, and then is none any more."""
    edit(folder, of_task("running"), lambda v: v.update(Status="O"))
    edit(folder, of_task("stopped"), lambda v: v.update(Status="Y"))
    out, _ = c.run("apply", folder, "--dry-run", status=4)
    assert '~ change task running\n    Status: "Y" -> "O"\n~ change task stopped\n    Status: "F" -> "Y"\n' in out, out
    versions = c.call("ListTaskVersions", TaskId=c.ids["running"], TaskVersionType="SUBMIT")["TotalCount"]
    c.run("apply", folder, "--yes")
    assert states(c) == {"running": "O", "paused": "O", "stopped": "Y", "draft": "N"}
    unchanged(c, folder)
    assert c.call("ListTaskVersions", TaskId=c.ids["running"], TaskVersionType="SUBMIT")["TotalCount"] == versions
    edit(folder, of_task("stopped"), lambda v: v.update(Status="F"))
    c.run("apply", folder, "--yes")
    assert states(c)["stopped"] == "F"


def check_silence(c, folder):
    """Who says nothing of the state changes nothing about it: neither by an apply nor by a new version."""
    for name in ("running", "paused", "stopped"):
        edit(folder, of_task(name), lambda v: v.pop("Status"))
    unchanged(c, folder)
    for name in ("paused", "stopped"):
        edit(folder, of_task(name), lambda v: v["TaskBaseAttribute"].update(TaskDescription="new"))
    c.run("apply", folder, "--yes")
    assert states(c) == {"running": "O", "paused": "O", "stopped": "F", "draft": "N"}
    unchanged(c, folder)


def check_impossible_states(c, folder):
    edit(folder, of_task("draft"), lambda v: v.update(Status="O"))
    edit(folder, of_task("stopped"), lambda v: v.update(Status="O"))
    out, _ = c.run("apply", folder, "--dry-run", status=4)
    assert "! cannot change task draft: a task that was never submitted has no Status\n" in out, out
    assert "! cannot change task stopped: a stopped task cannot be paused; Status Y starts it first\n" in out, out
    _, err = c.run("apply", folder, "--yes", status=1)
    assert "nothing was changed" in err and states(c)["stopped"] == "F", err
    edit(folder, of_task("draft"), lambda v: v.pop("Status"))
    edit(folder, of_task("stopped"), lambda v: v.update(Status="N"))
    _, err = c.run("apply", folder, "--yes", status=2)
    assert f"{of_task('stopped')}:" in err and ": Status: it must be Y (scheduling), O (paused) or F (stopped)\n" in err, err
    edit(folder, of_task("stopped"), lambda v: v.pop("Status"))
    unchanged(c, folder)


def main():
    signal.alarm(200)  # nothing here may wait for ever
    with tempfile.TemporaryDirectory(prefix="weft-state-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        c = make_world(server)
        first = check_states_travel(c, folder)
        check_moves(c, first)
        check_silence(c, first)
        check_impossible_states(c, first)
    print("project state: there and back")


if __name__ == "__main__":
    main()
