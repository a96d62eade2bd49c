#!/usr/bin/env python3
"""Every command of src/engine/cmd_*.h is in the simulator's list (test/sim/commands.h)."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Steps of other commands, no commands by themselves.
STEPS = {"task_submit_untold", "task_tell", "group_require_use", "permission_drop_entity", "permission_drop_user", "resource_check_free"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def main():
    offered = set()
    for path in glob.glob(os.path.join(ROOT, "src/engine/cmd_*.h")):
        if not path.endswith("_int.h"):
            offered |= set(re.findall(r"^enum err_code (\w+)\(struct engine \*g", read(path), re.M))
    listed = set(re.findall(r"^    X\((\w+)\)", read(os.path.join(ROOT, "test/sim/commands.h")), re.M))
    problems = [f"{name}: not in test/sim/commands.h" for name in sorted(offered - STEPS - listed)]
    problems += [f"{name}: no command of src/engine" for name in sorted(listed - offered)]
    print("\n".join(problems) or f"{len(listed)} commands")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
