#!/usr/bin/env python3
"""Prints the tables of the project's goals for gale and gc side by side: compiling, sizes, programs, ns each, memory, pauses.

usage: test/bench/run.py [--runs N] [--cold] [--only compile,size,programs,ns,pauses] [--quick] [FILTER]
The two commands are run in turn (A B A B ...); medians of CPU seconds (user + sys), of wall time and of peak memory, and gale/gc
ratios with their geometric mean. CPU counts first: wall time on a shared machine is noise. Programs whose output differs are
named and left out of the mean. --cold also times gc with an empty build cache (about 10 CPU seconds a run); --quick is one
run of everything.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "test" / "bench"
GALE = ROOT / "build" / "release" / "driver" / "gale"
LIMIT = 120  # seconds a command


class Run:
    """What one run of a command took: wall and CPU seconds, peak resident bytes, output. By launch.cpp: see there why."""

    launcher = ""

    def __init__(self, command, cwd=None, env=None):
        report = Run.launcher + ".report"
        start = time.perf_counter()
        r = subprocess.run([Run.launcher, report, *[str(c) for c in command]], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
        self.wall = time.perf_counter() - start
        self.output = r.stdout
        user, system, kilobytes, code = pathlib.Path(report).read_text().split()
        self.cpu, self.memory, self.code = float(user) + float(system), int(kilobytes) * 1024, int(code)


def interleave(ours, theirs, runs):
    a, b = [], []
    for _ in range(runs):
        a.append(ours())
        b.append(theirs())
    return a, b


def median(runs, field):
    return statistics.median(getattr(r, field) for r in runs)


def ratio(a, b):
    return a / b if b > 0 else float("nan")


def geometric_mean(values):
    values = [v for v in values if v == v and v > 0]
    return statistics.geometric_mean(values) if values else float("nan")


class Table:
    """Rows of gale and gc: CPU, wall, peak memory."""

    def __init__(self, title):
        self.cpu, self.wall, self.memory = [], [], []
        print(f"\n{title:44} {'gale cpu':>9} {'gc cpu':>9} {'ratio':>6}   {'gale wall':>9} {'gc wall':>9} {'ratio':>6}   {'gale MB':>8} {'gc MB':>8} {'ratio':>6}")

    def row(self, name, a, b, note=""):
        values = []
        for field, kept in (("cpu", self.cpu), ("wall", self.wall), ("memory", self.memory)):
            x, y = median(a, field), median(b, field)
            kept.append(ratio(x, y))
            values += [x, y, ratio(x, y)]
        c, w, m = values[:3], values[3:6], values[6:]
        print(f"{name:44} {c[0]:9.3f} {c[1]:9.3f} {c[2]:6.2f}   {w[0]:9.3f} {w[1]:9.3f} {w[2]:6.2f}   {m[0] / 1e6:8.1f} {m[1] / 1e6:8.1f} {m[2]:6.2f} {note}", flush=True)

    def mean(self):
        print(f"{'geometric mean':44} {'':19} {geometric_mean(self.cpu):6.2f}   {'':19} {geometric_mean(self.wall):6.2f}   {'':17} {geometric_mean(self.memory):6.2f}")


class Bench:
    def __init__(self, options, tmp):
        self.options, self.tmp = options, tmp
        self.ours, self.theirs = os.path.join(tmp, "gale.out"), os.path.join(tmp, "gc.out")

    def wants(self, name):
        return self.options.filter in name

    def gale_build(self, source, flags=()):
        return Run([GALE, "build", *flags, "-o", self.ours, source], cwd=self.tmp)

    def gc_build(self, source, flags=(), cold=False):
        environment = dict(os.environ)
        if cold:
            environment["GOCACHE"] = os.path.join(self.tmp, "cache")
            shutil.rmtree(environment["GOCACHE"], ignore_errors=True)
        return Run(["go", "build", *flags, "-o", self.theirs, source], cwd=self.tmp, env=environment)

    def build_both(self, source, flags=()):
        """"" or why not."""
        for run, who in ((self.gc_build(source, flags), "gc"), (self.gale_build(source, flags), "gale")):
            if run.code != 0:
                return f"{who} does not build it: {run.output.decode(errors='replace')[:200]}"
        return ""

    def compile(self):
        table = Table("compile")
        sources = [ROOT / "test" / "programs" / n for n in ("hello_println.go", "hello_fmt.go", "json_roundtrip.go", "conc_http.go")]
        for source in sources:
            a, b = interleave(lambda: self.gale_build(source), lambda: self.gc_build(source), self.options.runs)
            if a[0].code or b[0].code:
                print(f"{source.stem}: does not build")
                continue
            table.row(f"{source.stem} (gc: std cached)", a, b)
            if self.options.cold:
                table.row(f"{source.stem}, nothing cached", [self.gale_build(source)], [self.gc_build(source, cold=True)])
        table.mean()

    def size(self):
        print(f"\n{'size, stripped':44} {'gale':>12} {'gc':>12} {'ratio':>6}")
        ratios = []
        for name in ("hello_println.go", "hello_fmt.go", "json_roundtrip.go", "conc_http.go"):
            if not self.build_both(ROOT / "test" / "programs" / name, ["-ldflags=-s -w"]):
                x, y = os.path.getsize(self.ours), os.path.getsize(self.theirs)
                ratios.append(x / y)
                print(f"{name:44} {x:12,} {y:12,} {x / y:6.2f}")
        print(f"{'geometric mean':70} {geometric_mean(ratios):6.2f}")
        table = Table("start")
        self.build_both(ROOT / "test" / "programs" / "hello_fmt.go")
        a, b = interleave(lambda: Run([self.ours]), lambda: Run([self.theirs]), self.options.runs * 4)
        table.row("start and end of hello with fmt", a, b)

    def programs(self):
        table = Table("programs")
        for source in sorted((BENCH / "programs").glob("*.go")):
            if not self.wants(source.stem):
                continue
            failed = self.build_both(source)
            if failed:
                print(f"{source.stem:44} {failed}")
                continue
            a, b = interleave(lambda: Run([self.ours]), lambda: Run([self.theirs]), self.options.runs)
            if any((r.code, r.output) != (b[0].code, b[0].output) for r in a + b):
                print(f"{source.stem:44} outputs differ: gale {a[0].code} {a[0].output[-120:]!r}, gc {b[0].code} {b[0].output[-120:]!r}")
                continue
            table.row(source.stem, a, b, "<- above 2x" if ratio(median(a, "cpu"), median(b, "cpu")) > 2 else "")
        table.mean()

    def columns(self, title, source, arguments=(), env=None):
        """A program that prints name TAB figure lines."""
        print(f"\n{title:44} {'gale':>10} {'gc':>10} {'ratio':>6}")
        failed = self.build_both(source)
        if failed:
            print(failed)
            return
        a, b = interleave(lambda: Run([self.ours, *arguments], env=env), lambda: Run([self.theirs, *arguments], env=env), max(1, self.options.runs // 2))

        def figures(runs):
            found = {}
            for r in runs:
                for line in r.output.decode(errors="replace").split("\n"):
                    name, tab, value = line.partition("\t")
                    if tab:
                        found.setdefault(name, []).append(float(value))
            return {k: statistics.median(v) for k, v in found.items()}

        ours, theirs = figures(a), figures(b)
        ratios = []
        for name in theirs:
            if name in ours:
                r = ratio(ours[name], theirs[name])
                if not name.startswith("count:"):  # tells how much was measured; no figure of merit
                    ratios.append(r)
                print(f"{name:44} {ours[name]:10.2f} {theirs[name]:10.2f} {r:6.2f}")
            else:
                print(f"{name:44} {'none':>10} {theirs[name]:10.2f}   gale: exit code {a[0].code} {a[0].output[-100:]!r}")
        print(f"{'geometric mean':66} {geometric_mean(ratios):6.2f}")

    def ns(self):
        self.columns("ns each (CPU time, GOMAXPROCS=1)", BENCH / "nanoseconds" / "main.go", [self.options.filter] if self.options.filter else [],
                     dict(os.environ, GOMAXPROCS="1"))

    def pauses(self):
        self.columns("200 MB of live pointers, microseconds", BENCH / "pauses" / "main.go")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="compile,size,programs,ns,pauses")
    parser.add_argument("filter", nargs="?", default="")
    options = parser.parse_args()
    if options.quick:
        options.runs = 1
    with tempfile.TemporaryDirectory() as tmp:
        Run.launcher = os.path.join(tmp, "launch")
        subprocess.run(["c++", "-O1", "-static", "-o", Run.launcher, str(BENCH / "launch.cpp")], check=True)
        bench = Bench(options, tmp)
        for table in options.only.split(","):
            getattr(bench, table)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
