"""Writes files as a whole: nobody reads half of one, and a failure leaves the former file."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mesh.errors import OutsideError


def replace_file(file: Path, content: bytes) -> None:
    """Writes a file, in place of a former one; its folder is created.

    Raises:
        OSError: it cannot be written.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_result(file: Path, text: str) -> None:
    """Writes the result of a command to a file that its user named.

    Raises:
        OutsideError: it cannot be written; with its path and the system's reason.
    """
    try:
        replace_file(file, text.encode())
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {(error.strerror or str(error)).lower()}") from error
