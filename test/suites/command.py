"""The command: gale beside the go command, verb by verb: words, exit codes, what is written where; terminals; the launcher; installing."""
import json
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time

import gotest

GO_MOD = "module example.com/m\n\ngo 1.26\n"
MAIN = "package main\n\nfunc main() {}\n"
ARGS = """package main

import (
	"fmt"
	"os"
)

var version = "none"

func main() {
	fmt.Println(version, os.Args[1:])
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		os.Exit(3)
	}
}
"""
INFO = """package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	info, ok := debug.ReadBuildInfo()
	fmt.Print(ok, "\\n", info)
}
"""
FILES = {"go.mod": GO_MOD, "main.go": ARGS, "a/a.go": MAIN, "b/v2/b.go": MAIN, "lib/lib.go": "package lib\n", "onlyone/a/a.go": "package a\n", "onlyone/b/b.go": ARGS, "info/info.go": INFO,
         "tagged/on.go": "//go:build one && two\n\npackage main\n\nfunc main() { println(\"on\") }\n",
         "tagged/off.go": "//go:build !(one && two)\n\npackage main\n\nfunc main() { println(\"off\") }\n",
         "debug/debug.go": "//go:debug nosuch=1\n\npackage main\n\nfunc main() {}\n", "bad/bad.go": "package main\n\nfunc main() { x }\n", "sub/x_test.go": "package sub\n"}

# Arguments, run with both commands in the same folder: same output, exit code, and files afterwards.
SAME = {
    "run_file": ["run", "main.go", "1", "2"],
    "run_folder": ["run", ".", "-x", "2"],
    "run_path": ["run", "example.com/m", "1"],
    "run_exit_code": ["run", ".", "fail"],
    "run_nothing": ["run"],
    "run_library": ["run", "./lib"],
    "run_several": ["run", "./..."],
    "run_only_program": ["run", "./onlyone/...", "1"],
    "run_test_file": ["run", "sub/x_test.go"],
    "run_missing_file": ["run", "nosuch.go"],
    "run_missing_package": ["run", "./nosuch"],
    "run_exec": ["run", "-exec", "env A=B", ".", "7"],
    "run_tags": ["run", "-tags", "one,two", "./tagged"],
    "run_tags_with_space": ["run", "-tags=one two", "./tagged"],
    "run_one_tag": ["run", "-tags", "one", "./tagged"],
    "run_x": ["run", "-ldflags=-X main.version=7", "."],
    "run_x_quoted": ["run", "-ldflags", "-s -X 'main.version=a b'", "."],
    "run_x_twice": ["run", "-ldflags=-X main.version=7", "-ldflags=-w", "."],
    "run_flags_in_any_style": ["run", "--tags=one,two", "-trimpath=false", "./tagged"],
    "run_errors": ["run", "./bad"],
    "build_here": ["build"],
    "build_package": ["build", "./a"],
    "build_v2": ["build", "./b/v2"],
    "build_library": ["build", "./lib"],
    "build_several": ["build", "./a", "./lib"],
    "build_file": ["build", "main.go"],
    "build_o": ["build", "-o", "out", "./a"],
    "build_o_missing_folder": ["build", "-o", "new/deep/out", "./a"],
    "build_o_folder": ["build", "-o", "lib", "./a"],
    "build_o_new_folder": ["build", "-o", "new/deep/", "./a", "./b/...", "./lib"],
    "build_o_no_programs": ["build", "-o", "new/", "./lib"],
    "build_o_several": ["build", "-o", "out", "./a", "./lib"],
    "build_errors": ["build", "./bad", "./a"],
    "build_json": ["build", "-json", "-o", "out", "./bad"],
    "build_name_taken": ["build", "./bad"],
    "build_unknown_godebug": ["build", "-o", "out", "./debug"],
    "build_json_missing": ["build", "-json", "./nosuch"],
    "build_c": ["build", "-C", "a"],
    "build_c_equals": ["build", "-C=a", "-o", "x"],
    "build_c_missing": ["build", "-C", "nosuch"],
    "build_mod": ["build", "-mod=foo"],
    "build_p": ["build", "-p", "0"],
    "build_buildmode": ["build", "-buildmode=foo"],
    "build_matches_nothing": ["build", "./a/nosuch/..."],
    "env_names": ["env", "GOOS", "GOARCH", "GOROOT", "GOMOD", "NOSUCH", "GOPATH", "GOMODCACHE", "GOFLAGS"],
    "env_json": ["env", "-json", "GOOS", "GOROOT"],
    "env_w_unknown": ["env", "-w", "NOSUCH=1"],
    "env_w_no_value": ["env", "-w", "GOOS"],
    "env_u_unknown": ["env", "-u", "NOSUCH"],
    "env_w_and_u": ["env", "-w", "-u", "GOFLAGS"],
    "version_missing": ["version", "nosuch"],
    "version_no_executable": ["version", "-m", "main.go"],
}


