#!/usr/bin/env python3
"""test/wire/completion.py WEFT [ZSH] - the completion, in the shells that it is for, on a terminal.

A key is pressed and the line that the shell makes of it is compared: what the program offers is only half of
it, the other half is what a shell takes apart, quotes and appends.
"""
import os
import re
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import Cli, new_project, task  # noqa: E402
from terminal import Terminal  # noqa: E402
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
ZSH = sys.argv[2] if len(sys.argv) > 2 else None
DAY = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00", "SelfDepend": "parallel", "MaxRetryNumber": 0}
NOBODY = "http://127.0.0.1:1"
CONTROL = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>])|[\r\a]|.\x08")


def make_world(server):
    c = Cli(WEFT, server, new_project(server, "completion"))
    workflow = c.call("CreateWorkflow", WorkflowName="flow", ParentFolderPath="/")["WorkflowId"]
    c.ids = {}
    for name in ("quick", "slow", "sleeper", "星期", "hourly"):
        schedule = {**DAY, "CycleType": "HOUR_CYCLE", "CrontabExpression": "0 0 0/6 * * ? *"} if name == "hourly" else DAY
        c.ids[name] = c.call("CreateTask", **task(name, workflow, "true\n", scheduler=schedule))["TaskId"]
        c.call("SubmitTask", TaskId=c.ids[name], VersionRemark="r")
    c.run("backfill", "quick", "hourly", "--from", "2026-01-01", "--to", "2026-01-01", "--follow")
    return c


def complete(c, *words, **more):
    out, _ = c.run("completion", "words", "--", *words, **more)
    return out.splitlines()


def check_words(c):
    """What the program offers."""
    assert complete(c, "st") == ["status", "start", "stop"]
    assert {"serve", "help", "apply", "export"} <= set(complete(c, ""))
    assert complete(c, "help", "exp") == ["explain", "export"]
    assert complete(c, "nothing", "") == []
    assert complete(c, "keys", "") == ["list", "add", "disable", "enable", "delete"]
    assert complete(c, "keys", "list", "") == []
    assert complete(c, "tasks", "--na") == ["--name"]
    assert complete(c, "tasks", "--name", "") == []
    assert complete(c, "apply", "") == ["-DIR"] == complete(c, "export", "--dir", "")
    assert complete(c, "api", "--json", "") == ["-FILE"]
    assert set(complete(c, "submit", "s")) == {"sleeper", "slow"}
    assert complete(c, "show", c.ids["quick"]) == [f"{c.ids['quick']}_2026-01-01"]
    assert set(complete(c, "show", "")) == {"quick_2026-01-01", "hourly_2026-01-01", "hourly_2026-01-01 06:00:00",
                                            "hourly_2026-01-01 12:00:00", "hourly_2026-01-01 18:00:00"}
    assert complete(c, "show", "hourly_2026-01-01 1") == ["hourly_2026-01-01 18:00:00", "hourly_2026-01-01 12:00:00"]
    assert complete(c, "submit", "s", WEFT_ENDPOINT=NOBODY) == []
    assert complete(c, "st", WEFT_ENDPOINT=NOBODY, WEFT_PROJECT="completion") == ["status", "start", "stop"]
    assert set(complete(c, "submit", "s", WEFT_PROJECT="completion")) == {"sleeper", "slow"}
    assert complete(c, "submit", "s", WEFT_SECRET_ID="", WEFT_DATA="/nonexistent") == []


def check_many(c):
    """With more tasks than are looked at, those that fit what is typed are found all the same."""
    workflow = c.call("CreateWorkflow", WorkflowName="many", ParentFolderPath="/")["WorkflowId"]
    for i in range(100):
        c.call("CreateTask", **task(f"many{i}", workflow, "true\n", scheduler=DAY))
    assert complete(c, "submit", "qu") == ["quick"]
    assert complete(c, "submit", "many99") == ["many99"]


