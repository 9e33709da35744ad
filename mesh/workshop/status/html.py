"""The class as one page for a projector that needs nothing else.

It is opened from a file, where a browser lets no script read the file again; so the page reloads itself,
which needs no script and no server. It shows no address, and nothing that a student wrote but the name.

The page is built as a tree of elements and written at the end, so that text stays text.
"""

from __future__ import annotations

from itertools import islice
from math import ceil
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.console import visible
from mesh.workshop.course.outcome import Outcome, State
from mesh.workshop.course.progress import Progress, shown_names
from mesh.workshop.status.table import MARKS
from mesh.workshop.student import Student

# No script, nothing from elsewhere: what the tree might let through would do nothing
_SAFETY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Students that fit beside each other in so many columns, and can be read from the back of a room
_COLUMNS = ((12, 1), (40, 2), (90, 3))
_MOST_COLUMNS = 4
_BLOCKS = {"head", "meta", "title", "style", "header", "h1", "p", "ul", "li", "main", "table", "thead", "tr"}


def page(progress: Progress, every: int | None = None) -> str:
    """The class as HTML.

    Args:
        progress: how far it is.
        every: seconds after which the page loads itself again; None for a page that stays as it is.
    """
    columns = next((n for most, n in _COLUMNS if len(progress.students) <= most), _MOST_COLUMNS)
    rows = max(ceil(len(progress.students) / columns), 1)
    root = Element("html", lang="en", style=f"--rows: {rows}; --columns: {columns}")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _SAFETY})
    if every:
        SubElement(head, "meta", {"http-equiv": "refresh", "content": str(every)})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="color-scheme", content="light dark")
    SubElement(head, "title").text = visible(progress.workshop)
    SubElement(head, "style").text = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    body = SubElement(root, "body")
    _header(SubElement(body, "header"), progress)
    main = SubElement(body, "main")
    names, students = shown_names(progress.students), iter(progress.outcomes.items())
    while some := dict(islice(students, rows)):
        _table(main, progress, some, names)
    for one in root.iter():
        if one.tag in _BLOCKS and not one.tail:
            one.tail = "\n"
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def _header(header: Element, progress: Progress) -> None:
    many = len(progress.students)
    title = SubElement(header, "h1")
    title.text = f"{visible(progress.workshop)} "
    moment = progress.at.astimezone().strftime("%a %H:%M:%S")
    SubElement(title, "small").text = f"{many} student{'' if many == 1 else 's'} · {moment}"
    if progress.failing:
        SubElement(
            header, "p", {"class": "stale", "role": "alert"}
        ).text = f"The workspace has not answered since {moment}: what you see is from then."
    totals = SubElement(header, "ul")
    for task, done in zip(progress.tasks, progress.done, strict=True):
        item = SubElement(totals, "li", {"class": "full"} if done == many else {})
        SubElement(item, "b").text = f"{done}/{many}"
        SubElement(item, "span").text = visible(task.short)


def _table(
    main: Element,
    progress: Progress,
    some: dict[Student, tuple[Outcome, ...]],
    names: dict[Student, str],
) -> None:
    table = SubElement(main, "table")
    line = SubElement(SubElement(table, "thead"), "tr")
    SubElement(line, "td")
    for task in progress.tasks:
        SubElement(SubElement(line, "th", scope="col", title=visible(task.title)), "span").text = visible(
            task.short
        )
    body = SubElement(table, "tbody")
    for student, outcomes in some.items():
        line = SubElement(body, "tr")
        who = SubElement(line, "th", scope="row")
        SubElement(who, "b").text = visible(names[student])
        SubElement(who, "span", {"class": "branch"}).text = visible(student.branch)
        wrong = [
            f"{task.short}: {one.why}"
            for task, one in zip(progress.tasks, outcomes, strict=True)
            if one.state is State.WRONG
        ]
        if wrong:
            SubElement(who, "span", {"class": "why"}).text = visible(wrong[0])
        for one in outcomes:
            told = visible(f"{one.state.value}: {one.why}" if one.why else one.state.value)
            cell = SubElement(line, "td", {"class": one.state.name.lower(), "title": told})
            SubElement(cell, "span", {"aria-hidden": "true"}).text = MARKS[one.state]
            SubElement(cell, "span", {"class": "told"}).text = told
