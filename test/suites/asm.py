"""gale's assembler against gc's: every .s file of std that is built for linux/amd64, and the encoding tests of cmd/asm.

gc's side is `go tool asm -S`, whose listing has the bytes and the relocations of each symbol; bytes under relocations are
masked on both sides. go_asm.h comes from `go tool compile -asmhdr`.
"""
import pathlib
import re
import subprocess
import tempfile

# Directories of std whose assembly is gale's own runtime's business, or that has none.
SKIP = {"runtime", "runtime/cgo"}
UNKNOWN = re.compile(r"^\s+(F[A-WYZ0-9]\w*|V4FN?M\w+|VP4DP\w+)\b")


def run_command(args, cwd=None, timeout=120):
    return subprocess.run(args, capture_output=True, text=True, cwd=cwd, timeout=timeout, errors="replace")


def gc_listing(text):
    """symbol -> (bytes, [(offset, size)]) from the output of asm -S."""
    symbols, name = {}, None
    for line in text.splitlines():
        m = re.match(r"^(\S+) S[A-Z]+ .*size=(\d+)", line)
        if m:
            name = m.group(1)
            symbols[name] = (bytearray(), [], line.split()[1], int(m.group(2)))
            continue
        if name is None:
            continue
        m = re.match(r"^\t0x([0-9a-f]{4,}) ((?:[0-9a-f]{2} ){1,16})", line)
        if m:
            symbols[name][0].extend(bytes.fromhex(m.group(2)))
            continue
        m = re.match(r"^\trel (\d+)\+(\d+) ", line)
        if m:
            symbols[name][1].append((int(m.group(1)), int(m.group(2))))
    return symbols


def gale_listing(text):
    symbols, name, texts = {}, None, {}
    lines = {}
    for line in text.splitlines():
        word = line.split(" ")
        if word[0] == "TEXT":
            name = word[1]
            texts[name], lines[name] = bytearray(), []
        elif word[0] in ("DATA", "SYMBOL", "FIELD"):
            continue
        elif name is not None and len(word) >= 3:
            lines[name].append((int(word[0], 16), int(word[1]), word[2], " ".join(word[3:])))
            if word[2] != "-":
                texts[name].extend(bytes.fromhex(word[2]))
    return texts, lines


def compare(gc, texts, lines):
    """None, or what differs."""
    gc_texts = {re.sub(r"<[^>]*>$", "", n): v for n, v in gc.items() if v[2].startswith("STEXT")}
    if set(gc_texts) != set(texts):
        return f"functions differ: {sorted(set(gc_texts) ^ set(texts))[:6]}"
    for name, (data, relocs, _, _) in gc_texts.items():
        a, b = bytearray(data), bytearray(texts[name])
        for offset, size in relocs:
            for i in range(offset, min(offset + size, len(a))):
                a[i] = 0
                if i < len(b):
                    b[i] = 0
        if a != b:
            at = next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), min(len(a), len(b)))
            where = [l for l in lines[name] if l[0] <= at and l[2] != "-"]
            shown = f"line {where[-1][1]}: {where[-1][3]}: {where[-1][2]}" if where else "?"
            start = where[-1][0] if where else at
            return f"{name}+{at:#x}: {shown}; gc has {bytes(data[start:start + 12]).hex()}"
    return None


def assemble(context, go, file, package, includes, defines, runtime, scratch):
    gc = run_command([go, "tool", "asm", "-p", package, "-S", "-o", f"{scratch}/out.o"] +
                     [x for i in includes for x in ("-I", i)] + [x for d in defines for x in ("-D", d)] + [file.name], cwd=file.parent)
    tool = context.root.resolve() / "build" / "release" / "asm" / "asm_listing"
    mine = run_command([str(tool), "-p", package] + (["-runtime"] if runtime else []) +
                       [x for i in includes for x in ("-I", i)] + [x for d in defines for x in ("-D", d)] + [file.name], cwd=file.parent)
    return gc, mine


def run(context):
    tool = context.root.resolve() / "build" / "release" / "asm" / "asm_listing"
    if not tool.exists() or context.goroot is None:
        yield "asm/all", "skip", "no Go distribution" if context.goroot is None else "asm_listing is not built"
        return
    root = pathlib.Path(context.goroot)
    go = str(root / "bin" / "go")
    listed = run_command([go, "list", "-f", "{{.ImportPath}}|{{.Dir}}|{{join .SFiles \" \"}}|{{join .GoFiles \" \"}}", "std"])
    with tempfile.TemporaryDirectory() as scratch:
        for row in listed.stdout.splitlines():
            package, folder, s_files, go_files = row.split("|")
            if not s_files or package in SKIP:
                continue
            folder = pathlib.Path(folder)
            header = pathlib.Path(scratch) / "go_asm.h"
            header.write_text("")
            if any('"go_asm.h"' in (folder / s).read_text(errors="replace") for s in s_files.split()):
                # The package's own constants; its imports come from the build cache.
                config = pathlib.Path(scratch) / "importcfg"
                exports = run_command([go, "list", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", package])
                config.write_text(exports.stdout)
                abis = pathlib.Path(scratch) / "symabis"
                run_command([go, "tool", "asm", "-p", package, "-gensymabis", "-I", scratch, "-I", str(root / "pkg" / "include"), "-o", str(abis)] + s_files.split(), cwd=folder)
                r = run_command([go, "tool", "compile", "-p", package, "-std", "-symabis", str(abis), "-asmhdr", str(header), "-importcfg", str(config),
                                 "-o", f"{scratch}/go.o"] + go_files.split(), cwd=folder)
                if r.returncode != 0:
                    yield f"asm/{package}", "fail", "go_asm.h: " + r.stderr[:300]
                    continue
            for s in s_files.split():
                includes = [scratch, str(root / "pkg" / "include"), str(root / "src" / "runtime")]
                runtime = package.startswith(("runtime", "internal/runtime", "internal/bytealg", "reflect", "syscall", "internal/abi", "sync/atomic", "internal/chacha8rand"))
                gc, mine = assemble(context, go, folder / s, package, includes, ["GOOS_linux", "GOARCH_amd64", "GOAMD64_v1"], runtime, scratch)
                case = f"asm/{package}/{s}"
                if gc.returncode != 0 or mine.returncode != 0:
                    yield case, "pass" if gc.returncode != 0 and mine.returncode != 0 else "fail", (gc.stderr + mine.stderr)[:500]
                    continue
                different = compare(gc_listing(gc.stdout), *gale_listing(mine.stdout))
                yield case, "fail" if different else "pass", different or ""
        tests = root / "src" / "cmd" / "asm" / "internal" / "asm" / "testdata"
        for file in [tests / "amd64enc.s", tests / "amd64enc_extra.s"] + sorted((tests / "avx512enc").glob("*.s")):
            if not file.exists():
                continue
            case = f"asm/encodings/{file.name}"
            # Not in gale's table: the x87 and what only the Xeon Phi had.
            text = "".join(l for l in file.read_text().splitlines(True) if not UNKNOWN.match(l) and not l.startswith("#include"))
            copy = pathlib.Path(scratch) / file.name
            copy.write_text(text.replace("DUPOK|NOSPLIT", "6").replace("NOSPLIT", "4"))
            gc, mine = assemble(context, go, copy, "asmtest", [], [], False, scratch)
            if gc.returncode != 0 or mine.returncode != 0:
                yield case, "fail", (gc.stderr + mine.stderr)[:500]
                continue
            different = compare(gc_listing(gc.stdout), *gale_listing(mine.stdout))
            yield case, "fail" if different else "pass", different or ""
