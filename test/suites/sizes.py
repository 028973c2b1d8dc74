"""Executables do not grow unseen: each hello, stripped, is at most as large as here. A bound is some 3 % above what the program was when
it was last set; who makes programs smaller lowers it, and who must raise it says why. `gale build -dump=size` shows what the bytes are."""
import os
import pathlib
import subprocess
import tempfile

BOUNDS = {  # bytes
    "hello_println.go": 202_000,
    "hello_fmt.go": 514_000,
    "json_roundtrip.go": 960_000,
    "conc_http.go": 5_210_000,
}


def problem(context, folder, name, bound):
    output = f"{folder}/out"
    source = context.root / "test" / "programs" / name
    result = subprocess.run([context.gale, "build", "-ldflags=-s -w", "-o", output, source], capture_output=True, text=True,
                            timeout=600, env=dict(os.environ, GOFLAGS=""))
    if result.returncode != 0:
        return f"gale build: exit code {result.returncode}\n{result.stderr[-2000:]}"
    size = os.path.getsize(output)
    return "" if size <= bound else f"{size:,} bytes, more than {bound:,}"


def dump(context, folder):
    """-dump=size accounts for every byte of the loaded sections."""
    source = pathlib.Path(folder) / "main.go"
    source.write_text("package main\n\nfunc main() { println(1) }\n")
    result = subprocess.run([context.gale, "build", "-dump=size", "-o", f"{folder}/out", source], capture_output=True, text=True,
                            timeout=600, env=dict(os.environ, GOFLAGS=""))
    if result.returncode != 0:
        return f"gale build: exit code {result.returncode}\n{result.stderr[-2000:]}"
    section, total, parts = "", 0, 0
    for line in result.stderr.partition("largest symbols")[0].splitlines()[1:]:
        if not line.startswith(" " * 10):
            if section and abs(total - parts) > 64:  # alignment between parts of a table
                return f"{section} has {total} bytes, its parts {parts}\n{result.stderr}"
            total, section = int(line.split()[0]), line.split()[1] if line.split()[1] in (".text", ".rodata", ".gopclntab") else ""
            parts = 0
        else:
            parts += int(line.split()[0])
    return "" if ".gopclntab" in result.stderr else f"no .gopclntab in:\n{result.stderr}"


def run(context):
    cases = {name: lambda folder, n=name, b=bound: problem(context, folder, n, b) for name, bound in BOUNDS.items()}
    cases["dump"] = lambda folder: dump(context, folder)
    for name, case in cases.items():
        if context.case_filter and context.case_filter not in f"sizes/{name}":
            continue
        with tempfile.TemporaryDirectory() as folder:
            text = case(folder)
        yield name, "fail" if text else "pass", text
