"""The progress as a page for the projector."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import wrong
from mesh.workshop.course.progress import class_progress
from mesh.workshop.course.task import Task
from mesh.workshop.status.html import progress_page
from mesh.workshop.student import Student
from tests.support.class_progress import class_of, student
from tests.support.classroom import ADA, BO, NOW

HOSTILE = "<script>alert(1)</script> \"O'<b>\x1b[31m"


def test_the_page_contains_no_address_and_no_hint() -> None:
    text = progress_page(class_of(ADA, BO, outcome=wrong("run failed", "open the run of `x`")), 15)

    assert "@" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert "open the run" not in text
    assert "deploy dev: run failed" in text


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
    normal, hostile = _Elements(), _Elements()
    normal.feed(progress_page(class_of(ADA), 15))
    bad = Student(ADA.email, HOSTILE, HOSTILE, HOSTILE)
    task = Task("course/x/01-a", HOSTILE, HOSTILE, lambda *_: wrong(HOSTILE, HOSTILE))
    progress = class_progress(HOSTILE, [bad], [task], Evidence(NOW)).with_failure(HOSTILE)
    text = progress_page(progress, 15)
    hostile.feed(text)

    assert hostile.tags - normal.tags == {"p"}  # what says that it is old
    assert hostile.attributes.keys() - normal.attributes.keys() == {"role"}
    assert "\x1b" not in text


def test_the_page_loads_no_external_content() -> None:
    text = progress_page(class_of(ADA), 15)

    assert re.findall(r"https?://|url\(|@import|<script|<link|<img| src=| href=", text) == []
    assert "default-src 'none'" in text


def test_the_page_reloads_itself_only_while_it_is_updated() -> None:
    assert '<meta http-equiv="refresh" content="15">' in progress_page(class_of(ADA), 15)
    assert 'http-equiv="refresh"' not in progress_page(class_of(ADA))


def test_a_class_of_thirty_has_two_columns() -> None:
    text = progress_page(class_progress("x", [student("A B", one) for one in range(30)], [], Evidence(NOW)))

    assert text.count("<table>") == 2
    assert 'style="--rows: 15; --columns: 2"' in text


def test_an_old_page_has_a_note() -> None:
    assert "has not answered since" in progress_page(class_of(ADA).with_failure("gone"))
    assert "has not answered since" not in progress_page(class_of(ADA))
