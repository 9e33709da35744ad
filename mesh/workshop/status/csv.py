"""The class as CSV, for a spreadsheet: a line for each student and task."""

from __future__ import annotations

import csv
import io
from datetime import UTC

from mesh.workshop.course.progress import Progress

COLUMNS = ("workshop", "at", "email", "name", "team", "branch", "task", "state", "why", "hint")
# OWASP, "CSV Injection": what a spreadsheet may take for a formula, its wide forms included
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def csv_text(progress: Progress) -> str:
    """The class as CSV; moments are UTC.

    Cells that a spreadsheet would calculate begin with an apostrophe, which makes them text.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # as RFC 4180 has it
    writer.writerow(COLUMNS)
    at = progress.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for student, outcomes in progress.outcomes.items():
        who = (student.email, student.name, student.team or "", student.branch)
        for task, one in zip(progress.tasks, outcomes, strict=True):
            cells = (progress.workshop, at, *who, task.name, one.state.value, one.why, one.hint)
            writer.writerow([_plain(cell) for cell in cells])
    return text.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
