"""Puts units together into a program in a folder: the prelude, a file for each unit, and main."""
import pathlib

from unit import Unit

PRELUDE = (pathlib.Path(__file__).parent / "prelude.go.txt").read_text()


def units(seed, n):
    """[(name, text)]"""
    return [(f"u{i}", Unit(f"{seed}/{i}", i).write()) for i in range(n)]


def main_text(names):
    calls = "".join(f'\tshow("--- {n}")\n\ttry("{n}", {n})\n\tout.Flush()\n' for n in names)
    return f"package main\n\nfunc main() {{\n{calls}}}\n"


def write(folder, parts):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_text("module generated\n\ngo 1.26\n")
    (folder / "prelude.go").write_text(PRELUDE)
    for name, text in parts:
        (folder / f"{name}.go").write_text(text)
    (folder / "main.go").write_text(main_text([n for n, _ in parts]))
