"""How far a class is, as people and programs read it."""

from __future__ import annotations

import csv as csv_module
import io
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from mesh.errors import OutsideError
from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.course.progress import Progress, progress, shown_names
from mesh.workshop.course.task import Task
from mesh.workshop.status.as_json import json_text
from mesh.workshop.status.csv import csv_text
from mesh.workshop.status.files import Files
from mesh.workshop.status.html import page
from mesh.workshop.status.table import table
from mesh.workshop.status.watch import watch
from mesh.workshop.student import Student
from tests.support.classroom import ADA, BO, NOW

HOSTILE = "<script>alert(1)</script> \"O'<b>\x1b[31m"


def by_email(email: str, outcome: Outcome) -> Task:
    """A task that says this of one student, and of others that it is not done yet."""
    return Task(
        "course/x/01-a", "A task", "deploy dev", lambda one, _: outcome if one.email == email else not_yet()
    )


def class_of(*students: Student, outcome: Outcome = DONE) -> Progress:
    """A class in which Ada has an outcome."""
    return progress("dataops", students, [by_email(ADA.email, outcome)], Evidence(NOW))


def student(name: str, number: int = 0) -> Student:
    """A student of a name."""
    return Student(f"s{number}@acme.example", name, None, f"feat-gh{1000 + number}-oslo")


def text(progress: Progress) -> str:
    """What a terminal shows."""
    console = Console(width=120, file=io.StringIO(), color_system=None)
    console.print(table(progress))
    assert isinstance(console.file, io.StringIO)
    return re.sub(r" +\n", "\n", console.file.getvalue())


def test_the_table_has_a_line_for_each_student_and_totals() -> None:
    seen = class_of(BO, ADA, outcome=wrong("run failed", "look"))
    lines = text(seen).splitlines()[1:]

    assert [line.split() for line in lines] == [
        ["deploy", "dev"],
        ["Ada", "L.", "feat-gh1615-assisi", "✘", "run", "failed"],
        ["Bo", "K.", "feat-gh2110-lyon", "·"],
        ["0/2"],
    ]
    assert text(class_of(ADA, BO)).split()[-1] == "1/2"


def test_the_table_shows_names_as_they_are_and_obeys_none() -> None:
    shown = text(class_of(student("[red]Eve[/] \x1b[31mX")))

    assert "[red]Eve[/] \\x1b." in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Ada Lovelace", "Bo King"], ["Ada L.", "Bo K."]),
        (["Ada Lovelace", "Ada Lind"], ["Ada Lo.", "Ada Li."]),
        (["Ada Lovelace", "Ada Lovelace", "Ada King"], ["Ada Lovelace 1", "Ada Lovelace 2", "Ada K."]),
        (["Ada", "Ada"], ["Ada 1", "Ada 2"]),
        (["Ada Augusta King"], ["Ada K."]),
        (["ada.lovelace@acme.example"], ["feat-gh1000-oslo"]),
        (["Ada ada@acme.example"], ["feat-gh1000-oslo"]),
        (["x" * 60_000 + " y"], ["x" * 24 + " y"]),
        (["Ada " + "y" * 60_000] * 2, ["Ada " + "y" * 24 + ". 1", "Ada " + "y" * 24 + ". 2"]),
        (["Li Wu", "Li W"], ["Li W.", "Li W"]),
    ],
)
def test_in_front_of_the_class_everybody_has_a_name_of_their_own(
    names: Sequence[str], shown: Sequence[str]
) -> None:
    people = [student(name, number) for number, name in enumerate(names)]

    assert list(shown_names(people).values()) == list(shown)


def test_the_page_holds_no_address_and_no_hint() -> None:
    shown = page(class_of(ADA, BO, outcome=wrong("run failed", "open the run of `x`")), 15)

    assert "@" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)
    assert "open the run" not in shown
    assert "deploy dev: run failed" in shown


class _Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= dict(attrs)


