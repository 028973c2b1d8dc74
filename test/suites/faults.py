"""What the machine may do to a program: no memory, no threads, a closed stdout, stopped threads, signals at any time.

A program may end with Go's message, or survive with the right output; it may not hang, print wrong output, or die by a signal
that nobody sent.
"""
import ctypes
import os
import pathlib
import random
import resource
import signal
import subprocess
import tempfile
import time

LIMIT = 60  # seconds: a hang
SIGNALS = 1000  # in all, however many runs of the program that takes
STOPS = 150
FEWEST = 20  # a machine on which fewer than this can be sent in 60 runs has tested nothing
RUNS = 60

BUSY = """package main

import (
\t"fmt"
\t"os"
\t"os/signal"
\t"sync"
\t"syscall"
)

func main() {
\tc := make(chan os.Signal, 1)
\tsignal.Notify(c, syscall.SIGUSR1, syscall.SIGWINCH)
\tgo func() {
\t\tfor range c {
\t\t}
\t}()
\tvar group sync.WaitGroup
\tvar mu sync.Mutex
\ttotal := 0
\tfor g := range 8 {
\t\tgroup.Add(1)
\t\tgo func() {
\t\t\tdefer group.Done()
\t\t\tm := map[int]string{}
\t\t\tfor i := range 150000 {
\t\t\t\tm[i%500] = fmt.Sprint(g, i)
\t\t\t}
\t\t\tmu.Lock()
\t\t\ttotal += len(m) + len(m[499])
\t\t\tmu.Unlock()
\t\t}()
\t}
\tgroup.Wait()
\tfmt.Println("total", total)
}
"""
WANT = b"total 4064\n"  # 8 goroutines, 500 keys each, and len("7 149999")
HUNGRY = 'package main\n\nvar keep [][]byte\n\nfunc main() {\n\tfor {\n\t\tb := make([]byte, 1<<20)\n\t\tfor i := range b {\n\t\t\tb[i] = 1\n\t\t}\n' \
         '\t\tkeep = append(keep, b)\n\t}\n}\n'
WRITES = 'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\t_, err := fmt.Println("x")\n\tfmt.Fprintln(os.Stderr, err)\n}\n'


def build(context, tmp, name, text):
    source, output = os.path.join(tmp, name + ".go"), os.path.join(tmp, name)
    pathlib.Path(source).write_text(text)
    r = subprocess.run([str(context.gale), "build", "-o", output, source], capture_output=True, text=True, timeout=LIMIT)
    return output if r.returncode == 0 else None


def execute(binary, before=None, stdout=subprocess.PIPE):
    try:
        r = subprocess.run([binary], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=before, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "hang", b"", b""
    return r.returncode, r.stdout or b"", r.stderr


def no_memory(binary):
    have = execute(binary, lambda: resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)))
    ok = have[0] == 2 and b"out of memory" in have[2]
    return ok, have


def no_threads(binary):
    """The limit counts a user's processes and does not bind root: run as nobody."""
    def before():
        os.setgid(65534)
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        os.setuid(65534)
    have = execute(binary, before)
    return (have[0], have[1]) == (0, WANT) or (have[0] == 2 and b"failed to create new OS thread" in have[2]), have


def closed_stdout(binary):
    have = execute(binary, lambda: os.close(1), stdout=None)
    return have[0] == 0 and b"bad file descriptor" in have[2], have


def broken_pipe(binary):
    """Writing to a pipe without a reader on descriptor 1 ends a Go program by SIGPIPE."""
    read, write = os.pipe()
    os.close(read)
    try:
        have = execute(binary, stdout=write)
    finally:
        os.close(write)
    return have[0] == -signal.SIGPIPE, have


def disturb(binary, send, most):
    """Runs the busy program while send(pid, i) does something to it, until it ends, at most `most` times; (right?, outcome, how often)."""
    child = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    done, deadline = 0, time.monotonic() + LIMIT
    time.sleep(0.02)
    while child.poll() is None and time.monotonic() < deadline and done < most:
        try:
            send(child.pid, done)
            done += 1
        except (ProcessLookupError, FileNotFoundError, PermissionError):  # the last: a thread that has ended cannot be stopped
            break
    try:
        out, err = child.communicate(timeout=max(1, deadline - time.monotonic()))
        code = child.returncode
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        code = "hang"
    return (code, out) == (0, WANT), (code, out, err), done


