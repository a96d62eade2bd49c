#!/usr/bin/env python3
"""test/wire/project_files.py WEFT - weft export and weft apply: a project as files, there and back.

The property: what was exported and applied, here or in another project, is exported as the same files,
and a second apply finds nothing to do.  The project has every field set that the API has.
"""
import json
import os
import re
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import Cli, b64, new_project, task  # noqa: E402
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "fixture.json")
BASE, CONFIG, SCHEDULER = "TaskBaseAttribute", "TaskConfiguration", "TaskSchedulerConfiguration"
DAY = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00"}


def files(folder):
    """{path: content} of all files below a folder."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(top, name), "rb") as f:
                found[os.path.relpath(os.path.join(top, name), folder)] = f.read()
    return found


def edit(folder, path, change):
    with open(os.path.join(folder, path), encoding="utf-8") as f:
        value = json.load(f)
    change(value)
    with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
        json.dump(value, f, indent=2)


def write(folder, path, text):
    os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
    with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
        f.write(text)


def upstream(task_id, **more):
    return {"TaskId": task_id, "MainCyclicConfig": "DAY", "SubordinateCyclicConfig": "CURRENT_DAY", **more}


def calendar_id(c):
    items = c.server.call("ListCalendars", {}, "weft-1")["Data"]["Items"]
    return next(i["CalendarId"] for i in items if i["CalendarName"] == "假期%1")


def every_field(c, workflow, group, up, foreign):
    """The parameters of a task with no field left at its default."""
    pairs = [{"ParamKey": "k1", "ParamValue": "${yyyyMMdd-1d}"}, {"ParamKey": "键", "ParamValue": ""}]
    calendar = calendar_id(c)
    return {
        BASE: {"TaskName": "全部_all.fields-1", "TaskTypeId": "35", "WorkflowId": workflow,
               "OwnerUin": "100000000002;100000000003", "TaskDescription": "what it does\n第二行",
               "TaskFolderPath": "/folder/v1.sh"},
        CONFIG: {"ResourceGroup": group, "CodeContent": b64("echo 'all fields'\necho 全部\n"),
                 "TaskExtConfigurationList": pairs, "DataCluster": "cluster", "BrokerIp": "10.0.0.1",
                 "YarnQueue": "queue", "SourceServiceId": "101", "TargetServiceId": "102",
                 "TaskSchedulingParameterList": pairs, "BundleId": "bundle", "BundleInfo": "bundle info"},
        SCHEDULER: {
            "CycleType": "HOUR_CYCLE", "ScheduleTimeZone": "UTC-3:30", "CrontabExpression": "0 15 2-20/3 * * ? *",
            "StartTime": "2025-02-03 04:05:06", "EndTime": "2031-12-30 21:22:23", "ExecutionStartTime": "01:30",
            "ExecutionEndTime": "22:10", "CalendarOpen": "1", "CalendarId": calendar, "SelfDepend": "orderly",
            "UpstreamDependencyConfigList": [
                upstream(up, MainCyclicConfig="RANGE_DAY", SubordinateCyclicConfig="", Offset="-2,0",
                         DependencyStrategy={"PollingNullStrategy": "EXECUTING",
                                             "TaskDependencyExecutingStrategies": ["NOT_EXIST", "PARENT_TIMEOUT"],
                                             "TaskDependencyExecutingTimeoutValue": 15}),
                upstream(foreign, DependencyStrategy={"PollingNullStrategy": "WAITING"})],
            "EventListenerList": [
                {"EventName": "tick", "EventSubType": "HOUR", "EventBroadcastType": "SINGLE",
                 "PropertiesList": [{"ParamKey": "maxWaitEventTime", "ParamValue": "2"},
                                    {"ParamKey": "maxWaitEventTimeUnit", "ParamValue": "HOURS"}]},
                {"EventName": "far", "EventSubType": "DAY", "EventBroadcastType": "BROADCAST",
                 "PropertiesList": [{"ParamKey": "EventProjectId", "ParamValue": c.other}]}],
            "AllowRedoType": "FAILURE", "ParamTaskOutList": [{"ParamKey": "out", "ParamValue": "$[0][1]"}],
            "ParamTaskInList": [{"ParamKey": "in", "ParamDesc": "p.t.out", "FromTaskId": up, "FromParamKey": "out",
                                 "Type": "TASK"}],
            "TaskOutputRegistryList": [{"DatasourceId": "1", "DatabaseName": "db", "TableName": "t",
                                        "PartitionName": "p", "DataFlowType": "DOWNSTREAM", "TablePhysicalId": "tp",
                                        "DbGuid": "dg", "TableGuid": "tg", "CatalogName": "c",
                                        "DatasourceName": "dn", "QualifiedName": "qn"}],
            "InitStrategy": "T_PLUS_1", "ScheduleType": 1, "RunPriorityType": 4, "RetryWaitMinute": 11,
            "MaxRetryNumber": 2, "ExecutionTTLMinute": 90, "WaitExecutionTotalTTLMinute": 600,
            "DependencyTriggerPolicy": "ALL_DONE", "AllowDownstreamDependency": 0}}


def make_others(c):
    """What the project refers to: a task and an event of another project, a calendar."""
    other = Cli(WEFT, c.server, c.other)
    workflow = other.call("CreateWorkflow", WorkflowName="w", ParentFolderPath="/")["WorkflowId"]
    foreign = other.call("CreateTask", **task("far_away", workflow))["TaskId"]
    other.call("SubmitTask", TaskId=foreign, VersionRemark="r")
    other.call("RegisterDsEvent", Name="far", EventSubType="DAY", TimeToLive="3", TimeUnit="DAYS", Owner="1",
               Description="d", EventBroadcastType="BROADCAST")
    for name, mode in (("假期%1", "PAUSE"), ("unused", "RUN")):
        made = c.server.call("CreateCalendar", {"CalendarName": name, "Mode": mode, "Dates": ["2026-01-01"]}, "weft-1")
        assert "Error" not in made, made
    return foreign


def make_control(c, workflow):
    """A branch with two ways that meet in a merge, and a for-each: their settings name other tasks."""
    def deps(*ids):
        return {**DAY, "UpstreamDependencyConfigList": [upstream(i) for i in ids]}
    ways = [c.call("CreateTask", **task(f"way{i}", workflow))["TaskId"] for i in (1, 2)]
    branch = c.call("CreateTask", **task("a_branch", workflow, None, "130", TaskExtConfigurationList=[
        {"ParamKey": "branchCondition", "ParamValue": json.dumps(
            [{"condition": "1 > 0", "downstreamTaskId": ways[0]},
             {"condition": "1 < 0", "downstreamTaskId": ways[1]}])}]))["TaskId"]
    for way in ways:
        name = f"way{ways.index(way) + 1}"
        c.call("UpdateTask", TaskId=way, Task={
            BASE: {"TaskName": name, "OwnerUin": "100000000001", "TaskDescription": "", "TaskFolderPath": ""},
            CONFIG: {"CodeContent": b64(f"echo {name}\n")}, SCHEDULER: deps(branch)})
    merge = c.call("CreateTask", **task("b_merge", workflow, None, "131", deps(*ways), TaskExtConfigurationList=[
        {"ParamKey": "mergeCondition", "ParamValue": json.dumps(
            [{"upstreamTaskId": w, "expectationState": [2, 21], "conditionType": "OR"} for w in ways])}]))["TaskId"]
    each = c.call("CreateTask", **task("c_each", workflow, "echo ${rows}\n", "137", {
        **deps(merge), "ParamTaskInList": [{"ParamKey": "rows", "ParamDesc": "", "FromTaskId": "",
                                            "FromParamKey": "a,b", "Type": "CONSTANT"}]}))["TaskId"]
    for i in (branch, *ways, merge, each):
        c.call("SubmitTask", TaskId=i, VersionRemark="r")


def make_circle(c, workflow):
    """Two tasks that wait for each other, one of them for the day before."""
    first = c.call("CreateTask", **task("circle1", workflow))["TaskId"]
    c.call("SubmitTask", TaskId=first, VersionRemark="r")
    second = c.call("CreateTask", **task("circle2", workflow, scheduler={
        **DAY, "UpstreamDependencyConfigList": [upstream(first)]}))["TaskId"]
    c.call("SubmitTask", TaskId=second, VersionRemark="r")
    c.call("UpdateTask", TaskId=first, Task={
        BASE: {"TaskName": "circle1", "OwnerUin": "100000000001", "TaskDescription": ""}, CONFIG: {},
        SCHEDULER: {**DAY, "UpstreamDependencyConfigList": [
            upstream(second, MainCyclicConfig="LIST_DAY", SubordinateCyclicConfig="", Offset="-1")]}})
    c.call("SubmitTask", TaskId=first, VersionRemark="r")


def make_long(c):
    """Names of as many characters as there may be; no file has such a name."""
    folder, flow, inner = "夹" * 100, "流" * 100, "里" * 100
    c.call("CreateWorkflowFolder", FolderName=folder, ParentFolderPath="/")
    workflow = c.call("CreateWorkflow", WorkflowName=flow, ParentFolderPath="/" + folder)["WorkflowId"]
    c.call("CreateTaskFolder", WorkflowId=workflow, ParentTaskFolderPath="/", TaskFolderName=inner,
           TaskFolderType="GENERAL")
    for name in ("任" * 200, "任" * 199 + "x", "任" * 90, "任" * 80 + "workflow"):
        made = task(name, workflow, f"echo {name[-1]}\n")
        made[BASE]["TaskFolderPath"] = "/" + inner if name.endswith("x") else ""
        up = c.call("CreateTask", **made)["TaskId"]
        c.call("SubmitTask", TaskId=up, VersionRemark="r")


def make_world(server):
    c = Cli(WEFT, server, new_project(server, "here"))
    c.other = new_project(server, "there")
    foreign = make_others(c)
    group = server.call("ListResourceGroups", {"Name": "local"})["Data"]["Items"][0]["Id"]
    calendar = calendar_id(c)
    c.call("CreateWorkflowFolder", FolderName="top", ParentFolderPath="/")
    c.call("CreateWorkflowFolder", FolderName=".50% \\ x.json", ParentFolderPath="/top")
    deep = c.call("CreateWorkflow", WorkflowName="deep one", ParentFolderPath="/top/.50% \\ x.json",
                  WorkflowDesc="two\nlines", OwnerUin="100000000009", BundleId="b", BundleInfo="i",
                  WorkflowParams=[{"ParamKey": "p", "ParamValue": "v"}])["WorkflowId"]
    unified = c.call("CreateWorkflow", WorkflowName="unified", ParentFolderPath="/", WorkflowSchedulerConfiguration={
        "ScheduleTimeZone": "UTC+8", "CycleType": "HOUR_CYCLE", "SelfDepend": "parallel",
        "StartTime": "2026-02-01 00:00:00", "EndTime": "2030-01-01 00:00:00", "CrontabExpression": "0 30 * * * ? *",
        "DependencyWorkflow": "yes", "ExecutionStartTime": "02:00", "ExecutionEndTime": "20:00",
        "CalendarOpen": "1", "CalendarId": calendar})["WorkflowId"]
    manual = c.call("CreateWorkflow", WorkflowName="by hand", ParentFolderPath="/", WorkflowType="manual")["WorkflowId"]
    first = c.call("CreateTask", **task("m1", manual))["TaskId"]
    c.call("CreateTask", **task("m2", manual, scheduler={**DAY, "UpstreamDependencyConfigList": [
        {"TaskId": first, "MainCyclicConfig": "DAY", "SubordinateCyclicConfig": "CURRENT_DAY"}]}))
    c.call("SubmitTask", TaskId=first, VersionRemark="r")
    c.call("RegisterDsEvent", Name="tick", EventSubType="HOUR", TimeToLive="3", TimeUnit="DAYS", Owner="1",
           Description="d", EventBroadcastType="SINGLE")
    for parent, name in (("/", "folder"), ("/folder", "v1.sh")):
        c.call("CreateTaskFolder", WorkflowId=deep, ParentTaskFolderPath=parent, TaskFolderName=name,
               TaskFolderType="GENERAL")
    up = c.call("CreateTask", **task("workflow", deep, scheduler={
        **DAY, "ParamTaskOutList": [{"ParamKey": "out", "ParamValue": "1"}]}))["TaskId"]
    c.call("CreateTask", **every_field(c, deep, group, up, foreign))
    c.call("CreateTask", **task("python", deep, "print('x')", "30"))
    c.call("CreateTask", **task("no_code", deep, None, "32"))
    c.call("SubmitTask", TaskId=up, VersionRemark="r")
    make_long(c)
    make_control(c, deep)
    make_circle(c, deep)
    for name in ("u1", "u2"):
        inherits = c.call("CreateTask", **{**task(name, unified), SCHEDULER: {}})["TaskId"]
        c.call("SubmitTask", TaskId=inherits, VersionRemark="r")
    return c


def check_fixed_point(c, folder):
    """Exported, nothing differs; applied to an empty project, the files are the same."""
    first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
    c.run("export", "--dir", first)
    here = files(first)
    assert any(p.endswith("workflow.json") for p in here) and "calendars/假期%251.json" in here, sorted(here)
    assert "workflows/top/%2E50%25 %5C x%2Ejson/deep one/folder/v1%2Esh/全部_all.fields-1.sh" in here, sorted(here)
    assert "calendars/unused.json" not in here and "events/tick.json" in here
    text = b"".join(v for k, v in here.items() if k.endswith(".json")).decode()
    assert SCHEDULER not in json.loads(here["workflows/unified/u1.json"]), "a schedule that is the workflow's"
    assert not re.search(r'"\d{17}"|[0-9a-f]{8}-[0-9a-f]{4}-', text), "an id is in the files"
    assert c.json("apply", first, "--dry-run") == {
        "Created": [], "Changed": [], "Deleted": [], "Impossible": [], "Applied": False,
        "Unchanged": len([p for p in here if p.endswith(".json")])}
    out, _ = c.run("export", "--dir", first)
    assert out.endswith(" 0 files written, 0 removed\n"), out

    copy = Cli(WEFT, c.server, new_project(c.server, "copy"))
    out, _ = copy.run("apply", first, "--dry-run", status=4)
    assert out.startswith("+ create event tick\n") and "+ create task a_branch\n" in out, out
    assert copy.call("ListTasks")["TotalCount"] == 0
    out, _ = copy.run("apply", first, "--yes", "--prune")
    assert "created task a_branch\n" in out, out
    out, _ = copy.run("apply", first, "--yes", "--prune")
    assert out.startswith("0 to create, 0 to change, 0 to delete, "), out
    copy.run("export", "--dir", second)
    there = files(second)
    assert {k: v for k, v in here.items() if there.get(k) != v} == {}, sorted(set(here) ^ set(there))
    assert here == there
    return copy, first


def check_unfinished(c, folder):
    """What an export did not finish is no project that an apply could prune to."""
    path = os.path.join(folder, "unfinished")
    c.run("export", "--dir", path)
    kept = files(path)
    write(path, "events/tick.json", "{}")
    os.remove(os.path.join(path, "workflows/unified/u1.json"))
    os.mkdir(os.path.join(path, "workflows/unified/u1.json"))  # it cannot be written
    os.remove(os.path.join(path, "workflows/unified/u2.json"))
    _, err = c.run("export", "--dir", path, status=2)
    assert "u1.json" in err, err
    for words in (("--yes", "--prune"), ("--dry-run",)):
        out, err = c.run("apply", path, *words, status=2)
        assert out == "" and "weft: project.json:2: Unfinished: an export into this directory did not end, so files " \
            "are missing; export again\n" in err, err
    os.rmdir(os.path.join(path, "workflows/unified/u1.json"))
    out, _ = c.run("export", "--dir", path)
    assert files(path) == kept and re.search(r" \d files written, 0 removed\n$", out), out


def versions(c, name):
    return next(i["TaskLatestVersionNo"] for i in c.call("ListTasks", PageSize=200)["Items"] if i["TaskName"] == name)


def waiting(c, name):
    """Another project, with a draft that waits for this task."""
    other = Cli(WEFT, c.server, new_project(c.server, "waiting"))
    up = next(i["TaskId"] for i in c.call("ListTasks", PageSize=200)["Items"] if i["TaskName"] == name)
    flow = other.call("CreateWorkflow", WorkflowName="w", ParentFolderPath="/")["WorkflowId"]
    other.call("CreateTask", **task("w1", flow, scheduler={**DAY, "UpstreamDependencyConfigList": [upstream(up)]}))
    return other


def check_changes(c, first):
    """One change of every kind is shown, made, and then is no difference any more."""
    deep = "workflows/top/%2E50%25 %5C x%2Ejson/deep one"
    before = versions(c, "way2")
    edit(first, f"{deep}/way1.json", lambda v: v[SCHEDULER].update(RetryWaitMinute=7, SelfDepend="parallel"))
    write(first, f"{deep}/python.py", "print('y')\nprint('z')\n")
    edit(first, "workflows/unified/workflow.json",
         lambda v: v["WorkflowSchedulerConfiguration"].update(ScheduleTimeZone="UTC+1"))
    edit(first, "workflows/unified/u2.json", lambda v: v.update({SCHEDULER: {"MaxRetryNumber": 9}}))
    edit(first, "calendars/假期%251.json", lambda v: v["Dates"].append("2026-05-01"))
    write(first, "workflows/new/workflow.json", "{}")
    write(first, "workflows/new/a/b/fresh.json", json.dumps({
        BASE: {"TaskTypeId": "35"}, CONFIG: {"CodeFile": "fresh.sh"},
        SCHEDULER: {"UpstreamDependencyConfigList": [{"Task": "way1"}]}, "Submit": True}))
    write(first, "workflows/new/a/b/fresh.sh", "echo fresh\n")
    for name in ("c_each.json", "c_each.sh"):
        os.remove(os.path.join(first, deep, name))
    out, _ = c.run("apply", first, "--dry-run", "--prune", status=4)
    for line in ("~ change task way1\n    TaskSchedulerConfiguration.SelfDepend: \"serial\" -> \"parallel\"\n"
                 "    TaskSchedulerConfiguration.RetryWaitMinute: (not set) -> 7\n",
                 "~ change task python\n    code:\n      - print('x')\n      + print('y')\n      + print('z')\n",
                 "~ change calendar 假期%1\n    Dates.1: (not set) -> \"2026-05-01\"\n",
                 "+ create workflow new\n", "+ create task fresh\n", "- delete task c_each\n",
                 "2 to create, 6 to change, 1 to delete, "):
        assert line in out, (line, out)
    other = waiting(c, "c_each")
    _, err = c.run("apply", first, "--yes", "--inform", status=2)
    assert err == "weft: --inform is of deletions: it goes with --prune\n", err
    out, _ = c.run("apply", first, "--yes", "--prune", "--inform", "--remark", "from git")
    told = other.call("ListAlarmMessages")["Items"]
    assert [(m["AlarmReason"], m["TaskName"]) for m in told] == [("upstreamDeleted", "w1")], told
    assert "upstreamDeleted" in other.run("alarms", "list")[0]
    assert "its upstream task c_each (" in other.run("alarms", "show", str(told[0]["AlarmMessageId"]))[0]
    assert "deleted task c_each\n" in out and "created task fresh\n" in out, out
    out, _ = c.run("apply", first, "--yes", "--prune")
    assert out.startswith("0 to create, 0 to change, 0 to delete, "), out
    assert versions(c, "way2") == before, "what does not differ is not touched"
    refused = c.server.call("ListAuditRecords", {"ProjectId": c.project, "Result": "REFUSED"}, "weft-1")["Data"]["Items"]
    assert refused == [], "an apply does not try what cannot be"
    with open(os.path.join(first, "workflows/new/a/b/fresh.json"), encoding="utf-8") as f:
        assert "OwnerUin" not in f.read(), "an apply does not write files"
    fresh = next(i for i in c.call("ListTasks", PageSize=200)["Items"] if i["TaskName"] == "fresh")
    assert fresh["TaskFolderPath"] == "/a/b" and fresh["Status"] == "Y", fresh
    remarks = [v["VersionRemark"] for v in c.call("ListTaskVersions", TaskId=fresh["TaskId"], TaskVersionType="SUBMIT")["Items"]]
    assert "from git" in remarks, remarks
    out, _ = c.run("export", "--dir", first)
    assert " 0 removed" in out, out


def check_impossible(c, first):
    """What the API has no call for is said, and nothing is done."""
    edit(first, "workflows/new/a/b/fresh.json", lambda v: v[BASE].update(TaskTypeId="30", TaskDescription="x"))
    edit(first, "events/tick.json", lambda v: v.update(TimeToLive=9))
    out, err = c.run("apply", first, "--yes", status=1)
    assert "! cannot change task fresh: the API cannot change the type of a task; delete it first" in out, out
    assert "! cannot change event tick: the API cannot change an event" in out, out
    assert err == "weft: nothing was changed: see what cannot be\n", err
    c.run("export", "--dir", first)
    os.rename(os.path.join(first, "workflows/unified/u1.json"), os.path.join(first, "workflows/new/u1.json"))
    os.rename(os.path.join(first, "workflows/unified/u1.sh"), os.path.join(first, "workflows/new/u1.sh"))
    out, _ = c.run("apply", first, "--dry-run", status=4)
    assert "! cannot change task u1: the API cannot move a task to another workflow; delete it there first" in out, out
    c.run("export", "--dir", first)
    shown = c.json("apply", first, "--yes")
    assert shown["Applied"] and shown["Changed"] == [] and shown["Unchanged"] > 10, shown


def check_warnings(c, first):
    """What files cannot say is told by the export."""
    ids = {i["TaskName"]: i["TaskId"] for i in c.call("ListTasks", PageSize=200)["Items"]}
    workflow = next(i["WorkflowId"] for i in c.call("ListWorkflows", PageSize=100)["Items"]
                    if i["WorkflowName"] == "new")
    gone = c.call("CreateTask", **task("gone", workflow))["TaskId"]
    left = c.call("CreateTask", **task("left", workflow, scheduler={
        **DAY, "UpstreamDependencyConfigList": [upstream(gone)]}))["TaskId"]
    c.call("DeleteTask", TaskId=gone)
    c.call("UpdateTaskPartially", TaskId=ids["u1"], NewSetting={BASE: {"TaskDescription": "a draft"}})
    _, err = c.run("export", "--dir", first)
    assert f"weft: task left names task {gone}, which is gone or not visible\n" in err, err
    assert "weft: task u1 has a draft newer than what is submitted; the file has the draft" in err, err
    assert gone in files(first)["workflows/new/left.json"].decode()
    c.run("apply", first, "--dry-run")
    c.call("DeleteTask", TaskId=left)
    c.call("SubmitTask", TaskId=ids["u1"], VersionRemark="r")
    _, err = c.run("export", "--dir", first)
    assert err == "", err


def check_broken(c, first):
    """A broken file is named with its line and path, all of them at once, and nothing is done."""
    rows = [
        ("workflows/new/workflow.json", '{\n  "WorkflowDsc": "x"\n}',
         ":2: WorkflowDsc: there is no such member here; did you mean WorkflowDesc?"),
        ("workflows/new/workflow.json", '{\n  "WorkflowDesc": 7\n}', ":2: WorkflowDesc: it must be a text in quotes"),
        ("workflows/new/workflow.json", '{\n  "WorkflowDesc": "x",\n}', ":3: string or '}' expected near '}'"),
        ("workflows/new/workflow.json", '{\n  "ParentFolderPath": "/x"\n}',
         ":2: ParentFolderPath: the directory of the file says it; move the file"),
        ("workflows/new/a/b/fresh.json", '{"TaskBaseAttribute": {\n"OwnerUin": "1"}}',
         ":1: TaskBaseAttribute.TaskTypeId: it is missing"),
        ("workflows/new/a/b/fresh.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"},\n"TaskConfiguration":\n'
         '{"CodeFile": "nothing.sh"}}', ":3: TaskConfiguration.CodeFile: "),
        ("workflows/new/a/b/fresh.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"},\n'
         '"TaskSchedulerConfiguration": {"UpstreamDependencyConfigList": [\n{"Task": "way1"},\n'
         '{"Task": "way2", "Offest": "-1"}\n]}}',
         ":4: TaskSchedulerConfiguration.UpstreamDependencyConfigList.1.Offest: there is no such member here; "
         "did you mean Offset?"),
        ("workflows/new/a/b/fresh.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"},\n'
         '"TaskSchedulerConfiguration": {"UpstreamDependencyConfigList": [\n{"Task": "wya1"}\n]}}',
         ":3: there is no task wya1; did you mean way1?"),
        ("workflows/new/a/b/fresh.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"},\n'
         '"TaskConfiguration":\n{"ResourceGroupName": "nogroup"}}', ":3: there is no resource group nogroup"),
        ("workflows/unified/way1.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"}}',
         ": there is a task way1 in "),
        ("workflows/lost.json", '{"TaskBaseAttribute": {"TaskTypeId": "35"}}',
         ": a task stands in the directory of its workflow, which has a workflow.json"),
        ("workflows/new/%zz.json", "{}", ": `%zz` is not the name of an object"),
        ("project.json", '{\n"Format": 2}', ":2: Format: this weft reads format 1"),
    ]
    kept = files(first)
    for path, text, message in rows:
        write(first, path, text)
        out, err = c.run("apply", first, "--yes", status=2)
        assert out == "" and f"weft: {path}{message}" in err, (path, err)
        if path in kept:
            write(first, path, kept[path].decode())
        else:
            os.remove(os.path.join(first, path))
    _, err = c.run("apply", os.path.dirname(first), status=2)
    assert "has no project.json" in err, err
    _, err = c.run("export", "--dir", os.path.dirname(first), status=2)
    assert "it is no earlier export" in err, err
    c.run("apply", first, "--dry-run")


def check_refused_midway(c, first):
    """The server refuses one task: the file and line are named, what is not done is told, and the next goes on."""
    path = "workflows/new/a/b/fresh.json"
    edit(first, path, lambda v: v[SCHEDULER].update(CrontabExpression="not a cron", RetryWaitMinute=3))
    edit(first, "workflows/new/workflow.json", lambda v: v.update(WorkflowDesc="now"))
    _, err = c.run("apply", first, status=2)
    assert err == "weft: nothing was changed: nobody to ask; give --yes or --dry-run\n", err
    out, err = c.run("apply", first, "--yes", status=1)
    assert "changed workflow new\n" in out, out
    with open(os.path.join(first, path), encoding="utf-8") as f:
        at = next(i for i, text in enumerate(f, 1) if "CrontabExpression" in text)
    assert re.search(rf"InvalidParameterValue: .*\({re.escape(path)}:{at}\)", err), err
    assert err.endswith("weft: 1 of 2 changes are made; the next apply goes on with:\n  task fresh\n"), err
    edit(first, path, lambda v: v[SCHEDULER].update(CrontabExpression="0 0 5 * * ? *"))
    out, _ = c.run("apply", first, "--yes")
    assert out.endswith("0 to create, 1 to change, 0 to delete, " + out.rsplit("delete, ", 1)[1]) and \
        "changed task fresh\n" in out, out

    # What is there of a change that is not made is told: drafts, of which the next apply goes on.
    for name, cron in (("n1", "0 0 1 * * ? *"), ("n2", "no cron"), ("n3", "0 0 1 * * ? *")):
        write(first, f"workflows/new/{name}.json", json.dumps({
            BASE: {"TaskTypeId": "35"}, SCHEDULER: {"CrontabExpression": cron}, "Submit": True}))
    write(first, "workflows/new/n0.json", json.dumps({BASE: {"TaskTypeId": "35"}, "Submit": False}))
    out, err = c.run("apply", first, "--yes", status=1)
    assert "created task n0\n" in out and "created task n1\n" not in out, out
    assert err.endswith("weft: 1 of 4 changes are made, and a part of 1 more; the next apply goes on with:\n"
                        "  task n1: made as a draft\n  task n2\n  task n3\n"), err
    edit(first, "workflows/new/n2.json", lambda v: v[SCHEDULER].update(CrontabExpression="0 0 2 * * ? *"))
    out, _ = c.run("apply", first, "--yes")
    assert "2 to create, 1 to change, 0 to delete, " in out, out
    for name in ("n0", "n1", "n2", "n3"):
        os.remove(os.path.join(first, f"workflows/new/{name}.json"))
    c.run("apply", first, "--yes", "--prune")

    # A circle that no data time breaks is refused by the server, and the task is named.
    edit(first, path, lambda v: v[SCHEDULER].update(
        UpstreamDependencyConfigList=[{"Task": "way1", "MainCyclicConfig": "DAY",
                                       "SubordinateCyclicConfig": "CURRENT_DAY"}]))
    way1 = next(k for k in files(first) if k.endswith("/way1.json"))
    edit(first, way1, lambda v: v[SCHEDULER]["UpstreamDependencyConfigList"].append(
        {"Task": "fresh", "MainCyclicConfig": "DAY", "SubordinateCyclicConfig": "CURRENT_DAY"}))
    _, err = c.run("apply", first, "--yes", status=1)
    assert "the dependencies form a cycle" in err and ".json:" in err, err
    c.run("export", "--dir", first)


def check_removed_files(c, first):
    """A new export takes away the files of what is gone, and nothing else."""
    write(first, "workflows/new/README.md", "mine\n")
    gone = next(i for i in c.call("ListTasks", PageSize=200)["Items"] if i["TaskName"] == "fresh")
    c.call("DeleteTask", TaskId=gone["TaskId"])
    c.run("export", "--dir", first)
    now = files(first)
    assert "workflows/new/README.md" in now and "workflows/new/a/b/fresh.json" not in now, sorted(now)
    assert not os.path.exists(os.path.join(first, "workflows/new/a")), "empty directories go"


def main():
    signal.alarm(200)  # nothing here may wait for ever
    folder = tempfile.mkdtemp(prefix="weft-files-")
    try:
        with Server(WEFT, "--rate-limit", "0", fixture=FIXTURE) as server:
            c = make_world(server)
            copy, first = check_fixed_point(c, folder)
            check_unfinished(c, folder)
            check_changes(copy, first)
            check_impossible(copy, first)
            check_warnings(copy, first)
            check_broken(copy, first)
            check_refused_midway(copy, first)
            check_removed_files(copy, first)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("project files: there and back")


if __name__ == "__main__":
    main()
