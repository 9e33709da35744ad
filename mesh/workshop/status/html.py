"""The progress of a class as one self-contained HTML page for a projector.

The page is opened from a file. A browser does not let a script read that file again, so the page reloads
itself with a meta element, without script or server. It contains no e-mail address. Of the text that students
write, it contains only their names.

The page is built as a tree of elements, so that all text is escaped.
"""

from __future__ import annotations

from itertools import islice
from math import ceil
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.console import visible
from mesh.workshop.course.outcome import Outcome, OutcomeState
from mesh.workshop.course.progress import Progress, display_names
from mesh.workshop.status.table import MARKS
from mesh.workshop.student import Student

# No script and no external content, as a second safeguard behind the escaping
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Maximum number of students, and columns: readable from the back of a room
_COLUMNS = ((12, 1), (40, 2), (90, 3))
_MAX_COLUMNS = 4
_BLOCKS = {"head", "meta", "title", "style", "header", "h1", "p", "ul", "li", "main", "table", "thead", "tr"}


def progress_page(progress: Progress, every: int | None = None) -> str:
    """The progress as an HTML page.

    Args:
        progress: the progress of the class.
        every: seconds after which the page reloads itself; None if it does not reload.
    """
    columns = next((number for most, number in _COLUMNS if len(progress.students) <= most), _MAX_COLUMNS)
    rows = max(ceil(len(progress.students) / columns), 1)
    root = Element("html", lang="en", style=f"--rows: {rows}; --columns: {columns}")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _CONTENT_POLICY})
    if every:
        SubElement(head, "meta", {"http-equiv": "refresh", "content": str(every)})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="color-scheme", content="light dark")
    SubElement(head, "title").text = visible(progress.workshop)
    SubElement(head, "style").text = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    body = SubElement(root, "body")
    _header(SubElement(body, "header"), progress)
    main = SubElement(body, "main")
    names, students = display_names(progress.students), iter(progress.outcomes.items())
    while column := dict(islice(students, rows)):
        _table(main, progress, column, names)
    for element in root.iter():
        if element.tag in _BLOCKS and not element.tail:
            element.tail = "\n"
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def _header(header: Element, progress: Progress) -> None:
    total = len(progress.students)
    title = SubElement(header, "h1")
    title.text = f"{visible(progress.workshop)} "
    time = progress.read_at.astimezone().strftime("%a %H:%M:%S")
    SubElement(title, "small").text = f"{total} student{'' if total == 1 else 's'} · {time}"
    if progress.failure:
        SubElement(
            header, "p", {"class": "stale", "role": "alert"}
        ).text = f"The workspace has not answered since {time}: this page is from then."
    totals = SubElement(header, "ul")
    for task, done in zip(progress.tasks, progress.done, strict=True):
        item = SubElement(totals, "li", {"class": "full"} if done == total else {})
        SubElement(item, "b").text = f"{done}/{total}"
        SubElement(item, "span").text = visible(task.label)


def _table(
    main: Element,
    progress: Progress,
    column: dict[Student, tuple[Outcome, ...]],
    names: dict[Student, str],
) -> None:
    table = SubElement(main, "table")
    line = SubElement(SubElement(table, "thead"), "tr")
    SubElement(line, "td")
    for task in progress.tasks:
        SubElement(SubElement(line, "th", scope="col", title=visible(task.title)), "span").text = visible(
            task.label
        )
    body = SubElement(table, "tbody")
    for student, outcomes in column.items():
        line = SubElement(body, "tr")
        header = SubElement(line, "th", scope="row")
        SubElement(header, "b").text = visible(names[student])
        SubElement(header, "span", {"class": "branch"}).text = visible(student.branch)
        wrong = [
            f"{task.label}: {outcome.reason}"
            for task, outcome in zip(progress.tasks, outcomes, strict=True)
            if outcome.state is OutcomeState.WRONG
        ]
        if wrong:
            SubElement(header, "span", {"class": "why"}).text = visible(wrong[0])
        for outcome in outcomes:
            state = outcome.state.value
            label = visible(f"{state}: {outcome.reason}" if outcome.reason else state)
            cell = SubElement(line, "td", {"class": outcome.state.name.lower(), "title": label})
            SubElement(cell, "span", {"aria-hidden": "true"}).text = MARKS[outcome.state]
            SubElement(cell, "span", {"class": "label"}).text = label
