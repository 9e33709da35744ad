"""The text of a file, or a finding that says why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from mesh.files.files import FILE, MISSING, MOST_BYTES, Files
from mesh.finding import Finding

MAX_BYTES = MOST_BYTES


def read_text(path: Path, root: Path) -> tuple[str | None, list[Finding]]:
    """Returns the text of a file, or a finding that says why it cannot be read; no text if it does not exist.

    Args:
        path: a text file in UTF-8, with or without a byte order mark.
        root: the mesh's root, resolved; links must not lead out of it.
    """
    return text_of(path.relative_to(root).as_posix(), Files(root))


def text_of(file: str, files: Files) -> tuple[str | None, list[Finding]]:
    """Returns the text of a file as `read_text` does.

    Args:
        file: its path from the mesh's root.
        files: the files of the mesh.
    """
    try:
        return _text(file, files), []
    except _UnreadableError as error:
        return None, [Finding(file, 1, 1, error.code, str(error))]


def _text(file: str, files: Files) -> str | None:
    """The text of the file; None if it does not exist."""
    kind = files.kind(file)
    if kind == MISSING:
        if not files.is_link(file):
            return None
        raise _UnreadableError("not-readable", _not_readable(files.why_missing(file)))
    if files.leaves(file):
        raise _UnreadableError(
            "link-outside", "is a link out of the repository (replace it by the file itself)"
        )
    if kind != FILE:
        raise _UnreadableError("not-a-file", "is not a file (replace it by a file)")
    try:
        content = files.content(file)
    except OSError as error:
        raise _UnreadableError("not-readable", _not_readable(error.strerror or str(error))) from error
    if len(content) > MAX_BYTES:
        raise _UnreadableError(
            "too-large", f"has more than {MAX_BYTES:,} bytes (split it into several flows)"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError("not-utf8", f"is not UTF-8 (byte {error.start}; save it as UTF-8)") from error


def _not_readable(why: str) -> str:
    return f"cannot be read: {why.lower()} (correct the file)"


class _UnreadableError(Exception):
    """The file cannot be read; carries the finding's code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
