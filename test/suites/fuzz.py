"""Damaged Go files through scanner, parser and checker for a minute: messages and exit codes, never a crash.

The seed is fixed, so a run repeats as far as its time goes. GALE_FUZZ_SECONDS changes the time.
"""
import os
import random
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

BATCH = 40


def damage(random_numbers, text):
    """A few random edits: bytes changed, ranges deleted, doubled or swapped, tokens put in."""
    tokens = [b"{", b"}", b"(", b")", b"[", b"]", b"func ", b"type ", b"interface{", b"~", b"...", b"\x00", b"\xff", b"`", b'"', b"'", b"/*", b"<-",
              b"go ", b"defer ", b"range ", b"1e999999999", b"0x", b"struct{", b"T[T[T]]", b"map[", b":=", b"goto ", b"chan ", b"select{", b"switch "]
    for _ in range(random_numbers.randrange(1, 6)):
        if not text:
            break
        a, b = sorted(random_numbers.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + 200)
        kind = random_numbers.randrange(5)
        if kind == 0:
            text = text[:a] + bytes([random_numbers.randrange(256)]) + text[a + 1:]
        elif kind == 1:
            text = text[:a] + text[b:]
        elif kind == 2:
            text = text[:b] + text[a:b] + text[b:]
        elif kind == 3:
            text = text[:a] + random_numbers.choice(tokens) + text[a:]
        else:
            c = random_numbers.randrange(len(text) + 1)
            text = text[:a] + text[c:c + b - a] + text[b:]
    return text


def check(gale, path):
    try:
        r = subprocess.run([gale, "check", "-e", path], capture_output=True, timeout=20)
    except subprocess.TimeoutExpired:
        return "hangs"
    if r.returncode not in (0, 1) or b"internal compiler error" in r.stderr:
        return f"exit code {r.returncode}: {r.stderr[-1500:].decode(errors='replace')}"
    return ""


def run(context):
    folder = os.path.join(context.goroot or "", "test")
    if context.goroot is None or not os.path.isdir(folder):
        yield "fuzz", "skip", "no GOROOT/test to take files from"
        return
    seeds = []
    for sub in ("", "fixedbugs", "typeparam", "syntax"):
        names = sorted(n for n in os.listdir(os.path.join(folder, sub)) if n.endswith(".go"))
        seeds += [os.path.join(folder, sub, n) for n in names if os.path.getsize(os.path.join(folder, sub, n)) < 20000]
    random_numbers = random.Random(20261124)
    deadline = time.monotonic() + float(os.environ.get("GALE_FUZZ_SECONDS", "60"))
    batch = 0
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(2) as pool:
        while time.monotonic() < deadline:
            paths = []
            for i in range(BATCH):
                with open(random_numbers.choice(seeds), "rb") as f:
                    text = damage(random_numbers, f.read())
                paths.append(os.path.join(tmp, f"f{i}.go"))
                with open(paths[-1], "wb") as f:
                    f.write(text)
            failures = [(p, e) for p, e in zip(paths, pool.map(lambda p: check(str(context.gale), p), paths)) if e]
            for path, error in failures:
                with open(path, "rb") as f:
                    yield f"fuzz/batch{batch}", "fail", error + "\n" + f.read().decode(errors="replace")[:3000]
            if not failures:
                yield f"fuzz/batch{batch}", "pass", ""
            batch += 1
