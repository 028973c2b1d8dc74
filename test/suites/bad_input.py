"""Input and surroundings that are wrong: gale says what, ends with the right exit code, and never crashes or leaves half a file."""
import os
import re
import signal
import subprocess
import tempfile
import time

import gotest

TIMEOUT = 10  # seconds a case; ten times that for the 50 MB files
MAIN = "package main\n\nfunc main() {}\n"
HELLO = 'package main\n\nfunc main() { println("hello") }\n'
DEEP = 10000
TOO_DEEP = r"^\./x\.go:\d+:\d+: syntax error: exceeded max nesting depth$"
LONG_LINE = "// " + "x" * 124 + "\n"


def expression(text):
    return {"x.go": f"package main\n\nvar y int\n\nvar x = {text}\n\nfunc main() {{}}\n"}


def body(text):
    return {"x.go": f"package main\n\nfunc main() {{\n{text}}}\n"}


def module(**files):
    return {"go.mod": "module m\n\ngo 1.26\n", **{name.replace("__", "/") + ".go": text for name, text in files.items()}}


# name, files (or a function that makes them), arguments of gale (-o out comes after `build`), exit code, regular expression that the output must match.
# 0: nothing may be said, and the executable must be there.
CASES = [
    # what a source file can be
    ("missing_file", {}, ["build", "x.go"], 1, r"^no required module provides package x\.go"),
    ("missing_file_in_module", module(), ["build", "x.go"], 1, r"^no required module provides package x\.go"),
    ("empty_file", {"x.go": ""}, ["build", "x.go"], 1, r"^\./x\.go:1:1: syntax error: package statement must be first$"),
    ("not_utf8", {"x.go": b'package main\n\nvar s = "\xff"\n'}, ["build", "x.go"], 1, r"^\./x\.go:3:10: invalid UTF-8 encoding$"),
    ("nul", {"x.go": "package main\n\nvar s = \0\n"}, ["build", "x.go"], 1, r"^\./x\.go:3:9: invalid NUL character$"),
    ("random_bytes", {"x.go": bytes(range(256)) * 40}, ["build", "x.go"], 1, r"^\./x\.go:1:1: invalid NUL character$"),
    ("bom_first", {"x.go": "\ufeff" + MAIN}, ["build", "x.go"], 0, None),
    ("bom_later", {"x.go": "package main\n\ufefffunc main() {}\n"}, ["build", "x.go"], 1,
     r"^\./x\.go:2:1: invalid BOM in the middle of the file$"),
    ("string_not_ended", {"x.go": 'package main\n\nvar s = "abc\n'}, ["build", "x.go"], 1, r"^\./x\.go:3:13: newline in string$"),
    ("raw_string_not_ended", {"x.go": "package main\n\nvar s = `abc\n"}, ["build", "x.go"], 1, r"^\./x\.go:3:9: string not terminated$"),
    ("rune_not_ended", {"x.go": "package main\n\nvar s = 'a\n"}, ["build", "x.go"], 1, r"^\./x\.go:3:11: newline in rune literal$"),
    ("comment_not_ended", {"x.go": "package main\n\n/* abc\n"}, ["build", "x.go"], 1, r"^\./x\.go:3:1: comment not terminated$"),
    ("ends_in_function", {"x.go": "package main\n\nfunc main() {"}, ["build", "x.go"], 1, r"^\./x\.go:3:14: syntax error: unexpected EOF"),
    # depth and size
    ("deep_parentheses", expression("(" * DEEP + "1" + ")" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_unary", expression("- " * DEEP + "y"), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_calls", expression("f(" * DEEP + "1" + ")" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_literals", expression("[]any{" * DEEP + "}" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_slice_type", {"x.go": f"package main\n\nvar x {'[]' * DEEP}int\n"}, ["build", "x.go"], 1, TOO_DEEP),
    ("deep_pointer_type", {"x.go": f"package main\n\nvar x {'*' * DEEP}int\n"}, ["build", "x.go"], 1, TOO_DEEP),
    ("deep_struct_type", {"x.go": f"package main\n\nvar x {'struct{a ' * DEEP}int{'}' * DEEP}\n"}, ["build", "x.go"], 1, TOO_DEEP),
    ("deep_blocks", body("{" * DEEP + "}" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_ifs", body("if true {\n" * DEEP + "}\n" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("deep_functions", body("func() {\n" * DEEP + "}()\n" * DEEP), ["build", "x.go"], 1, TOO_DEEP),
    ("long_sum", expression("y" + " + y" * DEEP), ["build", "x.go"], 0, None),
    ("long_else_if", body("y := 1\nif y == 0 {\n}" + " else if y == 2 {\n}" * 2000 + "\n"), ["build", "x.go"], 0, None),
    ("50_mb_of_comments", lambda: {"x.go": "package main\n\n" + LONG_LINE * (50 * 1024 * 8) + "func main() {}\n"}, ["build", "x.go"], 0, None),
    ("50_mb_string", lambda: expression('"' + "x" * (50 << 20) + '"'), ["build", "x.go"], 0, None),
    ("50_mb_of_nothing_sensible", lambda: {"x.go": "package main\n" + "}" * (50 << 20)}, ["build", "x.go"], 1,
     r"^\./x\.go:2:1: syntax error: non-declaration statement outside function body$"),
    ("huge_variable", {"x.go": "package main\n\nvar g [1 << 40]byte\n\nfunc main() { println(len(g)) }\n"}, ["build", "x.go"], 1,
     r"^\./x\.go:3:5: main\.g: symbol too large \(1099511627776 bytes > 2000000000 bytes\)$"),
    # packages
    ("import_cycle", module(x='package main\n\nimport _ "m/a"\n', a__a='package a\n\nimport _ "m/b"\n', b__b='package b\n\nimport _ "m/a"\n'),
     ["build", "."], 1, r"^package m\n\timports m/a from x\.go\n\timports m/b from a\.go\n\timports m/a from b\.go: import cycle not allowed$"),
    ("imports_itself", module(x='package main\n\nimport _ "m/a"\n', a__a='package a\n\nimport _ "m/a"\n'), ["build", "."], 1,
     r"import cycle not allowed$"),
    ("missing_std_package", {"x.go": 'package main\n\nimport _ "nosuch"\n'}, ["build", "x.go"], 1,
     r"^x\.go:3:8: package nosuch is not in std \(.*/src/nosuch\)$"),
    ("missing_module", module(x='package main\n\nimport _ "example.com/nosuch"\n'), ["build", "."], 1,
     r"^x\.go:3:8: no required module provides package example\.com/nosuch"),
    ("missing_package_of_module", module(x='package main\n\nimport _ "m/nosuch"\n'), ["build", "."], 1,
     r"^x\.go:3:8: package m/nosuch is not in std|^x\.go:3:8: no required module provides|^x\.go:3:8: module m@latest|m/nosuch"),
    ("bad_assembly", {**module(x='package main\n\nfunc f() int\n\nfunc main() { println(f()) }\n'), "f_amd64.s": "TEXT ·f(SB),4,$0-8\n\tBOGUS AX\n"},
     ["build", "."], 1, r'f_amd64\.s:2: unrecognized instruction "BOGUS"'),
    ("missing_folder", module(x=MAIN), ["build", "./nosuch"], 1, r"nosuch"),
    ("main_missing", {"x.go": "package main\n"}, ["build", "x.go"], 1,
     r"^runtime\.main_main·f: function main is undeclared in the main package$"),
    ("not_main", {"x.go": "package p\n"}, ["build", "x.go"], 1, r"not a main package: gale writes programs only$"),
    ("two_packages_in_folder", module(a="package a\n", b="package b\n"), ["build", "."], 1, r"^found packages a \(a\.go\) and b \(b\.go\) in "),
    ("no_go_files", {"go.mod": "module m\n"}, ["build", "."], 1, r"^no Go files in "),
    ("no_go_mod", {"x.go": MAIN}, ["build", "."], 1, r"go\.mod file not found in current directory or any parent directory"),
    ("bad_go_mod", {"go.mod": "modul m\n", "x.go": MAIN}, ["build", "."], 1, r"^go: errors parsing go\.mod:\ngo\.mod:1: unknown directive: modul$"),
    ("go_mod_of_the_future", {"go.mod": "module m\n\ngo 1.99\n", "x.go": MAIN}, ["build", "."], 1, r"^go: go\.mod requires go >= 1\.99 "),
    ("workspace", {**module(x=MAIN), "go.work": "go 1.26\n\nuse .\n"}, ["build", "."], 1, r"/go\.work makes a workspace, and gale does not build those yet; GOWORK=off "),
    ("folder_called_go", {"x.go/y.txt": ""}, ["build", "x.go"], 1, r"^no required module provides package x\.go"),
    ("files_of_two_folders", {"x.go": MAIN, "a/y.go": MAIN}, ["build", "x.go", "a/y.go"], 1, r"^named files must all be in one directory"),
    # the command line
    ("no_command", {}, [], 2, r"^Usage:$"),
    ("unknown_command", {}, ["nosuch"], 2, r"^gale nosuch: unknown command$"),
    ("unknown_flag", {"x.go": MAIN}, ["build", "-nosuch", "x.go"], 2, r"^flag provided but not defined: -nosuch\nusage: gale build "),
    ("flag_without_value", {"x.go": MAIN}, ["build", "-tags"], 2, r"^flag needs an argument: -tags$"),
    ("bad_boolean_flag", {"x.go": MAIN}, ["build", "-v=perhaps", "x.go"], 2, r'^invalid boolean value "perhaps" for -v: parse error$'),
    ("bad_ldflags", {"x.go": MAIN}, ["build", "-ldflags=-nosuch", "x.go"], 1, r"^flag provided but not defined: -nosuch$"),
    ("bad_buildvcs", {"x.go": MAIN}, ["build", "-buildvcs=perhaps", "x.go"], 2,
     r"^invalid boolean value \"perhaps\" for -buildvcs: value is neither 'auto' nor a valid bool\nusage: gale build "),
    ("suggested_flag", {"x.go": MAIN}, ["build", "-tgas", "x.go"], 2, r"^flag provided but not defined: -tgas\n\tdid you mean -tags\?\nusage: gale build "),
    ("suggested_command", {}, ["bulid"], 2, r"^gale bulid: unknown command\n\tdid you mean build\?\nRun 'gale help' for usage\.$"),
    ("command_of_go", {}, ["vet"], 2, r"^gale vet: unknown command: of the go command's commands gale has "),
    ("no_race_detector", {"x.go": MAIN}, ["build", "-race", "x.go"], 2, r"^gale: -race is not supported: "),
    ("no_build_mode", {"x.go": MAIN}, ["build", "-buildmode=plugin", "x.go"], 1, r"^gale: -buildmode=plugin is not supported: "),
    ("no_gcflags", {"x.go": MAIN}, ["build", "-gcflags=-S", "x.go"], 2, r"^gale: -gcflags=-S: of gc's own flags gale has only -N, -l, -m and -e$"),
    ("html_of_nothing", {"x.go": MAIN}, ["build", "-html=main.nosuch", "x.go"], 1, r"^gale: -html=main\.nosuch: the program has no such function"),
    ("run_without_files", {}, ["run"], 1, r"^go: no go files listed$"),
    ("unknown_help_topic", {}, ["help", "nosuch"], 2, r"^gale help nosuch: unknown help topic\. Run 'gale help'\.$"),
    # where the executable goes
    ("output_on_full_device", {"x.go": MAIN}, ["build", "-o", "/dev/full", "x.go"], 1, r"^gale: write /dev/full: No space left on device$"),
    ("output_below_a_file", {"x.go": MAIN}, ["build", "-o", "x.go/out", "x.go"], 1, r"^gale: mkdir x\.go: Not a directory$|^gale: mkdir x\.go: File exists$"),
    ("output_in_no_folder", {"x.go": MAIN}, ["build", "-o", "/proc/nosuch/out", "x.go"], 1, r"^gale: mkdir /proc/nosuch: No such file or directory$"),
]


def write_files(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)


def call(context, folder, arguments, prefix=(), environment=()):
    """Exit code and output of gale."""
    if arguments[:1] == ["build"] and "-o" not in arguments:
        arguments = ["build", "-o", "out", *arguments[1:]]
    limit = TIMEOUT * (10 if any(e.stat().st_size > 1 << 20 for e in os.scandir(folder)) else 1)
    try:
        result = subprocess.run([*prefix, gotest.gale(context), *arguments], cwd=folder, capture_output=True, timeout=limit,
                                stdin=subprocess.DEVNULL, env=dict(os.environ, **dict(environment)))
    except subprocess.TimeoutExpired:
        return None, f"timed out after {limit} s"
    return result.returncode, (result.stdout + result.stderr).decode(errors="replace")


def problem_of(code, output, wanted_code, wanted):
    shown = f"exit code {code}\n{output[:2000]}"
    if code is None or code < 0 or "internal compiler error" in output:
        return "crash or hang: " + shown
    if code != wanted_code:
        return f"wanted exit code {wanted_code}: {shown}"
    if wanted is None:
        return "" if not output else "nothing should be said: " + shown
    return "" if re.search(wanted, output, re.M) else f"wanted {wanted}: {shown}"


def table_case(context, files, arguments, wanted_code, wanted):
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder, files() if callable(files) else files)
        before = set(os.listdir(folder))
        code, output = call(context, folder, arguments)
        problem = problem_of(code, output, wanted_code, wanted)
        new = sorted(set(os.listdir(folder)) - before)
        if not problem and new != (["out"] if wanted_code == 0 else []):
            problem = f"left behind: {new}"
    return problem


# ---- cases that need more than files ----

def other_release(context, folder):
    write_files(folder, {"x.go": MAIN, "root/VERSION": "go1.20.3\n", "root/src/fmt/print.go": "package fmt\n"})
    code, output = call(context, folder, ["build", "x.go"], environment={"GOROOT": f"{folder}/root"})
    return problem_of(code, output, 1, r"^GOROOT .*/root is go1\.20\.3, but gale compiles the standard library of go1\.26; "
                                       r"set GOROOT to an installed go1\.26, or GOTOOLCHAIN=go1\.26\.8 and gale fetches that$")


def missing_goroot(context, folder):
    write_files(folder, {"x.go": MAIN})
    code, output = call(context, folder, ["build", "x.go"], environment={"GOROOT": "/no/such/go"})
    return problem_of(code, output, 1, r"^go: cannot find GOROOT directory: /no/such/go$")


def output_is_folder(context, folder):
    """As go build: the executable goes into it."""
    write_files(folder, {"x.go": MAIN, "out/y": ""})
    code, output = call(context, folder, ["build", "x.go"])
    return problem_of(code, output, 0, None) or ("" if os.listdir(f"{folder}/out") in (["x", "y"], ["y", "x"]) else "no executable out/x")


def unreadable_file(context, folder):
    write_files(folder, {"x.go": MAIN})
    os.chmod(f"{folder}/x.go", 0)
    return problem_of(*call(context, folder, ["build", "x.go"]), 1, r"x\.go: permission denied$")


def unreadable_folder(context, folder):
    write_files(folder, {"go.mod": "module m\n\ngo 1.26\n", "p/x.go": MAIN})
    os.chmod(f"{folder}/p", 0)
    code, output = call(context, folder, ["build", "./p"])
    os.chmod(f"{folder}/p", 0o700)
    return problem_of(code, output, 1, r"(?i)permission denied$")


def read_only_output(context, folder):
    write_files(folder, {"x.go": MAIN, "d/y": ""})
    os.chmod(f"{folder}/d", 0o500)
    code, output = call(context, folder, ["build", "-o", "d/out", "x.go"])
    os.chmod(f"{folder}/d", 0o700)
    return problem_of(code, output, 1, r"^gale: open d/out: Permission denied$")


def file_size_limit(context, folder):
    """A disk that fills up half-way: the old executable stays, nothing else does."""
    write_files(folder, {"x.go": MAIN, "out": "old"})
    limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh"]
    problem = problem_of(*call(context, folder, ["build", "x.go"], limited), 1, r"^gale: write \S+: File too large$")
    return problem or left_behind(folder)


def left_behind(folder):
    names = sorted(os.listdir(folder))
    if names != ["out", "x.go"]:
        return f"left behind: {names}"
    with open(f"{folder}/out", "rb") as f:
        content = f.read(4)
    return "" if content in (b"old", b"\x7fELF") else f"half an executable: {content}"


def interrupt(context, folder, delay):
    """Ctrl-C after `delay` seconds; None: as soon as a new file appears."""
    write_files(folder, {"x.go": HELLO, "out": "old"})
    process = subprocess.Popen([gotest.gale(context), "build", "-o", "out", "x.go"], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + (TIMEOUT if delay is None else delay)
    while time.monotonic() < deadline and process.poll() is None:
        if delay is None and len(os.listdir(folder)) > 2:
            break
        if delay is not None:
            time.sleep(0.001)
    process.send_signal(signal.SIGINT)  # nothing if it has ended
    output, _ = process.communicate(timeout=TIMEOUT)
    output = output.decode(errors="replace")
    if process.returncode not in (0, 1, 130, -signal.SIGINT) or "internal compiler error" in output:
        return f"crash: exit code {process.returncode}\n{output[:2000]}"
    problem = left_behind(folder)
    with open(f"{folder}/out", "rb") as f:
        new = f.read(4) == b"\x7fELF"
    if not problem and new:
        result = subprocess.run([f"{folder}/out"], capture_output=True, text=True, timeout=TIMEOUT)
        problem = "" if (result.returncode, result.stderr) == (0, "hello\n") else f"half an executable: {result}"
    return problem


def run(context):
    if not context.goroot:
        yield "bad_input", "skip", "no Go is installed"
        return
    special = {f.__name__: f for f in (other_release, missing_goroot, output_is_folder, unreadable_file, unreadable_folder,
                                       read_only_output, file_size_limit)}
    for delay in (0.005, 0.02, 0.05, 0.1, 0.2, 0.4, None):
        name = f"interrupt_after_{round(delay * 1000)}_ms" if delay else "interrupt_while_writing"
        special[name] = lambda c, folder, delay=delay: interrupt(c, folder, delay)
    for name, *rest in CASES:
        if context.wants(f"bad_input/{name}"):
            problem = table_case(context, *rest)
            yield f"bad_input/{name}", "fail" if problem else "pass", problem
    for name, function in special.items():
        if not context.wants(f"bad_input/{name}"):
            continue
        if function in (unreadable_file, unreadable_folder, read_only_output) and os.geteuid() == 0:
            yield f"bad_input/{name}", "skip", "root may read and write everything"
            continue
        with tempfile.TemporaryDirectory() as folder:
            problem = function(context, folder)
        yield f"bad_input/{name}", "fail" if problem else "pass", problem
