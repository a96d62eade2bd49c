#!/usr/bin/env python3
"""test/kill/kill.py WEFT GROUP [--seed N] [SCENARIO...] - the real server, really hit, one fault after the other.

GROUP is one of the modules of this folder: scenarios (processes), disk (what holds the data), file (the store's file),
power (what a disk forgets), runbook (what operators do; docs/operations.md), storm (all at random; test/kill/run does it
for long).  Exits 77, which counts as skipped, when the group needs a mount, or strace, and that is impossible here.
"""
import argparse
import importlib
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults  # noqa: E402

GROUPS = {
    "scenarios": ("acknowledged", "running", "firing", "runner", "stopped", "other_user", "descriptors"),
    "disk": ("full", "read_only", "failing"),
    "power": ("forgets", "scrambles"),
    "file": ("removed", "moved", "older", "cut", "changed"),
    "storm": ("short",),
    "runbook": ("install", "backup", "refusals", "upgrade", "schema", "clock"),
}
SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("weft")
    parser.add_argument("group", choices=sorted(GROUPS))
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000)
    given = parser.parse_args()
    if given.group in ("disk", "storm"):
        impossible = faults.enter_namespace()
        if impossible:
            print(f"skipped: {impossible}")
            sys.exit(SKIPPED)
    module = importlib.import_module(given.group)
    failed = skipped = 0
    for name in given.scenario or GROUPS[given.group]:
        begin = time.time()
        try:
            said = getattr(module, name)(given.weft, random.Random(f"{given.seed} {name}"))
        except faults.Impossible as error:
            skipped += 1
            said = f"skipped: {error}"
        except Exception as error:                    # pylint: disable=broad-except
            failed += 1
            said = (f"FAILED: {type(error).__name__}: {error}\n  again: {sys.argv[0]} {given.weft} {given.group} {name} "
                    f"--seed {given.seed}")
        print(f"{name}: {said} ({time.time() - begin:.1f} s)", flush=True)
    sys.exit(1 if failed else SKIPPED if skipped else 0)


main()
