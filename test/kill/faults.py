"""test/kill/faults.py - what happens to machines, done to a world.

A mount needs a mount namespace of the test's own: enter_namespace() starts the program again inside one.
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

INSIDE = "WEFT_KILL_NAMESPACE"


class Impossible(Exception):
    """This machine does not allow what a scenario needs: it is skipped, and must not count as passed."""


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)


def enter_namespace():
    """The reason why mounting is impossible here; None inside a namespace of our own, where it is possible."""
    if os.environ.get(INSIDE):
        return None
    probe = run("unshare", "-m", "--propagation", "private", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt")
    if probe.returncode != 0:
        return "mounting is not possible here: " + probe.stdout.decode(errors="replace").strip()
    sys.stdout.flush()
    os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv],
               {**os.environ, INSIDE: "1"})
    return None


class Disk:
    """A file system of its own in memory.  Its size can be taken away and given back, as can the right to write."""

    def __init__(self, megabytes=512):
        self.size = f"{megabytes}m"
        self.path = tempfile.mkdtemp(prefix="weft-disk-")
        self.do("mount", "-t", "tmpfs", "-o", f"size={self.size},mode=0711", "tmpfs", self.path)

    def do(self, *command):
        done = run(*command)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout.decode(errors='replace')}")

    def fill(self):
        """From now on there is no room at all, until free().  Others write meanwhile, so one try may be too small."""
        for _ in range(100):
            stat = os.statvfs(self.path)
            used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
            if run("mount", "-o", f"remount,size={max(used, 4096)}", self.path).returncode == 0:
                return
        raise AssertionError("the disk could not be filled")

    def free(self):
        self.do("mount", "-o", f"remount,size={self.size}", self.path)

    def read_only(self):
        """Only possible while nobody has a file open for writing; what was just killed may take a moment to let go."""
        for _ in range(100):
            if run("mount", "-o", "remount,ro", self.path).returncode == 0:
                return
            time.sleep(0.05)
        self.do("mount", "-o", "remount,ro", self.path)

    def writable(self):
        self.do("mount", "-o", "remount,rw", self.path)

    def remove(self):
        run("umount", "-l", self.path)
        shutil.rmtree(self.path, ignore_errors=True)


class Image:
    """An ext4 in a file, which can fail as a real disk does: abort() makes it read-only under everybody's feet."""

    def __init__(self, megabytes=64):
        self.home = tempfile.mkdtemp(prefix="weft-image-")
        self.file, self.path = os.path.join(self.home, "image"), os.path.join(self.home, "disk")
        os.chmod(self.home, 0o711)
        os.mkdir(self.path)
        with open(self.file, "wb") as image:
            image.truncate(megabytes << 20)
        self.impossible = None
        for command in (("mkfs.ext4", "-q", self.file), ("mount", "-o", "loop", self.file, self.path)):
            done = run(*command) if shutil.which(command[0]) else None
            if done is None or done.returncode != 0:
                said = done.stdout.decode(errors="replace").strip() if done else "no such program"
                self.impossible = f"{' '.join(command)}: {said}"
                return
        os.chmod(self.path, 0o711)

    def abort(self):
        run("mount", "-o", "remount,abort", self.path)

    def mend(self):
        """Mount it anew; nobody may use it."""
        done = run("umount", self.path)
        assert done.returncode == 0, done.stdout
        run("fsck.ext4", "-p", "-f", self.file)
        done = run("mount", "-o", "loop", self.file, self.path)
        assert done.returncode == 0, done.stdout

    def remove(self):
        run("umount", "-l", self.path)
        shutil.rmtree(self.home, ignore_errors=True)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def take_descriptors(pid, spare=0):
    """No more than `spare` further descriptors for this process.  Returns what gives them back."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(highest + 1 + spare, before[1]), before[1]))

    def give_back():
        try:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        except ProcessLookupError:
            pass

    return give_back


def pause(pid, seconds):
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


def crashes(text):
    """Signs of a defect in what a sanitized or asserting program says."""
    return re.findall(r".*(?:AddressSanitizer|runtime error:|LeakSanitizer|broken assumption|out of memory).*", text)
