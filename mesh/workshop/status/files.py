"""The files that `mesh workshop status` writes, rewritten after each read of the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mesh.files.whole_file import write_result
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
            write_result(self.html, progress_page(progress, every))
        if self.csv and not progress.failure:
            write_result(self.csv, csv_text(progress))
