"""The files that `mesh workshop status` writes, rewritten after each read of the workspace."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mesh.errors import OutsideError
from mesh.workshop.course.progress import Progress
from mesh.workshop.status.csv import csv_text
from mesh.workshop.status.html import progress_page


@dataclass(frozen=True)
class StatusFiles:
    """The files to write the progress to.

    Args:
        html: the page for the projector, if any.
        csv: the file for a spreadsheet, if any.
    """

    html: Path | None = None
    csv: Path | None = None

    def write(self, progress: Progress, every: int | None = None) -> None:
        """Writes the files.

        Args:
            progress: the progress of the class.
            every: seconds after which the page reloads itself; None if the file will not change.

        Raises:
            OutsideError: a file cannot be written.
        """
        if self.html:
            _replace(self.html, progress_page(progress, every))
        if self.csv and not progress.failure:
            _replace(self.csv, csv_text(progress))


def _replace(file: Path, text: str) -> None:
    """Replaces a file atomically, so that nobody reads half of it."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(file)
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