def test_the_page_shows_hostile_text_as_text() -> None:
    usual, hostile = _Elements(), _Elements()
    usual.feed(page(class_of(ADA), 15))
    bad = Student(ADA.email, HOSTILE, HOSTILE, HOSTILE)
    task = Task("course/x/01-a", HOSTILE, HOSTILE, lambda *_: wrong(HOSTILE, HOSTILE))
    seen = progress(HOSTILE, [bad], [task], Evidence(NOW)).stale(HOSTILE)
    shown = page(seen, 15)
    hostile.feed(shown)

    assert hostile.tags - usual.tags == {"p"}  # what says that it is old
    assert hostile.attributes.keys() - usual.attributes.keys() == {"role"}
    assert "\x1b" not in shown


def test_the_page_needs_nothing_from_elsewhere() -> None:
    shown = page(class_of(ADA), 15)

    assert re.findall(r"https?://|url\(|@import|<script|<link|<img| src=| href=", shown) == []
    assert "default-src 'none'" in shown


def test_the_page_loads_itself_again_while_somebody_writes_it() -> None:
    assert '<meta http-equiv="refresh" content="15">' in page(class_of(ADA), 15)
    assert 'http-equiv="refresh"' not in page(class_of(ADA))


def test_a_class_of_thirty_stands_in_two_columns() -> None:
    shown = page(progress("x", [student("A B", one) for one in range(30)], [], Evidence(NOW)))

    assert shown.count("<table>") == 2
    assert 'style="--rows: 15; --columns: 2"' in shown


def test_a_page_that_is_old_says_so() -> None:
    assert "has not answered since" in page(class_of(ADA).stale("gone"))
    assert "has not answered since" not in page(class_of(ADA))
    assert "no answer since then: gone" in text(class_of(ADA).stale("gone"))


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
def test_csv_holds_no_formula(name: str) -> None:
    rows = list(csv_module.reader(io.StringIO(csv_text(class_of(student(name))), newline="")))

    assert rows[1][3] == f"'{name}"


def test_json_tells_all_of_it() -> None:
    told = json.loads(json_text(class_of(ADA, BO, outcome=wrong("run failed", "look"))))

    assert told["tasks"] == [{"task": "01-a", "title": "A task", "done": 0}]
    assert [one["email"] for one in told["students"]] == [ADA.email, BO.email]
    assert told["students"][0]["tasks"] == {"01-a": {"state": "wrong", "why": "run failed", "hint": "look"}}
    assert told["at"] == "2026-11-24T09:42:05Z"


def test_watching_survives_a_workspace_that_is_away() -> None:
    """Three looks, of which the second finds nobody; then somebody presses Ctrl-C."""
    answers: list[Progress | OutsideError] = [
        class_of(ADA),
        OutsideError("away\nfor good"),
        class_of(ADA, BO),
    ]
    shown: list[Progress] = []
    slept: list[float] = []

    def ask() -> Progress:
        answer = answers.pop(0)
        if isinstance(answer, OutsideError):
            raise answer
        return answer

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not answers:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(ask, shown.append, 15, sleep)

    assert [(len(one.students), one.failing) for one in shown] == [(1, None), (1, "away"), (2, None)]
    assert slept == [15, 15, 15]


def test_watching_a_workspace_that_never_answered_is_an_error() -> None:
    def ask() -> Progress:
        raise OutsideError("away")

    with pytest.raises(OutsideError, match="away"):
        watch(ask, lambda _: None, 15, lambda _: None)


def test_files_are_written_whole_and_leave_nothing_beside(tmp_path: Path) -> None:
    files = Files(tmp_path / "new" / "class.html", tmp_path / "class.csv")

    files.write(class_of(ADA), 15)
    files.write(class_of(ADA, BO).stale("away"), 15)

    assert sorted(one.name for one in tmp_path.rglob("*") if one.is_file()) == ["class.csv", "class.html"]
    assert "has not answered since" in (tmp_path / "new" / "class.html").read_text()
    assert "Bo King" not in (tmp_path / "class.csv").read_text()  # moments in it are of looks that succeeded


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutsideError, match="cannot be written"):
        Files(tmp_path / "file" / "class.html").write(class_of(ADA))
