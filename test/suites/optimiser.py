"""The optimiser's lists against each other, and what -explain says.

A sample of test/programs is built with GALE_OPT=debug, quick and full, the compiler checking its own work, and must print the
same each time (programs compares full with gc). test/explain/NAME.go is built with -explain; each `// explain: TEXT` in it must
be said of its line, each `// silent: TEXT` must not.
"""
import os
import re
import subprocess
import tempfile

SAMPLE = ("btree", "iterators", "lisp", "panics", "strings_sort", "wordcount")


def build(context, path, binary, level, *flags):
    environment = dict(os.environ, GALE_OPT=level, GALE_VERIFY="1")
    return subprocess.run([str(context.gale.resolve()), "build", *flags, "-o", binary, path.name], cwd=path.parent, env=environment,
                          capture_output=True, text=True, timeout=120)


def same_under_all_lists(context, path, folder):
    outputs = {}
    for level in ("debug", "quick", "full"):
        binary = os.path.join(folder, level)
        built = build(context, path, binary, level)
        if built.returncode != 0:
            return f"GALE_OPT={level}: {built.stderr[-3000:]}"
        ran = subprocess.run([binary], cwd=path.parent, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        outputs[level] = (ran.returncode, ran.stdout)
    wrong = [level for level in outputs if outputs[level] != outputs["debug"]]
    return f"debug and {wrong[0]} differ:\n{outputs['debug']}\n{outputs[wrong[0]]}" if wrong else ""


def explained(context, path, folder):
    built = build(context, path, os.path.join(folder, "explained"), "full", "-explain")
    if built.returncode != 0:
        return built.stderr[-3000:]
    said = {}
    for line in built.stderr.splitlines():
        m = re.match(r"[^:]+:(\d+):\d+: (.*)", line)
        if m:
            said.setdefault(int(m[1]), set()).add(m[2])
    problems = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for kind, text in re.findall(r"// (explain|silent): ([^/]+?)(?= //|$)", line):
            if (text in said.get(number, ())) != (kind == "explain"):
                problems.append(f"{path.name}:{number}: {kind}: {text}; said: {sorted(said.get(number, ()))}")
    return "\n".join(problems)


def run(context):
    programs = context.root / "test" / "programs"
    with tempfile.TemporaryDirectory() as folder:
        chosen = [programs / (name + ".go") for name in SAMPLE]
        for path in chosen:
            name = f"optimiser/lists/{path.stem}"
            if context.wants(name):
                problem = same_under_all_lists(context, path, folder)
                yield name, "fail" if problem else "pass", problem
        for path in sorted((context.root / "test" / "explain").glob("*.go")):
            name = f"optimiser/explain/{path.stem}"
            if context.wants(name):
                problem = explained(context, path, folder)
                yield name, "fail" if problem else "pass", problem
