"""No false errors in all bodies of the standard library: `gale check std`."""
import gotest


def run(context):
    if not context.goroot:
        yield "check_std", "skip", "no Go is installed"
        return
    if context.wants("check_std"):
        code, output = gotest.check(context, gotest.Test(context.goroot, "std", "build", []), ["std"], context.root)
        yield "check_std", "pass" if code == 0 and not output else "fail", output[-4000:]
