"""Modules, good and bad, as the go command sees them: same words, same exit code, for every case of a table."""
import os
import re
import subprocess
import tempfile

import gotest

GO_MOD = "module example.com/m\n\ngo 1.26\n"
MAIN = "package main\n\nfunc main() {}\n"


def importing(*paths, package="main"):
    lines = "".join(f'import _ "{p}"\n' for p in paths)
    return f"package {package}\n\n{lines}" + ("\nfunc main() {}\n" if package == "main" else "")


def m(mod=GO_MOD, **files):
    """A module: a__b is the file a/b.go, other names with a dot are written in `extra`."""
    return {"go.mod": mod, **{k.replace("__", "/") + ".go": v for k, v in files.items()}}


EMBED = 'package main\n\nimport _ "embed"\n\n//go:embed {}\nvar s string\n\nfunc main() {{}}\n'

# name, files, arguments after `build -o OUT` (or a verb of its own)
CASES = [
    ("good", m(x=importing("example.com/m/a"), a__a="package a\n"), ["."]),
    ("import_cycle", m(x=importing("example.com/m/a"), a__a=importing("example.com/m/b", package="a"), b__b=importing("example.com/m/a", package="b")), ["."]),
    ("import_cycle_of_three", m(a__a=importing("example.com/m/b", package="a"), b__b=importing("example.com/m/c", package="b"),
                                c__c=importing("example.com/m/a", package="c")), ["./a"]),
    ("imports_itself", m(a__a=importing("example.com/m/a", package="a")), ["./a"]),
    ("internal_of_sibling", m(x=importing("example.com/m/a/internal/i"), a__internal__i__i="package i\n"), ["."]),
    ("internal_below", m(a__x=importing("example.com/m/a/internal/i"), a__internal__i__i="package i\n"), ["./a"]),
    ("internal_of_std", m(x=importing("internal/abi")), ["."]),
    ("internal_deeper", m(x=importing("example.com/m/a"), a__a=importing("example.com/m/b/internal", package="a"),
                          b__internal__i="package internal\n"), ["."]),
    ("vendored_of_std", m(x=importing("vendor/golang.org/x/net/idna")), ["."]),
    ("missing_in_main_module", m(x=importing("example.com/m/nosuch")), ["."]),
    ("missing_below_missing", m(x=importing("example.com/m/a"), a__a=importing("example.com/m/nosuch", package="a")), ["."]),
    ("missing_std", m(x=importing("nosuch/x")), ["."]),
    ("two_missing", m(x=importing("nosuch", "nosuch2")), ["."]),
    ("no_go_files_in_import", {**m(x=importing("example.com/m/a")), "a/a.txt": ""}, ["."]),
    ("only_tests_in_import", m(x=importing("example.com/m/a"), a__a_test="package a\n"), ["."]),
    ("only_excluded_in_import", m(x=importing("example.com/m/a"), a__a_windows="package a\n"), ["."]),
    ("excluded_target", m(x_windows=MAIN), ["."]),
    ("imports_program", m(x=importing("example.com/m/a"), a__a=MAIN), ["."]),
    ("two_packages", m(a="package a\n", b="package b\n"), ["."]),
    ("two_packages_imported", m(x=importing("example.com/m/a"), a__a="package a\n", a__b="package b\n"), ["."]),
    ("relative_import", m(x=importing("./a"), a__a="package a\n"), ["."]),
    ("absolute_import", m(x=importing("/a")), ["."]),
    ("empty_import", m(x=importing("")), ["."]),
    ("malformed_import", m(x=importing("a b")), ["."]),
    ("malformed_import_2", m(x=importing("a//b")), ["."]),
    ("trailing_slash_import", m(x=importing("fmt/")), ["."]),
    ("imports_C", m(x='package main\n\nfunc main() { fmt.Println() }\n'), ["."]),
    # other modules
    ("not_required", m(x=importing("example.org/d")), ["."]),
    ("replaced_by_folder", {**m(GO_MOD + "require example.org/d v1.0.0\nreplace example.org/d => ./d\n", x=importing("example.org/d")),
                            "d/go.mod": "module example.org/d\n", "d/d.go": "package d\n"}, ["."]),
    ("replaced_not_required", {**m(GO_MOD + "replace example.org/d => ./d\n", x=importing("example.org/d")),
                               "d/go.mod": "module example.org/d\n", "d/d.go": "package d\n"}, ["."]),
    ("replaced_by_missing_folder", m(GO_MOD + "require example.org/d v1.0.0\nreplace example.org/d => ./d\n", x=importing("example.org/d")), ["."]),
    ("replaced_lacks_package", {**m(GO_MOD + "require example.org/d v1.0.0\nreplace example.org/d => ./d\n", x=importing("example.org/d/e")),
                                "d/go.mod": "module example.org/d\n", "d/d.go": "package d\n"}, ["."]),
    ("vendored", {**m(GO_MOD + "require example.org/d v1.0.0\n", x=importing("example.org/d")),
                  "vendor/modules.txt": "# example.org/d v1.0.0\n## explicit\nexample.org/d\n", "vendor/example.org/d/d.go": "package d\n"}, ["."]),
    ("not_vendored", {**m(GO_MOD + "require example.org/d v1.0.0\n", x=importing("example.org/d/e")),
                      "vendor/modules.txt": "# example.org/d v1.0.0\n## explicit\nexample.org/d\n", "vendor/example.org/d/d.go": "package d\n"}, ["."]),
    ("inconsistent_vendoring", {**m(GO_MOD + "require example.org/d v1.1.0\n", x=importing("example.org/d")),
                                "vendor/modules.txt": "# example.org/d v1.0.0\n## explicit\nexample.org/d\n", "vendor/example.org/d/d.go": "package d\n"}, ["."]),
    # go.mod
    ("no_go_mod", {"x.go": MAIN}, ["."]),
    ("empty_go_mod", m("", x=MAIN), ["."]),
    ("bad_directive", m("module m\nfoo bar\n", x=MAIN), ["."]),
    ("two_modules", m("module m\nmodule n\n", x=MAIN), ["."]),
    ("bad_go_version", m("module m\n\ngo one\n", x=MAIN), ["."]),
    ("go_of_the_future", m("module m\n\ngo 1.99\n", x=MAIN), ["."]),
    ("bad_require", m("module m\n\ngo 1.26\n\nrequire x\n", x=MAIN), ["."]),
    ("bad_replace", m("module m\n\ngo 1.26\n\nreplace example.org/x ./y\n", x=MAIN), ["."]),
    ("replace_no_version", m("module m\n\ngo 1.26\n\nreplace example.org/x => example.org/y\n", x=MAIN), ["."]),
    ("block_not_closed", m("module m\n\ngo 1.26\n\nrequire (\n\texample.org/x v1.0.0\n", x=MAIN), ["."]),
    ("old_language", m("module m\n\ngo 1.17\n", x="package main\n\nfunc f[T any](T) {}\n\nfunc main() { f(1) }\n"), ["."]),
    # patterns
    ("missing_folder", m(x=MAIN), ["./nosuch"]),
    ("folder_without_go", {**m(x=MAIN), "a/y.txt": ""}, ["./a"]),
    ("outside_module", m(x=MAIN), ["/tmp"]),
    ("file_as_folder", {**m(x=MAIN), "y": ""}, ["./y"]),
    ("matches_nothing", m(x=MAIN), ["./nosuch/..."]),
    ("matches_nothing_2", m(x=MAIN), ["example.com/n/..."]),
    ("std_pattern_missing", m(x=MAIN), ["nosuch"]),
    ("package_of_other_module", m(x=MAIN), ["example.org/d"]),
    ("go_file_missing", m(x=MAIN), ["./nosuch.go"]),
    ("nested_module", {**m(x=MAIN), "a/go.mod": "module example.com/m/a\n", "a/a.go": "package a\n"}, ["./a"]),
    ("imports_nested_module", {**m(x=importing("example.com/m/a")), "a/go.mod": "module example.com/m/a\n", "a/a.go": "package a\n"}, ["."]),
    # embedding
    ("embed_nothing", m(x=EMBED.format("nosuch.txt")), ["."]),
    ("embed_bad_pattern", m(x=EMBED.format("[a")), ["."]),
    ("embed_above", {**m(a__x=EMBED.format("../y.txt")), "y.txt": "y"}, ["./a"]),
    ("embed_folder_hidden", {**m(x='package main\n\nimport "embed"\n\n//go:embed d\nvar s embed.FS\n\nfunc main() { _ = s }\n'), "d/.hidden": "y"}, ["."]),
    ("embed_other_module", {**m(x='package main\n\nimport "embed"\n\n//go:embed d\nvar s embed.FS\n\nfunc main() { _ = s }\n'), "d/go.mod": "module d\n", "d/y": ""}, ["."]),
    ("embed_without_import", m(x="package main\n\n//go:embed x.go\nvar s string\n\nfunc main() { _ = s }\n"), ["."]),
    ("embed_two_for_string", {**m(x=EMBED.format("a.txt b.txt")), "a.txt": "", "b.txt": ""}, ["."]),
    ("embed_into_int", m(x='package main\n\nimport _ "embed"\n\n//go:embed x.go\nvar s int\n\nfunc main() { _ = s }\n'), ["."]),
]

