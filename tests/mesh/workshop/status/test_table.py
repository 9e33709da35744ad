"""The progress as a table on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from mesh.workshop.course.outcome import wrong
from mesh.workshop.course.progress import Progress
from mesh.workshop.status.table import progress_table
from tests.support.class_progress import class_of, student
from tests.support.classroom import ADA, BO


def text(progress: Progress) -> str:
    """The text on a terminal."""
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(progress_table(progress))
    assert isinstance(console.file, io.StringIO)
    return re.sub(r" +\n", "\n", console.file.getvalue())


def test_the_table_has_a_line_for_each_student_and_totals() -> None:
    progress = class_of(BO, ADA, outcome=wrong("run failed", "look"))
    lines = text(progress).splitlines()[1:]

    assert [line.split() for line in lines] == [
        ["deploy", "dev"],
        ["Ada", "L.", "feat-gh1615-assisi", "✘", "run", "failed"],
        ["Bo", "K.", "feat-gh2110-lyon", "·"],
        ["0/2"],
    ]
    assert text(class_of(ADA, BO)).split()[-1] == "1/2"


def test_names_with_markup_and_escapes_are_shown_as_text() -> None:
    shown = text(class_of(student("[red]Eve[/] \x1b[31mX")))

    assert "[red]Eve[/] \\x1b." in shown
    assert "\x1b" not in shown


def test_an_old_table_shows_the_error() -> None:
    assert "no answer since then: gone" in text(class_of(ADA).with_failure("gone"))


def test_unreadable_objects_are_listed_below_the_table() -> None:
    names = tuple(f"training.s{number}" for number in range(5))

    lines = text(replace(class_of(ADA), unreadable=names)).splitlines()

    assert lines[-1] == "no permission to read training.s0, training.s1, training.s2 and 2 more"
