"""test/trial/project.py - the project of the trial: workflows of every shape, tasks of every temper.

Every task's code stands between the marks of test/kill/world.py, so that afterwards it is known what ran, and when.
"""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kill"))
from world import data  # noqa: E402

# A third of the attempts fails, always the same ones.
AT_RANDOM = '''n=$(printf %s "$WEFT_INSTANCE_KEY $WEFT_ROUND $WEFT_ATTEMPT" | cksum | cut -d' ' -f1)
[ $((n % 3)) -ne 0 ] || { echo "ERROR unlucky"; m e; exit 3; }'''
CODES = {
    "quick": "true",
    "random": AT_RANDOM,
    "fails": "m e; exit 4",
    "sleeps": "sleep 600",
    "stubborn": "trap '' TERM\nfor i in $(seq 600); do sleep 1; done",
    "writes": 'seq 20000\necho "WARN odd"\necho "DEBUG deep"\nfor i in 1 2 3; do echo "problem $i" >&2; done',
    "says": 'echo "say ${word}"',
}
DAY = {"CycleType": "DAY_CYCLE", "SelfDepend": "parallel", "MaxRetryAttempts": "0"}
MINUTE = {"CycleType": "MINUTE_CYCLE", "CrontabExpression": "0 0/1 * * * ? *", "SelfDepend": "parallel", "MaxRetryAttempts": "5",
          "RetryWait": "0"}
TICK = {"CycleType": "CRONTAB_CYCLE", "CrontabExpression": "0/5 * * * * ? *", "MaxRetryAttempts": "5", "RetryWait": "0"}
PAIRS = {"DAY_CYCLE": ("DAY", "CURRENT_DAY"), "MINUTE_CYCLE": ("MINUTE", "CURRENT_MINUTE"), "CRONTAB_CYCLE": ("CRONTAB", "CURRENT")}


class Task:
    def __init__(self, name, kind, workflow, schedule, ups):
        self.name, self.kind, self.workflow, self.schedule, self.ups = name, kind, workflow, schedule, ups
        self.id = None


class Project:
    """self.flows: {name: [Task]}; the shape of a workflow is its name without the number."""

    def __init__(self, trial, width, copies):
        self.trial, self.flows, self.ids = trial, {}, {}
        for shape, build in (("chain", self.chain), ("diamond", self.diamond), ("tick", self.ticks), ("minute", self.minutes),
                             ("sleep", self.sleepers), ("stubborn", self.stubborn), ("write", self.writers),
                             ("retry", self.retriers)):
            for n in range(copies.get(shape, 1)):
                name = f"{shape}_{n}"
                self.ids[name] = trial.ask("CreateWorkflow", WorkflowName=name, ParentFolderPath="/")["WorkflowId"]
                self.flows[name] = []
                build(name, width)

    def all(self, shape=None):
        return [task for name, tasks in self.flows.items() if shape in (None, name.split("_")[0]) for task in tasks]

    def add(self, flow, kind, schedule, ups=(), **more):
        task = Task(f"{flow}_{len(self.flows[flow])}", kind, flow, {**schedule, **more}, list(ups))
        main, sub = PAIRS[schedule["CycleType"]]
        scheduler = {"StartTime": "2025-01-01 00:00:00", **task.schedule, "UpstreamDependencyConfigList": [
            {"TaskId": up.id, "MainCyclicConfig": main, "SubordinateCyclicConfig": sub} for up in ups]}
        code = self.trial.world.marking(CODES[kind])
        task.id = data(self.trial.call("CreateTask", {
            "ProjectId": self.trial.project, "TaskBaseAttribute": {"TaskName": task.name, "TaskTypeId": "35",
                                                                   "WorkflowId": self.ids[flow]},
            "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode(), "TaskSchedulingParameterList": [
                {"ParamKey": "word", "ParamValue": "plain"}]},
            "TaskSchedulerConfiguration": scheduler}))["TaskId"]
        self.trial.ask("SubmitTask", TaskId=task.id, VersionRemark="trial")
        self.flows[flow].append(task)
        return task

    def chain(self, flow, width):
        last = []
        for _ in range(width):
            last = [self.add(flow, "says", DAY, last)]

    def diamond(self, flow, width):
        top = self.add(flow, "quick", DAY)
        sides = [self.add(flow, "says", DAY, [top]) for _ in range(width - 2)]
        self.add(flow, "quick", DAY, sides)

    def ticks(self, flow, width):
        last = []
        for n in range(width):
            last = [self.add(flow, "random", TICK, last if n % 3 else [], SelfDepend=("parallel", "serial", "orderly")[n % 3])]

    def minutes(self, flow, width):
        last = []
        for n in range(width):
            last = [self.add(flow, "random" if n % 2 else "quick", MINUTE, last)]

    def sleepers(self, flow, width):
        for _ in range(width):
            self.add(flow, "sleeps", DAY)

    def stubborn(self, flow, width):
        for n in range(width):
            self.add(flow, "stubborn" if n < 2 else "sleeps", DAY)

    def writers(self, flow, width):
        for _ in range(width):
            self.add(flow, "writes", DAY)

    def retriers(self, flow, width):
        """Every second one waits for one that is retried for hours."""
        for n in range(0, width - 1, 2):
            up = self.add(flow, "fails", DAY, MaxRetryAttempts="3", RetryWait="60")
            self.add(flow, "quick", DAY, [up])
        self.add(flow, "fails", DAY)
