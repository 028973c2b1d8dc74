"""Generated programs (test/generate): gale quick, full and -N against gc, one fixed seed and one of the day; about a minute."""
import pathlib
import sys
import time

UNITS, BATCH = 150, 50  # for each of the two seeds


def run(context):
    if context.goroot is None:
        yield "generated", "skip", "no Go distribution"
        return
    sys.path.insert(0, str(pathlib.Path(context.root) / "test" / "generate"))
    import differ
    for seed in ("fixed", time.strftime("day%Y%m%d", time.gmtime())):
        for batch, n, found in differ.run(str(context.gale), seed, UNITS, BATCH):
            if any(mode == "not compared" for _, mode, _ in found):
                for i in range(n):
                    if context.wants(f"generated/{batch}/u{i}"):
                        yield f"generated/{batch}/u{i}", "skip", found[0][2] if i == 0 else ""
                continue
            different = {u for u, _, _ in found}
            text = "\n".join(f"unit {u or '?'}, {mode}: {what}" for u, mode, what in found)
            for i in range(n):
                name = f"generated/{batch}/u{i}"
                if context.wants(name):
                    failed = f"u{i}" in different or "" in different
                    yield name, "fail" if failed else "pass", text + f"\nagain: test/generate/differ.py --seed {seed} --units {UNITS}" if failed else ""
