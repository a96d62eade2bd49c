"""test/wire/exposition.py - a strict reader of Prometheus' text format, version 0.0.4."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
SAMPLE = re.compile(r"^(%s)(?:\{([^\n]*)\})? (-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|Inf|NaN))$" % NAME)
ENDINGS = {"histogram": ("_bucket", "_sum", "_count")}


def labels_of(text):
    found, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"labels: {text!r}"
        assert match.group(1) not in found, f"label twice: {text!r}"
        found[match.group(1)] = match.group(2)
        at = match.end()
    return found


def check_histogram(name, samples):
    """Buckets grow, end with +Inf, and agree with the count; for each set of labels."""
    series = {}
    for sample, labels, value in samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        at = series.setdefault(key, {"buckets": [], "sum": None, "count": None})
        if sample.endswith("_bucket"):
            at["buckets"].append((float(labels["le"].replace("+Inf", "inf")), value))
        else:
            assert at[sample[len(name) + 1:]] is None, f"{sample} twice"
            at[sample[len(name) + 1:]] = value
    for key, at in series.items():
        bounds, counts = zip(*at["buckets"])
        assert list(bounds) == sorted(set(bounds)), f"{name}{key}: bounds {bounds}"
        assert list(counts) == sorted(counts), f"{name}{key}: counts {counts}"
        assert bounds[-1] == float("inf") and counts[-1] == at["count"], f"{name}{key}: {at}"
        assert at["sum"] is not None, f"{name}{key} has no sum"


def parse(text):
    """{family: {"kind", "help", "samples": [(name, labels, value)]}}; an AssertionError says what is wrong."""
    assert text.endswith("\n"), "the last line does not end"
    families, now = {}, None
    for line in text.split("\n")[:-1]:
        head = re.match(r"^# (HELP|TYPE) (%s) (.+)$" % NAME, line)
        if head and head.group(1) == "HELP":
            assert head.group(2) not in families, f"family twice: {line}"
            now = families[head.group(2)] = {"kind": None, "help": head.group(3), "samples": []}
            name = head.group(2)
        elif head:
            assert head.group(2) == name and now["kind"] is None and not now["samples"], line
            assert head.group(3) in ("counter", "gauge", "histogram"), line
            now["kind"] = head.group(3)
        else:
            match = SAMPLE.match(line)
            assert match, f"no sample: {line!r}"
            allowed = [name + ending for ending in ENDINGS.get(now["kind"], ("",))]
            assert match.group(1) in allowed, f"{line!r} below {name}"
            now["samples"].append((match.group(1), labels_of(match.group(2) or ""), float(match.group(3))))
    for name, family in families.items():
        assert family["kind"], f"{name} has no TYPE"
        keys = [(n, tuple(sorted(labels.items()))) for n, labels, _ in family["samples"]]
        assert len(keys) == len(set(keys)), f"{name}: a sample twice"
        assert (family["kind"] == "counter") == name.endswith("_total"), f"{name}: {family['kind']}"
        if family["kind"] == "histogram":
            check_histogram(name, family["samples"])
    return families
