#!/usr/bin/env python3
"""Fails on an #include that docs/architecture.md's table does not allow, and says which.

Reads every .h, .cpp, .S and .def file of the compiler and the runtime.
"""
import pathlib
import re
import sys

# folder -> folders it may include besides itself and base/
ALLOWED = {
    "base": [],
    "syntax": [],
    "load": ["syntax"],
    "types": ["syntax", "load/package.h"],
    "discover": ["syntax", "types", "load/package.h"],
    "ir": ["types/type.h"],
    "lower": ["syntax", "types", "discover", "ir", "load/package.h"],
    "opt": ["ir"],
    "amd64": ["ir", "link/object.h"],
    "rtdata": ["types", "discover", "link/object.h", "load/package.h"],
    "link": [],
    "asm": ["link/object.h"],
    "driver": ["syntax", "load", "types", "discover", "ir", "lower", "opt", "amd64", "rtdata", "link", "asm", "runtime/blob.h"],
    "runtime": ["base/abi"],
}


def allowed(folder, target):
    top = target.split("/")[0]
    if top == folder:
        return True
    if folder == "runtime":
        return target.startswith("base/abi/")
    if top == "base":
        return True
    return any(target == a or (target.startswith(a + "/") and not a.endswith(".h")) for a in ALLOWED[folder])


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    bad = []
    for folder in ALLOWED:
        for path in sorted((root / folder).rglob("*")):
            # Tests stand above the stages they test.
            if path.suffix not in {".h", ".cpp", ".S", ".def"} or path.stem.endswith("_test") or "/test/" in str(path):
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
                if m and m[1].split("/")[0] in ALLOWED and not allowed(folder, m[1]):
                    bad.append(f"{path.relative_to(root)}:{number}: {folder}/ may not include {m[1]}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
