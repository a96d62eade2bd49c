#!/usr/bin/env python3
"""test/memory/growth.py WEFT FIGURE [CALLS] - a server's memory does not grow with the calls that it has answered.

The same round of calls again and again, which undoes what it did, until CALLS are answered: every action that is built,
with data and with nonsense; a task that really runs.  After a warm-up the memory in use (figure.c, FIGURE is its
library) is taken between rounds, while nothing is under way; from the first quarter to the last it may grow by what the
store's connections may keep of the records that stay (a page for every page that the database grew), and else by no
more than BYTES_PER_CALL.  Then the server ends; under a sanitizer it ends with an error when anything was lost.
"""
import base64
import contextlib
import json
import os
import sqlite3
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
from noise import Noise, PROJECT, TABLES, WORKFLOW  # noqa: E402
from wire import SECRET_ID, SECRET_KEY, Connection, Server, headers  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
FIXTURE = os.path.join(ROOT, "examples", "fixture.json")
# What makes something that stays is called below, where it is undone, or as nonsense, where it is refused.
MAKES = ("Create", "Register", "Submit", "Trigger", "Associate", "Delete", "Disable", "Start", "Pause", "Stop", "Update", "Rerun",
         "Kill", "SetSuccess", "Dissociate")
THREADS = 2
WARM_UP = 0.2           # of all calls
BYTES_PER_CALL = 4      # figures of moments differ by some buffers; a deleted group or project leaves its name
PAGE_COST = 1.1         # a page in a cache, and what the cache knows of it


