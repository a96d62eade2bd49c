"""test/kill/recording.py - what a program did to files, call by call, as strace saw it.

A call stands where it returned: what it did was done by then, and whoever heard of it heard later.  Paths are absolute;
of what a file has been renamed to since, strace says the newest name.
"""
import os
import re
import shutil
import subprocess

CALLS = ("openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,syncfs,rename,renameat,"
         "renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,copy_file_range,sendfile,splice,lseek,"
         "chdir,fchdir,clone,clone3,fork,vfork")
STRACE = ("strace", "-D", "-f", "-y", "-qq", "-xx", "-s", "16000000", "-ttt", "-e", "trace=" + CALLS, "-e", "signal=none")
LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)", re.S)
HEX = re.compile(r"\\x([0-9a-f]{2})")


def impossible():
    """Why it cannot be recorded here; None: it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    probe = subprocess.run([*STRACE, "-o", "/dev/null", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return None if probe.returncode == 0 else "strace may not look: " + probe.stderr.decode(errors="replace").strip()[:200]


class Call:
    """name, time of its beginning, pid, what it returned; args: text, bytes for strings, (fd, path) for descriptors."""

    def __init__(self, name, time, pid, args, ret):
        self.name, self.time, self.pid, self.args, self.ret = name, time, pid, args, ret


def plain(text):
    return bytes.fromhex("".join(HEX.findall(text)))


def value(text):
    """What one argument is."""
    if text.startswith('"'):
        return plain(text)
    found = re.fullmatch(r"(AT_FDCWD|-?\d+)<(.*)>(\(deleted\))?", text, re.S)
    if not found:
        return text
    number, path, gone = found.groups()
    path = plain(path).decode(errors="replace") if "\\x" in path else path
    return number, None if gone or path.endswith(" (deleted)") else path


def parse(pid, time, text):
    """None: it failed, or never returned."""
    found = re.fullmatch(r"(\w+)\((.*)\) += (-?\d+)(.*)", text, re.S)
    if not found or int(found.group(3)) < 0:
        return None
    name, args, ret, rest = found.groups()
    where = re.match(r"<([^>]*)>", rest)
    given = [value(a) for a in args.split(", ")]
    return Call(name, time, pid, given, (int(ret), plain(where.group(1)).decode(errors="replace") if where else None))


def read(paths):
    """All calls that succeeded, of several traces, in the order of their returns."""
    lines = []
    for path in paths:
        with open(path, encoding="latin-1") as file:
            lines += [m.groups() for m in map(LINE.match, file) if m]
    lines.sort(key=lambda line: float(line[1]))
    begun = {}
    for pid, time, text in lines:
        text = text.rstrip("\n")
        if text.endswith("<unfinished ...>"):
            begun[pid] = (float(time), text[:-len("<unfinished ...>")].rstrip())
            continue
        since = float(time)
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", text, re.S)
        if resumed:
            if pid not in begun:
                continue
            since, start = begun.pop(pid)
            text = start + ("" if resumed.group(1).startswith((")", ",")) else " ") + resumed.group(1)
            text = text.replace("( ", "(")
        call = parse(pid, since, text)
        if call:
            yield call


class Folders:
    """Working directories, by what the calls say of them."""

    def __init__(self, first):
        self.first, self.by_pid = first, {}

    def learn(self, call):
        for arg in call.args:
            if isinstance(arg, tuple) and arg[0] == "AT_FDCWD" and arg[1]:
                self.by_pid[call.pid] = arg[1]
        if call.name == "chdir":
            self.by_pid[call.pid] = self.path(call, None, call.args[0])
        elif call.name == "fchdir" and call.args[0][1]:
            self.by_pid[call.pid] = call.args[0][1]
        elif call.name in ("clone", "clone3", "fork", "vfork"):
            self.by_pid.setdefault(str(call.ret[0]), self.by_pid.get(call.pid, self.first))

    def path(self, call, folder, name):
        """Of a name in a call; folder: its (fd, path) argument, None where it has none."""
        base = folder[1] if folder else self.by_pid.get(call.pid, self.first)
        return os.path.normpath(os.path.join(base or self.first, name.decode(errors="replace")))
