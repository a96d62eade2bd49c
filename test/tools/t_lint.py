#!/usr/bin/env python3
"""t_lint.py - tools/lint on small trees: each rule finds what it should, and nothing else."""
import os
import subprocess
import sys
import tempfile

LINT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "lint")
LEFT = "TO" + "DO"

# path, content, the findings that are expected: (line, a part of the text)
ROWS = (
    ("src/cal/good.h", "/* cal/good.h - fine. */\n#ifndef CAL_GOOD_H\n#define CAL_GOOD_H\n"
     '#include "base/str.h"\n#endif\n', ()),
    ("src/cal/good.c", '/* cal/good.c - fine. */\n#include "cal/good.h"\n\n#include <stdio.h>\n', ()),
    ("src/cal/up.c", '/* cal/up.c - too high. */\n#include "store/store.h"\n#include "sys/clock.h"\n',
     ((2, "cal may not include store/store.h"), (3, "cal may not include sys/clock.h"))),
    ("src/cli/up.c", '/* cli/up.c - past the API. */\n#include "engine/engine.h"\n',
     ((2, "cli may not include engine/engine.h"),)),
    ("src/run/ok.c", '/* run/ok.c - may. */\n#include "sys/clock.h"\nint a = fork();\n', ()),
    ("src/engine/ok.c", '/* engine/ok.c - may. */\n#include "run/a.h"\n#include "store/b.h"\n', ()),
    ("src/odd/a.c", "/* odd/a.c - in no layer. */\n", ((1, "src/odd/ is not a layer"),)),
    ("src/main.c", '/* main.c - free. */\n#include "cli/cli.h"\n#include "run/runner.h"\n', ()),
    ("src/base/late.h", "/* base/late.h - x. */\n#ifndef LATE_H\n#define LATE_H\n#endif\n",
     ((1, "guard should be BASE_LATE_H"),)),
    ("src/base/late.c", '/* base/late.c - x. */\n#include <stdio.h>\n#include "base/late.h"\n',
     ((2, "its own header"),)),
    ("src/base/calls.c", "/* base/calls.c - strcpy( in a comment. */\n"
     'const char *s = "strcpy(x) // time(0)";\n'
     "int a = strcpy(x, y);\n"
     "int b = q->free(1) + q.time(2) + my_free(3) + freely(4);\n"
     "int c = free (p);\n"
     "int d = free(p); /* lint: another library's memory */\n"
     "int e = free(p); /* lint: */\n"
     "int f = time(0) + getenv(x) + fork();\n",
     ((3, "strcpy()"), (5, "free()"), (7, "free()"), (8, "time()"), (8, "getenv()"),
      (8, "fork()"))),
    ("src/base/mem.c", "/* base/mem.c - may. */\nint a = free(p) + malloc(1);\n", ()),
    ("src/sys/clock.c", "/* sys/clock.c - may. */\nint a = clock_gettime(1, 2);\n", ()),
    ("src/sys/env.c", "/* sys/env.c - may. */\nint a = getenv(x);\n", ()),
    ("src/sys/other.c", "/* sys/other.c - may not. */\nint a = getenv(x);\n", ((2, "getenv()"),)),
    ("src/base/form.c", "/* form.c - no folder. */\n\tint a;\nint b; \n// " + "x" * 98 + "\n// "
     + "数" * 97 + "\n",
     ((1, "first line"), (2, "tab"), (3, "blanks"), (4, "101 columns"))),
    ("src/base/long.c", "/* base/long.c - x. */\n" + "\n" * 1000, ((1001, "1001 lines"),)),
    ("test/base/t_x.c", "/* test/base/t_x.c - tests may call. */\nint a = time(0);\n", ()),
    ("demo", "a | tee /dev/" + "stderr | b\na | tee b >&2\n", ((1, "a stream opened anew"),)),
    ("docs/x.md", "first\n" + LEFT + " later\n" + LEFT + "S are fine\n", ((2, LEFT),)),
)


def main():
    with tempfile.TemporaryDirectory() as root:
        wanted = set()
        for path, content, findings in ROWS:
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(content)
            wanted.update((path, line, part) for line, part in findings)
        run = subprocess.run([sys.executable, LINT, root], capture_output=True, text=True)
        lines = run.stdout.splitlines()
        bad = run.returncode != 1 or run.stderr != ""
        for line in lines[:-1]:
            path, number, what = line.split(":", 2)
            match = [w for w in wanted if w[0] == path and w[1] == int(number) and w[2] in what]
            if len(match) != 1:
                print("not expected:", line)
                bad = True
            wanted.difference_update(match)
        for row in sorted(wanted):
            print("not found:", row)
            bad = True
        if not lines or lines[-1] != f"lint: {len(lines) - 1} findings in {len(ROWS)} files":
            print("the last line:", lines[-1:])
            bad = True
    with tempfile.TemporaryDirectory() as root:
        run = subprocess.run([sys.executable, LINT, root], capture_output=True, text=True)
        bad = bad or run.returncode != 0
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
