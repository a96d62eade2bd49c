"""test/trial/operations.py - what an operator does, one function each; what it checks stands in its first line."""
import re
import time

from asking import fields, manual, scope  # noqa: F401  (they stand in ALL)
from look import DAYS, check_apart, keys, log_lines, log_round, rounds
from project import data
from world import wait_for

ALL = ("alarms_on", "graph", "live", "phases", "logs", "neighbours", "kill", "success", "rerun", "scope", "alarms_up", "pause", "stop",
       "owner", "backfill", "fields", "manual", "delete", "alarms_told")  # in this order: each finds what those before it left


# ---- what is there -----------------------------------------------------------------------------

def graph(trial, tasks):
    """ListOpsWorkflows, GetOpsWorkflow and the neighbours of every task are the graph that was submitted (1.6, 1.7)."""
    listed = {item["WorkflowId"]: item for item in trial.items("ListOpsWorkflows", size=3)}
    for name, flow in tasks.flows.items():
        item = listed.get(tasks.ids[name])
        if trial.expect(item, f"ListOpsWorkflows does not list {name}"):
            trial.expect((item["Status"], item["TaskCount"], item["WorkflowName"]) == ("ALL_RUNNING", len(flow), name),
                         f"ListOpsWorkflows: {item}")
        one = trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids[name])
        trial.expect((one["Status"], one["WorkflowName"]) == ("ALL_RUNNING", name), f"GetOpsWorkflow of {name}: {one}")
    for task in tasks.all():
        ups = {item["TaskId"] for item in trial.items("ListUpstreamOpsTasks", text=True, TaskId=task.id)}
        downs = {item["TaskId"] for item in trial.items("ListDownstreamOpsTasks", text=True, TaskId=task.id)}
        trial.expect(ups == {up.id for up in task.ups}, f"upstreams of {task.name}: {ups}")
        trial.expect(downs == {other.id for other in tasks.all() if task in other.ups}, f"downstreams of {task.name}: {downs}")
    listed = {item["TaskId"] for item in trial.items("ListOpsTasks", text=True)}
    trial.expect({task.id for task in tasks.all()} <= listed, "ListOpsTasks lacks some")
    return f"{len(tasks.all())} tasks"


def live(trial, tasks):
    """Instances come to life, wait, are retried; those that fail at random are COMPLETED in the end or EXPIRED after their
    last try (5.3, 5.4)."""
    trial.day = next(DAYS)
    trial.backfill(tasks.all("sleep")[:6] + tasks.all("stubborn")[:3] + tasks.all("write") + tasks.all("retry"), trial.day,
                   CheckParentType="ALL")
    trial.reaches(keys(tasks.all("sleep")[:3] + tasks.all("stubborn")[:2], trial.day), "RUNNING")
    trial.reaches(keys([task for task in tasks.all("retry") if task.kind == "fails" and task.schedule.get("RetryWait")], trial.day),
                  "FAILED_RETRY")
    trial.reaches(keys([task for task in tasks.all("retry") if task.ups], trial.day), "WAIT_UPSTREAM")
    for task in (task for task in tasks.all("retry") if task.ups):
        said = data(trial.call("ExplainTaskInstance", {"ProjectId": trial.project, "InstanceKey": keys([task], trial.day)[0]}, "weft-1"))
        trial.expect([one["Kind"] for one in said["Conditions"]] == ["UPSTREAM"] and said["Conditions"][0]["TaskId"] == task.ups[0].id,
                     f"the explanation of {task.name}: {said}")
    trial.reaches(keys(tasks.all("write"), trial.day), "COMPLETED")
    ticks = [task for task in tasks.all("tick")]
    wait_for(lambda: len(trial.items("ListTaskInstances", Keyword=ticks[0].id)) >= 2, saying="two ticks")
    trial.hit()
    for item in trial.items("ListTaskInstances", InstanceState="EXPIRED"):
        if item["TaskId"] in {task.id for task in ticks}:
            trial.expect(item["Tries"] == item["TryLimit"] == 6, f"EXPIRED before its last try: {item}")
    return "running, waiting, retrying and finished"


