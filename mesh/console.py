"""Terminal output of all commands: results, errors with their exit codes, and confirmations."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

from mesh.errors import MeshError, OutsideError, UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from mesh.finding import Finding


MESH_IS_WRONG = 1
RUN_FAILED = 1  # code of the mesh that ran is wrong
USAGE_IS_WRONG = 2
OUTSIDE_FAILED = 3
POLICY_REFUSES = 4
DRIFT_FOUND = 5

# Failures of a disk or of its rights, which a person can end; all others are faults of ours
_OF_THE_DISK = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
_PRINTING = threading.RLock()  # a handler of a signal may print while its thread prints


@contextmanager
def report_errors(*, as_json: bool = False) -> Iterator[None]:
    """Prints errors to stderr and exits: 1 the mesh has errors, 2 wrong usage, 3 an outside system failed.

    Args:
        as_json: print findings to stdout instead, as JSON.
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
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        place = f"{visible(str(error.filename))}: " if error.filename else ""
        remedy = "correct the rights of the file or folder, or free some space; then run it again"
        diagnostic(f"Error: {place}{error.strerror} ({remedy})")
        sys.exit(OUTSIDE_FAILED)


def findings_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list of objects with file, line, column, code and message; plain ASCII.

    Only warnings have a `severity`, too.
    """
    entries = [asdict(finding) for finding in findings]
    for entry in entries:
        if entry["severity"] == "error":
            del entry["severity"]
    return json.dumps(entries, indent=2)


def visible(text: str) -> str:
    """The text on one line; control and invisible characters are written as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )


def emit(text: str = "", *, end: str = "\n", to: TextIO | None = None) -> None:
    """Prints a result or progress at once; lines of several threads stay whole.

    Args:
        text: the text.
        end: the text to print after it.
        to: the stream; None for stdout.
    """
    with _PRINTING:
        # in one piece: Python writes a text and the end of its line one after the other
        print(f"{text}{end}", end="", file=to, flush=True)


def diagnostic(text: str) -> None:
    """Prints a warning, a note or an error to stderr."""
    print(text, file=sys.stderr, flush=True)


def require_terminal(auto_approve: bool, look: str = "mesh diff") -> None:
    """Checks that a confirmation is possible, or not needed.

    Args:
        auto_approve: True if no confirmation is asked for.
        look: the command that shows the changes without making them.

    Raises:
        UsageError: stdin is not a terminal.
    """
    if not auto_approve and not sys.stdin.isatty():
        raise UsageError(f"no terminal to confirm on: run `{look}` first, then use --auto-approve")


def confirm(question: str) -> bool:
    """Asks for a confirmation; only `y` and `yes` confirm."""
    if input(f"{question} [y/N] ").strip().lower() in ("y", "yes"):
        return True
    emit("Nothing was changed.")
    return False


_WIDEST = 10_000  # columns outside a terminal, so that no line is cut


def render(*renderables: RenderableType) -> None:
    """Prints trees or tables of rich to stdout; wraps lines on a terminal only."""
    console = _console()
    for renderable in renderables:
        console.print(renderable)


def render_to_text(renderables: Iterable[RenderableType]) -> str:
    """The text that `render` would print, with colours if stdout is a terminal."""
    console = _console()
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable)
    return capture.get()


def interactive() -> bool:
    """True if stdout is a terminal that understands colours and cursor movements, and the user allows them.

    Source: no-color.org, and terminfo's `dumb`.
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("dumb", "unknown")
    return sys.stdout.isatty() and not plain


def _console() -> Console:
    from rich.console import Console

    if not sys.stdout.isatty():
        return Console(width=_WIDEST)
    return Console() if interactive() else Console(color_system=None)
