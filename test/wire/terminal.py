"""test/wire/terminal.py - runs a command on a terminal, as a person does."""
import os
import pty
import re
import select
import subprocess
import time


class Terminal:
    """A command on a terminal of 80 columns: what it prints, and answers to it."""

    def __init__(self, c, *words, program=None, **more):
        """c: the Cli whose environment it has; program: another one than weft."""
        self.output = ""
        leader, follower = pty.openpty()
        subprocess.run(["stty", "cols", "80", "rows", "24"], stdin=follower, check=True)
        self.process = subprocess.Popen([program or c.weft, *words], env={**c.environment(), **more}, stdin=follower,
                                        stdout=follower, stderr=follower, start_new_session=True)
        os.close(follower)
        self.leader = leader

    def read(self, timeout):
        if select.select([self.leader], [], [], timeout)[0]:
            try:
                data = os.read(self.leader, 65536)
            except OSError:
                return False
            self.output += data.decode(errors="replace")
            return bool(data)
        return True

    def until(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.output):
            assert time.monotonic() < end and self.read(0.2), (pattern, self.output)

    def write(self, text):
        os.write(self.leader, text.encode())

    def end(self):
        """(exit status, output)"""
        end = time.monotonic() + 30
        while self.process.poll() is None or select.select([self.leader], [], [], 0)[0]:
            assert time.monotonic() < end, self.output
            if not self.read(0.2):
                break
        self.process.wait(10)
        os.close(self.leader)
        return self.process.returncode, self.output