def phases(trial, tasks):
    """Rounds have their phases in order, the last one says the state; the counts agree with them (5.10)."""
    looked = 0
    for shape in ("sleep", "stubborn", "write", "retry"):
        for key in keys(tasks.all(shape)[:3], trial.day):
            item = trial.ask("GetTaskInstance", InstanceKey=key)
            (one,) = rounds(trial, key)
            times = [at for phase in one["ExecutionPhaseList"] for at in (phase["StartTime"], phase["EndTime"]) if at is not None]
            last = one["ExecutionPhaseList"][-1]["DetailState"]
            trial.expect(times == sorted(times), f"phases of {key} are out of order: {one}")
            wanted = {"COMPLETED": "COMPLETE", "FAILED_RETRY": "FAILED"}.get(item["InstanceState"], item["InstanceState"])
            trial.expect(last == wanted, f"the last phase of {key} is {last}, its state {item['InstanceState']}")
            trial.expect((one["LifeRoundNum"], one["RunType"], one["Tries"]) == (0, "ADDITION", item["Tries"]), f"{one} of {item}")
            runs = sum(phase["DetailState"] == "RUNNING" for phase in one["ExecutionPhaseList"])
            trial.expect(runs == one["Tries"], f"{key}: {runs} phases RUNNING, {one['Tries']} tries")
            looked += 1
    return f"{looked} rounds"


def logs(trial, tasks):
    """A log that was written much has every line once, by level and by cursor; one that grows can be followed (5.10)."""
    for key in keys(tasks.all("write")[:2], trial.day):
        lines = [text for _, text in log_lines(trial, key)]
        numbers = [int(text) for text in lines if text.isdigit()]
        trial.expect(numbers == list(range(1, 20001)), f"{len(numbers)} numbers in the log of {key}")
        trial.expect(log_lines(trial, key, "Warn") == [["WARN", "WARN odd"]], f"Warn: {log_lines(trial, key, 'Warn')}")
        trial.expect(log_lines(trial, key, "Debug") == [["DEBUG", "DEBUG deep"]], f"Debug: {log_lines(trial, key, 'Debug')}")
        problems = [text for level, text in log_lines(trial, key, "Error") if level == "ERROR"]
        trial.expect(problems == [f"problem {n}" for n in (1, 2, 3)], f"Error: {problems}")
    key = keys(tasks.all("sleep")[:1], trial.day)[0]
    first = trial.ask("GetTaskInstanceLog", InstanceKey=key)
    trial.expect(first["NextCursor"] is not None and " begin\n" in first["LogInfo"], f"the log of one that runs: {first}")
    again = trial.ask("GetTaskInstanceLog", InstanceKey=key, NextCursor=first["NextCursor"])
    trial.expect(again["LogInfo"] == "" and again["NextCursor"], f"nothing was written since: {again}")
    trial.refused("InvalidParameterValue", "GetTaskInstanceLog", InstanceKey=key, NextCursor="not a cursor")
    return "2 whole logs, one that grows"


def neighbours(trial, tasks):
    """Upstream and downstream instances are the direct ones of the same data time (5.10)."""
    day = next(DAYS)
    flows = [flow for name, flow in tasks.flows.items() if name.startswith("diamond")][:1]
    for flow in flows:
        trial.backfill(flow, day, CheckParentType="MAKE_SCOPE")
        trial.reaches(keys(flow, day), "COMPLETED")
        for task in flow:
            key = keys([task], day)[0]
            ups = {item["InstanceKey"] for item in trial.items("ListUpstreamTaskInstances", InstanceKey=key)}
            downs = {item["InstanceKey"] for item in trial.items("ListDownstreamTaskInstances", InstanceKey=key)}
            trial.expect(ups == set(keys(task.ups, day)), f"upstream instances of {key}: {ups}")
            trial.expect(downs == set(keys([other for other in flow if task in other.ups], day)), f"downstream instances of {key}: {downs}")
        begun = {m[4]: n for n, m in enumerate(trial.world.marks()) if m[0] == "b"}
        for task in flow:
            for up in task.ups:
                trial.expect(begun[keys([up], day)[0]] < begun[keys([task], day)[0]], f"{task.name} began before {up.name}")
    return f"{len(flows)} diamonds"


# ---- instances ---------------------------------------------------------------------------------