def run_tool(command, folder, **environment):
    env = dict(os.environ, GOFLAGS="-buildvcs=false", GOENV="off", GOPROXY="off", GOTOOLCHAIN="local", PWD=folder, CGO_ENABLED="0")
    env.update(environment)
    env = {k: v for k, v in env.items() if v is not None}
    r = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=120, stdin=subprocess.DEVNULL, env=env)
    return r.returncode, r.stdout, r.stderr


def write(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content)


def tree(folder):
    return sorted(os.path.relpath(os.path.join(d, n), folder) for d, _, names in os.walk(folder) for n in names)


class Suite:
    def __init__(self, context):
        self.gale = gotest.gale(context)
        self.context = context
        self.go = os.path.join(context.goroot, "bin", "go")

    def same(self, arguments):
        results = []
        with tempfile.TemporaryDirectory() as top:
            for tool in (self.go, self.gale):
                folder = os.path.join(top, "m")
                write(folder, FILES)
                results.append((*run_tool([tool, *arguments], folder), tree(folder)))
                subprocess.run(["rm", "-rf", folder], check=True)
        return "" if results[0] == results[1] else f"go:   {results[0]}\ngale: {results[1]}"

    def build_info(self, folder):
        """debug.ReadBuildInfo, `gale version -m` and `go version -m` say what the go command's own executable says."""
        for flags in ([], ["-trimpath"], ["-tags=x,y", "-ldflags=-s -w"], ["-gcflags=-N -l"]):
            outputs = []
            for tool in (self.go, self.gale):
                code, _, err = run_tool([tool, "build", *flags, "-o", "x", "./info"], folder)
                if code:
                    return err
                for reader in (self.go, self.gale):
                    outputs.append(run_tool([reader, "version", "-m", "x"], folder)[1])
                outputs.append(re.sub(r"true\ngo\t(\S+)\n", r"x: \1\n", run_tool(["./x"], folder)[1]).replace("\n", "\n\t").rstrip("\t"))
            if len(set(outputs)) != 1:
                return f"{flags}: {outputs}"
        return ""

    def repository(self, folder):
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]

        def state():
            outputs = []
            for tool in (self.go, self.gale):
                # The go command keeps what it found out about a commit in the module cache, also when tags change.
                cache = tempfile.mkdtemp(dir=os.path.dirname(folder))
                code, _, err = run_tool([tool, "build", "-o", "../x", "./a"], folder, GOFLAGS=None, GOMODCACHE=cache)
                if code:
                    return [err, ""]
                outputs.append(run_tool([self.go, "version", "-m", "../x"], folder)[1])
            return outputs

        try:
            run_tool([*git, "init", "-q"], folder)
        except OSError:
            return None
        run_tool([*git, "add", "-A"], folder)
        run_tool([*git, "commit", "-qm", "x"], folder)
        steps = [[], ["tag", "v1.2.3"], "change", ["commit", "-qam", "y"], ["tag", "v1.3.0-rc.1"], ["commit", "-q", "--allow-empty", "-m", "z"]]
        for step in steps:
            if step == "change":
                write(folder, {"a/a.go": MAIN + "\n// changed\n"})
            elif step:
                run_tool([*git, *step], folder)
            theirs, ours = state()
            if theirs != ours or "vcs.revision" not in ours:
                return f"after {step}:\ngo: {theirs}\ngale: {ours}"
        return ""

    def godebug(self, folder):
        write(folder, {"go.mod": "module example.com/m\n\ngo 1.21\n\ngodebug panicnil=1\n", "a/a.go": "//go:debug http2client=0\npackage main\n\nfunc main() {}\n"})
        outputs = []
        for tool in (self.go, self.gale):
            code, _, err = run_tool([tool, "build", "-o", "x", "./a"], folder)
            if code:
                return err
            outputs.append(run_tool([self.gale, "version", "-m", "x"], folder)[1])
        return "" if outputs[0] == outputs[1] and "DefaultGODEBUG" in outputs[0] else str(outputs)

    def env_file(self, folder):
        """-w writes a file that both commands read; -u takes back; a bad value changes nothing."""
        file = f"{folder}/config/env"
        for writer, reader in ((self.go, self.gale), (self.gale, self.go)):
            env = {"GOENV": file, "GOFLAGS": None}
            if run_tool([writer, "env", "-w", "GOFLAGS=-tags=one,two", "GONOPROXY=x"], folder, **env)[0]:
                return "env -w fails"
            if run_tool([reader, "env", "GOFLAGS", "GONOPROXY"], folder, **env)[1] != "-tags=one,two\nx\n":
                return f"{reader} does not read it"
            if run_tool([self.gale, "run", "./tagged"], folder, **env)[2] != "on\n":
                return "GOFLAGS has no effect"
            if run_tool([self.gale, "env", "-w", "GOOS=plan9"], folder, **env)[0] != 1:
                return "GOOS=plan9 is taken"
            run_tool([writer, "env", "-u", "GOFLAGS", "GONOPROXY"], folder, **env)
            if run_tool([reader, "env", "GOFLAGS"], folder, **env)[1] != "\n":
                return "env -u has no effect"
        return "" if os.listdir(f"{folder}/config") == ["env"] else str(os.listdir(f"{folder}/config"))

    def trimpath(self, folder):
        """No folder of this machine is left in an executable; without -trimpath they are there."""
        for flags, wanted in (([], True), (["-trimpath"], False)):
            code, _, err = run_tool([self.gale, "build", *flags, "-o", "x", "."], folder)
            if code:
                return err
            with open(f"{folder}/x", "rb") as f:
                image = f.read()
            for name in (folder, self.context.goroot):
                if (name.encode() in image) != wanted:
                    return f"{flags}: {name}"
        return ""

    def html(self, folder):
        code, _, err = run_tool([self.gale, "build", "-html=main.main", "-o", "x", "."], folder)
        if code or "wrote main.main.html" not in err:
            return err
        with open(f"{folder}/main.main.html", encoding="utf-8") as f:
            page = f.read()
        wanted = ["<h3>source</h3>", "<h3>lower</h3>", "<h3>expand</h3>", "<h3>select</h3>", "<h3>regalloc</h3>", "<h3>asm</h3>", 'data-n="v3"', "</html>"]
        missing = [w for w in wanted if w not in page]
        return f"lacks {missing}" if missing else "http" in page and "refers to elsewhere" or ""

    def times(self, folder):
        code, _, err = run_tool([self.gale, "build", "-time", "-o", "x", "."], folder)
        rows = [line.split("  ")[-1] for line in err.splitlines()]
        return "" if code == 0 and rows[0] == "stage" and "link" in rows and rows[-1] == "total" else err

    def on_terminal(self, folder, arguments, **environment):
        """What gale writes on a terminal."""
        master, slave = pty.openpty()
        env = dict(os.environ, TERM="xterm", PWD=folder, **environment)
        process = subprocess.Popen([self.gale, *arguments], cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        output, deadline = b"", time.monotonic() + 60
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    part = os.read(master, 65536)
                except OSError:
                    break
                if not part:
                    break
                output += part
        process.wait(timeout=10)
        os.close(master)
        return output.decode(errors="replace").replace("\r\n", "\n")

    def terminal(self, folder):
        """The line, a caret range and a hint; colours unless NO_COLOR is set; none of it elsewhere."""
        write(folder, {"bad/bad.go": "package main\n\nfunc main() {\n\tvar unused int\n}\n"})
        text = self.on_terminal(folder, ["build", "-o", "out", "./bad"], NO_COLOR="")
        wanted = "bad/bad.go:4:6: declared and not used: unused\n    \tvar unused int\n    \t    \033[1;32m^~~~~~\033[0m\n    hint: use it"
        if wanted not in text:
            return repr(text)
        plain = self.on_terminal(folder, ["build", "-o", "out", "./bad"], NO_COLOR="1")
        if wanted.replace("\033[1;32m", "").replace("\033[0m", "") not in plain or "\033" in plain:
            return repr(plain)
        err = run_tool([self.gale, "build", "-o", "out", "./bad"], folder)[2]
        return "" if err == "# example.com/m/bad\nbad/bad.go:4:6: declared and not used: unused\n" else repr(err)

    def progress(self, folder):
        """Nothing that is slow: a line that is taken away again. (A file of a few MB takes longer than a second.)"""
        calls = "".join(f"func f{i}(a, b int) int {{\n\tfor i := range a {{\n\t\tb += i*a + {i}\n\t\tif b > 100 {{\n\t\t\tb -= a\n\t\t}}\n\t}}\n\treturn b\n}}\n" for i in range(40000))
        uses = "".join(f"\ts += f{i}(s, 1)\n" for i in range(40000))
        write(folder, {"slow/slow.go": f"package main\n\n{calls}\nfunc main() {{\n\ts := 1\n{uses}\tprintln(s)\n}}\n"})
        text = self.on_terminal(folder, ["build", "-p", "1", "-o", "x", "./slow"])
        if not re.search(r"\r\033\[K(loading|checking|finding|compiling|linking)", text):
            return "no progress shown: " + repr(text[:500])
        return "" if text.endswith("\r\033[K") else repr(text[-200:])

    def signal(self, folder):
        """A program killed by a signal, as go run tells of it."""
        write(folder, {"kill/kill.go": 'package main\n\nimport "syscall"\n\nfunc main() { syscall.Kill(syscall.Getpid(), syscall.SIGKILL); select {} }\n'})
        results = [run_tool([tool, "run", "./kill"], folder) for tool in (self.go, self.gale)]
        return "" if results[0] == results[1] else str(results)

    def fetched_goroot(self, folder):
        """Without a distribution gale wants one, and says what keeps it from fetching it; nothing stays behind."""
        cache = f"{folder}/cache"
        env = {"GOTOOLCHAIN": "go1.26.8", "GOROOT": "/no/such", "GALECACHE": cache, "GOPROXY": f"file://{folder}/proxy,off"}
        code, _, err = run_tool([self.gale, "build", "-o", "x", "./a"], folder, **env)
        if code != 1 or not re.search(r"^gale: cannot fetch golang\.org/toolchain@v0\.0\.1-go1\.26\.8\.linux-amd64: reading file://.*: No such file", err, re.M):
            return err
        place = f"{folder}/proxy/golang.org/toolchain/@v/"
        write(place, {"v0.0.1-go1.26.8.linux-amd64.zip": "PK nonsense"})
        code, _, err = run_tool([self.gale, "build", "-o", "x", "./a"], folder, **env)
        if code != 1 or "its archive is damaged" not in err:
            return err
        left = [n for n in tree(cache) if n != "toolchain/lock"]
        return f"left behind: {left}" if left else ""

    def interrupted_fetch(self, folder):
        """A proxy that stops in the middle: progress is shown meanwhile, Ctrl-C ends gale, and nothing stays behind."""
        listener = socket.create_server(("127.0.0.1", 0))
        open_connections = []

        def serve():
            connection, _ = listener.accept()
            open_connections.append(connection)
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n" + bytes(100000))

        threading.Thread(target=serve, daemon=True).start()
        env = dict(os.environ, GOTOOLCHAIN="go1.26.8", GOROOT="/no/such", GALECACHE=f"{folder}/cache", GOPROXY=f"http://127.0.0.1:{listener.getsockname()[1]}",
                   GOENV="off", no_proxy="127.0.0.1", TERM="xterm")
        master, slave = pty.openpty()
        process = subprocess.Popen([self.gale, "build", "-o", "x", "./a"], cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        output, deadline = b"", time.monotonic() + 60
        while b"fetching go1.26.8 0.1 of 60.0 MB" not in output and time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                output += os.read(master, 65536)
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            return "does not end: " + repr(output)
        os.close(master)
        listener.close()
        left = [n for n in tree(f"{folder}/cache") if n != "toolchain/lock"]
        return "" if code == -signal.SIGINT and b"0.1 of 60.0 MB" in output and not left else f"exit code {code}, left behind: {left}\n{output!r}"

    def installed(self, folder):
        """./gale install PREFIX runs without the repository, from anywhere, with nothing else in its environment."""
        launcher = str(self.context.root / "gale")
        code, _, err = run_tool([launcher, "install", f"{folder}/prefix"], "/")
        if code:
            return err
        wanted = ["bin/gale", "lib/gale/golib/runtime/overlay.txt"]
        names = tree(f"{folder}/prefix")
        if any(w not in names for w in wanted) or any(".new" in n or ".old" in n for n in names):
            return str(names[:20])
        env = {"HOME": folder, "GOROOT": self.context.goroot, "PATH": "/nowhere"}
        r = subprocess.run([f"{folder}/prefix/bin/gale", "run", f"{folder}/main.go", "x"], cwd="/", capture_output=True, text=True, env=env, timeout=60)
        if (r.returncode, r.stdout) != (0, "none [x]\n"):
            return str(r)
        with open(f"{folder}/prefix/bin/gale", "rb") as f:
            needs_root = str(self.context.root / "runtime" / "golib").encode() in f.read()
        r = subprocess.run([f"{folder}/prefix/bin/gale", "env", "GALEOVERLAY"], capture_output=True, text=True, env=env, timeout=60)
        if r.stdout.strip() != os.path.realpath(folder) + "/prefix/lib/gale/golib":
            return f"{r.stdout} {needs_root}"
        return "" if run_tool([launcher, "install", f"{folder}/prefix"], "/")[0] == 0 else "cannot be installed again"

    def launcher(self, folder):
        """The launcher costs at most 10 ms of CPU time (the least of several runs: other work on the machine does not count)."""
        launcher, binary = str(self.context.root / "gale"), self.gale

        def least(command):
            best = 1e9
            for _ in range(15):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([command, "version"], stdout=subprocess.DEVNULL, check=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            return best

        more = least(launcher) - least(binary)
        link = f"{folder}/linked"
        os.symlink(launcher, link)
        if run_tool([link, "version"], folder)[0]:
            return "does not run through a symbolic link"
        return "" if more <= 0.010 else f"{more * 1000:.1f} ms"

    def help(self, folder):
        """Every command and topic has a text; -h of a command points to it."""
        code, out, _ = run_tool([self.gale, "help"], folder)
        names = re.findall(r"^\t(\w+) +\w", out, re.M)
        if code or not {"build", "run", "check", "env", "version", "help", "packages", "environment"} <= set(names):
            return out
        for name in names:
            code, text, _ = run_tool([self.gale, "help", name], folder)
            if code or len(text) < 60:
                return f"{name}: {text}"
        code, _, err = run_tool([self.gale, "build", "-h"], folder)
        return "" if code == 2 and err == "usage: gale build [-o output] [build flags] [packages]\nRun 'gale help build' for details.\n" else err

    def json_check(self, folder):
        code, out, _ = run_tool([self.gale, "check", "-json", "./bad"], folder)
        events = [json.loads(line) for line in out.splitlines()]
        wanted = [("build-output", "# example.com/m/bad\n"), ("build-output", "bad/bad.go:3:15: undefined: x\n"), ("build-fail", None)]
        return "" if code == 1 and [(e["Action"], e.get("Output")) for e in events] == wanted else out


SPECIAL = ["build_info", "repository", "godebug", "env_file", "trimpath", "html", "times", "terminal", "progress", "signal", "fetched_goroot", "interrupted_fetch", "installed",
           "launcher", "help", "json_check"]


def run(context):
    if not context.goroot or not os.path.exists(os.path.join(context.goroot, "bin", "go")):
        yield "command", "skip", "no Go is installed"
        return
    suite = Suite(context)
    for name, arguments in SAME.items():
        if context.wants(f"command/{name}"):
            problem = suite.same(arguments)
            yield f"command/{name}", "fail" if problem else "pass", problem
    for name in SPECIAL:
        if not context.wants(f"command/{name}"):
            continue
        with tempfile.TemporaryDirectory() as top:
            folder = os.path.join(top, "m")
            write(folder, FILES)
            problem = getattr(suite, name)(folder)
        yield f"command/{name}", "skip" if problem is None else "fail" if problem else "pass", problem or ""
