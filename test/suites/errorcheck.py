"""Expected compile errors: the errorcheck and errorcheckdir tests of GOROOT/test, by line and wording (`gale check -e`)."""
import gotest


def run(context):
    if not context.goroot:
        yield "errorcheck", "skip", "no Go is installed"
        return
    known = gotest.read_known_failures(context, "errorcheck_known_failures.txt")
    tests = [t for t in gotest.read_tests(context) if t.action in ("errorcheck", "errorcheckdir", "errorcheckandrundir")]

    def problem(test):
        if test.action == "errorcheck":
            code, output = gotest.check_single(context, test)
            files = [test.path]
        else:
            code, output = gotest.check_directory(context, test)
            files = sorted(test.directory.glob("*.go"))
        if code not in (0, 1):
            return f"exit code {code}\n{output[-2000:]}"
        if test.want_error != (code == 1) and test.action == "errorcheck":
            return f"exit code {code}\n{output[-2000:]}"
        return gotest.compare_errors(output, files)

    for test, found in gotest.in_parallel(problem, tests):
        yield gotest.judge(test, found, known)