def kill(trial, tasks):
    """Running, stubborn, waiting, retrying and finished ones in one request: all SUCCESS, none lives (5.6)."""
    chosen = tasks.all("sleep")[:3] + tasks.all("stubborn")[:0 if trial.short else 2] + tasks.all("retry")[:2] + tasks.all("write")[:1]
    wanted = keys(chosen, trial.day)
    trial.kills |= set(wanted)
    done = trial.job("SUCCESS", "KillTaskInstancesAsync", hit=True, InstanceKeyList=wanted)
    trial.expect(done["TotalSubProcessCount"] == len(wanted), f"the job counts {done}")
    states = [trial.state(key) for key in wanted]
    trial.expect(states == ["EXPIRED"] * (len(wanted) - 1) + ["COMPLETED"], f"after the kill: {states}")
    error = trial.instance(wanted[0])["JobErrorMsg"] or ""
    trial.expect("terminated" in error, f"why it ended: {error}")
    said = trial.refused("ResourceNotFound", "KillTaskInstancesAsync", InstanceKeyList=[wanted[0], "20200101000000000_2025-01-01 00:00:00"])
    trial.expect("InstanceKeyList.1" in said, f"which one is missing: {said}")
    return f"{len(wanted)} at once"


def success(trial, tasks):
    """One that runs is refused, by its key; the others are COMPLETED, and who waited for them goes on (5.8)."""
    runs, failed = tasks.all("sleep")[3], tasks.all("retry")
    retrying, waiting = failed[2], failed[3]
    wanted = keys([runs, retrying, tasks.all("write")[1], failed[0]], trial.day)
    done = trial.job("PART_SUCCESS", "SetSuccessTaskInstancesAsync", InstanceKeyList=wanted)
    trial.expect(done["SuccessSubProcessCount"] == 3 and wanted[0] in done["ErrorDesc"], f"the job: {done}")
    trial.expect([trial.state(key) for key in wanted] == ["RUNNING"] + ["COMPLETED"] * 3, "states after set success")
    trial.reaches(keys([waiting], trial.day), "COMPLETED")
    trial.kills |= set(wanted)
    return "3 of 4"


def rerun(trial, tasks):
    """Self, children, both; parallelism, a parameter, upstreams left out; rounds and their order (5.7)."""
    flow, day = tasks.flows["chain_0"], next(DAYS)
    all_keys = trial.backfill(flow, day, CheckParentType="MAKE_SCOPE")
    trial.reaches(all_keys, "COMPLETED")

    def counts():
        return [len(rounds(trial, key)) for key in all_keys]

    def settled(expected, what):
        wait_for(lambda: all(trial.state(key) == "COMPLETED" for key in all_keys), saying=what)
        trial.expect(counts() == expected, f"{what}: rounds {counts()}, not {expected}")

    n = len(flow)
    trial.job("SUCCESS", "RerunTaskInstancesAsync", InstanceKeyList=[all_keys[1]])
    settled([1, 2] + [1] * (n - 2), "rerun of one")
    trial.job("SUCCESS", "RerunTaskInstancesAsync", InstanceKeyList=[all_keys[2]], RerunType="3")
    settled([1, 2, 1] + [2] * (n - 3), "rerun of its children")
    done = trial.job("SUCCESS", "RerunTaskInstancesAsync", hit=True, InstanceKeyList=[all_keys[0]], RerunType="2",
                     RedefineParallelNum=1, RedefineParamList={"K": "word", "V": "other"})
    trial.expect(done["TotalSubProcessCount"] == n, f"self and children: {done}")
    settled([2, 3, 2] + [3] * (n - 3), "rerun of all")
    said = [text for key in all_keys for _, text in log_lines(trial, key) if text.startswith("say ")]
    trial.expect(said == ["say other"] * n, f"the parameter of the rerun: {said}")
    code = trial.ask("GetTaskInstanceLog", InstanceKey=all_keys[0])["CodeContent"]
    trial.expect("say other" in code, f"CodeContent is not what ran: {code[-200:]}")
    (old,) = [text for _, text in log_round(trial, all_keys[0], 0) if text.startswith("say ")]
    trial.expect(old == "say plain", f"round 0 said {old}")
    check_apart(trial, all_keys, 1)
    active = keys([tasks.all("sleep")[3]], trial.day)
    done = trial.job("FAIL", "RerunTaskInstancesAsync", InstanceKeyList=active)
    trial.expect(active[0] in done["ErrorDesc"] and "RUNNING" in done["ErrorDesc"], f"why not: {done['ErrorDesc']}")
    return f"{sum(counts())} rounds of {n} instances"


# ---- tasks -------------------------------------------------------------------------------------

def times_of(trial, task):
    found = [item["CurRunDate"] for item in trial.items("ListTaskInstances", Keyword=task.id)]
    trial.expect(len(found) == len(set(found)), f"{task.name} has an instance twice")
    return sorted(time.mktime(time.strptime(at, "%Y-%m-%d %H:%M:%S")) for at in found)


