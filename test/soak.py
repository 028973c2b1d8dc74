#!/usr/bin/env python3
"""Runs the concurrent programs of test/programs again and again under one debug mode, for minutes: test/soak.py MODE [MINUTES [JOBS]].

MODE is a value of GALEDEBUG, or "plain". Prints what differed from a run without the mode, and at the end `N runs, N failures`.
"""
import os
import pathlib
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "test" / "suites"), str(ROOT / "test")]
import concurrency  # noqa: E402
import stress  # noqa: E402


class Context:
    gale = ROOT / "build" / "release" / "driver" / "gale"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    mode, minutes, jobs = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 10, int(sys.argv[3]) if len(sys.argv) > 3 else 2
    rng = random.Random()
    runs = failures = 0
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(jobs) as pool:
        cases = []
        for path in concurrency.programs(ROOT):
            if "gcconcurrent" in mode and "deadlock" in path.stem:
                continue  # a program that always collects is never idle
            if path.stem in {name for one, names in stress.SLOW.items() if one in mode.split(",") for name in names}:
                continue
            binary = concurrency.build(Context, tmp, path.stem, path.read_text())
            cases.append((path.stem, binary, concurrency.execute(binary)))
        end = time.monotonic() + minutes * 60

        def one(case):
            name, binary, plain = case
            if time.monotonic() > end:
                return None
            fault = concurrency.differs(binary, plain, "" if mode == "plain" else mode, rng.choice("1223458"))
            return (name, fault)

        while time.monotonic() < end:
            rng.shuffle(cases)
            for result in pool.map(one, cases):
                if result is None:
                    continue
                runs += 1
                if result[1]:
                    failures += 1
                    print(f"--- {result[0]}\n{result[1]}", flush=True)
    print(f"{mode}: {runs} runs of {len(cases)} programs, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
