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


# ---- alarm rules ------------------------------------------------------------------------------------

SLACK, OTHER = "https://hooks.slack.com/services/T0/B1/s3cret", "https://hooks.slack.com/services/T0/B2/0ther"
HTTP = "http://127.0.0.1:9/in?token=s3cret"


def of_rule(name):
    return f"alarms/{name}.json"


def rules(c):
    return {i["AlarmRuleName"]: i for i in c.call("ListOpsAlarmRules", PageSize=100)["Items"]}


def make_rules(c):
    c.call("CreateOpsAlarmRule", AlarmRuleName="on_tasks", MonitorObjectType=1,
           MonitorObjectIds=[c.ids["paused"], c.ids["running"]], AlarmTypes=["failure", "overtime"], AlarmLevel=3,
           Description="night", AlarmRuleDetail={
               "Trigger": 1, "DataBackfillOrRerunTrigger": 1,
               "TimeOutExtInfo": [{"RuleType": 2, "Type": 1, "Hour": 6, "Min": 0, "ScheduleTimeZone": "UTC+1"}],
               "DataBackfillOrRerunTimeOutExtInfo": [{"RuleType": 1, "Type": 1, "Hour": 1}]},
           AlarmGroups=[
               {"AlarmRecipientType": 2, "AlarmWays": ["10"], "WebHooks": [{"AlarmWay": "10", "WebHooks": [SLACK, OTHER]}],
                "AlarmEscalationInterval": 15, "AlarmEscalationRecipientIds": ["lead@example.com"],
                "NotificationFatigue": {"NotifyCount": 3, "NotifyInterval": 10, "QuietIntervals": [
                    {"DaysOfWeek": [6, 7], "StartTime": "00:00:00", "EndTime": "08:00:00"}]}},
               {"AlarmRecipientType": 1, "AlarmRecipientIds": ["a@example.com"], "AlarmWays": ["1"]}])
    c.call("CreateOpsAlarmRule", AlarmRuleName="on_flow", MonitorObjectType=2, MonitorObjectIds=[c.flow],
           AlarmTypes=["success"], AlarmRuleDetail={"MonitorWhiteTasks": [{"MonitorObjectId": c.flow, "TaskIds": [c.ids["draft"]]}]},
           AlarmGroups=[{"AlarmRecipientType": 2, "AlarmWays": ["6"], "WebHooks": [{"AlarmWay": "6", "WebHooks": [HTTP]}]}])
    off = c.call("CreateOpsAlarmRule", AlarmRuleName="all", MonitorObjectType=3, MonitorObjectIds=[c.project],
                 AlarmTypes=["failure"], AlarmGroups=[{"AlarmRecipientIds": ["100000000001"]}],
                 AlarmRuleDetail={"MonitorWhiteTasks": [{"MonitorObjectId": c.project, "TaskIds": [c.ids["running"]]}]})
    c.call("UpdateOpsAlarmRule", AlarmRuleId=off["AlarmRuleId"], Status=0)
    c.call("CreateOpsAlarmRule", AlarmRuleName="changes", MonitorObjectType=7, MonitorObjectIds=[c.project],
           AlarmTypes=["projectFailureInstanceUpwardFluctuationAlarm"], AlarmGroups=[{"AlarmRecipientIds": ["100000000001"]}],
           AlarmRuleDetail={"ProjectInstanceStatisticsAlarmInfoList": [
               {"AlarmType": "projectFailureInstanceUpwardFluctuationAlarm", "InstanceThresholdCountPercent": 10,
                "InstanceThresholdCount": 0, "StabilizeThreshold": 2, "StabilizeStatisticsCycle": 3, "IsCumulant": True}]})


def meaning(rule):
    """A rule without what is its project's own."""
    text = json.dumps({k: v for k, v in rule.items() if k not in ("AlarmRuleId", "MonitorObjectIds", "OwnerUin")})
    return json.loads(text)


