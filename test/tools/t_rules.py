#!/usr/bin/env python3
"""t_rules - every section of docs/reference/semantics.md that states behaviour is cited by a test.

    t_rules.py [--show]

The sections 2 to 6 (time, dependencies, events, execution, parameters) are what a task's schedule
means; a test cites one by its number, alone ("3.6") or in a range ("5.4-5.6").  --show lists the tests
of each.  The test vectors of 12.3 are cited as "vector 7", "vectors 7 and 8" or "vectors 4 to 6".
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What it lists cannot be reached through the API that weft answers.
NOT_BEHAVIOUR = {(3, 9)}
CITED = re.compile(r"(?<![\d.])([2-6])\.(\d{1,2})(?:-([2-6])\.(\d{1,2}))?(?![\d]|\.\d)")


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def sections():
    text = read(os.path.join(ROOT, "docs", "reference", "semantics.md"))
    found = [(int(a), int(b)) for a, b in re.findall(r"^### ([2-6])\.(\d+) ", text, re.M)]
    return [s for s in found if s not in NOT_BEHAVIOUR]


def citations(text):
    for a, b, c, d in CITED.findall(text):
        last = int(d) if c == a else int(b)
        for n in range(int(b), last + 1):
            yield int(a), n


def vectors(text):
    """The numbers behind the word, in one line."""
    for list_of in re.findall(r"vectors? ((?:\d+(?:, | and | to )?)+)", text):
        for first, _, last in re.findall(r"(\d+)( to (\d+))?", list_of):
            yield from range(int(first), int(last or first) + 1)


def rows_of_vectors():
    """Those whose number stands in the table of 12.3."""
    text = read(os.path.join(ROOT, "docs", "reference", "semantics.md")).split("### 12.3", 1)[1]
    return [int(n) for n in re.findall(r"^\| (\d+) \|", text, re.M)]


def test_files():
    for folder, names, files in os.walk(os.path.join(ROOT, "test")):
        names[:] = [n for n in names if n != "node_modules"]
        for name in files:
            if re.search(r"^(t_|.*oracle).*\.(c|js|py)$", name) and name != "t_rules.py":
                yield os.path.join(folder, name)


def main():
    found, shown = {}, set()
    for path in test_files():
        text = read(path)
        if "semantics.md" not in text:
            continue
        shown.update(vectors(text))
        for section in set(citations(text)):
            found.setdefault(section, []).append(os.path.relpath(path, os.path.join(ROOT, "test")))
    missing = [s for s in sections() if s not in found]
    if "--show" in sys.argv:
        for s in sections():
            print("%d.%d  %s" % (*s, ", ".join(sorted(found.get(s, ["-"])))))
    for a, b in missing:
        print(f"docs/reference/semantics.md {a}.{b} is cited by no test")
    unseen = [n for n in rows_of_vectors() if n not in shown]
    for n in unseen:
        print(f"docs/reference/semantics.md 12.3: vector {n} is cited by no test")
    print(f"{len(sections()) - len(missing)} sections cited, {len(missing)} not; "
          f"{len(rows_of_vectors()) - len(unseen)} vectors cited, {len(unseen)} not")
    sys.exit(1 if missing or unseen or not sections() or not rows_of_vectors() else 0)


if __name__ == "__main__":
    main()
