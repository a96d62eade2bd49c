#!/usr/bin/env python3
"""bench/run.py BUILD [ROUNDS] - the whole server measured: BUILD is a release build directory.

Prints the machine, then one line per figure with the median and the range of ROUNDS (3) rounds.
"""
import atexit
import base64
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "test", "wire"))
from wire import SECRET_ID, SECRET_KEY, Server  # noqa: E402

PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
GROUP = "20240416215649571819"
SLOTS, CHAIN = 16, 40
FIXTURE = os.path.join(HERE, "..", "examples", "fixture.json")


class KeptServer(Server):
    """Its folder stays until the end of the program: a file system may give out the inodes of recently deleted files
    reluctantly (ext4 without a journal does), so that whoever deletes logs between rounds measures the deletion."""

    def remove(self):
        atexit.register(shutil.rmtree, self.data, ignore_errors=True)


def data(response):
    if "Error" in response:
        raise SystemExit(response["Error"])
    return response["Data"]


def task(server, name, code="true", shell="sh", **scheduler):
    made = data(server.call("CreateTask", {
        "ProjectId": PROJECT, "TaskBaseAttribute": {"TaskName": name, "TaskTypeId": "35", "WorkflowId": WORKFLOW},
        "TaskConfiguration": {"CodeContent": base64.b64encode(code.encode()).decode(), "ResourceGroup": GROUP,
                              "TaskExtConfigurationList": [{"ParamKey": "shell_type", "ParamValue": shell}]},
        "TaskSchedulerConfiguration": scheduler}))["TaskId"]
    data(server.call("SubmitTask", {"ProjectId": PROJECT, "TaskId": made, "VersionRemark": "bench"}))
    return made


def backfill(server, tasks, first, last, parents="MAKE_SCOPE"):
    """Seconds from the call to the last instance's end, and the number of instances."""
    begin = time.time()
    plan = data(server.call("CreateDataBackfillPlan", {
        "ProjectId": PROJECT, "TaskIds": tasks, "CheckParentType": parents,
        "DataBackfillRangeList": [{"StartDate": first, "EndDate": last}]}))["DataBackfillPlanId"]
    while True:
        found = data(server.call("GetDataBackfillPlan", {"ProjectId": PROJECT, "DataBackfillPlanId": plan}))
        if found["CompletePercent"] == 100:
            break
        time.sleep(0.02)
    seconds = time.time() - begin
    if found["SuccessPercent"] != 100:
        raise SystemExit("not every instance succeeded")
    total = sum(data(server.call("ListTaskInstances", {"ProjectId": PROJECT, "PageSize": 1, "Keyword": one}))["TotalCount"]
                for one in tasks)
    return seconds, total


