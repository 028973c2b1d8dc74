#!/usr/bin/env python3
"""Executing tests of GOROOT/test: built by gale, run, output and exit code judged as gc's runner does (cmd/internal/testdir). The
tests are in test/conformance/execute.txt (those that need no package but unsafe and runtime) and execute_std.txt (all others).

`python3 test/suites/execute.py ROOT` writes test/conformance/execute_known_failures.txt anew from a run; reasons that stand there
for tests that still fail are kept.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(sys.argv[1], "test"))
import gotest

TIMEOUT = 40  # seconds for a build, and again for the run; generous, since the machine may be shared
LISTS = ("execute.txt", "execute_std.txt")
KNOWN = "execute_known_failures.txt"


def command(arguments, cwd):
    """Exit code (None: timed out) and merged output; nothing that it started survives."""
    environment = dict(os.environ, GOENV="off", GOFLAGS="", PWD=str(cwd), GALE_THREADS="1")
    process = subprocess.Popen(arguments, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return None, output


def exit_text(code):
    if code is None:
        return f"timeout ({TIMEOUT} s)"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def build(context, target, cwd, binary):
    """What is wrong with the build; "" if nothing is. `target`: a package or a list of files."""
    targets = [target] if isinstance(target, str) else target
    code, output = command([gotest.gale(context), "build", "-o", binary, *targets], cwd)
    return "" if code == 0 else f"gale build: {exit_text(code)}\n{output.decode(errors='replace')[-3000:]}"


def generate(context, test, cwd, folder):
    """Runs the program of a runoutput test and saves the program that it prints. Returns its path and what went wrong."""
    generator, source = os.path.join(folder, "generator.exe"), os.path.join(folder, "tmp__.go")
    problem = build(context, [test.path.name, *test.more_files], test.path.parent, generator)
    if problem:
        return source, problem
    code, output = command([generator], cwd)
    pathlib.Path(source).write_bytes(output)
    return source, "" if code == 0 else f"generator: {exit_text(code)}\n{output.decode(errors='replace')[-3000:]}"


def problem_of(context, test):
    goroot_test = pathlib.Path(context.goroot) / "test"
    with tempfile.TemporaryDirectory() as folder:
        binary, source, target = os.path.join(folder, "a.exe"), goroot_test, test.name
        run_in = goroot_test
        if test.action == "rundir":
            source = pathlib.Path(folder) / "module"
            source.mkdir()
            target = "./" + gotest.write_module(test, source)[-1]
        elif test.action in ("runindir", "buildrundir"):
            source, target = pathlib.Path(folder) / test.directory.name, "."
            shutil.copytree(test.directory, source, symlinks=True)
            version = test.module_version or ("1.14" if test.action == "runindir" else "1.26")
            (source / "go.mod").write_text(f"module {test.directory.name}\n\ngo {version}\n")
            run_in = source
        elif test.action == "runoutput":
            target, problem = generate(context, test, run_in, folder)
            if problem:
                return problem
        elif test.more_files:
            target = [test.name, *(str(pathlib.Path(test.name).parent / f) for f in test.more_files)]
        problem = build(context, target, source, binary)
        if problem:
            return problem
        code, output = command([binary, *test.program_arguments], run_in)
    # gc's runner does not look at the output of rundir tests.
    expected = test.path.with_suffix(".out")
    wanted = expected.read_bytes() if expected.exists() else b""
    output_matters = test.action != "rundir" or expected.exists()
    shown = output.decode(errors="replace")[-3000:]
    if code != 0:
        return f"{exit_text(code)}\n{shown}"
    if output_matters and output != wanted:
        return f"wrong output\n{shown}\n--- wanted\n{wanted.decode(errors='replace')[-3000:]}"
    return ""


def all_tests(context):
    return [test for name in LISTS for test in gotest.read_tests(context, name)]


def run(context):
    if not context.goroot:
        yield "execute", "skip", "no Go is installed"
        return
    known = gotest.read_known_failures(context, KNOWN)
    tests = all_tests(context)
    for test, problem in gotest.in_parallel(lambda t: problem_of(context, t), tests):
        yield gotest.judge(test, problem, known)


# ---- the list of known failures ----

def reason_of(problem):
    """One line of what a problem says: how it ended, and the words that tell most."""
    first, _, rest = problem.partition("\n")
    lines = [line.strip() for line in rest.split("\n--- wanted")[0].splitlines()]
    lines = [line for line in lines if line and not line.startswith(("#", "goroutine ", "["))]
    telling = re.compile(r"internal compiler error|^fatal error|^panic: |^runtime: |undefined|not supported|SIG[A-Z]+")
    words = next((line for line in lines if telling.search(line)), lines[0] if lines else "no output")
    words = re.sub(r"0x[0-9a-f]+", "0x?", words.replace("gale: ", ""))
    words = re.sub(r"(?<![\w.])/[\w./-]*/", "", words)
    return f"{first}: {words[:120]}"


def main():
    from run import Context
    context = Context(sys.argv[1], "")
    old = gotest.read_known_failures(context, KNOWN)
    tests = all_tests(context)
    lines, passed = [], 0
    for test, problem in gotest.in_parallel(lambda t: problem_of(context, t), tests):
        passed += not problem
        if problem:
            lines.append(f"{test.name} {old.get(test.name) or reason_of(problem)}\n")
    head = "# Tests of execute.txt that gale does not pass, each with the reason. One that passes must go.\n"
    (context.root / "test" / "conformance" / KNOWN).write_text(head + "".join(lines))
    print(f"{passed} passed, {len(lines)} failed")


if __name__ == "__main__":
    main()