class Shell:
    """An interactive bash or zsh in a folder with the directory `dir one` and the file `dirfile`."""

    def __init__(self, c, folder, name):
        script, _ = c.run("completion", name)
        place = os.path.join(folder, name)
        os.makedirs(os.path.join(place, "work", "dir one"))
        with open(os.path.join(place, "work", "dirfile"), "w", encoding="utf-8"):
            pass
        with open(os.path.join(place, "_weft"), "w", encoding="utf-8") as f:
            f.write(script)
        setup = {"bash": "source ../_weft; bind 'set enable-bracketed-paste off'; PS1='$ '\n",
                 "zsh": "fpath=(.. $fpath); autoload -Uz compinit; compinit -D -u; PS1='$ '\n"}[name]
        with open(os.path.join(place, ".zshrc"), "w", encoding="utf-8") as f:
            f.write(f"cd {place}/work; {setup}")
        words = ["-d", "-i"] if name == "zsh" else ["--noprofile", "--rcfile", os.path.join(place, ".zshrc"), "-i"]
        os.symlink(WEFT, os.path.join(place, "weft"))
        self.name = name
        self.terminal = Terminal(c, *words, program=ZSH if name == "zsh" else "bash", ZDOTDIR=place, HOME=place,
                                 PATH=place + ":" + os.environ["PATH"], INPUTRC="/dev/null")
        self.terminal.until(r"\$ ")

    def press(self, line, expected):
        """A line and the tab key; what stands there then must be `expected`."""
        self.terminal.output = ""
        self.terminal.write(line + "\t")
        end = time.monotonic() + 30
        while self.shown() != expected:
            assert time.monotonic() < end, (self.name, line, self.shown(), expected, self.terminal.output)
            self.terminal.read(0.1)
        self.terminal.output = ""
        self.terminal.write("\x15echo over\n")
        self.terminal.until(r"over\b[^$]*over\s[^$]*\$ ")

    def shown(self):
        """The line, without what moves the cursor and chooses colours."""
        return CONTROL.sub("", self.terminal.output)

    def end(self):
        self.terminal.write("exit\n")
        self.terminal.end()


def check_shell(c, folder, name):
    shell = Shell(c, folder, name)
    hour = "2026-01-01 06:00:00"
    key, escaped = f"{c.ids['hourly']}_{hour}", f"{c.ids['hourly']}_{hour}".replace(" ", "\\ ")
    rows = [
        ("weft expo", "weft export "),
        ("weft help expo", "weft help export "),
        ("~/weft expo", "~/weft export "),
        ("weft submit slo", "weft submit slow "),
        ("weft pause quick slo", "weft pause quick slow "),
        ("weft submit \"slo", "weft submit \"slow\" "),
        ("weft submit 星", "weft submit 星期 "),
        ("weft tasks --json --na", "weft tasks --json --name "),
        ("weft show quick", "weft show quick_2026-01-01 "),
        ("weft show hour", "weft show hourly_2026-01-01"),
        ("weft show " + escaped[:-7], "weft show " + escaped + " "),
        ("weft show " + escaped[:-5], "weft show " + escaped + " "),
        ("weft show \"" + key[:-6], "weft show \"" + key + "\" "),
        ("weft show '" + key[:-5], "weft show '" + key + "' "),
        ("weft apply dir", "weft apply dir\\ one/"),
        ("weft export --dir dir", "weft export --dir dir\\ one/"),
        ("weft api --json dirf", "weft api --json dirfile "),
    ]
    for line, expected in rows:
        shell.press(line, expected)
    shell.end()


def main():
    signal.alarm(200)  # nothing here may wait for ever
    with tempfile.TemporaryDirectory(prefix="weft-completion-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        c = make_world(server)
        check_words(c)
        check_shell(c, folder, "bash")
        if ZSH:
            check_shell(c, folder, "zsh")
        check_many(c)
    print("completion: in bash" + (" and zsh" if ZSH else "; there is no zsh here"))


if __name__ == "__main__":
    main()
