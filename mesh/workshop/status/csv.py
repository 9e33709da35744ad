"""The progress of a class as CSV, for a spreadsheet: one line per student and task."""

from __future__ import annotations

import csv
import io
from datetime import UTC

from mesh.workshop.course.progress import Progress

COLUMNS = ("workshop", "at", "email", "name", "team", "branch", "task", "state", "why", "hint")
# OWASP, "CSV Injection": first characters of what a spreadsheet may evaluate, full-width forms included
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def csv_text(progress: Progress) -> str:
    """The progress as CSV; times are UTC.

    If a spreadsheet would evaluate a cell as a formula, an apostrophe is added before its text.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    at = progress.read_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for student, outcomes in progress.outcomes.items():
        student_cells = (student.email, student.name, student.team or "", student.branch)
        for task, outcome in zip(progress.tasks, outcomes, strict=True):
            outcome_cells = (outcome.state.value, outcome.reason, outcome.hint)
            cells = (progress.workshop, at, *student_cells, task.name, *outcome_cells)
            writer.writerow([_plain(cell) for cell in cells])
    return text.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
