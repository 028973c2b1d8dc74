"""The same program gives the same bytes, with any number of threads and from any folder; Go's own tools read what gale writes."""
import os
import re
import shutil
import subprocess
import tempfile

import gotest

TIMEOUT = 60  # seconds a build

# One that is its own, and one that brings in much of std.
PROGRAMS = {
    "println": 'package main\n\n//go:noinline\nfunc twice(x int) int { return 2 * x }\n\nfunc main() {\n\tprintln("hello", twice(21))\n}\n',
    "maps_and_goroutines": """package main

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

type pair[T any] struct{ a, b T }

func sum[T int | float64](p pair[T]) T { return p.a + p.b }

func main() {
\tm := map[string]shape{"a": square{2}, "b": square{3}}
\tc := make(chan int)
\tfor _, s := range m {
\t\tgo func() { c <- s.area() }()
\t}
\tprintln(<-c+<-c, sum(pair[int]{1, 2}), sum(pair[float64]{1, 2}))
}
""",
    "fmt": 'package main\n\nimport (\n\t"fmt"\n\t"sort"\n\t"strings"\n)\n\nfunc main() {\n\tw := strings.Fields("c b a")\n'
           '\tsort.Strings(w)\n\tfmt.Println(w, map[string]int{"x": 1})\n}\n',
}


def run_tool(arguments, cwd, **environment):
    result = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, errors="replace", timeout=TIMEOUT,
                            env=dict(os.environ, GOFLAGS="", **environment))
    return result.returncode, result.stdout, result.stderr


def build(context, folder, output, *flags, threads="1"):
    """Builds folder/main.go; what went wrong, or ""."""
    code, out, err = run_tool([gotest.gale(context), "build", *flags, "-o", output, "."], folder, GALE_THREADS=threads)
    return "" if code == 0 else f"gale build: exit code {code}\n{(out + err)[-2000:]}"


def difference(a, b):
    """Where two files differ; "" if nowhere."""
    with open(a, "rb") as f, open(b, "rb") as g:
        left, right = f.read(), g.read()
    if left == right:
        return ""
    at = next((i for i, (x, y) in enumerate(zip(left, right)) if x != y), min(len(left), len(right)))
    return f"{len(left)} and {len(right)} bytes, different from byte {at} on: {left[at - 16:at + 32]} {right[at - 16:at + 32]}"


def same_with_threads(context, folder):
    for threads in ("1", "2", "3"):
        problem = build(context, folder, f"out{threads}", threads=threads)
        if problem:
            return problem
    return difference(f"{folder}/out1", f"{folder}/out2") or difference(f"{folder}/out2", f"{folder}/out3")


def same_again(context, folder):
    for name in ("first", "second"):
        problem = build(context, folder, name, threads="2")
        if problem:
            return problem
    return difference(f"{folder}/first", f"{folder}/second")


def same_from_any_folder(context, folder):
    with tempfile.TemporaryDirectory(prefix="a-longer-name-") as other:
        shutil.copytree(folder, other, dirs_exist_ok=True)
        for f in (folder, other):
            problem = build(context, f, "trimmed", "-trimpath", threads="2")
            if problem:
                return problem
        with open(f"{folder}/trimmed", "rb") as f:
            if folder.encode() in f.read():
                return f"{folder} is in the executable in spite of -trimpath"
        return difference(f"{folder}/trimmed", f"{other}/trimmed")


def tool_case(arguments, wanted, stdin=None):
    """A case: a tool of Go's on the executable succeeds and says all that is wanted."""

    def case(context, folder):
        problem = "" if os.path.exists(f"{folder}/out") else build(context, folder, "out")
        if problem:
            return problem
        text = stdin(context, folder) if stdin else ""
        result = subprocess.run(["go", *arguments], cwd=folder, capture_output=True, text=True, errors="replace", timeout=TIMEOUT,
                                input=text, env=dict(os.environ, GOFLAGS=""))
        if result.returncode != 0:
            return f"go {' '.join(arguments)}: exit code {result.returncode}\n{(result.stdout + result.stderr)[-2000:]}"
        missing = [w for w in wanted if not re.search(w, result.stdout, re.M)]
        return f"go {' '.join(arguments)}: no {missing} in:\n{result.stdout[:2000]}" if missing else ""

    return case


def address_of_main(_, folder):
    nm = subprocess.run(["go", "tool", "nm", "out"], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT).stdout
    m = re.search(r"^ *([0-9a-f]+) T main\.main$", nm, re.M)
    return f"0x{m[1] if m else '0'}\n"


def debugger(context, folder):
    """gdb stops at a Go function by its name and shows its callers with files and lines."""
    problem = build(context, folder, "debugged", "-gcflags=-N -l")
    if problem:
        return problem
    result = subprocess.run(["gdb", "-batch", "-nx", "-ex", "break main.twice", "-ex", "run", "-ex", "backtrace", "./debugged"], cwd=folder, capture_output=True,
                            text=True, errors="replace", timeout=TIMEOUT, stdin=subprocess.DEVNULL, env=dict(os.environ, DEBUGINFOD_URLS=""))
    if "ptrace" in result.stderr or "Cannot create process" in result.stderr:
        return ""  # nothing may be debugged on this machine
    wanted = r"#0  main\.twice \(\) at \S*main\.go:4\n#1  0x\w+ in main\.main \(\) at \S*main\.go:7"
    return "" if re.search(wanted, result.stdout) else result.stdout + result.stderr


CASES = {
    "same_with_threads": same_with_threads,
    "same_again": same_again,
    "same_from_any_folder": same_from_any_folder,
    "gdb": debugger,
    "go_version": tool_case(["version", "-m", "out"], [r"^out: go1\.26", r"^\tpath\tm$", r"^\tmod\tm\t"]),
    "go_tool_nm": tool_case(["tool", "nm", "out"], [r" T main\.main$", r" T runtime\.\w+"]),
    "go_tool_nm_sizes": tool_case(["tool", "nm", "-size", "-sort", "size", "out"], [r"^ *[0-9a-f]+ +[1-9]\d* T main\.main$"]),
    "go_tool_addr2line": tool_case(["tool", "addr2line", "out"], [r"^main\.main\n.*main\.go:\d+$"], stdin=address_of_main),
    "go_tool_objdump": tool_case(["tool", "objdump", "-s", r"^main\.main$", "out"],
                                 [r"^TEXT main\.main\(SB\) .*main\.go$", r"^  main\.go:\d+\t+0x[0-9a-f]+\t+[0-9a-f]+\t+\w+"]),
}
NEEDS_GO = ("go_version", "go_tool_nm", "go_tool_nm_sizes", "go_tool_addr2line", "go_tool_objdump")


def run(context):
    if not context.goroot:
        yield "determinism", "skip", "no Go is installed"
        return
    have_go = shutil.which("go") is not None
    for program, source in PROGRAMS.items():
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("go.mod", "module m\n\ngo 1.26\n"), ("main.go", source)):
                with open(f"{folder}/{name}", "w") as f:
                    f.write(text)
            for case, function in CASES.items():
                name = f"determinism/{program}/{case}"
                if not context.wants(name):
                    continue
                if case == "gdb" and (program != "println" or shutil.which("gdb") is None):
                    continue
                if case in NEEDS_GO and not have_go:
                    yield name, "skip", "no go command"
                    continue
                try:
                    problem = function(context, folder)
                except subprocess.TimeoutExpired as e:
                    problem = str(e)
                yield name, "fail" if problem else "pass", problem
