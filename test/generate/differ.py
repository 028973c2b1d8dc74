#!/usr/bin/env python3
"""Builds generated programs by gale (quick, full, -N) and by gc and compares stdout, stderr and exit code.

usage: differ.py [--gale PATH] [--seed S] [--units N] [--batch 50] [--keep FOLDER]
A batch is a program of so many units, for gc's slow builds. A difference is narrowed to its units; --keep keeps each of them as
a program of its own, to be made smaller by reduce.py.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import program  # noqa: E402

MODES = ("quick", "full", "debug")  # as GALE_OPT has them
ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 60  # seconds a build or a run


def blank(text):
    """Addresses, argument values and offsets in a traceback."""
    text = re.sub(r"0x[0-9a-f]+", "0x?", text)
    return re.sub(r"\([^()]*\)$|goroutine \d+|:\d+ \+0x\?$", "", text, flags=re.M)


def command(arguments, folder, limit=LIMIT, **more):
    """(exit code, stdout, stderr); exit code "timeout" if it takes too long."""
    environment = dict(os.environ, GOFLAGS="", GOTRACEBACK="single", **more)
    try:
        r = subprocess.run([str(a) for a in arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired as e:
        return "timeout", (e.stdout or b"").decode(errors="replace"), ""
    return r.returncode, r.stdout.decode(errors="replace"), r.stderr.decode(errors="replace")


def build(compiler, mode, folder, output):
    """"" or what the compiler said. compiler: gale's path, or "go"."""
    code, out, err = command([compiler, "build", "-o", output, "."], folder, GALE_OPT=mode or "full")
    return "" if code == 0 else f"exit code {code}\n{(out + err)[-3000:]}"


def outcome(compiler, mode, folder, output):
    """What building and running comes to, in a form that can be compared."""
    failed = build(compiler, mode, folder, output)
    if failed:
        return "build", failed, ""
    code, out, err = command([output], folder)
    os.unlink(output)
    return code, out, blank(err)


def sections(out):
    """unit -> its lines. main prints `--- uN` before each."""
    found, current = {}, ""
    for line in out.split("\n"):
        if line.startswith("--- u"):
            current = line[4:]
        found.setdefault(current, []).append(line)
    return found


def first_difference(a, b):
    for what, x, y in zip(("exit code", "stdout", "stderr"), a, b):
        if x != y:
            if isinstance(x, str) and isinstance(y, str):
                lines = [(p, q) for p, q in zip(x.split("\n"), y.split("\n")) if p != q][:1]
                x, y = lines[0] if lines else (x[-300:], y[-300:])
            return f"{what}: gc {str(x)[:600]!r}, gale {str(y)[:600]!r}"
    return ""


def differing_units(theirs, ours, names):
    """Units whose output differs, or that were never reached."""
    a, b = sections(theirs[1]), sections(ours[1])
    return [n for n in names if a.get(n) != b.get(n)]


def compare(gale, parts, tmp, modes=MODES):
    """[(unit or "", mode, what)] for a program of these units."""
    folder = os.path.join(tmp, "program")
    shutil.rmtree(folder, ignore_errors=True)
    program.write(folder, parts)
    output = os.path.join(tmp, "out")
    theirs = outcome("go", "", folder, output)
    if theirs[0] == "build" and "exit code timeout" in theirs[1] or theirs[0] == "timeout":
        return [("", "not compared", "gc took too long: " + theirs[1][:100])]
    if theirs[0] == "build":
        return [("", "gc", "gc does not build it: " + theirs[1])]
    found = []
    for mode in modes:
        ours = outcome(gale, mode, folder, output)
        if ours == theirs:
            continue
        units = differing_units(theirs, ours, [n for n, _ in parts]) if ours[0] != "build" else []
        found += [(u, mode, first_difference(theirs, ours)) for u in units[:5] or [""]]
    return found


def run(gale, seed, units, batch, modes=MODES, keep=None, limit=None):
    """Yields (seed of the batch, units in it, differences)."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as tmp:
        for i in range(0, units, batch):
            if limit and time.monotonic() - start > limit:
                return
            batch_seed, n = f"{seed}/{i}", min(batch, units - i)
            parts = program.units(batch_seed, n)
            found = compare(gale, parts, tmp, modes)
            if found and keep and found[0][1] != "not compared":
                for u in {u for u, _, _ in found}:
                    program.write(os.path.join(keep, f"{batch_seed}_{u or 'all'}".replace("/", "_")), [p for p in parts if p[0] == u or not u])
            yield batch_seed, n, found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gale", default=str(ROOT / "build" / "release" / "driver" / "gale"))
    parser.add_argument("--seed", default=time.strftime("%Y%m%d"))
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--keep")
    options = parser.parse_args()
    total, different, missed = 0, 0, 0
    for seed, n, found in run(options.gale, options.seed, options.units, options.batch, keep=options.keep):
        if any(mode == "not compared" for _, mode, _ in found):
            missed += n
            print(f"seed {seed}: {found[0][2]}; {missed} units not compared so far", flush=True)
            continue
        total += n
        different += len({u for u, _, _ in found})
        for unit, mode, what in found:
            print(f"seed {seed} unit {unit or '?'} {mode}: {what}", flush=True)
        print(f"{total} units compared, {different} differ, {missed} not compared", flush=True)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
