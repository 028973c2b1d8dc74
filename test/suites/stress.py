"""The programs and a sample of GOROOT/test's executing tests under the runtime's debug modes: same output as without.

GALEDEBUG=stackstress copies the stack at every function's check, gcstress collects at every allocation, poison fills freed
memory, gccheck walks the heap and all roots after each collection, gcconcurrent starts a collection as soon as one has ended and marks in short
slices, so that barriers are on nearly all the time; mapcheck, in each of them, overwrites whatever the pointer maps leave out. A case that a
mode makes too slow is left out of that mode by name, below.

Then programs with missed roots, which mapcheck must find: pointers kept as integers, and bits cleared in the maps of executables.
"""
import os
import pathlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import missed_roots

MODES = ("stackstress", "gcstress", "poison,gccheck", "gcconcurrent,gccheck", "gcconcurrent,poison,schedstress")
ALWAYS = ",mapcheck"
# Collecting at each of millions of allocations takes minutes.
MANY = {"conc_million", "conc_growing_stacks"}  # too many goroutines for any mode
# Programs that count collections, or goroutines that run finalizers: more of them is what the mode is for. Only the exit code counts.
COUNTING = {"gc_pacing", "finalizers"}
SLOW = {"gcstress": {"btree", "memory_blocks", "gc_mutators", "lisp", "conc_allocate", "wordcount", "deep_recursion", "lru_cache"}, "stackstress": {"deep_recursion", "wordcount"}, "poison,gccheck": set(),
        "gcconcurrent,gccheck": {"deep_recursion", "conc_deadlock", "sched_deadlock"},  # a program that always collects is never idle
        "gcconcurrent,poison,schedstress": {"deep_recursion", "conc_deadlock", "sched_deadlock"}}
# Failures that are known, with what is known of them. They depend on the heap's state, so a listed case may also come out right.
KNOWN = {}
SAMPLE = 12  # every SAMPLEth executing test


def sample(context):
    path = context.root / "test" / "conformance" / "execute.txt"
    known = (context.root / "test" / "conformance" / "execute_known_failures.txt").read_text()
    names = [line.split()[0] for line in path.read_text().splitlines() if line.strip() and not line.startswith("#") and line.split()[1:2] == ["run"]]
    return [n for n in names if n not in known][::SAMPLE]


def execute(binary, cwd, mode, limit):
    environment = dict(os.environ)
    if mode:
        environment["GALEDEBUG"] = mode + ALWAYS
    try:
        r = subprocess.run([binary], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return "timed out"
    return r.stdout, r.returncode


def cases(context, source, name, cwd, tmp):
    binary = os.path.join(tmp, name.replace("/", "_"))
    build = subprocess.run([str(context.gale), "build", "-o", binary, str(source)], cwd=cwd, capture_output=True, text=True)
    if build.returncode != 0:
        return [(f"stress/{name}", "fail", build.stderr[-2000:])]
    plain = execute(binary, cwd, "", 20)
    results = []
    for mode in MODES:
        case = f"stress/{mode}/{name}"
        if name in SLOW[mode] or not context.wants(case):
            continue
        have = execute(binary, cwd, mode, 30)
        if have == "timed out":
            results.append((case, "skip", "too slow in this mode"))
        elif (mode == "gcstress" or mode.startswith("gcconcurrent")) and name in COUNTING:
            results.append((case, "pass" if have[1] == plain[1] else "fail", str(have)[-800:]))
        elif case in KNOWN:
            results.append((case, "skip", "known: " + KNOWN[case]))
        else:
            results.append((case, "pass" if have == plain else "fail", "" if have == plain else f"plain: {str(plain)[-800:]}\n{mode}: {str(have)[-800:]}"))
    os.unlink(binary)
    return results


def finds(context, name, text, damage, arguments, wanted):
    """Builds a program that misses a root; mapcheck must stop it with a report that names the word."""
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        (folder / "p.go").write_text(text)
        build = subprocess.run([str(context.gale), "build", "-o", "p", "p.go"], cwd=folder, capture_output=True, text=True)
        if build.returncode != 0:
            return "stress/missed/" + name, "fail", build.stderr[-2000:]
        damage(folder / "p")
        r = subprocess.run([folder / "p", *arguments], env=dict(os.environ, GALEDEBUG="mapcheck"), capture_output=True, text=True, timeout=60)
    lacks = [w for w in (*wanted, "a pointer map misses a root") if w not in r.stderr]
    return "stress/missed/" + name, "fail" if lacks or r.returncode != 2 else "pass", f"{r.returncode} {lacks}\n{r.stdout}{r.stderr}"


def missed(context):
    scalar = "of main.hidden holds no pointer by the layout of the frame"
    yield finds(context, "read", missed_roots.HIDDEN, lambda p: None, [], [scalar, "a pointer was used"])
    yield finds(context, "write", missed_roots.HIDDEN, lambda p: None, ["w"], [scalar, "an object was written to"])
    yield finds(context, "map", missed_roots.VICTIM, lambda p: missed_roots.clear_bit(p, "main.victim", -1), [],
                ["word RBP-8 of main.victim is not in use at the call", "a pointer was used"])
    yield finds(context, "object", missed_roots.VICTIM, lambda p: missed_roots.clear_bit(p, "main.owner", 0), [],
                ["of main.owner is not in use at the call", "a pointer was used"])


def run(context):
    if context.goroot is None:
        yield "stress", "skip", "no Go distribution"
        return
    yield from (r for r in missed(context) if context.wants(r[0]))
    folder = context.root / "test" / "programs"
    known = {line.split()[0] for line in (folder / "known_failures.txt").read_text().splitlines() if line.strip()}
    jobs = [(p, p.stem, p.parent) for p in sorted(folder.glob("*.go")) if p.stem not in known | MANY]
    tests = os.path.join(context.goroot, "test")
    if os.path.isdir(tests):
        jobs += [(n, n, tests) for n in sample(context)]
    jobs = [j for j in jobs if any(context.wants(f"stress/{mode}/{j[1]}") for mode in MODES)]
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(2) as pool:
        for results in pool.map(lambda j: cases(context, j[0], j[1], j[2], tmp), jobs):
            yield from results
