"""Real programs, built by gale and by gc: same stdout, stderr and exit code.

test/programs/NAME.go or a folder test/programs/NAME/ (a module). A line `// stdin: FILE`, `// args: A B` in the main file's
header says how it is run. REPEAT=50 in the environment runs each program of gale's so many times: a flake fails. Tracebacks are compared without goroutine ids' addresses: hex numbers are blanked.
"""
import os
import pathlib
import re
import subprocess
import tempfile

RUN_LIMIT = 40  # seconds a program


def programs(context):
    folder = context.root / "test" / "programs"
    for path in sorted(folder.iterdir()):
        if path.suffix == ".go" or (path.is_dir() and (path / "go.mod").exists()):
            yield path


def known_failures(context):
    """name -> reason, from test/programs/known_failures.txt."""
    path = context.root / "test" / "programs" / "known_failures.txt"
    known = {}
    if path.exists():
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.partition(" ")
                known[name] = reason.strip()
    return known


def header_value(text, key):
    m = re.search(r"^// " + key + r": (.*)$", text, re.M)
    return m[1].split() if m else []


def blank(text):
    """Addresses and the pcs' offsets in tracebacks differ between compilers; argument values and the runtime's own lines too."""
    text = re.sub(r"(/src/runtime/\w+\.go):\d+", r"\1:?", text)
    text = re.sub(r"0x[0-9a-f]+", "0x?", text)
    text = re.sub(r"goroutine (?!1\b)\d+", "goroutine ?", text)
    text = re.sub(r"^((?:[\w./%*()\[\]·-]|\{\.\.\.\})+)\((?:0x\?|[{}, .?_]|\.\.\.)*\)$", r"\1(...)", text, flags=re.M)
    return re.sub(r" \+0x\?$", "", text, flags=re.M)


def run_program(binary, arguments, cwd, stdin=None):
    result = subprocess.run([binary, *arguments], cwd=cwd, stdin=stdin or subprocess.DEVNULL, capture_output=True, timeout=RUN_LIMIT)
    return (result.stdout.decode(errors="replace"), blank(result.stderr.decode(errors="replace")), result.returncode)


def run(context):
    if context.goroot is None:
        yield "programs", "skip", "no Go distribution"
        return
    go = os.path.join(context.goroot, "bin", "go")
    known = known_failures(context)
    with tempfile.TemporaryDirectory() as tmp:
        for path in programs(context):
            name = f"programs/{path.stem}"
            if not context.wants(name):
                continue
            main = path if path.suffix == ".go" else path / "main.go"
            arguments = header_value(main.read_text(), "args")
            where, target = (path.parent, path.name) if path.suffix == ".go" else (path, ".")
            theirs, ours = os.path.join(tmp, "gc"), os.path.join(tmp, "gale")
            environment = dict(os.environ, GOFLAGS="", GO111MODULE="")
            subprocess.run([go, "build", "-o", theirs, target], cwd=where, env=environment, check=True, capture_output=True)
            outcome, detail = compare(context, name, where, target, arguments, theirs, ours)
            if path.stem in known:
                if outcome == "pass":
                    yield name, "fail", "listed in known_failures.txt, but it passes: take it out"
                else:
                    yield name, "skip", "known: " + known[path.stem]
                continue
            yield name, outcome, detail


def compare(context, name, where, target, arguments, theirs, ours):
    try:
        build = subprocess.run([str(context.gale), "build", "-o", ours, target], cwd=where, capture_output=True, text=True, timeout=120)
        if build.returncode != 0:
            return "fail", "gale build: " + build.stderr[-3000:]
        want = run_program(theirs, arguments, where)
        times = int(os.environ.get("REPEAT", "1"))
        for i in range(times):
            have = run_program(ours, arguments, where)
            for what, w, h in zip(("stdout", "stderr", "exit code"), want, have):
                if w != h:
                    return "fail", f"{what} differs{f' in run {i + 1} of {times}' if times > 1 else ''}\n--- gc\n{str(w)[-1500:]}\n--- gale\n{str(h)[-1500:]}"
    except subprocess.TimeoutExpired as e:
        return "fail", str(e)
    return "pass", ""
