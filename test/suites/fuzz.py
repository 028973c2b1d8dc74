"""Fuzz targets: mutated files through each reader of input, in its own process: never a crash, a hang or a broken promise.

Scanner, parser and checker get a minute of CPU time each, the others less; two run at a time. GALE_FUZZ_SECONDS changes the minute, GALE_FUZZ_SEED
the seed: a run repeats as far as its time goes. At the end the whole command gets damaged files for a while: messages and exit codes, never a crash.
"""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import gotest

# Program, share of the minute, and where its inputs are: files below GOROOT's src or test with this ending; or what `gale build -dump` says.
TARGETS = [
    ("syntax/scanner_fuzz", 1, ("test", "*.go")),
    ("syntax/parser_fuzz", 1, ("test", "*.go")),
    ("types/checker_fuzz", 1, ("test", "*.go")),
    ("load/go_mod_fuzz", 1 / 6, ("src", "go.mod")),
    ("load/zip_archive_fuzz", 1 / 6, ("src/archive/zip/testdata", "*.zip")),
    ("asm/assemble_fuzz", 1 / 3, ("src", "*_amd64.s")),
    ("ir/text_fuzz", 1 / 3, ("dumps", "")),
]
BATCH = 40


def inputs(context, folder, where, pattern):
    """A folder of copies: the targets take whole folders."""
    os.makedirs(folder)
    if where == "dumps":
        programs = sorted(pathlib.Path(context.goroot, "test", "ken").glob("*.go"))[:20]
        for program in programs:
            r = subprocess.run([gotest.gale(context), "build", "-dump=lower,after:expand", "-func=main.main", "-o", f"{folder}/../program", str(program)],
                               capture_output=True, text=True, errors="replace", timeout=120)
            text = "\n".join(line for line in (r.stdout + r.stderr).split("\n") if not line.startswith("---"))
            pathlib.Path(folder, program.name).write_text(text[:20000])
        return
    for i, path in enumerate(sorted(pathlib.Path(context.goroot, where).rglob(pattern))):
        if path.is_file() and path.stat().st_size <= 20000:
            shutil.copyfile(path, f"{folder}/{i:05}")


def run_target(context, tmp, name, seconds, source):
    program, folder = context.build / name, os.path.join(tmp, name.replace("/", "_"))
    inputs(context, folder, *source)
    keep = folder + ".crash"
    seed = os.environ.get("GALE_FUZZ_SEED", "20261128")
    try:
        r = subprocess.run([program, "-seconds", str(seconds), "-seed", seed, "-keep", keep, folder], capture_output=True, text=True, errors="replace",
                           timeout=60 + 40 * seconds)
    except subprocess.TimeoutExpired:
        return "does not end"
    if r.returncode == 0:
        return ""
    kept = pathlib.Path(keep).read_bytes() if os.path.exists(keep) else b""
    return f"exit code {r.returncode}\n{r.stderr[-2000:]}\n--- the input ({len(kept)} bytes), for {name} -run:\n{kept[:4000].decode(errors='backslashreplace')}"


def damage(random_numbers, text):
    """A few random edits: bytes changed, ranges deleted, doubled or swapped."""
    for _ in range(random_numbers.randrange(1, 4)):
        if not text:
            break
        a, b = sorted(random_numbers.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + 200)
        kind = random_numbers.randrange(4)
        if kind == 0:
            text = text[:a] + bytes([random_numbers.randrange(256)]) + text[a + 1:]
        elif kind == 1:
            text = text[:a] + text[b:]
        elif kind == 2:
            text = text[:b] + text[a:b] + text[b:]
        else:
            c = random_numbers.randrange(len(text) + 1)
            text = text[:a] + text[c:c + b - a] + text[b:]
    return text


def check(gale, path):
    try:
        r = subprocess.run([gale, "check", "-e", path], capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "hangs"
    if r.returncode not in (0, 1) or b"internal compiler error" in r.stderr:
        return f"exit code {r.returncode}: {r.stderr[-1500:].decode(errors='replace')}"
    return ""


def run_command(context, tmp, seconds):
    seeds = [p for p in sorted(pathlib.Path(context.goroot, "test").rglob("*.go")) if p.stat().st_size < 20000]
    random_numbers = random.Random(20261124)
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(2) as pool:
        while time.monotonic() < deadline:
            paths = []
            for i in range(BATCH):
                paths.append(os.path.join(tmp, f"f{i}.go"))
                pathlib.Path(paths[-1]).write_bytes(damage(random_numbers, random_numbers.choice(seeds).read_bytes()))
            for path, error in zip(paths, pool.map(lambda p: check(gotest.gale(context), p), paths)):
                if error:
                    return error + "\n" + pathlib.Path(path).read_text(errors="replace")[:3000]
    return ""


def run(context):
    if context.goroot is None or not os.path.isdir(os.path.join(context.goroot, "test")):
        yield "fuzz", "skip", "no GOROOT/test to take files from"
        return
    minute = float(os.environ.get("GALE_FUZZ_SECONDS", "60"))
    targets = [t for t in TARGETS if context.wants(f"fuzz/{os.path.basename(t[0])}")]
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(2) as pool:
        for (name, _, _), problem in zip(targets, pool.map(lambda t: run_target(context, tmp, t[0], t[1] * minute, t[2]), targets)):
            yield f"fuzz/{os.path.basename(name)}", "fail" if problem else "pass", problem
        if context.wants("fuzz/command"):
            problem = run_command(context, tmp, minute / 3)
            yield "fuzz/command", "fail" if problem else "pass", problem
