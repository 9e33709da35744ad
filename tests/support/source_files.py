"""The files of this repository, and what they import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {
    "mesh": ROOT / "mesh",
    "datamesh": ROOT / "constructs" / "datamesh",
    "stacks": ROOT / "stacks",
    "local": ROOT / "local",
}
OUR_FILES = ("main.py", "mesh/*.py", "local/*.py", "stacks/*.py", "tools/*.py", "constructs/*.py")


def git(*arguments: str) -> str:
    """What a git command prints about this repository."""
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout


def tracked(*patterns: str) -> list[Path]:
    """The tracked files, and new files that are not ignored."""
    names = git("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns)
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@cache
def statements(file: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The imports of a file at any depth; each file is parsed once for all tests."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file at any depth, as line and dotted name."""
    for node in statements(file):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif node.module and not node.level:
            yield node.lineno, node.module


def modules(layer: str) -> list[Path]:
    """The Python files of a layer."""
    return sorted(LAYERS[layer].rglob("*.py"))


def place(file: Path, line: int) -> str:
    """A position that an editor can open."""
    return f"{file.relative_to(ROOT)}:{line}"


def named(file: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file as its line and the dotted name; `from mesh import x` counts as `mesh.x`."""
    for node in statements(file):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def dotted(file: Path) -> str:
    """The dotted name of a module of ours."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "constructs" else parts).removesuffix(".__init__")