class Rounds:
    def __init__(self, server, figure):
        self.server, self.figure = server, figure
        self.connection, self.calls, self.codes = Connection(server.port, 60), 0, {}
        self.noise = Noise(1)
        self.tables = {version: json.load(open(os.path.join(ROOT, "api", file), encoding="utf-8"))
                       for version, file in TABLES.items()}
        self.built = [(version, action) for version, table in self.tables.items() for action in table["actions"]
                      if "UnsupportedOperation" not in str(self.ask(action, {}, version))]
        self.called = set()
        # Random once, then always the same: the store keeps a statement for every form of a query.
        self.random = [(version, action, self.noise.request(self.tables[version], action))
                       for version, action in self.built if not action.startswith(MAKES)]

    def ask(self, action, params, version="2025-08-06", **more):
        body = json.dumps(params).encode()
        self.connection.request(headers(action, version, body, **more), body)
        self.calls += 1
        return json.loads(self.connection.answer()[2])["Response"]

    def call(self, action, version="2025-08-06", **params):
        """A call that must not be refused."""
        response = self.ask(action, params, version)
        assert "Error" not in response, f"{action} {response} to {params}"[:1500]
        self.called.add(action)
        return response.get("Data")

    def here(self, action, **params):
        return self.call(action, ProjectId=PROJECT, **params)

    def weft(self, action, **params):
        return self.call(action, "weft-1", **params)

    # ---- what a round does ---------------------------------------------------------------------

    def folders(self):
        made = self.here("CreateWorkflowFolder", ParentFolderPath="/", FolderName="f")["FolderId"]
        self.here("UpdateWorkflowFolder", FolderId=made, FolderName="g")
        self.here("GetWorkflowFolder", FolderId=made)
        self.here("ListWorkflowFolders", ParentFolderPath="/")
        flow = self.here("CreateWorkflow", WorkflowName="w", ParentFolderPath="/g")["WorkflowId"]
        self.here("UpdateWorkflow", WorkflowId=flow, WorkflowDesc="x" * 500)
        self.here("GetWorkflow", WorkflowId=flow)
        self.here("ListWorkflows")
        inner = self.here("CreateTaskFolder", ParentTaskFolderPath="/", TaskFolderName="t", TaskFolderType="GENERAL",
                          WorkflowId=flow)["TaskFolderId"]
        self.here("UpdateTaskFolder", WorkflowId=flow, TaskFolderId=inner, TaskFolderName="u")
        self.here("GetTaskFolder", WorkflowId=flow, TaskFolderId=inner)
        self.here("ListTaskFolders", WorkflowId=flow, ParentTaskFolderPath="/", TaskFolderType="GENERAL")
        self.here("DeleteTaskFolder", WorkflowId=flow, TaskFolderId=inner)
        self.here("DeleteWorkflow", WorkflowId=flow)
        self.here("DeleteWorkflowFolder", FolderId=made)

    def submitted(self, code, start):
        code = base64.b64encode(code.encode()).decode()
        base = {"TaskName": "t", "TaskTypeId": "35", "WorkflowId": WORKFLOW}
        rest = {"TaskConfiguration": {"CodeContent": code},
                "TaskSchedulerConfiguration": {"CycleType": "DAY_CYCLE", "StartTime": start}}
        made = self.here("CreateTask", TaskBaseAttribute=base, **rest)["TaskId"]
        task = {"TaskId": made}
        self.here("UpdateTask", **task, Task={
            "TaskBaseAttribute": {"TaskName": "t", "OwnerUin": "1", "TaskDescription": "d" * 90}, **rest})
        self.here("SubmitTask", **task, VersionRemark="first")
        return made

    def task(self):
        made = self.submitted("echo hello\n" * 200, "2099-01-01 00:00:00")
        task = {"TaskId": made}
        for action in ("GetTask", "GetTaskCode", "GetTaskVersion", "ListTaskVersions", "GetOpsTask", "GetOpsTaskCode",
                       "ListUpstreamTasks", "ListDownstreamTasks", "ListUpstreamOpsTasks", "ListDownstreamOpsTasks"):
            self.here(action, **task)
        self.weft("PreviewTaskFirings", ProjectId=PROJECT, TaskId=made)
        self.weft("PreviewTaskUpstreams", ProjectId=PROJECT, TaskId=made)
        self.weft("ListTaskFirings", ProjectId=PROJECT, TaskId=made, From="2026-01-01 00:00:00", To="2026-01-09 00:00:00")
        self.here("DeleteTask", **task)

    def settings(self):
        made = self.call("CreateProject", Project={"ProjectName": "p", "DisplayName": "p"})["ProjectId"]
        group = self.call("CreateResourceGroup", Name="g", Type={
            "ResourceGroupType": "Schedule", "Schedule": {"Specification": "s_test", "Number": 1}},
            AutoRenewEnabled=False, PurchasePeriod=1, VpcId="v", SubNet="s", ResourceRegion="r")["ResourceGroupId"]
        self.call("AssociateResourceGroupToProject", ResourceGroupId=group, ProjectId=made)
        self.call("ListResourceGroups")
        self.call("GetResourceGroupMetrics", ResourceGroupId=group)
        self.call("DissociateResourceGroupFromProject", ResourceGroupId=group, ProjectId=made)
        self.call("DeleteResourceGroup", Id=group)
        self.call("UpdateProject", ProjectId=made, Description="x" * 200)
        self.call("DisableProject", ProjectId=made)
        self.call("EnableProject", ProjectId=made)
        self.call("GetProject", ProjectId=made)
        self.call("ListProjects")
        self.call("DisableProject", ProjectId=made)
        self.call("DeleteProject", ProjectId=made)
        days = self.weft("CreateCalendar", CalendarName="c", Mode="RUN", Dates=["2026-01-01", "2026-01-02"])["CalendarId"]
        self.weft("UpdateCalendar", CalendarId=days, Dates=[f"2026-02-{day:02d}" for day in range(1, 29)])
        self.weft("ListCalendars")
        self.weft("DeleteCalendar", CalendarId=days)
        key = self.weft("CreateKey", Uin="100000000002")
        assert "Data" in self.ask("ListProjects", {}, secret_id=key["SecretId"], key=key["SecretKey"])
        for action in ("DisableKey", "EnableKey", "DeleteKey"):
            self.weft(action, SecretId=key["SecretId"])
        self.weft("ListKeys")
        self.weft("GetServerInfo")

    def nonsense(self):
        """A refused call of every action, and random ones of those that change nothing."""
        for version, action in self.built:
            error = self.ask(action, {"NoSuchParameter": 1}, version).get("Error", {}).get("Code", "OK")
            assert error in ("MissingParameter", "UnknownParameter"), (action, error)
        for version, action, params in self.random:
            error = self.ask(action, params, version).get("Error", {}).get("Code", "OK")
            assert not error.startswith("Internal"), (action, params, error)
            self.codes[error] = self.codes.get(error, 0) + 1

    def until(self, key, *states):
        for _ in range(600):
            found = self.ask("GetTaskInstance", {"ProjectId": PROJECT, "InstanceKey": key}).get("Data") or {}
            if found.get("InstanceState") in states:
                return
            time.sleep(0.05)
        raise AssertionError(f"{key} does not become {states}: {found}")

    def run(self):
        """One task that runs; its instance and the jobs stay, as they should."""
        task = self.submitted("echo hello; sleep 0.05", "2026-01-01 00:00:00")
        key = f"{task}_2026-01-02 00:00:00"
        days = [{"StartDate": "2026-01-02", "EndDate": "2026-01-02"}]
        plan = self.here("CreateDataBackfillPlan", TaskIds=[task], DataBackfillRangeList=days)["DataBackfillPlanId"]
        self.weft("ExplainTaskInstance", ProjectId=PROJECT, InstanceKey=key)
        self.until(key, "COMPLETED")
        for action in ("GetTaskInstance", "GetTaskInstanceLog", "ListTaskInstanceExecutions", "ListUpstreamTaskInstances",
                       "ListDownstreamTaskInstances"):
            self.here(action, InstanceKey=key)
        self.here("ListTaskInstances", Keyword=task)
        self.here("GetDataBackfillPlan", DataBackfillPlanId=plan)
        self.here("ListDataBackfillInstances", DataBackfillPlanId=plan, TaskId=task)
        job = self.here("RerunTaskInstancesAsync", InstanceKeyList=[key])["AsyncId"]
        self.here("GetOpsAsyncJob", AsyncId=job)
        self.here("KillTaskInstancesAsync", InstanceKeyList=[key])
        self.until(key, "COMPLETED", "EXPIRED")
        for action in ("PauseOpsTasksAsync", "StartOpsTasks", "StopOpsTasksAsync"):
            self.here(action, TaskIds=[task])
        self.here("DeleteDataBackfillPlanAsync", DataBackfillPlanId=plan)
        self.here("DeleteTask", TaskId=task)

    def round(self):
        self.folders()
        self.task()
        self.settings()
        self.nonsense()
        self.run()
        for _ in range(8):
            self.task()

    # ---- figures -------------------------------------------------------------------------------

    def in_use(self):
        """Bytes, when none of the readings of half a second is higher."""
        low = None
        for _ in range(5):
            time.sleep(0.12)
            value = int(open(self.figure, encoding="ascii").read() or 0)
            low = value if low is None else min(low, value)
        return low

    def database(self):
        """Its bytes, with those that are still in the log."""
        base = sqlite3.connect("file:" + os.path.join(self.server.data, "weft.db") + "?mode=ro", uri=True)
        with contextlib.closing(base):
            return base.execute("PRAGMA page_count").fetchone()[0] * base.execute("PRAGMA page_size").fetchone()[0]


