"""A finding: an error in a file of the mesh, with its position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Finding:
    """One error, in the form that editors can jump to: `file:line:column: message`.

    Args:
        file: path from the mesh's root, with `/`.
        line: counted from 1.
        column: counted from 1.
        code: the kind of error, for scripts; docs/findings.md explains each.
        message: the wrong value and, in parentheses, the remedy.
    """

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def nearest(word: str, known: Iterable[str], plural: str) -> str:
    """Returns a remedy for an unknown name: the most similar known name, or all known names.

    Args:
        word: the unknown name.
        known: the known names.
        plural: the kind of the names, in the plural.
    """
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1)
    return f"did you mean `{close[0]}`?" if close else f"{plural}: {', '.join(choices) or 'none yet'}"
