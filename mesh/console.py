"""The one place that tells a person what went wrong, and turns it into an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from mesh.errors import MeshError, OutsideError, UsageError

if TYPE_CHECKING:
    from mesh.finding import Finding


MESH_IS_WRONG = 1
USAGE_IS_WRONG = 2
OUTSIDE_FAILED = 3
POLICY_REFUSES = 4
DRIFT_FOUND = 5


@contextmanager
def reported(*, as_json: bool = False) -> Iterator[None]:
    """Print what goes wrong inside to stderr and exit: 1 the mesh, 2 the usage, 3 the world outside.

    Args:
        as_json: findings go to stdout instead, as `findings_json` writes them.
    """
    try:
        yield
    except MeshError as error:
        if as_json:
            emit(findings_json(error.findings))
            sys.exit(MESH_IS_WRONG)
        count = len(error.findings)
        for finding in error.findings:
            diagnostic(visible(str(finding)))
        diagnostic(f"{count} error{'s' if count > 1 else ''}, nothing written")
        sys.exit(MESH_IS_WRONG)
    except UsageError as error:
        diagnostic(f"Error: {error}")
        sys.exit(USAGE_IS_WRONG)
    except OutsideError as error:
        diagnostic(f"Error: {error}")
        sys.exit(OUTSIDE_FAILED)


def findings_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list of objects with file, line, column, code and message; plain ASCII."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def visible(text: str) -> str:
    """The text on one line, with characters that a terminal would obey or not show written as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )


def emit(text: str = "", *, end: str = "\n") -> None:
    """Prints a result or progress to stdout, at once."""
    print(text, end=end, flush=True)


def diagnostic(text: str) -> None:
    """Prints a warning, a note or an error to stderr."""
    print(text, file=sys.stderr, flush=True)


def check_answers(auto_approve: bool, look: str = "mesh diff") -> None:
    """Refuse to begin where somebody has to answer and nobody can.

    Raises:
        UsageError: that is so.
    """
    if not auto_approve and not sys.stdin.isatty():
        raise UsageError(f"nobody can answer here: look at `{look}` first, then use --auto-approve")


def confirmed(question: str) -> bool:
    """What somebody answers; no other answer than yes changes anything."""
    if input(f"{question} [y/N] ").strip().lower() in ("y", "yes"):
        return True
    emit("Nothing was changed.")
    return False


WIDEST = 10_000
