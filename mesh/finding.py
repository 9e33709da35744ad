"""What is wrong with a file of the mesh, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong, in the form that editors jump to: `file:line:column: message`.

    Args:
        file: path from the mesh's root, with `/`.
        line: counted from 1.
        column: counted from 1.
        code: what kind of thing is wrong, for scripts; docs/findings.md explains each.
        message: the value that is wrong and, in parentheses, what would be right.
    """

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def nearest(word: str, known: Iterable[str], plural: str) -> str:
    """What would be right instead of `word`: the nearest known one, else all of them."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1)
    return f"did you mean `{close[0]}`?" if close else f"{plural}: {', '.join(choices) or 'none yet'}"
