"""The progress as CSV."""

from __future__ import annotations

import csv as csv_module
import io

import pytest

from mesh.workshop.course.outcome import wrong
from mesh.workshop.status.csv import csv_text
from tests.support.class_progress import class_of, student
from tests.support.classroom import ADA


def test_csv_has_a_line_for_each_student_and_task() -> None:
    rows = list(
        csv_module.DictReader(io.StringIO(csv_text(class_of(ADA, outcome=wrong("run failed", 'a,"b"\n')))))
    )

    assert rows == [
        {
            "workshop": "dataops",
            "at": "2026-11-24T09:42:05Z",
            "email": "ada.lovelace@acme.example",
            "name": "Ada Lovelace",
            "team": "red",
            "branch": "feat-gh1615-assisi",
            "task": "01-a",
            "state": "wrong",
            "why": "run failed",
            "hint": 'a,"b"\n',
        }
    ]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "=cmd|' /C calc'!A0"],  # noqa: RUF001
)
def test_csv_contains_no_formula(name: str) -> None:
    rows = list(csv_module.reader(io.StringIO(csv_text(class_of(student(name))), newline="")))

    assert rows[1][3] == f"'{name}"
