#!/usr/bin/env python3
"""console - runs the console blocks of a document and holds what is printed against what stands there.

    console.py /path/to/weft DOCUMENT.md [--show]

In a block ```console a line "$ command" (and "> more of it") is given to one bash for the whole
document; the lines below it are what it must print, both streams.  "..." stands for any text within
a line, and alone in a line for any lines.  The shell finds the program as `weft`; a server of its own,
with the fixture of examples/, listens on a free port.  The last line is "N commands, M wrong".
--show prints what each command printed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
END = "\x01end of command\x01"


def blocks(path):
    """[(line number, command, [expected lines])] of the document."""
    found, inside = [], False
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("```"):
                inside = line == "```console"
            elif inside and line.startswith("$ "):
                found.append((number, line[2:], []))
            elif inside and line.startswith("> ") and found and not found[-1][2]:
                found[-1] = (found[-1][0], found[-1][1] + "\n" + line[2:], [])
            elif inside:
                found[-1][2].append(line)
    return found


def pattern(lines):
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r"[^\n]*?".join(re.escape(p) for p in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.compile("".join(parts) + r"\Z")


class Server:
    def __init__(self, weft, folder):
        self.weft, self.folder = weft, folder
        self.log = os.path.join(folder, "serve.log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [weft, "serve", "--data", os.path.join(folder, "data"), "--listen", "127.0.0.1:0",
                 "--fixture", os.path.join(ROOT, "examples", "fixture.json"), "--rate-limit", "0"],
                stdout=log, stderr=subprocess.STDOUT, cwd=folder)

    def endpoint(self):
        for _ in range(300):
            with open(self.log, encoding="utf-8") as log:
                hit = re.search(r"(https?://127\.0\.0\.1:\d+)", log.read())
            if hit:
                return hit.group(1)
            time.sleep(0.1)
        raise SystemExit("console: the server does not come up:\n" + open(self.log).read())

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        # The runner outlives its server on purpose.
        subprocess.run([self.weft, "runner", "--dir", os.path.join(self.folder, "data", "runner"), "--stop"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)


class Shell:
    def __init__(self, environment, folder):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=environment, cwd=folder)

    def run(self, command):
        self.process.stdin.write(f"{command}\nprintf '\\001end of command\\001\\n'\n")
        self.process.stdin.flush()
        out = ""
        for line in self.process.stdout:
            if line.rstrip("\n").endswith(END):
                return out + line.rstrip("\n")[:-len(END)]
            out += line
        raise SystemExit(f"console: the shell ended in: {command}\n{out}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def run_all(commands, shell, show):
    wrong = 0
    for number, command, expected in commands:
        got = shell.run(command)
        if got and not got.endswith("\n"):
            got += "\n"
        if show:
            print(f"$ {command}\n{got}", end="")
        if not pattern(expected).match(got):
            wrong += 1
            print(f"line {number}: {command}\n--- it should print\n" + "\n".join(expected) +
                  f"\n--- it prints\n{got}---")
    return wrong


def main():
    weft, document = os.path.realpath(sys.argv[1]), sys.argv[2]
    folder = tempfile.mkdtemp(prefix="weft-docs-")
    os.chmod(folder, 0o711)  # attempts run as another user, who passes it on the way to resource files
    server = Server(weft, folder)
    try:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_")}
        environment.update(WEFT_ENDPOINT=server.endpoint(), WEFT_DATA=os.path.join(folder, "data"),
                           PATH=os.path.dirname(weft) + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")
        shell = Shell(environment, folder)
        commands = blocks(document)
        wrong = run_all(commands, shell, "--show" in sys.argv)
        shell.end()
    finally:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(commands)} commands, {wrong} wrong")
    sys.exit(1 if wrong or not commands else 0)


if __name__ == "__main__":
    main()
