#!/usr/bin/env python3
"""test/wire/logs.py WEFT - the server's log: logfmt and JSON, levels, RequestIds, what is never in it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import SECRET_KEY, Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "=]+)( |$)')


def logfmt(line):
    found, at = {}, 0
    while at < len(line):
        match = PAIR.match(line, at)
        assert match, line
        assert match.group(1) not in found, line
        found[match.group(1)] = match.group(2).strip('"')
        at = match.end()
    return found


def lines(server, parse):
    with open(server.log.name, encoding="utf-8") as f:
        return [parse(line.rstrip("\n")) for line in f]


def check(level, parse, message, *options):
    with Server(WEFT, "--log-level", level, *options) as server:
        read = server.call("ListProjects")
        refused = server.call("DeleteTask", {"ProjectId": "1", "TaskId": '1" level=ERROR x="'})
        assert refused["Error"], refused
        found = lines(server, parse)
        with open(server.log.name, encoding="utf-8") as f:
            assert SECRET_KEY not in f.read()
    for line in found:
        assert {"time", "level", "area", message} <= set(line), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line
    by_request = {line["request"]: line for line in found if "request" in line}
    line = by_request.get(refused["RequestId"])
    if level == "warn":
        assert not line
        return
    assert line["level"] == "INFO" and line["action"] == "DeleteTask" and line[message] == "write refused", line
    assert line["code"] == refused["Error"]["Code"] and line["source"] == "127.0.0.1", line
    assert line["account"] == "100000000001", line
    assert (read["RequestId"] in by_request) == (level == "debug"), found


def slow():
    with Server(WEFT, "--slow-ms", "1") as server:
        for i in range(20):
            server.call("CreateProject", {"Project": {"ProjectName": f"p{i}", "DisplayName": "p"}})
        found = lines(server, logfmt)
    said = {line["msg"] for line in found}
    assert said & {"slow call", "slow commit"}, found
    assert all(int(line["us"]) >= 1000 for line in found if line["msg"].startswith("slow ")), found


for level in ("debug", "info", "warn"):
    check(level, logfmt, "msg")
    check(level, json.loads, "message", "--log-json")
slow()
print("ok")
