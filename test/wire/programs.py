#!/usr/bin/env python3
"""test/wire/programs.py WEFT - a program that attempts need is not installed on the machine.

In a mount namespace of the test's own the program's file is one that cannot be executed; so this needs root, and
is skipped without it.
"""
import base64
import io
import os
import signal
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "kill")]
import faults  # noqa: E402
from cli import Cli, new_project, task  # noqa: E402
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
SKIPPED = 77
WHERE = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHORT = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00", "SelfDepend": "parallel", "MaxRetryNumber": 0}


def places(program):
    """Every file that is found under this name, once."""
    found = (os.path.realpath(os.path.join(folder, program)) for folder in WHERE.split(":")
             if os.path.exists(os.path.join(folder, program)))
    return sorted(set(found))


def make_task(c, name, workflow, code="", type_id="35", settings=None):
    more = {"TaskExtConfigurationList": [{"ParamKey": k, "ParamValue": v} for k, v in settings.items()]} if settings else {}
    task_id = c.call("CreateTask", **task(name, workflow, code, type_id, SHORT, **more))["TaskId"]
    c.call("SubmitTask", TaskId=task_id, VersionRemark="r")


def make_world(c):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr("run.sh", "echo from the zip\n")
    path = f"/datastudio/resource/{c.project}/job.zip"
    answer = c.server.call("UploadResourceFile", {"ProjectId": c.project, "Path": path, "Offset": 0,
                                                  "Content": base64.b64encode(data.getvalue()).decode()}, version="weft-1")
    assert "Error" not in answer, answer
    c.call("CreateResourceFile", ResourceName="job.zip", ParentFolderPath="/", BucketName="weft", CosRegion="local",
           ResourceFile=path)
    workflow = c.call("CreateWorkflow", WorkflowName="flow", ParentFolderPath="/")["WorkflowId"]
    make_task(c, "zipped", workflow, type_id="38", settings={"ftp.file.name": path, "shell.cmd": "bash run.sh"})
    make_task(c, "python", workflow, "print('from python')\n", "30")
    make_task(c, "shell", workflow, "echo from the shell\n")


def backfill(c, name, status=0):
    out, _ = c.run("backfill", name, "--from", "2026-01-01", "--to", "2026-01-01", "--follow", status=status)
    return out


def check_missing(c, name, program):
    """The one who looks for the reason finds it, in words that name the program."""
    said = f"{program} is not installed on this node (looked in {WHERE})"
    backfill(c, name, status=1)
    shown, _ = c.run("show", f"{name}_2026-01-01")
    assert "EXPIRED" in shown and said in shown, shown
    log, _ = c.run("logs", f"{name}_2026-01-01")
    assert said in log, log


def check(server, nothing, hidden):
    c = Cli(WEFT, server, new_project(server, "programs"))
    make_world(c)
    for path in hidden:
        subprocess.run(["mount", "--bind", nothing, path], check=True)
    check_missing(c, "zipped", "unzip")
    check_missing(c, "python", "python3")
    backfill(c, "shell")
    for path in hidden:  # they are installed: nothing is to be started again
        subprocess.run(["umount", path], check=True)
    for name, said in (("zipped", "from the zip"), ("python", "from python")):
        c.run("rerun", f"{name}_2026-01-01")
        log, _ = c.run("logs", f"{name}_2026-01-01", "--follow")
        assert said in log, log


def main():
    signal.alarm(200)  # nothing here may wait for ever
    impossible = faults.enter_namespace()
    hidden = places("unzip") + places("python3")
    if impossible or not places("unzip"):
        print("programs: " + (impossible or "there is no unzip here"))
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="weft-programs-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        nothing = os.path.join(folder, "nothing")
        with open(nothing, "w", encoding="ascii"):
            pass
        check(server, nothing, hidden)
    print("programs: what is missing is named, and found when it is there")


if __name__ == "__main__":
    main()