def random_signal(rng):
    def send(pid, _):
        os.kill(pid, rng.choice([signal.SIGUSR1, signal.SIGWINCH, signal.SIGURG, signal.SIGCHLD]))
        time.sleep(rng.random() * 0.003)
    return send


def stop_and_continue(rng):
    """SIGSTOP stops the whole process, whichever thread it is sent to: what is seen is a program that sleeps at any instruction."""
    def send(pid, _):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(rng.random() * 0.004)
        os.kill(pid, signal.SIGCONT)
        time.sleep(rng.random() * 0.004)
    return send


PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_EVENT_STOP = 17, 0x4206, 0x4207, 128
WAIT_ALL = 0x40000000  # __WALL: threads, too


def ptrace(request, thread, data=0):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(request, ctypes.c_long(thread), None, ctypes.c_void_p(data)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))  # ProcessLookupError if the thread has ended


def may_stop_threads():
    child = subprocess.Popen(["sleep", "60"])
    try:
        ptrace(PTRACE_SEIZE, child.pid)
        return True
    except PermissionError:
        return False
    finally:
        child.kill()
        child.wait()


def stop_one_thread(rng):
    """A debugger's stop is the only one that holds a single thread: the others run on, and may wait for what it has."""
    def send(pid, _):
        thread = int(rng.choice(os.listdir(f"/proc/{pid}/task")))
        ptrace(PTRACE_SEIZE, thread)
        try:
            ptrace(PTRACE_INTERRUPT, thread)
            _, status = os.waitpid(thread, WAIT_ALL)
            if not os.WIFSTOPPED(status):
                return
            time.sleep(rng.choice([0, 0.001, 0.004, 0.03]) * rng.random())
            caught = 0 if status >> 16 == PTRACE_EVENT_STOP else os.WSTOPSIG(status)  # a signal that was on its way
            ptrace(PTRACE_DETACH, thread, caught)
        except ProcessLookupError:  # the process has ended; it stays until its tracer has seen the end of each thread it holds
            if thread != pid:
                os.waitpid(thread, WAIT_ALL)
            raise
        time.sleep(rng.random() * 0.002)
    return send


def run(context):
    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as tmp:
        os.chmod(tmp, 0o755)
        programs = {n: build(context, tmp, n, t) for n, t in (("busy", BUSY), ("hungry", HUNGRY), ("writes", WRITES))}
        for name, program, test in (("no_memory", "hungry", no_memory), ("no_threads", "busy", no_threads),
                                    ("closed_stdout", "writes", closed_stdout), ("broken_pipe", "writes", broken_pipe)):
            if not context.wants(f"faults/{name}"):
                continue
            if programs[program] is None:
                yield f"faults/{name}", "fail", f"{program} does not build"
            elif name == "no_threads" and os.getuid() != 0:
                yield f"faults/{name}", "skip", "needs root, to become a user without processes"
            else:
                ok, have = test(programs[program])
                yield f"faults/{name}", "pass" if ok else "fail", "" if ok else str(have)[-1500:]
        for name, send, wanted in (("signals", random_signal(rng), SIGNALS), ("stop_continue", stop_and_continue(rng), STOPS),
                                   ("stop_thread", stop_one_thread(rng), STOPS)):
            if not context.wants(f"faults/{name}"):
                continue
            if name == "stop_thread" and not may_stop_threads():
                yield f"faults/{name}", "skip", "the system does not let one process stop a thread of another"
                continue
            ok, have, sent = True, None, 0
            for _ in range(RUNS):
                ok, have, done = disturb(programs["busy"], send, wanted - sent)
                sent += done
                if not ok or sent >= wanted:
                    break
            if ok and sent < FEWEST:
                yield f"faults/{name}", "fail", f"only {sent} were sent before the program ended: nothing was tested"
            else:
                yield f"faults/{name}", "pass" if ok else "fail", "" if ok else f"after {sent}: {str(have)[-1500:]}"