def main():
    weft, library = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    with tempfile.TemporaryDirectory() as folder:
        figure = os.path.join(folder, "figure")
        # The quarantine keeps what is freed; it is not in the figure, but the machine may be small.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:quarantine_size_mb=16"
        if os.path.isdir("/dev/shm"):
            tempfile.tempdir = "/dev/shm"       # no waits for a disk
        os.environ.update(LD_PRELOAD=library, WEFT_TEST_FIGURE=figure, MALLOC_ARENA_MAX="1")
        with Server(weft, "--rate-limit", "0", "--threads", str(THREADS), fixture=FIXTURE) as server:
            del os.environ["LD_PRELOAD"], os.environ["WEFT_TEST_FIGURE"]
            rounds = Rounds(server, figure)
            figures = []
            while rounds.calls < wanted * (1 + WARM_UP):
                rounds.round()
                if rounds.calls >= wanted * WARM_UP:
                    figures.append((rounds.calls, rounds.in_use(), rounds.database()))
            print("\n".join(f"{calls:6d} calls: {used // 1024} KiB in use, database {size // 1024} KiB"
                            for calls, used, size in figures[::max(1, len(figures) // 12)]))
            calls = figures[-1][0] - figures[0][0]
            quarter = max(1, len(figures) // 4)
            first, last = (min(used for _, used, _ in part) for part in (figures[:quarter], figures[-quarter:]))
            pages = max(0, figures[-1][2] - figures[0][2]) * (1 + THREADS) * PAGE_COST
            status = server.stop()
            print(f"{calls} calls after {figures[0][0]}: {last - first} bytes more, {int(pages)} of them for the records "
                  f"that stay: {max(0, last - first - pages) / calls:.2f} bytes per call; {rounds.codes}")
            never = {action for _, action in rounds.built} - rounds.called
            print(f"{len(rounds.called)} actions answered with data each round; refused or random only: {sorted(never)}")
            if status != 0:
                raise SystemExit(open(server.log.name, encoding="utf-8", errors="replace").read()[-4000:])
            if last - first > calls * BYTES_PER_CALL + pages:
                raise SystemExit(f"grew from {first} to {last} bytes")


main()