def process_memory(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", file.read(), re.M))
    except PermissionError as error:  # src/sys/process.h
        raise SystemExit("only root can see the memory of a server: run the benchmark as root") from error
    return int(found["Rss"]) / 1024, int(found["Pss"]) / 1024


def report(name, values, unit):
    print(f"{name}: {statistics.median(values):.4g} {unit} ({min(values):.4g} to {max(values):.4g})", flush=True)


def measure_start(weft, rounds):
    first, rss, pss = [], [], []
    for _ in range(rounds * 3):
        begin = time.time()
        with KeptServer(weft) as server:
            data(server.call("ListProjects"))
            first.append((time.time() - begin) * 1000)
            time.sleep(1)
            memory = process_memory(server.process.pid)
            rss.append(memory[0])
            pss.append(memory[1])
    report("exec to first signed answer, new store", first, "ms")
    report("idle memory of the server, resident", rss, "MB")
    report("idle memory of the server, proportional", pss, "MB")


def measure_create(weft, build, rounds):
    rates, floors = [], []
    with KeptServer(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
        for _ in range(rounds):
            text = subprocess.run([os.path.join(build, "bench", "bench_create_task"), str(server.port), SECRET_ID,
                                   SECRET_KEY, PROJECT, WORKFLOW], stdout=subprocess.PIPE, check=True).stdout.decode()
            rate, floor = re.search(r"CreateTask (\d+)/s, floor GET /healthz (\d+)/s", text).groups()
            rates.append(float(rate))
            floors.append(float(floor))
    report("signed CreateTask, 64 connections", rates, "/s")
    report("  floor: GET /healthz by the same generator", floors, "/s")


def measure_dry(weft, rounds):
    """Pairs of hourly dry-run tasks, the second waits for the first's instance of the same hour."""
    rates = []
    for _ in range(rounds):
        with KeptServer(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
            tasks, schedule = [], {"CycleType": "HOUR_CYCLE", "CrontabExpression": "0 0 * * * ? *",
                                   "ScheduleRunType": "1", "SelfDepend": "parallel"}
            for i in range(50):
                tasks.append(task(server, f"up_{i}", **schedule))
                tasks.append(task(server, f"down_{i}", **schedule, UpstreamDependencyConfigList=[
                    {"TaskId": tasks[-1], "MainCyclicConfig": "HOUR", "SubordinateCyclicConfig": "CURRENT_HOUR"}]))
            seconds, total = backfill(server, tasks, "2025-01-01", "2025-01-31")
            rates.append(total / seconds)
    report("dry-run instances, half of them with an edge, planned to ended", rates, "/s")


def attempts_once(weft, fixture):
    with KeptServer(weft, "--rate-limit", "0", fixture=fixture) as server:
        one = task(server, "sh", ":", CycleType="MINUTE_CYCLE", CrontabExpression="0 * * * * ? *", SelfDepend="parallel")
        seconds, total = backfill(server, [one], "2025-01-01", "2025-01-02", "NONE")
        return total / seconds


def spawn_rate(build, shell, count):
    """The floor: attempts of a bare posix_spawn loop per second."""
    return float(subprocess.run([os.path.join(build, "bench", "bench_spawn"), "floor", shell, str(count)],
                                stdout=subprocess.PIPE, check=True).stdout)


def measure_attempts(weft, build, rounds):
    """In turn with the floor, so that both see the same machine."""
    with open(FIXTURE, encoding="utf-8") as file:
        wide = json.load(file)
    wide["ResourceGroups"][0]["Slots"] = SLOTS
    rates, floors, ratios = [], [], []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as fixture:
        json.dump(wide, fixture)
        fixture.flush()
        for _ in range(rounds):
            before = spawn_rate(build, "sh", 1500)
            rates.append(attempts_once(weft, fixture.name))
            floors.append((before + spawn_rate(build, "sh", 1500)) / 2)
            ratios.append(rates[-1] / floors[-1])
    report(f"real sh attempts through the whole server, {SLOTS} slots", rates, "/s")
    report("  floor: a bare posix_spawn loop of the same command", floors, "/s")
    report("  ratio, round by round", ratios, "")


def log_text(server, key):
    found = data(server.call("GetTaskInstanceLog", {"ProjectId": PROJECT, "InstanceKey": key}))
    return found["LogInfo"]


def measure_chain(weft, build, rounds):
    """A chain of bash tasks that say when they run.  From one line to the next lie the end of the upstream's attempt,
    two commits, and the start of bash, which the floor measures alone."""
    links, totals, floors = [], [], []
    day = "2026-01-05"
    for _ in range(rounds):
        with KeptServer(weft, "--rate-limit", "0", fixture=FIXTURE) as server:
            chain = []
            for i in range(CHAIN):
                upstream = {"UpstreamDependencyConfigList": [
                    {"TaskId": chain[-1], "MainCyclicConfig": "DAY", "SubordinateCyclicConfig": "CURRENT_DAY"}]} if chain else {}
                chain.append(task(server, f"link_{i}", "echo at=$EPOCHREALTIME", "bash", CycleType="DAY_CYCLE",
                                  CrontabExpression="0 0 0 * * ? *", **upstream))
            totals.append(backfill(server, chain, day, day)[0] * 1000)
            times = [float(re.search(r"at=(\d+\.\d+)", log_text(server, f"{one}_{day} 00:00:00")).group(1)) for one in chain]
            links += [(later - earlier) * 1000 for earlier, later in zip(times, times[1:])]
            floors.append(1000 / spawn_rate(build, "bash", 500))
    links.sort()
    print(f"chain of {CHAIN} bash tasks, from one's line to the next's: p50 {statistics.median(links):.3g} ms, "
          f"p99 {links[int(len(links) * 0.99)]:.3g} ms of {len(links)}")
    report("  floor: bare posix_spawn and wait of bash", floors, "ms")
    report("  the whole chain, from the plan's call to its last end", totals, "ms")


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    weft = os.path.join(build, "weft")
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = re.search(r"model name\s*: (.*)", file.read()).group(1)
    print(f"{os.cpu_count()} processors, {model}, load {os.getloadavg()[0]:.2f} at the start")
    measure_start(weft, rounds)
    measure_create(weft, build, rounds)
    measure_dry(weft, rounds)
    measure_attempts(weft, build, rounds)
    measure_chain(weft, build, rounds)


if __name__ == "__main__":
    main()
