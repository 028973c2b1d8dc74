#!/usr/bin/env python3
"""Prints docs/goals' tables for gale and gc side by side: compile time, size, start-up, run time of test/bench/programs.

usage: test/bench/run.py [--runs N] [--cold]     (--cold: also time gc with an empty build cache, about 10 CPU seconds a run)
The two commands are run in turn (A B A B ...); medians of user+sys CPU seconds and of wall time are shown, and gale/gc ratios.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GALE = ROOT / "build" / "release" / "driver" / "gale"


def timed(command, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pair(name, ours, theirs, runs):
    a, b = [], []
    for _ in range(runs):
        a.append(ours())
        b.append(theirs())
    row = [statistics.median(x) for x in (list(zip(*a))[0], list(zip(*a))[1], list(zip(*b))[0], list(zip(*b))[1])]
    print(f"{name:44} {row[0]:9.4f} {row[1]:9.4f} {row[2]:9.4f} {row[3]:9.4f} {row[0] / row[2]:7.2f} {row[1] / max(row[3], 1e-4):7.2f}", flush=True)
    return row[1] / max(row[3], 1e-4)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    hello = ROOT / "test" / "programs" / "hello_fmt.go"
    print(f"{'':44} {'gale wall':>9} {'cpu':>9} {'gc wall':>9} {'cpu':>9} {'wall':>7} {'cpu':>7}")
    with tempfile.TemporaryDirectory() as tmp:
        ours, theirs = os.path.join(tmp, "gale.out"), os.path.join(tmp, "gc.out")

        def gale_build(source=hello, flags=()):
            return timed([str(GALE), "build", *flags, "-o", ours, str(source)], cwd=tmp)

        def gc_build(source=hello, flags=(), cold=False):
            environment = dict(os.environ)
            if cold:
                environment["GOCACHE"] = os.path.join(tmp, "cache")
                shutil.rmtree(environment["GOCACHE"], ignore_errors=True)
            return timed(["go", "build", *flags, "-o", theirs, str(source)], cwd=tmp, env=environment)

        pair("compile hello with fmt (gc: cached std)", gale_build, gc_build, options.runs)
        if options.cold:
            pair("compile hello with fmt, nothing cached", gale_build, lambda: gc_build(cold=True), 1)
        gale_build(hello, ["-ldflags=-s -w"])
        gc_build(hello, ["-ldflags=-s -w"])
        print(f"size of hello with fmt, stripped: gale {os.path.getsize(ours):,}, gc {os.path.getsize(theirs):,} bytes")
        pair("start and end of hello", lambda: timed([ours]), lambda: timed([theirs]), options.runs * 4)
        pair("parse and check std, all bodies (gc: go vet's)", lambda: timed([str(GALE), "check", "std"], cwd=tmp), lambda: (1, 1), 1)
        ratios = []
        for program in sorted((ROOT / "test" / "bench" / "programs").glob("*.go")):
            gale_build(program)
            gc_build(program)
            ratios.append(pair("run " + program.stem, lambda: timed([ours]), lambda: timed([theirs]), options.runs))
        if ratios:
            print(f"geometric mean of CPU time, gale/gc: {statistics.geometric_mean(ratios):.2f}")


if __name__ == "__main__":
    main()
