"""test/wire/cli.py - runs the client commands against a server of wire.py, and makes projects for them."""
import base64
import json
import os
import subprocess

from wire import SECRET_ID, SECRET_KEY

WEFT_VERSIONS = {"RegisterDsEvent": "2021-08-20", "TriggerDsEvent": "2021-08-20", "DescribeEvent": "2021-08-20",
                 "CreateCalendar": "weft-1", "UpdateCalendar": "weft-1", "ListCalendars": "weft-1",
                 "UploadResourceFile": "weft-1", "ReadResourceFile": "weft-1", "ListEvents": "weft-1", "SubmitTaskIdle": "weft-1"}


class Cli:
    """weft COMMAND in a project, as a program runs it: no terminal, no colours."""

    def __init__(self, weft, server, project):
        self.weft, self.server, self.project = weft, server, project

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")}
        return {**kept, "WEFT_ENDPOINT": f"http://127.0.0.1:{self.server.port}", "WEFT_SECRET_ID": SECRET_ID,
                "WEFT_SECRET_KEY": SECRET_KEY, "WEFT_PROJECT": self.project, "TERM": "xterm", "LC_ALL": "C.UTF-8"}

    def run(self, *words, status=0, stdin=None, **more):
        """(stdout, stderr); the exit status must be the given one."""
        done = subprocess.run([self.weft, *words], env={**self.environment(), **more}, text=True, timeout=60,
                              input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        assert "\033" not in done.stdout + done.stderr, done.stdout
        return done.stdout, done.stderr

    def json(self, *words, status=0):
        out, _ = self.run(*words, "--json", status=status)
        return json.loads(out)

    def call(self, action, **params):
        answer = self.server.call(action, {"ProjectId": self.project, **params},
                                  version=WEFT_VERSIONS.get(action, "2025-08-06"))
        assert "Error" not in answer, (action, answer)
        return answer.get("Data")


def new_project(server, name):
    answer = server.call("CreateProject", {"Project": {"ProjectName": name, "DisplayName": name}})
    return answer["Data"]["ProjectId"]


def b64(text):
    return base64.b64encode(text.encode()).decode()


def task(name, workflow, code="true\n", type_id="35", scheduler=None, **config):
    """The parameters of CreateTask but ProjectId."""
    return {"TaskBaseAttribute": {"TaskName": name, "TaskTypeId": type_id, "WorkflowId": workflow},
            "TaskConfiguration": {**({"CodeContent": b64(code)} if code else {}), **config},
            "TaskSchedulerConfiguration": scheduler or {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00"}}
