#!/usr/bin/env python3
"""Makes a program that gale gets wrong smaller: removes statements and blocks as long as the difference stays.

usage: reduce.py FOLDER [--gale PATH] [--bad "FLAGS"] [--good "FLAGS" | --good gc]      (FOLDER as differ.py --keep leaves it)
The oracle is gc, or gale with other flags (-N is usually right, and much faster than gc). Writes the result back into FOLDER.
"""
import argparse
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from differ import ROOT, blank, command  # noqa: E402


class Reducer:
    def __init__(self, gale, folder, bad, good, tmp):
        self.gale, self.folder, self.bad, self.good, self.tmp = gale, pathlib.Path(folder), bad, good, tmp
        self.tried = 0

    def result(self, compiler, flags):
        output = os.path.join(self.tmp, "out")
        code, _, err = command([compiler, "build", *flags, "-o", output, "."], self.folder)
        if code != 0:
            return "build", err if "internal" in err else ""
        code, out, err = command([output], self.folder, 10)
        return code, out, blank(err)

    def differs(self):
        self.tried += 1
        code, _, _ = command([self.gale, "check", "."], self.folder)
        if code != 0:
            return False
        bad = self.result(self.gale, self.bad)
        if bad == ("build", ""):
            return False
        good = self.result("go", []) if self.good == "gc" else self.result(self.gale, self.good.split())
        return good[0] not in ("build", "timeout") and good != bad

    @staticmethod
    def extent(lines, i):
        """The end of the statement that begins in line i: its line, or its whole block."""
        depth = 0
        for j in range(i, len(lines)):
            depth += lines[j].count("{") + lines[j].count("(") - lines[j].count("}") - lines[j].count(")")
            if depth <= 0:
                return j + 1
        return i + 1

    def reduce_file(self, path):
        """Removes what can be removed; true if anything was."""
        changed = False
        for size in (64, 16, 4, 1):  # so many statements at a time
            lines = path.read_text().split("\n")
            i = 0
            while i < len(lines):
                if not lines[i].strip() or lines[i].startswith(("package", "import")):
                    i += 1
                    continue
                end = i
                for _ in range(size):
                    if end < len(lines):
                        end = self.extent(lines, end)
                candidates = [lines[:i] + lines[end:]]
                if size == 1 and end - i > 2:  # the block without its head and end
                    candidates.append(lines[:i] + lines[i + 1:end - 1] + lines[end:])
                for candidate in candidates:
                    path.write_text("\n".join(candidate))
                    if self.differs():
                        lines, changed = candidate, True
                        break
                else:
                    path.write_text("\n".join(lines))
                    i += 1 if size == 1 else max(1, end - i)
        return changed

    def run(self):
        if not self.differs():
            sys.exit("no difference to begin with")
        files = sorted(p for p in self.folder.glob("*.go") if p.name != "prelude.go") + [self.folder / "prelude.go"]
        while any([self.reduce_file(p) for p in files]):
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--gale", default=str(ROOT / "build" / "release" / "driver" / "gale"))
    parser.add_argument("--bad", default="", help="gale's flags that go wrong")
    parser.add_argument("--good", default="-N", help='flags of gale that go right, or "gc"')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        reducer = Reducer(options.gale, options.folder, options.bad.split(), options.good, tmp)
        reducer.run()
        size = sum(len(p.read_text().split("\n")) for p in reducer.folder.glob("*.go"))
        print(f"{size} lines left after {reducer.tried} tries")


if __name__ == "__main__":
    main()
