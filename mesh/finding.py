"""A finding: an error or a warning about a file of the mesh, with its position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Finding:
    """One error or warning, in the form that editors can jump to: `file:line:column: message`.

    Args:
        file: path from the mesh's root, with `/`.
        line: counted from 1.
        column: counted from 1.
        code: the kind of error, for scripts; docs/findings.md explains each.
        message: the wrong value and, in parentheses, the remedy.
        severity: with an error, nothing is written; a warning is only told by `mesh validate`.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity}: "
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message}"

    @property
    def as_warning(self) -> Finding:
        """The same finding as a warning."""
        return replace(self, severity="warning")


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
