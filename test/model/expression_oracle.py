#!/usr/bin/env python3
"""expression_oracle - holds model/expression.c against Python itself.

    expression_oracle.py /path/to/t_expression [COUNT [SEED]]

Random expressions of the forms that model/expression.h names are evaluated by both; whole numbers
beyond 64 bits are refused here, Python's have no end.  docs/reference/semantics.md 5.8.
"""
import random
import subprocess
import sys

CALLS = {"int": int, "float": float, "str": str, "len": len, "abs": abs, "bool": bool}


def operand(r, depth):
    kind = r.randrange(10 if depth > 0 else 6)
    if kind < 2:
        return str(r.choice([r.randrange(12), r.randrange(12), 9007199254740993, 4611686018427387904]))
    if kind == 2:
        return r.choice(["0.5", "2.0", "1e2", ".25", "3.", "0.1", "1e5", "1e16", "1e-5", "123456.75", "1e308"])
    if kind == 3:
        return r.choice(["'a'", '"ab"', "''", "'12'", "' 7'", "'x y'", "'1.5'", "'100000.0'"])
    if kind == 4:
        return r.choice(["True", "False", "None"])
    if kind == 5:
        return "-" + str(r.randrange(5))
    if kind == 6:
        return "(" + logic(r, depth - 1) + ")"
    if kind == 7:
        return r.choice(list(CALLS)) + "(" + logic(r, depth - 1) + ")"
    items = [total(r, depth - 1) for _ in range(r.randrange(1, 4))]
    return "[" + ", ".join(items) + r.choice(["", ","]) + "]"


def total(r, depth):
    text = operand(r, depth)
    for _ in range(r.choice([0, 0, 0, 1, 2])):
        text += " " + r.choice(["+", "-", "*", "/", "//", "%"]) + " " + operand(r, depth)
    return text


def comparison(r, depth):
    text = r.choice(["", "", "", "not "]) + total(r, depth)
    for _ in range(r.choice([0, 1, 1, 1, 2])):
        text += " " + r.choice(["==", "!=", "<", "<=", ">", ">=", "in", "not in"]) + " " + total(r, depth)
    return text


def logic(r, depth):
    text = comparison(r, depth)
    for _ in range(r.choice([0, 0, 1, 2])):
        text += " " + r.choice(["and", "or"]) + " " + comparison(r, depth)
    return text


def python(text):
    """T, F, E; None where Python goes on and weft says no (lists in arithmetic, texts times numbers)."""
    try:
        value = eval(text, {"__builtins__": {}}, CALLS)  # made above, of known parts only
    except Exception:
        return "E"
    return "T" if value else "F"


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    texts = [logic(r, 2) for _ in range(count)]
    out = subprocess.run([sys.argv[1], "answer"], input="\n".join(texts) + "\n", text=True, check=True,
                         stdout=subprocess.PIPE).stdout.split()
    assert len(out) == count, (len(out), count)
    import warnings
    warnings.simplefilter("ignore")
    same = strict = 0
    for text, got in zip(texts, out):
        want = python(text)
        if got == want:
            same += 1
        elif got == "E":
            strict += 1  # what is Python but not of the subset is refused, never answered otherwise
        else:
            sys.exit(f"{text}\n  weft says {got}, Python {want}")
    print(f"{same} the same, {strict} refused")
    if same < count * 0.9:
        sys.exit("too many are refused")


if __name__ == "__main__":
    main()
