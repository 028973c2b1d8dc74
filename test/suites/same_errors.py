"""Same errors as gc's, to the column: a sample of GOROOT/test's errorcheck tests, against `go tool compile` as the oracle."""
import re
import shutil
import subprocess
import tempfile

import gotest

SAMPLE = 8  # every eighth


def lines(output):
    output = re.sub(r"(?<![\w./])(?:\.?[\w-]*/)+([\w.-]+\.go:\d+)", r"\1", output)
    return [line for line in output.split("\n") if line and not line.startswith("#")]


def run(context):
    if not context.goroot or not shutil.which("go"):
        yield "same_errors", "skip", "no Go is installed"
        return
    known = gotest.read_known_failures(context, "errorcheck_known_failures.txt")
    tests = [t for t in gotest.read_tests(context) if t.action == "errorcheck" and not t.lang and t.name not in known]
    tests = [t for t in tests if not re.search(r"^\s*import\b", t.path.read_text(errors="replace"), re.M)]
    if not context.case_filter:
        tests = tests[::SAMPLE]

    def problem(test):
        # gc deletes its output file when there are errors: it must be one of our own.
        with tempfile.TemporaryDirectory() as folder:
            flags = ["-p=p", "-e", "-o", f"{folder}/p.o"] + (["-complete"] if test.complete else [])
            command = ["go", "tool", "compile", *flags, test.path.name]
            gc = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=test.path.parent)
        wanted = lines(gc.stdout + gc.stderr)
        _, output = gotest.check_single(context, test)
        got = lines(output)
        if got == wanted:
            return ""
        return "\n".join([f"gc:   {w}" for w in wanted if w not in got] + [f"gale: {g}" for g in got if g not in wanted])

    for test, found in gotest.in_parallel(problem, tests):
        yield gotest.judge(test, found, {})