def holes(times, step=5):
    return [(a, b) for a, b in zip(times, times[1:]) if b - a != step]


def pause(trial, tasks):
    """Paused tasks make no instances; with make-up there is no hole afterwards, without one there is (1.6, 1.7)."""
    flow = tasks.flows["tick_0"]
    with_make_up, without = flow[0], flow[3]          # both on their own schedule, no upstream
    some = [with_make_up.id, without.id]
    wait_for(lambda: times_of(trial, with_make_up) and times_of(trial, without), saying="the first ticks")
    trial.job("SUCCESS", "PauseOpsTasksAsync", TaskIds=some)
    trial.expect(trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids["tick_0"])["Status"] == "PART_RUNNING", "partly paused")
    before = times_of(trial, with_make_up), times_of(trial, without)
    trial.job("SUCCESS", "PauseOpsTasksAsync", TaskIds=[task.id for task in flow])
    trial.expect(trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids["tick_0"])["Status"] == "ALL_FREEZED", "all paused")
    listed = trial.items("ListOpsWorkflows", Status="ALL_FREEZED")
    trial.expect([item["WorkflowName"] for item in listed] == ["tick_0"], f"filtered by ALL_FREEZED: {listed}")
    time.sleep(7 if trial.short else 15)
    trial.hit()
    trial.expect((times_of(trial, with_make_up), times_of(trial, without)) == before, "an instance came while paused")
    trial.refused("FailedOperation", "CreateDataBackfillPlan", TaskIds=[without.id],
                  DataBackfillRangeList=[{"StartDate": "2025-01-01", "EndDate": "2025-01-01"}])
    trial.expect(trial.ask("StartOpsTasks", TaskIds=[with_make_up.id], EnableDataBackfill=True)["Status"] is True, "start")
    trial.ask("StartOpsTasks", TaskIds=[task.id for task in flow if task is not with_make_up])
    wait_for(lambda: len(times_of(trial, without)) >= len(before[1]) + 2, saying="the ticks after the pause")
    trial.expect(not holes(times_of(trial, with_make_up)), f"holes in spite of make-up: {holes(times_of(trial, with_make_up))}")
    trial.expect(len(holes(times_of(trial, without))) == 1, f"holes without make-up: {holes(times_of(trial, without))}")
    types = {item["InstanceType"] for item in trial.items("ListTaskInstances", Keyword=with_make_up.id)}
    trial.expect(types == {1}, f"what was made up is not periodic: {types}")
    trial.expect(trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids["tick_0"])["Status"] == "ALL_RUNNING", "all started")
    return "one with make-up, one without"


def stop(trial, tasks):
    """Stopped without a kill, what runs goes on; with it, all is dead when the job says so, the stubborn too (1.6)."""
    flow, day = tasks.flows["stubborn_0"], next(DAYS)
    wanted = trial.backfill(flow[:4], day)
    trial.reaches(wanted, "RUNNING")
    trial.job("SUCCESS", "StopOpsTasksAsync", TaskIds=[task.id for task in flow[:4]])
    trial.expect([trial.state(key) for key in wanted] == ["RUNNING"] * 4, "a stop without a kill ended instances")
    trial.expect(trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids["stubborn_0"])["Status"] == "PART_RUNNING", "partly stopped")
    trial.kills |= set(wanted) | set(keys(flow, trial.day))
    begin = time.time()
    trial.job("SUCCESS", "StopOpsTasksAsync", hit=True, TaskIds=[task.id for task in flow], KillInstance=True)
    trial.expect([trial.state(key) for key in wanted] == ["EXPIRED"] * 4, "a stop with a kill left instances")
    seconds = time.time() - begin
    trial.expect(trial.ask("GetOpsWorkflow", WorkflowId=tasks.ids["stubborn_0"])["Status"] == "ALL_STOPPTED", "all stopped")
    said = trial.job("FAIL", "PauseOpsTasksAsync", TaskIds=[flow[0].id])["ErrorDesc"]
    trial.expect(flow[0].id in said and "stopped already" in said, f"why a stopped task is not paused: {said}")
    return f"dead after {seconds:.1f} s"