def check_rules_travel(c, folder):
    """In another project the same rules are about what has the same names there."""
    first, second = os.path.join(folder, "rules"), os.path.join(folder, "rules2")
    out, _ = c.run("export", "--dir", first, "--hooks")
    assert sorted(os.listdir(os.path.join(first, "alarms"))) == ["all.json", "changes.json", "on_flow.json", "on_tasks.json"]
    rule = read(first, of_rule("on_tasks"))
    assert rule["Tasks"] == ["paused", "running"] and "MonitorObjectIds" not in rule and "Status" not in rule, rule
    assert rule["AlarmGroups"][0]["WebHooks"][0]["WebHooks"] == [SLACK, OTHER], rule
    assert read(first, of_rule("on_flow"))["AlarmRuleDetail"] == {"MonitorWhiteTasks": [{"Workflow": "flow", "Tasks": ["draft"]}]}
    assert read(first, of_rule("all"))["Status"] == 0
    unchanged(c, first)
    copy = Cli(WEFT, c.server, new_project(c.server, "rules_copy"))
    out, _ = copy.run("apply", first, "--yes")
    assert "created alarm rule on_tasks\n" in out, out
    unchanged(copy, first)
    ids = {i["TaskName"]: i["TaskId"] for i in copy.call("ListTasks", PageSize=100)["Items"]}
    here, there = rules(c), rules(copy)
    assert there["on_tasks"]["MonitorObjectIds"] == [ids["paused"], ids["running"]]
    assert there["changes"]["MonitorObjectIds"] == [copy.project]
    assert there["all"]["Status"] == 0 and there["on_flow"]["Status"] == 1
    assert meaning(here["on_tasks"]) == meaning(there["on_tasks"]), there["on_tasks"]
    assert there["all"]["AlarmRuleDetail"]["MonitorWhiteTasks"] == [{"MonitorObjectId": copy.project, "TaskIds": [ids["running"]]}]
    copy.run("export", "--dir", second, "--hooks")
    for name in os.listdir(os.path.join(first, "alarms")):
        assert read(first, f"alarms/{name}") == read(second, f"alarms/{name}"), name
    return copy, first


def check_rules_change(copy, folder):
    """Changed, made, deleted, each shown before it is done; what a file leaves out is taken back."""
    def change(v):
        v["AlarmTypes"] = ["failure"]
        v["Status"] = 0
        del v["AlarmRuleDetail"], v["Description"], v["AlarmLevel"]
        v["Tasks"].append("stopped")
    edit(folder, of_rule("on_tasks"), change)
    os.rename(os.path.join(folder, of_rule("all")), os.path.join(folder, of_rule("whole")))
    out, _ = copy.run("apply", folder, "--dry-run", "--prune", status=4)
    for line in ('    Tasks.2: (not set) -> "stopped"\n', "    Status: (not set) -> 0\n", "+ create alarm rule whole\n",
                 "- delete alarm rule all\n", "1 to create, 1 to change, 1 to delete, "):
        assert line in out, (line, out)
    copy.run("apply", folder, "--yes", "--prune")
    unchanged(copy, folder)
    now = rules(copy)
    assert set(now) == {"on_tasks", "on_flow", "changes", "whole"} and now["whole"]["Status"] == 0, sorted(now)
    assert (now["on_tasks"]["Status"], now["on_tasks"]["AlarmLevel"], now["on_tasks"]["Description"]) == (0, 1, ""), now
    # Files without any rule say nothing about rules.
    for name in os.listdir(os.path.join(folder, "alarms")):
        os.remove(os.path.join(folder, "alarms", name))
    out, _ = copy.run("apply", folder, "--yes", "--prune")
    assert out.startswith(NOTHING) and len(rules(copy)) == 4, out


