#!/usr/bin/env python3
"""Runs gale's test suites and prints `N passed, N failed, N skipped`.

A suite is a unit test program (build/release/*/*_test), or a script test/suites/NAME.py with a function
run(context) that yields (case name, outcome, detail), outcome being "pass", "fail" or "skip".
"""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import time


class Context:
    """What a suite gets: where things are, and the name filter for its cases."""

    def __init__(self, root, case_filter):
        self.root = pathlib.Path(root).resolve()
        self.build = self.root / "build" / "release"
        self.gale = self.build / "driver" / "gale"
        self.case_filter = case_filter
        self.goroot = find_goroot()

    def wants(self, name):
        return not self.case_filter or self.case_filter in name


def find_goroot():
    """GOROOT of the installed Go, or None."""
    candidates = [os.environ.get("GOROOT")]
    try:
        candidates.append(subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True).stdout.strip())
    except OSError:
        pass
    candidates += ["/usr/local/go", "/usr/lib/go"]
    for c in candidates:
        if c and os.path.isdir(os.path.join(c, "src", "fmt")):
            return c
    return None


def run_unit(program, context):
    """One gtest program; each of its tests is a case."""
    arguments = [str(program), "--gtest_color=no"]
    if context.case_filter:
        arguments.append(f"--gtest_filter=*{context.case_filter.removeprefix(program.name + '/')}*")
    try:
        result = subprocess.run(arguments, capture_output=True, text=True, errors="replace", cwd=context.root, timeout=600)
        output, code = result.stdout + result.stderr, result.returncode
    except subprocess.TimeoutExpired:
        yield program.name, "fail", "timed out after 600 s"
        return
    reported_failure = False
    for line in output.splitlines():
        m = re.match(r"\[\s+(OK|FAILED|SKIPPED)\s+\] (\S+?) \(", line)
        if m:
            outcome = {"OK": "pass", "FAILED": "fail", "SKIPPED": "skip"}[m[1]]
            reported_failure |= outcome == "fail"
            yield f"{program.name}/{m[2]}", outcome, output[-4000:] if outcome == "fail" else ""
    if code != 0 and not reported_failure:
        yield program.name, "fail", f"exit status {code}\n{output[-4000:]}"


def main():
    root = sys.argv[1]
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    sys.path.insert(0, os.path.join(root, "test"))
    suites = []
    context = Context(root, "")
    for program in sorted(context.build.glob("*/*_test")):
        suites.append((program.name, lambda c, p=program: run_unit(p, c)))
    for script in sorted((context.root / "test" / "suites").glob("*.py")):
        spec = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        suites.append((script.stem, module.run))
    selected = [s for s in suites if name in s[0]] if name else suites
    if not selected:  # not a suite's name: a case's
        selected, context.case_filter = [s for s in suites if name.startswith(s[0] + "/")] or suites, name
    totals = {"pass": 0, "fail": 0, "skip": 0}
    for suite, run in selected:
        counts = {"pass": 0, "fail": 0, "skip": 0}
        start = time.monotonic()
        for case, outcome, detail in run(context):
            counts[outcome] += 1
            if outcome == "fail":
                print(f"--- FAIL: {case}\n{detail}")
            elif outcome == "skip" and detail:
                print(f"--- SKIP: {case}: {detail}")
        for k in totals:
            totals[k] += counts[k]
        print(f"{suite}: {counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped"
              f" ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{totals['pass']} passed, {totals['fail']} failed, {totals['skip']} skipped")
    return 1 if totals["fail"] or not (totals["pass"] or totals["skip"]) else 0


if __name__ == "__main__":
    sys.exit(main())
