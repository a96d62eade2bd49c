#!/usr/bin/env python3
"""Every tool says what it is for when it is asked, and refuses what it does not know, changing nothing."""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(ROOT, "tools")


def run(tool, *words, folder):
    done = subprocess.run([os.path.join(TOOLS, tool), *words], cwd=folder, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    left = os.listdir(folder)
    assert not left, f"{tool} {' '.join(words)} wrote {left}"
    return done


def main():
    tools = sorted(name for name in os.listdir(TOOLS) if os.access(os.path.join(TOOLS, name), os.X_OK))
    assert "gen_schema.py" in tools and "lint" in tools, tools
    with tempfile.TemporaryDirectory(prefix="weft-usage-") as folder:
        for tool in tools:
            helped = run(tool, "--help", folder=folder)
            assert helped.returncode == 0 and len(helped.stdout) > 60, (tool, helped)
            for words in (["--hepl"], ["--hepl", "x.json"], ["x.c", "--hepl"]):
                refused = run(tool, *words, folder=folder)
                assert refused.returncode == 2 and refused.stderr, (tool, words, refused)
    print(f"{len(tools)} tools")


if __name__ == "__main__":
    sys.exit(main())
