"""test/trial/asking.py - operations that try what a rerun and a backfill can be asked for; what each checks stands in its first
line."""
from look import DAYS, check_apart, keys, log_lines, rounds
from project import DAY, data
from world import wait_for

EVENT = {"EventName": "trial", "EventSubType": "DAY", "EventBroadcastType": "BROADCAST"}


def workflow(trial, tasks, name, **more):
    tasks.ids[name] = trial.ask("CreateWorkflow", WorkflowName=name, ParentFolderPath="/", **more)["WorkflowId"]
    tasks.flows[name] = []


def counts(trial, wanted):
    return [len(rounds(trial, key)) for key in wanted]


def scope(trial, tasks):
    """How far a rerun goes, which parents it asks, whether it listens to events (5.7); a backfill that listens (7.1)."""
    for name in ("scope_0", "far_0"):
        workflow(trial, tasks, name)
    first = tasks.add("scope_0", "says", DAY)
    second = tasks.add("scope_0", "says", DAY, [first])
    far = tasks.add("far_0", "says", DAY, [first])
    day = next(DAYS)
    wanted = trial.backfill([first, second, far], day)
    trial.reaches(wanted, "COMPLETED")
    expected = [1, 1, 1]
    for asked, reached in (("WORKFLOW", (0, 1)), (None, (0, 1)), ("PROJECT", (0, 1, 2)), ("ALL", (0, 1, 2))):
        more = {"SonRangeType": asked} if asked else {}
        done = trial.job("SUCCESS", "RerunTaskInstancesAsync", InstanceKeyList=wanted[:1], RerunType="2", **more)
        trial.expect(done["TotalSubProcessCount"] == len(reached), f"{asked} reaches {done}")
        expected = [n + (i in reached) for i, n in enumerate(expected)]
        trial.reaches(wanted, "COMPLETED")
        trial.expect(counts(trial, wanted) == expected, f"{asked}: {counts(trial, wanted)} rounds, not {expected}")

    up = tasks.add("scope_0", "fails", DAY)
    down = tasks.add("scope_0", "quick", DAY, [up])
    wanted = trial.backfill([up, down], day)
    trial.reaches(wanted[:1], "EXPIRED")
    trial.reaches(wanted[1:], "COMPLETED")
    for asked, state in (("NONE", "COMPLETED"), ("MAKE_SCOPE", "COMPLETED"), ("ALL", "WAIT_UPSTREAM")):
        before = counts(trial, wanted[1:])
        trial.job("SUCCESS", "RerunTaskInstancesAsync", InstanceKeyList=wanted[1:], CheckParentType=asked)
        wait_for(lambda n=before, s=state: counts(trial, wanted[1:]) > n and trial.state(wanted[1]) == s, saying=f"{asked}: {state}")
    trial.hit()
    trial.expect(trial.state(wanted[1]) == "WAIT_UPSTREAM", "a start released what waits for a failed parent")
    trial.job("SUCCESS", "SetSuccessTaskInstancesAsync", InstanceKeyList=wanted[:1])
    trial.kills |= set(wanted[:1])
    trial.reaches(wanted, "COMPLETED")

    data(trial.call("RegisterDsEvent", {"ProjectId": trial.project, "Name": "trial", "EventSubType": "DAY", "TimeToLive": "3",
                                        "TimeUnit": "DAYS", "Owner": "1", "Description": "of the trial"}, "2021-08-20"))
    listens = tasks.add("scope_0", "says", DAY, EventListenerList=[EVENT])
    (key,) = trial.backfill([listens], day)
    trial.reaches([key], "COMPLETED")                 # without a word a backfill does not listen
    trial.job("SUCCESS", "RerunTaskInstancesAsync", InstanceKeyList=[key], SkipEventListening=False)
    trial.reaches([key], "WAIT_EVENT")
    trial.kill([key])
    (other,) = trial.backfill([listens], next(DAYS), SkipEventListening=False)
    trial.reaches([other], "WAIT_EVENT")
    trial.hit()
    data(trial.call("TriggerDsEvent", {"ProjectId": trial.project, "EventCaseList": [
        {"CaseId": "", "Name": "trial", "Dimension": other.split("_")[1][:10].replace("-", ""), "CreationTs": "", "ConsumerId": "",
         "Description": ""}]}, "2021-08-20"))
    trial.reaches([other], "COMPLETED")
    return f"{sum(expected)} rounds of 3 instances"


