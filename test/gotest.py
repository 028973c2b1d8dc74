"""GOROOT/test as gc's own runner (cmd/internal/testdir) sees it: recipes, packages in directories, expected errors."""
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

TIMEOUT = 60  # seconds a test


class Test:
    """One line of test/conformance/portable.txt, execute.txt or execute_std.txt."""

    def __init__(self, goroot, name, action, arguments):
        self.name, self.action = name, action
        self.path = pathlib.Path(goroot) / "test" / name
        self.single = "-s" in arguments
        self.want_error = "-0" not in arguments
        self.all_errors = "-e=0" not in arguments
        self.complete = "-complete" in arguments or action == "build"
        self.lang = next((a[6:] for a in arguments if a.startswith("-lang=")), None)
        self.more_files = [a for a in arguments if a.endswith(".go")]
        self.module_version = arguments[arguments.index("-gomodversion") + 1] if "-gomodversion" in arguments else None
        self.program_arguments = [a for a in arguments if not a.startswith("-") and a not in self.more_files and a != self.module_version]
        self.directory = self.path.with_suffix(".dir")


def read_tests(context, file_name="portable.txt"):
    for line in (context.root / "test" / "conformance" / file_name).read_text().splitlines():
        if line and not line.startswith("#"):
            name, action, *arguments = shlex.split(line)
            if context.wants(name):
                yield Test(context.goroot, name, action, arguments)


def read_known_failures(context, file_name):
    """Names and reasons: `name reason...` a line."""
    path = context.root / "test" / "conformance" / file_name
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def gale(context):
    return os.environ.get("GALE", str(context.gale))


def check(context, test, arguments, cwd):
    """Runs `gale check`; exit code and output."""
    flags = [f"-e={test.all_errors}".lower(), f"-complete={test.complete}".lower()]
    command = [gale(context), "check", *flags, *arguments]
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=cwd, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return -1, f"timed out after {TIMEOUT} s"
    return result.returncode, result.stdout + result.stderr


def check_single(context, test):
    flags = [f"-lang={test.lang}"] if test.lang else []
    return check(context, test, [*flags, test.path.name, *test.more_files], test.path.parent)


def directory_packages(test):
    """The packages of X.dir in the order in which they are compiled, each a list of files."""
    packages = {}
    for path in sorted(test.directory.glob("*.go")):
        text = path.read_text(errors="replace")
        name = re.search(r"^package (\w+)", text, re.M)[1]
        packages.setdefault(path.name if test.single else name, []).append(path)
    return list(packages.values())


def write_module(test, folder):
    """Writes X.dir as a module `test` whose packages are folders; imports of "./a" become "test/a". Returns the folders' names."""
    root = pathlib.Path(folder)
    (root / "go.mod").write_text(f"module test\n\ngo {(test.lang or 'go1.26')[2:]}\n")
    names = []
    for files in directory_packages(test):
        package = root / files[0].stem
        package.mkdir()
        names.append(package.name)
        for f in files:
            text = f.read_text(errors="surrogateescape")
            text = re.sub(r'^((?:import)?\s*[\w.]*\s*)"\./', r'\1"test/', text, flags=re.M)
            name = f.name.replace("_test.go", "_test_.go")  # here these are no tests
            (package / name).write_text(text, errors="surrogateescape")
    return names


def check_directory(context, test):
    with tempfile.TemporaryDirectory() as folder:
        write_module(test, folder)
        return check(context, test, ["./..."], folder)


def in_parallel(function, tests):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(tests, pool.map(function, tests))


def judge(test, problem, known):
    """Outcome of a test that has a problem (or none), given the known failures."""
    reason = known.get(test.name)
    if problem and reason:
        return test.name, "skip", ""
    if problem:
        return test.name, "fail", problem
    if reason:
        return test.name, "fail", f"passes: take it off the list of known failures ({reason})"
    return test.name, "pass", ""


# ---- expected errors ----

COMMENT = re.compile(r"// (?:GC_)?ERROR (.*)")
QUOTED = re.compile(r'"([^"\n]*)"')
LINE = re.compile(r"LINE(([+-])(\d+))?")


def wanted_errors(path):
    """(line number, pattern) for each ERROR comment."""
    for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1):
        if "////" in line:
            continue  # a comment about comments
        m = COMMENT.search(line)
        if not m:
            continue
        for pattern in QUOTED.findall(m[1]):

            def place(m):
                delta = int(m[3]) if m[2] else 0
                return f"{path.name}:{number + (delta if m[2] != '-' else -delta)}"

            yield number, LINE.sub(place, pattern)


def go_regexp(pattern):
    """RE2 as Python reads it; the suite uses what both have."""
    return re.compile(pattern.replace(r"\z", r"\Z"), re.ASCII)


def split_messages(output):
    """Messages with their continuation lines joined."""
    messages = []
    output = re.sub(r"(?<![\w./])(?:\.?[\w-]*/)+([\w.-]+\.go:\d+)", r"\1", output)  # without folders
    for line in output.split("\n"):
        if line.startswith("\t"):
            if messages:
                messages[-1] += "\n" + line
        elif line and not line.startswith("#"):
            messages.append(line)
    return messages


def compare_errors(output, files):
    """What is wrong with the output, given the ERROR comments in files; "" if nothing is."""
    unclaimed = {}
    other = []
    for message in split_messages(output):
        m = re.match(r"(?:[^\s:]*/)?([^\s/:]+\.go):(\d+)(:\d+)?: ", message)
        if m:
            unclaimed.setdefault((m[1], int(m[2])), []).append(message)
        else:
            other.append(message)
    problems = []
    for path in files:
        for line, pattern in wanted_errors(path):
            at = unclaimed.pop((path.name, line), [])
            if not at:
                problems.append(f"{path.name}:{line}: missing error {pattern!r}")
                continue
            rest = [m for m in at if not go_regexp(pattern).search(m.split(" ", 1)[1])]
            if len(rest) == len(at):
                problems.append(f"{path.name}:{line}: no match for {pattern!r} in:\n\t" + "\n\t".join(at))
            if rest:
                unclaimed[(path.name, line)] = rest
    for messages in unclaimed.values():
        problems += [f"unexpected: {m}" for m in messages]
    problems += [f"unexpected: {m}" for m in other]
    return "\n".join(problems)
