"""The files that a look at the class leaves, written again at each look."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mesh.errors import OutsideError
from mesh.workshop.course.progress import Progress
from mesh.workshop.status.csv import csv_text
from mesh.workshop.status.html import page


@dataclass(frozen=True)
class Files:
    """Where the class is written to.

    Args:
        html: the page for the projector, if any.
        csv: the lines for a spreadsheet, if any.
    """

    html: Path | None = None
    csv: Path | None = None

    def write(self, progress: Progress, every: int | None = None) -> None:
        """Write them.

        Args:
            progress: how far the class is.
            every: seconds after which the page is to load itself again; None where it will not change.

        Raises:
            OutsideError: the disk does not take them.
        """
        if self.html:
            _replace(self.html, page(progress, every))
        if self.csv and not progress.failing:
            _replace(self.csv, csv_text(progress))


def _replace(file: Path, text: str) -> None:
    """Write a file whole or not at all: who reads it meanwhile never finds half of it."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(file)
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            beside.unlink()