def fields(trial, tasks):
    """A plan with every field is what was asked for, and acts on it (7.1); deleted, it ends what lives, waits and is retried (7.2)."""
    said = tasks.flows["scope_0"][0]
    group = data(trial.call("CreateResourceGroup", {
        "Name": "trial", "Type": {"ResourceGroupType": "Schedule", "Schedule": {"Specification": "s_test", "Number": 4}},
        "AutoRenewEnabled": False, "PurchasePeriod": 1, "VpcId": "", "SubNet": "", "ResourceRegion": ""}))["ResourceGroupId"]
    asked = {"DataBackfillPlanName": "every field", "CheckParentType": "MAKE_SCOPE", "SkipEventListening": False,
             "RedefineSelfWorkflowDependency": "no", "RedefineParallelNum": 1, "SchedulerResourceGroupId": group,
             "RedefineParamList": [{"K": "word", "V": "field"}], "DataTimeOrder": "REVERSE", "RedefineCycleType": "MONTH_CYCLE",
             "DataBackfillRangeList": [{"StartDate": "2024-01-15", "EndDate": "2024-05-01", "ExecutionStartTime": "00:00",
                                        "ExecutionEndTime": "12:00"}], "TaskIds": [said.id]}
    plan = trial.ask("CreateDataBackfillPlan", TimeZone="UTC+9", **asked)["DataBackfillPlanId"]
    wanted = [f"{said.id}_2024-{month:02}-01 00:00:00" for month in (2, 3, 4, 5)]
    wait_for(lambda: trial.ask("GetDataBackfillPlan", DataBackfillPlanId=plan)["CompletePercent"] == 100, saying="the plan")
    found = trial.ask("GetDataBackfillPlan", DataBackfillPlanId=plan)
    trial.expect({name: found[name] for name in asked} == asked, f"the plan has {found}")
    listed = trial.items("ListDataBackfillInstances", DataBackfillPlanId=plan, TaskId=said.id)
    trial.expect([item["CurRunDate"] for item in listed] == [key.split("_")[1] for key in wanted], f"its instances: {listed}")
    trial.expect({trial.instance(key)["ExecutorGroupId"] for key in wanted} == {group}, "they ran in the group of the plan")
    words = [text for key in wanted for _, text in log_lines(trial, key) if text.startswith("say ")]
    trial.expect(words == ["say field"] * 4, f"the parameter of the plan: {words}")
    check_apart(trial, wanted, 1)
    begun = [m[4] for m in trial.world.marks() if m[0] == "b" and m[4] in wanted]
    trial.expect(begun == wanted[::-1], f"backwards: {begun}")

    flow, day = tasks.flows["retry_0"], next(DAYS)
    chosen = [tasks.all("sleep")[1], flow[0], flow[1], said]
    plan = trial.ask("CreateDataBackfillPlan", TaskIds=[task.id for task in chosen], CheckParentType="ALL",
                     DataBackfillRangeList=[{"StartDate": day, "EndDate": day}])["DataBackfillPlanId"]
    wanted = keys(chosen, day)
    for key, state in zip(wanted, ("RUNNING", "FAILED_RETRY", "WAIT_UPSTREAM", "COMPLETED")):
        trial.reaches([key], state)
    trial.kills |= set(wanted[:3])
    done = trial.job("SUCCESS", "DeleteDataBackfillPlanAsync", hit=True, DataBackfillPlanId=plan)
    trial.expect(done["TotalSubProcessCount"] == 4, f"the plan and three that live: {done}")
    states = [trial.state(key) for key in wanted]
    trial.expect(states == ["EXPIRED"] * 3 + ["COMPLETED"], f"after the plan was deleted: {states}")
    return f"{len(asked) + 1} fields"


def manual(trial, tasks):
    """Runs of a manual workflow (1.8): in order, with parameters, of some tasks, again, and deleted while they live."""
    name = "manual_0"
    workflow(trial, tasks, name, WorkflowType="manual")
    first = tasks.add(name, "says", DAY)
    second = tasks.add(name, "quick", DAY, [first])
    slow = tasks.add(name, "sleeps", DAY, [second])
    times = ["2026-06-01 10:20:30", "2030-06-02 00:00:00"]

    def run(wanted, at, **more):
        scope = {"TriggerScope": "SPECIFIED_TASK", "TaskIds": [task.id for task in wanted]} if wanted else {"TriggerScope": "ENTIRE_WORKFLOW"}
        made = data(trial.call("TriggerManualTasks", {
            "ProjectId": trial.project, "WorkflowId": tasks.ids[name], "TriggerName": "trial", "DataTimeList": at, **scope, **more},
            "2021-08-20"))
        trial.expect(made["InstanceCnt"] == len(wanted or tasks.flows[name]) * len(at), f"the record of a run: {made}")
        return made["TriggerId"]

    pair = [f"{task.id}_{at}" for at in times for task in (first, second)]
    run([first, second], times, CustomParams=[{"K": "word", "V": "manual"}])
    trial.hit()
    trial.reaches(pair, "COMPLETED")
    words = [text for key in pair[::2] for _, text in log_lines(trial, key) if text.startswith("say ")]
    trial.expect(words == ["say manual"] * 2, f"the parameter of the run: {words}")
    marks = [(m[0], m[4]) for m in trial.world.marks()]
    for up, down in zip(pair[::2], pair[1::2]):
        trial.expect(marks.index(("b", down)) > marks.index(("e", up)), f"{down} began before the end of {up}")
    run([second], times[:1])
    wait_for(lambda: counts(trial, pair) == [1, 2, 1, 1], saying="the next round")
    trial.expect([item["RunType"] for item in rounds(trial, pair[1])] == ["MANUAL_TRIGGER"] * 2, f"rounds: {rounds(trial, pair[1])}")

    plan = run(None, times)
    lives = [f"{slow.id}_{at}" for at in times]
    trial.reaches(lives, "RUNNING")
    trial.kills |= set(lives)
    trial.job("SUCCESS", "DeleteDataBackfillPlanAsync", hit=True, DataBackfillPlanId=plan)
    trial.expect([trial.state(key) for key in lives + pair] == ["EXPIRED"] * 2 + ["COMPLETED"] * 4, "what a deleted run left")
    made = len(trial.items("ListTaskInstances", Keyword=first.id))
    trial.expect(made == 2, f"{made} instances of a task that was asked to run for two times")
    return f"{sum(counts(trial, pair + lives))} rounds of {len(pair + lives)} instances"