# Where gale says something else on purpose: what it says instead.
OTHER = {
    "not_required": r"no required module provides package example\.org/d",
}


def run_tool(command, folder, environment):
    try:
        r = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=60, stdin=subprocess.DEVNULL, env=environment)
    except subprocess.TimeoutExpired:
        return None, "timed out"
    return r.returncode, r.stdout + r.stderr


def write(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content)


def compare(context, go, name, files, arguments):
    with tempfile.TemporaryDirectory() as top:
        folder, cache = os.path.join(top, "m"), os.path.join(top, "cache")
        write(folder, files)
        environment = dict(os.environ, GOFLAGS="", GOPROXY="off", GOENV="off", GOTOOLCHAIN="local", GOWORK="off", GOMODCACHE=cache, GOROOT=context.goroot,
                           PWD=folder, CGO_ENABLED="0")
        if not arguments[0].startswith("/"):
            environment.pop("GOROOT")
        code, theirs = run_tool([go, "build", "-buildvcs=false", "-o", f"{top}/theirs", *arguments], folder, environment)
        our_code, ours = run_tool([gotest.gale(context), "build", "-buildvcs=false", "-o", f"{top}/ours", *arguments], folder, environment)
        if our_code == 1 and "gale writes programs only" in ours and code == 0:
            our_code, ours = run_tool([gotest.gale(context), "build", *arguments], folder, environment)
    if name in OTHER:
        return "" if our_code == code and re.search(OTHER[name], ours) else f"wanted {OTHER[name]}: exit code {our_code}\n{ours}"
    if (code, theirs) == (our_code, ours):
        return ""
    return f"go: exit code {code}\n{theirs}gale: exit code {our_code}\n{ours}"


def run(context):
    go = os.path.join(context.goroot or "", "bin", "go")
    if not os.path.exists(go):
        yield "modules", "skip", "no Go is installed"
        return
    for name, files, arguments in CASES:
        if context.wants(f"modules/{name}"):
            problem = compare(context, go, name, files, arguments)
            yield f"modules/{name}", "fail" if problem else "pass", problem