def owner(trial, tasks):
    """A new owner in every state, and nothing else changes (1.6)."""
    some = tasks.flows["stubborn_0"][:1] + tasks.flows["tick_0"][:1] + tasks.flows["chain_0"][:1]
    before = [trial.status(task) for task in some]
    trial.ask("UpdateOpsTasksOwner", TaskIds=[task.id for task in some], OwnerUin="100028579805;100028579806")
    trial.expect([trial.status(task) for task in some] == before == ["F", "Y", "Y"], f"states changed from {before}")
    for task in some:
        found = trial.ask("GetOpsTask", TaskId=task.id)["TaskBaseAttribute"]["OwnerUin"].strip(";")
        trial.expect(found == "100028579805;100028579806", f"the owner of {task.name} is {found}")
    return f"{len(some)} tasks"


def backfill(trial, tasks):
    """Many days and tasks in one plan, in order and in reverse, so many at once; its percentages only grow (7)."""
    flows = [flow for name, flow in tasks.flows.items() if name.startswith("chain")]
    chosen = [task for flow in flows for task in flow][:10 if trial.short else 50]
    days = 5 if trial.short else 30
    made = trial.ask("CreateDataBackfillPlan", TaskIds=[task.id for task in chosen], CheckParentType="MAKE_SCOPE", RedefineParallelNum=6,
                     DataTimeOrder="ORDER", DataBackfillRangeList=[{"StartDate": "2026-01-01", "EndDate": f"2026-01-{days:02}"}])
    plan, last, hit = made["DataBackfillPlanId"], [0, 0], [False]

    def over():
        found = trial.ask("GetDataBackfillPlan", DataBackfillPlanId=plan)
        now = [found["CompletePercent"], found["SuccessPercent"]]
        trial.expect(now >= last, f"the plan went back from {last} to {now}")
        last[:] = now
        if not hit[0] and now[0] > 30:
            hit[0] = True
            trial.hit()
        return found["CompletePercent"] == 100 and found

    found = wait_for(over, 600, saying="the end of the plan")
    trial.expect(found["SuccessPercent"] == 100 and found["EndTime"], f"the plan: {found}")
    for task in chosen[:3]:
        items = trial.items("ListDataBackfillInstances", size=7, DataBackfillPlanId=plan, TaskId=task.id)
        trial.expect([item["State"] for item in items] == ["COMPLETED"] * days, f"instances of the plan: {items[:2]}")
        trial.expect(all(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", item["CostTime"]) for item in items), f"CostTime: {items[:2]}")
    check_apart(trial, [f"{task.id}_2026-01-{day:02} 00:00:00" for task in chosen for day in range(1, days + 1)], 6)
    # One task alone, backwards, one at a time: its order is the order of its starts.
    for order in ("REVERSE", "ORDER"):
        first = "2026-02-01" if order == "ORDER" else "2026-03-01"
        plan = trial.ask("CreateDataBackfillPlan", TaskIds=[chosen[0].id], RedefineParallelNum=1, DataTimeOrder=order,
                         DataBackfillRangeList=[{"StartDate": first, "EndDate": first[:-2] + "06"}])["DataBackfillPlanId"]
        wait_for(lambda p=plan: trial.ask("GetDataBackfillPlan", DataBackfillPlanId=p)["CompletePercent"] == 100)
        begun = [m[4] for m in trial.world.marks() if m[0] == "b" and f"_{first[:7]}" in m[4]]
        trial.expect(begun == sorted(begun, reverse=order == "REVERSE") and len(begun) == 6, f"{order}: {begun}")
    # A plan that is deleted: what lives of it dies, what ended stays.
    plan = trial.ask("CreateDataBackfillPlan", TaskIds=[tasks.all("sleep")[0].id], RedefineParallelNum=2, DataBackfillRangeList=[
        {"StartDate": "2026-04-01", "EndDate": "2026-04-10"}])["DataBackfillPlanId"]
    lives = [f"{tasks.all('sleep')[0].id}_2026-04-{day:02} 00:00:00" for day in range(1, 11)]
    wait_for(lambda: sum(trial.state(key) == "RUNNING" for key in lives) == 2, saying="two that run")
    trial.kills |= set(lives)
    trial.job("SUCCESS", "DeleteDataBackfillPlanAsync", hit=True, DataBackfillPlanId=plan)
    trial.expect([trial.state(key) for key in lives] == ["EXPIRED"] * 10, "a deleted plan left instances")
    trial.refused("ResourceNotFound", "GetDataBackfillPlan", DataBackfillPlanId=plan)
    return f"{len(chosen)} tasks x {days} days"


def delete(trial, tasks):
    """In each state, with and without force: the task is gone, its instances stay readable, downstreams as the mode says."""
    flow = tasks.flows["retry_0"]
    day = next(DAYS)
    pairs = [(flow[0], flow[1], False), (flow[2], flow[3], True)]
    trial.backfill([task for up, down, _ in pairs for task in (up, down)], day, CheckParentType="ALL")
    trial.reaches(keys([flow[1], flow[3]], day), "WAIT_UPSTREAM")
    trial.job("SUCCESS", "PauseOpsTasksAsync", TaskIds=[flow[2].id])
    for up, down, mode in pairs:
        trial.kills |= set(keys([up, down], day)) | set(keys([up, down], trial.day))
        trial.ask("DeleteTask", TaskId=up.id, DeleteMode=mode)
        trial.refused("ResourceNotFound", "GetOpsTask", TaskId=up.id)
        (key,) = keys([down], day)
        trial.reaches([key], "COMPLETED" if mode else "EXPIRED")
        if not mode:
            trial.expect("deleted" in trial.instance(key)["JobErrorMsg"], f"why: {trial.instance(key)['JobErrorMsg']}")
        (gone,) = keys([up], day)
        trial.reaches([gone], "EXPIRED")              # its live instances are killed, and stay
        trial.expect(len(rounds(trial, gone)) == 1 and log_lines(trial, gone), f"the record of {gone}")
    stopped = tasks.flows["stubborn_0"][0]
    trial.ask("DeleteTask", TaskId=stopped.id)
    trial.hit()
    for task in (flow[0], flow[2], stopped):
        trial.refused("ResourceNotFound", "GetTask", TaskId=task.id)
        task.id = None
    for name in ("retry_0", "stubborn_0"):
        left = [task for task in tasks.flows[name] if task.id]
        listed = [item["TaskCount"] for item in trial.items("ListOpsWorkflows", KeyWord=name)]
        trial.expect(listed == [len(left)], f"TaskCount of {name}: {listed}")
    trial.refused("OperationDenied", "DeleteWorkflow", WorkflowId=tasks.ids["retry_0"])
    return "scheduling, paused and stopped"


# ---- alarms ------------------------------------------------------------------------------------

def alarms_on(trial, tasks):
    """A rule for the failures of one workflow, by HTTP and by mail; both receivers are down."""
    rule = trial.ask("CreateOpsAlarmRule", AlarmRuleName="trial", MonitorObjectType=2, MonitorObjectIds=[tasks.ids["retry_0"]],
                     AlarmTypes=["backTrackingOrRerunFailure"], AlarmRuleDetail={"DataBackfillOrRerunTrigger": 2},
                     AlarmGroups=[{"AlarmRecipientType": 2, "AlarmWays": ["1", "6"],
                                   "WebHooks": [{"AlarmWay": "6", "WebHooks": [trial.receiver.address]}]}])
    return rule["AlarmRuleId"]


def alarms_up(trial, tasks):
    """The receivers come back; what they refused waits for its next try."""
    del tasks
    trial.expect(trial.receiver.refused > 0 and trial.mailbox.refused > 0, "a receiver never refused a delivery")
    trial.receiver.up()
    trial.mailbox.up()
    return f"{trial.receiver.refused} and {trial.mailbox.refused} were refused"


def alarms_told(trial, tasks):
    """Every failed round of the workflow has its message, and each message arrived although the receiver was down (8)."""
    messages = trial.items("ListAlarmMessages")
    wanted = {("backTrackingOrRerunFailure", f"{one['TaskId']}_{one['CurRunDate']}") for one in messages}
    flow = {task.name: task for task in tasks.flows["retry_0"]}
    failed = {item["InstanceKey"] for item in trial.items("ListTaskInstances", InstanceState="EXPIRED", WorkflowId=tasks.ids["retry_0"])
              if item["TaskName"] in flow and flow[item["TaskName"]].id}
    told = {key for _, key in wanted}
    trial.expect(failed <= told, f"failed without a message: {sorted(failed - told)[:5]}")
    wait_for(lambda: wanted <= {one[:2] for one in trial.receiver.told()}, saying="the deliveries")
    wait_for(lambda: len(trial.mailbox.got) >= len(messages), saying="the mails")
    trial.expect(set(trial.mailbox.got) <= {f"<{uin}@trial.example>" for uin in ("100028579801", "100028579805", "100000000001")},
                 f"mails to {set(trial.mailbox.got)}")
    again = len(trial.receiver.received) - len(trial.receiver.told())
    return f"{len(messages)} messages, refused {trial.receiver.refused} times, {again} arrived twice"
