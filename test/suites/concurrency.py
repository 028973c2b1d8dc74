"""The scheduler seen from outside: schedule traces with steals, reports of fatal errors while threads run, limits, and the concurrent
programs of test/programs under GALEDEBUG=schedstress (random yields, forced steals) and preemptstress (stopped by signal at any
instruction) with several GOMAXPROCS. test/soak.py runs the same programs for as long as one likes.
"""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

MODES = ("schedstress", "preemptstress")
# Spinning goroutines that yield at each allocation of the others take minutes.
SLOW = {"sched_preempt", "conc_million", "conc_http", "sched_http", "conc_growing_stacks"}

STEAL = """package main

import "sync"

func main() {
	var wg sync.WaitGroup
	sums := make([]int, 64)
	for i := range sums {
		wg.Go(func() {
			for k := 0; k < 3000000; k++ {
				sums[i] += k % 7
			}
		})
	}
	wg.Wait()
	println(sums[0] == sums[63])
}
"""

QUIT = """package main

import (
	"os"
	"time"
)

func busy() {
	for {
	}
}

func waiter(c chan int) { <-c }

func main() {
	go busy()
	go waiter(make(chan int))
	time.Sleep(5 * time.Millisecond)
	if len(os.Args) > 1 {
		var p *int
		*p = 1
	}
	os.Stdout.WriteString("ready\\n")
	time.Sleep(20 * time.Second)
}
"""

GOEXIT = """package main

import "runtime"

func main() { runtime.Goexit() }
"""

THREADS = """package main

import (
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	debug.SetMaxThreads(12)
	var p [2]int
	syscall.Pipe(p[:])
	for i := 0; i < 40; i++ {
		go func() {
			var b [1]byte
			syscall.Read(p[0], b[:])
		}()
	}
	time.Sleep(5 * time.Second)
}
"""


def build(context, tmp, name, source):
    path = os.path.join(tmp, name + ".go")
    with open(path, "w") as f:
        f.write(source)
    binary = os.path.join(tmp, name)
    subprocess.run([str(context.gale), "build", "-o", binary, path], check=True, capture_output=True, cwd=tmp)
    return binary


def execute(binary, *args, **env):
    r = subprocess.run([binary, *args], env=dict(os.environ, **env), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return r.returncode, r.stdout, r.stderr


def trace_shows_steals(context, tmp):
    code, _, err = execute(build(context, tmp, "steal", STEAL), GOMAXPROCS="2", GODEBUG="schedtrace=5")
    lines = [l for l in err.splitlines() if l.startswith("SCHED ")]
    form = re.compile(r"SCHED \d+ms: gomaxprocs=2 idleprocs=\d threads=\d+ spinningthreads=\d+ needspinning=\d idlethreads=\d+ runqueue=\d+ \[ \d+ \d+ \] steals=(\d+)$")
    matches = [form.match(l) for l in lines]
    ok = code == 0 and len(lines) > 2 and all(matches) and int(matches[-1][1]) > 0 and "true" in err
    return ok, err[-1500:]


def detail_lists_everything(context, tmp):
    code, _, err = execute(build(context, tmp, "steal", STEAL), GOMAXPROCS="2", GODEBUG="schedtrace=5,scheddetail=1")
    return code == 0 and "  P0: status=" in err and "  P1: status=" in err and "  M0: p=" in err, err[-1500:]


def quit_prints_all(context, tmp):
    p = subprocess.Popen([build(context, tmp, "quit", QUIT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdout.readline()
    time.sleep(0.2)  # main goes on to sleep
    p.send_signal(signal.SIGQUIT)
    _, err = p.communicate(timeout=20)
    ok = p.returncode == 2 and err.startswith("SIGQUIT: quit\nPC=") and all(f"main.{f}(" in err for f in ("busy", "waiter", "main"))
    return ok and "[chan receive" in err and "[sleep" in err, f"exit {p.returncode}\n{err}"


def panic_prints_all(context, tmp):
    code, _, err = execute(build(context, tmp, "quit", QUIT), "x", GOTRACEBACK="all")
    ok = code == 2 and err.startswith("panic: runtime error: invalid memory address") and err.count("panic:") == 1
    return ok and "main.busy(" in err and "main.waiter(" in err, f"exit {code}\n{err}"


def wakeups(pid):
    """How often the threads of a process have given up their CPU of their own accord."""
    statuses = [p.read_text() for p in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(n) for s in statuses for n in re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", s, re.M))


def computing_is_left_alone(context, tmp):
    p = subprocess.Popen([build(context, tmp, "quit", QUIT)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    p.stdout.readline()
    time.sleep(0.3)  # the monitor gets calm
    before, start = wakeups(p.pid), time.monotonic()
    time.sleep(0.5)
    woken, milliseconds = wakeups(p.pid) - before, 1000 * (time.monotonic() - start)
    p.kill()
    p.communicate()
    return woken < milliseconds, f"{woken} wakeups in {milliseconds:.0f} ms of computing"


def goexit_of_main(context, tmp):
    code, _, err = execute(build(context, tmp, "goexit", GOEXIT))
    return code == 2 and err.startswith("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"), f"exit {code}\n{err}"


def thread_limit(context, tmp):
    code, _, err = execute(build(context, tmp, "threads", THREADS))
    return code == 2 and "runtime: program exceeds 12-thread limit\nfatal error: thread exhaustion\n" in err, f"exit {code}\n{err[:1500]}"


CASES = (trace_shows_steals, detail_lists_everything, quit_prints_all, panic_prints_all, computing_is_left_alone, goexit_of_main, thread_limit)


def programs(root):
    return [p for p in sorted((root / "test" / "programs").glob("*.go")) if p.stem.startswith(("conc_", "sched_")) and p.stem not in SLOW]


def differs(binary, plain, mode, procs):
    """What is wrong with a run in a debug mode, or ""; plain is the outcome without."""
    try:
        code, out, err = execute(binary, GOMAXPROCS=procs, GALEDEBUG=mode)
    except subprocess.TimeoutExpired:
        code, out, err = "timed out", "", ""
    if (code, out) == plain[:2]:
        return ""
    return f"{mode}, GOMAXPROCS={procs}: exit {code}\n{out[-800:]}\n{err[:800]}\nplain: {plain[1][-800:]}\n"


def run(context):
    if context.goroot is None:
        yield "concurrency", "skip", "no Go distribution"
        return
    with tempfile.TemporaryDirectory() as tmp:
        for case in CASES:
            name = f"concurrency/{case.__name__}"
            if context.wants(name):
                ok, detail = case(context, tmp)
                yield name, "pass" if ok else "fail", "" if ok else detail
        for path in programs(context.root):
            names = {mode: f"concurrency/{mode}/{path.stem}" for mode in MODES}
            if not any(map(context.wants, names.values())):
                continue
            binary = os.path.join(tmp, path.stem)
            subprocess.run([str(context.gale), "build", "-o", binary, str(path)], check=True, capture_output=True, cwd=path.parent)
            plain = execute(binary)
            for mode, name in names.items():
                if context.wants(name):
                    faults = [f for f in (differs(binary, plain, mode, procs) for procs in ("1", "2", "5")) if f]
                    yield name, "fail" if faults else "pass", "".join(faults[:1])
