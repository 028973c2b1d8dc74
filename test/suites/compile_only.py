"""No false errors: every test of GOROOT/test that must compile passes `gale check`."""
import gotest

SINGLE = ("compile", "build", "run", "buildrun", "runoutput", "errorcheckoutput")
DIRECTORY = ("compiledir", "rundir")


def run(context):
    if not context.goroot:
        yield "compile_only", "skip", "no Go is installed"
        return
    known = gotest.read_known_failures(context, "compile_only_known_failures.txt")
    tests = [t for t in gotest.read_tests(context) if t.action in SINGLE + DIRECTORY]

    def problem(test):
        if test.action in DIRECTORY:
            code, output = gotest.check_directory(context, test)
        else:
            code, output = gotest.check_single(context, test)
        return "" if code == 0 and not output else f"exit code {code}\n{output[-2000:]}"

    for test, found in gotest.in_parallel(problem, tests):
        yield gotest.judge(test, found, known)
