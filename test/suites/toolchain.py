"""Go's own compiler, assembler and linker, built by gale: they write the executable that the installed ones write, to the byte."""
import os
import pathlib
import subprocess
import tempfile

import gotest

TOOLS = ("compile", "asm", "link")
LIMIT = 1200  # seconds a step
# The go command asks a tool for its version to name what it has cached: that stays the installed one's.
WRAPPER = """#!/bin/sh
tool=$1
shift
if [ "$1" != -V=full ] && [ -x "{folder}/${{tool##*/}}" ]; then
  exec "{folder}/${{tool##*/}}" "$@"
fi
exec "$tool" "$@"
"""
HELLO = 'package main\n\nimport "strings"\n\nfunc main() { println(strings.Repeat("hello ", 2)) }\n'


def go_build(go, folder, output, *flags):
    environment = dict(os.environ, GOFLAGS="", GOENV="off", GOTOOLCHAIN="local", GOWORK="off", CGO_ENABLED="0", GOCACHE=f"{folder}/cache-{output}")
    r = subprocess.run([go, "build", "-trimpath", "-buildvcs=false", *flags, "-o", f"../{output}", "."], cwd=f"{folder}/m", capture_output=True, text=True,
                       errors="replace", timeout=LIMIT, env=environment)
    return "" if r.returncode == 0 else f"exit code {r.returncode}\n{r.stderr[-3000:]}"


def same_executable(context, go, folder):
    for tool in TOOLS:
        r = subprocess.run([gotest.gale(context), "build", "-o", f"{folder}/tools/{tool}", f"cmd/{tool}"], cwd=folder, capture_output=True, text=True,
                           errors="replace", timeout=LIMIT)
        if r.returncode != 0:
            return f"gale build cmd/{tool}: exit code {r.returncode}\n{r.stderr[-3000:]}"
    wrapper = pathlib.Path(folder, "wrapper")
    wrapper.write_text(WRAPPER.format(folder=f"{folder}/tools"))
    wrapper.chmod(0o755)
    problem = go_build(go, folder, "theirs") or go_build(go, folder, "ours", "-toolexec", str(wrapper))
    if problem:
        return problem
    same = pathlib.Path(folder, "theirs").read_bytes() == pathlib.Path(folder, "ours").read_bytes()
    return "" if same else "the executables differ"


def run(context):
    go = os.path.join(context.goroot or "", "bin", "go")
    if not os.path.exists(go) or not os.path.isdir(os.path.join(context.goroot, "src", "cmd", "compile")):
        yield "toolchain", "skip", "no Go is installed"
        return
    if not context.wants("toolchain/same_executable"):
        return
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/m")
        os.makedirs(f"{folder}/tools")
        pathlib.Path(folder, "m", "go.mod").write_text("module m\n\ngo 1.26\n")
        pathlib.Path(folder, "m", "main.go").write_text(HELLO)
        problem = same_executable(context, go, folder)
    yield "toolchain/same_executable", "fail" if problem else "pass", problem