def check_secrets(c, folder):
    """What is in git, on a terminal, or in the log of a pipeline is no address of a hook."""
    safe = os.path.join(folder, "safe")
    c.run("export", "--dir", safe)
    text = "".join(open(os.path.join(top, n), encoding="utf-8").read() for top, _, names in os.walk(safe) for n in names)
    assert "s3cret" not in text and "0ther" not in text and '"https://hooks.slack.com/..."' in text
    unchanged(c, safe)
    edit(safe, of_rule("on_tasks"), lambda v: v.update(Description="day"))
    c.run("apply", safe, "--yes")  # the server keeps the addresses that it has
    assert rules(c)["on_tasks"]["AlarmGroups"][0]["WebHooks"][0]["WebHooks"] == [SLACK, OTHER]
    assert rules(c)["on_tasks"]["Description"] == "day"
    edit(safe, of_rule("on_tasks"), lambda v: v["AlarmGroups"][0]["WebHooks"][0].update(WebHooks=[SLACK + "new"]))
    out, err = c.run("apply", safe, "--dry-run", status=4)
    assert "s3cret" not in out + err and "0ther" not in out + err, (out, err)
    out, _ = c.run("apply", safe, "--dry-run", "--json", status=4)
    assert "s3cret" not in out and "0ther" not in out, out
    stranger = Cli(WEFT, c.server, new_project(c.server, "secrets_copy"))
    _, err = stranger.run("apply", safe, "--yes", status=2)
    assert "alarms/on_flow.json:" in err and ": AlarmGroups.0.WebHooks.0.WebHooks.0: the server has no address that" in err, err
    assert stranger.call("ListTasks")["TotalCount"] == 0


def check_broken_rules(c, folder):
    rows = [
        ('{"Tasks": ["paussed"], "AlarmTypes": ["failure"], "AlarmGroups": []}', "there is no task paussed; did you mean paused?"),
        ('{"MonitorObjectType": 2, "Tasks": ["paused"], "AlarmTypes": ["failure"], "AlarmGroups": []}',
         "Tasks: they go with MonitorObjectType 1"),
        ('{"AlarmTypes": ["failure"], "AlarmGroups": []}', "Tasks: which? A rule of MonitorObjectType 1 names its tasks"),
        ('{"Tasks": ["paused"], "AlarmTypes": "failure", "AlarmGroups": []}', "AlarmTypes: it must be a list of texts"),
        ('{"Tasks": ["paused"], "AlarmTypes": ["failure"], "AlarmGroups": [{"AlarmWay": ["1"]}]}',
         "AlarmGroups.0.AlarmWay: there is no such member here; did you mean AlarmWays?"),
    ]
    for text, said in rows:
        with open(os.path.join(folder, of_rule("broken")), "w", encoding="utf-8") as f:
            f.write(text)
        _, err = c.run("apply", folder, "--yes", status=2)
        assert "alarms/broken.json:1: " in err and said in err, err
    with open(os.path.join(folder, of_rule("broken")), "w", encoding="utf-8") as f:
        f.write('{"Tasks": ["paused"],\n"AlarmTypes": ["nothing"],\n"AlarmGroups": [{"AlarmRecipientIds": ["1"]}]}')
    _, err = c.run("apply", folder, "--yes", status=1)
    assert "there is no alarm type `nothing` (alarms/broken.json:2)" in err, err
    os.remove(os.path.join(folder, of_rule("broken")))


def main():
    signal.alarm(200)  # nothing here may wait for ever
    with tempfile.TemporaryDirectory(prefix="weft-state-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        c = make_world(server)
        first = check_states_travel(c, folder)
        check_moves(c, first)
        check_silence(c, first)
        check_impossible_states(c, first)
        make_rules(c)
        copy, files = check_rules_travel(c, folder)
        check_rules_change(copy, files)
        check_secrets(c, folder)
        check_broken_rules(c, os.path.join(folder, "safe"))
    print("project state: there and back")


if __name__ == "__main__":
    main()
