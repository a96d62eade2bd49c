#!/usr/bin/env python3
"""test/wire/noise.py WEFT [SEED [COUNT]] - random requests for every built action, shaped by api/*.json.

Whatever comes, the server answers, with data or with a code that is not its own fault, and lives on.
A failure names the seed and prints the request.
"""
import json
import os
import random
import sys
import time

from wire import Server

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
TABLES = {"2025-08-06": "wedata-2025-08-06.json", "2021-08-20": "wedata-2021-08-20.json", "weft-1": "weft-1.json"}
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
# What would take the ground away from under the other requests.
LEFT_OUT = {"DeleteProject", "DisableKey", "DeleteKey"}
TEXTS = ["", "a", "x" * 300, "x" * 5000, "任务", "\0", "' OR 1=1 --", "../..", "/", "/a/b", "-1", "0", "1", "9" * 20,
         "2026-01-01", "2026-01-01 00:00:00", "2026-13-45", "0 0 0 * * ? *", "DAY_CYCLE", "35", "UTC+8", PROJECT, WORKFLOW,
         "20240416215649571819", "null", "{}", "%s%n", "\U0001f600", "true"]
NUMBERS = [0, 1, 2, -1, 10, 100, 101, 200, 201, 1000, 2**31, 2**63 - 1, -2**63]
MISFITS = [None, 1, -1, True, "", [], {}, 1.5, "x", [[]], {"a": 1}]


class Noise:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tasks = []

    def often(self, share):
        return self.random.random() < share

    def value(self, objects, kind, depth):
        choice = self.random.choice
        if self.often(0.06):
            return choice(MISFITS)
        if kind.startswith("["):
            count = choice([0, 1, 1, 2, 3, 200]) if depth < 2 else choice([0, 1])
            return [self.value(objects, kind[1:-1], depth + 1) for _ in range(count)]
        if kind in objects:
            return self.object(objects, kind, depth + 1) if depth < 5 else {}
        plain = {"string": TEXTS, "datetime_iso": TEXTS, "bool": [True, False], "float": [0, 1.5, -1]}
        return choice(plain.get(kind, NUMBERS))

    def object(self, objects, name, depth=0):
        made = {field["name"]: self.value(objects, field["type"], depth) for field in objects[name]
                if self.often(0.97 if field.get("required") else 0.35)}
        if self.often(0.02):
            made["Unknown"] = 1
        return made

    def request(self, table, action):
        """Often about what exists, so that more than the first check is reached."""
        params = self.object(table["objects"], table["actions"][action]["request"])
        if "ProjectId" in params and self.often(0.85):
            params["ProjectId"] = PROJECT
        if self.tasks and "TaskId" in params and self.often(0.7):
            params["TaskId"] = self.random.choice(self.tasks)
        if self.tasks and "TaskIds" in params and self.often(0.7):
            params["TaskIds"] = [self.random.choice(self.tasks)]
        if action == "CreateTask" and self.often(0.8):
            params["TaskBaseAttribute"] = {"TaskName": f"t{self.random.randrange(10**9)}", "TaskTypeId": "35",
                                           "WorkflowId": WORKFLOW}
            for block in ("TaskConfiguration", "TaskSchedulerConfiguration"):
                if self.often(0.6):
                    params[block] = {}
        return params


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    tables = {version: json.load(open(os.path.join(ROOT, "api", file), encoding="utf-8")) for version, file in TABLES.items()}
    noise, codes = Noise(seed), {}
    with Server(sys.argv[1], "--rate-limit", "0", fixture=os.path.join(ROOT, "examples", "fixture.json")) as server:
        built = [(version, action) for version, table in tables.items() for action in table["actions"]
                 if action not in LEFT_OUT and
                 server.call(action, {}, version=version).get("Error", {}).get("Code") != "UnsupportedOperation"]
        for _ in range(count):
            version, action = noise.random.choice(built)
            params = noise.request(tables[version], action)
            begin = time.time()
            response = server.call(action, params, version=version)
            error = response.get("Error", {"Code": "OK", "Message": "-"})
            codes[error["Code"]] = codes.get(error["Code"], 0) + 1
            wrong = ("it died" if server.process.poll() is not None else
                     "its own fault" if error["Code"].startswith("Internal") else
                     "no message" if not error["Message"] else
                     f"{time.time() - begin:.1f} s" if time.time() - begin > 5 else None)
            if wrong:
                raise SystemExit(f"seed {seed}: {action}: {wrong}: {json.dumps(params)[:2000]}\n{response}")
            if action == "CreateTask" and "Data" in response:
                noise.tasks.append(response["Data"]["TaskId"])
        status = server.stop()
        if status != 0:
            print(open(server.log.name, encoding="utf-8", errors="replace").read()[-4000:])
    print(", ".join(f"{code} {n}" for code, n in sorted(codes.items())))
    usual = ("OK", "InvalidParameterValue", "ResourceNotFound", "MissingParameter")
    few = [code for code in usual if codes.get(code, 0) < count / 50]
    if status != 0 or few or not noise.tasks:
        raise SystemExit(f"seed {seed}: ended with {status}; too few of {few}; {len(noise.tasks)} tasks")


if __name__ == "__main__":
    main()
