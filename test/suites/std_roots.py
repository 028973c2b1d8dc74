"""All of std's public packages in one program that refers to everything they export (test/std_roots): it must link, initialise
all of them, and run."""
import pathlib
import subprocess
import tempfile

# Packages that no program gets whole: documentation, and what gale has not yet (cgo, race, plugins).
LEFT_OUT = {"builtin", "plugin", "runtime/cgo", "runtime/race", "unsafe"}


def packages(source):
    for folder in sorted(p for p in source.rglob("*") if p.is_dir()):
        path = folder.relative_to(source).as_posix()
        parts = path.split("/")
        if path in LEFT_OUT or {"internal", "vendor", "testdata", "cmd"} & set(parts) or any(p[0] == "_" for p in parts):
            continue
        if any(f.suffix == ".go" and not f.name.endswith("_test.go") for f in folder.iterdir()):
            yield path


def command(arguments, **more):
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, **more)


def problem(context):
    source = pathlib.Path(context.goroot) / "src"
    with tempfile.TemporaryDirectory() as folder:
        generator, program = f"{folder}/generator", f"{folder}/roots.go"
        steps = [
            ([context.gale, "build", "-o", generator, str(context.root / "test" / "std_roots" / "main.go")], None),
            ([generator, str(source), *packages(source)], program),
            ([context.gale, "build", "-o", f"{folder}/roots", program], None),
            ([f"{folder}/roots"], None),
        ]
        for arguments, output in steps:
            result = command([str(a) for a in arguments], cwd=folder)
            if result.returncode != 0:
                return f"{pathlib.Path(str(arguments[0])).name}: exit code {result.returncode}\n{result.stderr.decode()[-3000:]}"
            if output:
                pathlib.Path(output).write_bytes(result.stdout)
    return "" if result.stderr == b"true\n" else f"wrong output: {result.stderr!r}"


def run(context):
    if not context.goroot:
        yield "std_roots", "skip", "no Go is installed"
    elif context.wants("std_roots"):
        what = problem(context)
        yield "std_roots", "fail" if what else "pass", what
