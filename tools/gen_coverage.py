#!/usr/bin/env python3
"""gen_coverage - writes docs/coverage.md from the program.

    tools/gen_coverage.py            writes docs/coverage.md
    tools/gen_coverage.py --check    writes nothing; fails when the file is not what it would write

What exists is in api/*.json, what is built in the tables of src/api/act_*.c (a row is
`{ API_2025, "Name", ...`, and its family must stand in src/api/actions.c), which tests name an action
in the files below test/api, test/sdk and test/wire.  What each field of CreateTask does here is in
docs/coverage_fields.json: a field of the API without an entry there, an entry without a field, and a
test that does not have what is said of it, all make this fail.
"""
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, "docs", "coverage.md")
TABLES = ("wedata-2025-08-06", "wedata-2021-08-20", "weft-1")
CONSTANTS = {"API_2025": "2025-08-06", "API_2021": "2021-08-20", "API_WEFT": "weft-1"}
EFFECTS = {
    "acts": "acts now",
    "kept": "checked, stored, returned; there is nothing more to do here",
    "later": "checked, stored, returned; its effect is not built yet",
}
ROW = re.compile(r'\{\s*(API_\w+),\s*"(\w+)",')
ARRAY = re.compile(r"static const struct action actions\[\] = \{(.*?)\n\};", re.S)


def fail(what):
    raise SystemExit("gen_coverage: " + what)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def built_actions(tables):
    """Set of (version, name); every one is known to the API and reachable through actions.c."""
    families = set(re.findall(r"F\((\w+)\)", read("src/api/actions.c")))
    built = set()
    for name in sorted(os.listdir(os.path.join(ROOT, "src", "api"))):
        if not re.fullmatch(r"act_\w+\.c", name):
            continue
        text = read("src/api/" + name)
        arrays = ARRAY.findall(text)
        if len(arrays) != 1 or name[4:-2] not in families:
            fail(f"src/api/{name}: one table `actions`, and a line in actions.c, are expected")
        rows = ROW.findall(arrays[0])
        if not rows:
            fail(f"src/api/{name}: no rows were understood")
        for constant, action in rows:
            version = CONSTANTS[constant]
            if action not in tables[version]["actions"]:
                fail(f"src/api/{name}: {action} is not in the table of {version}")
            built.add((version, action))
    return built


def test_files():
    found = {}
    for top in ("test/api", "test/sdk", "test/wire"):
        for folder, folders, files in os.walk(os.path.join(ROOT, top)):
            folders[:] = sorted(f for f in folders if f not in ("node_modules", "data", "__pycache__"))
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), ROOT)
                if name.endswith((".c", ".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".sh")):
                    found[path] = set(re.findall(r"\w+", read(path)))
    return found


def action_rows(version, table, built, tests):
    for action in sorted(table["actions"]):
        if (version, action) in built:
            names = [path[len("test/"):] for path, words in tests.items() if action in words]
            yield f"| {action} | built | {', '.join(names) if names else '–'} |"
        else:
            yield f"| {action} | `UnsupportedOperation` | |"


def fields_of(table, object_name, prefix=""):
    for member in table["objects"][object_name]:
        path, base = prefix + member["name"], member["type"].strip("[]")
        yield path, member["type"], bool(member.get("required"))
        if base in table["objects"]:
            yield from fields_of(table, base, path + ".")


def test_names(path, entry):
    leaf = path.split(".")[-1]
    for test in entry.get("tests", []):
        name, _, needle = test.partition("#")
        sources = [f"test/{name}.{kind}" for kind in ("c", "js")]
        source = next((s for s in sources if os.path.exists(os.path.join(ROOT, s))), None)
        if not source:
            fail(f"{path}: there is no {' and no '.join(sources)}")
        if not re.search(r"\b%s\b" % re.escape(needle or leaf), read(source)):
            fail(f"{path}: {source} does not have {needle or leaf}")
        yield f"{name} {needle}".rstrip()


def field_rows(table, described):
    fields = list(fields_of(table, table["actions"]["CreateTask"]["request"]))
    known = {path for path, _, _ in fields}
    for path in described:
        if path not in known:
            fail(f"docs/coverage_fields.json: CreateTask has no field {path}")
    for path, kind, required in fields:
        entry = described.get(path)
        if not entry:
            fail(f"docs/coverage_fields.json: nothing is said of {path}")
        if entry["effect"] not in EFFECTS:
            fail(f"docs/coverage_fields.json: {path}: the effect is one of {', '.join(EFFECTS)}")
        depth = path.count(".")
        name = "&nbsp;&nbsp;" * depth + ("**" + path.split(".")[-1] + "**" if depth == 0
                                         else path.split(".")[-1])
        tests = "; ".join(test_names(path, entry)) or "–"
        yield (f"| {name} | {kind}{', required' if required else ''} | {entry['effect']} | "
               f"{entry['does']} | {tests} |", entry["effect"], tests != "–")


def generate():
    tables = {}
    for name in TABLES:
        table = json.loads(read(f"api/{name}.json"))
        tables[table["version"]] = table
    built, tests = built_actions(tables), test_files()
    described = json.loads(read("docs/coverage_fields.json"))["CreateTask"]
    wedata = [v for v in tables if v != "weft-1"]
    n_all = sum(len(tables[v]["actions"]) for v in wedata)
    n_built = sum(1 for version, _ in built if version in wedata)
    out = ["<!-- Generated by tools/gen_coverage.py; do not edit. -->", "# Coverage", "",
           f"{n_built} of the {n_all} actions of WeData's API tables are built "
           f"({', '.join(wedata)}); weft's own version `weft-1` has "
           f"{len(tables['weft-1']['actions'])}. Every other action of the tables answers "
           "`UnsupportedOperation` and names itself; a name that is in no table answers "
           "`InvalidAction`.", "",
           "The last column lists the files below `test/` that name the action. The SDK tests (`test/sdk/run`) fail unless each that is built "
           "succeeded in one of them and was refused in one.", ""]
    for version, table in tables.items():
        n = sum(1 for v, _ in built if v == version)
        out += [f"## {version}", "", f"{n} of {len(table['actions'])} are built.", "",
                "| action | state | tests |", "|---|---|---|"]
        out += action_rows(version, table, built, tests)
        out.append("")
    rows = list(field_rows(tables["2025-08-06"], described))
    out += ["## The fields of CreateTask", "",
            f"{len(rows)} fields, nested ones indented. "
            + "; ".join(f"**{e}**: {EFFECTS[e]} ({sum(1 for r in rows if r[1] == e)})"
                        for e in EFFECTS)
            + f". {sum(1 for r in rows if r[2])} have a test of their own.", "",
            "| field | type | effect | what it does here | test |", "|---|---|---|---|---|"]
    out += [r[0] for r in rows]
    return "\n".join(out) + "\n"


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = generate()
    if sys.argv[1:] == ["--check"]:
        if not os.path.exists(OUT) or read("docs/coverage.md") != text:
            fail("docs/coverage.md is not up to date: run tools/gen_coverage.py and commit it")
        return 0
    with open(OUT, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
