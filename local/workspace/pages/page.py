"""A page of the workspace: headings, tables and texts, without scripts.

It is built as a tree of elements: no text of a job, log or table can become an element. The policy lets only
the page's own style in; source: W3C, "Content Security Policy Level 3", hash sources.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fastapi.responses import HTMLResponse

from mesh.console import visible

_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
# The pages that each page leads to
PLACES = (
    *(("/jobs", "Jobs"), ("/pipelines", "Pipelines"), ("/tables", "Tables"), ("/models", "Models")),
    *(("/map", "Map of the mesh"), ("/ui/", "SQL, files and settings")),
)
_GOOD = ("SUCCESS", "COMPLETED", "SUCCEEDED")
_BAD = ("FAILED", "TIMEDOUT", "INTERNAL_ERROR", "UPSTREAM_FAILED", "CANCELED")
_REFRESH_SECONDS = 3
_CONTENT = "content"
# Longer texts may break into lines, also within a word
_SHORT = 40


@dataclass(frozen=True)
class Link:
    """A cell that leads to another page of the workspace."""

    text: str
    address: str


@dataclass(frozen=True)
class State:
    """A cell with the state of a run, a task or an update."""

    text: str


@dataclass(frozen=True)
class Number:
    """A cell with a number that is shown as it is."""

    text: str


Cell = str | int | Link | State | Number


class Page:
    """A page, part by part.

    Args:
        title: its heading.
        about: the line below the heading.
        place: the address of the list that it belongs to, which the navigation marks.
        active: True if what it shows is not finished: the browser then loads it again after seconds.
    """

    def __init__(self, title: str, about: str = "", *, place: str = "", active: bool = False) -> None:
        self._root = Element("html", lang="en")
        head = SubElement(self._root, "head")
        SubElement(head, "meta", charset="utf-8")
        SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
        if active:
            SubElement(head, "meta", {"http-equiv": "refresh", "content": str(_REFRESH_SECONDS)})
        SubElement(head, "title").text = f"{visible(title)} · local workspace"
        SubElement(head, "style").text = _STYLE
        body = SubElement(self._root, "body")
        SubElement(body, "a", {"class": "skip", "href": f"#{_CONTENT}"}).text = "Skip to the content"
        places = SubElement(body, "nav", {"aria-label": "Pages"})
        for address, text in PLACES:
            marked = {"aria-current": "page"} if address == place else {}
            SubElement(places, "a", {"href": address, **marked}).text = text
        self._body = SubElement(body, "main", id=_CONTENT, tabindex="-1")
        self._sections = 0
        self._heading("h1", title)
        if about:
            self.text(about)

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._heading("h2", text)

    def _heading(self, level: str, text: str) -> None:
        self._section = f"section-{self._sections}"
        self._sections += 1
        SubElement(self._body, level, id=self._section).text = visible(text)

    def text(self, text: str, kind: str = "dim") -> None:
        """Add a paragraph; `kind` is `dim`, `good`, `bad` or `warn`."""
        SubElement(self._body, "p", {"class": kind}).text = visible(text)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """Add a table, without columns that are empty in all rows; nothing if it has no rows."""
        found = [[*row] for row in rows]
        if not found:
            return
        used = [at for at in range(len(head)) if any(row[at] != "" for row in found)]
        lines = [[row[at] for at in used] for row in found]
        # A wide table scrolls: the keyboard reaches it by its links, else as a region.
        has_links = any(isinstance(cell, Link) for cells in lines for cell in cells)
        named = {"aria-labelledby": self._section}
        region = {} if has_links else {"role": "region", "tabindex": "0", **named}
        around = SubElement(self._body, "div", {"class": "wide", **region})
        table = SubElement(around, "table", named)
        names = SubElement(SubElement(table, "thead"), "tr")
        for at, cell in zip(used, lines[0], strict=True):
            kind = {"class": "number"} if isinstance(cell, int | Number) else {}
            SubElement(names, "th", {"scope": "col", **kind}).text = visible(head[at])
        body = SubElement(table, "tbody")
        for cells in lines:
            line = SubElement(body, "tr")
            for cell in cells:
                _cell(line, cell)

    def links(self, links: Iterable[Link]) -> None:
        """Add a line of links; nothing if there is none."""
        links = [*links]
        if not links:
            return
        line = SubElement(self._body, "p")
        for number, link in enumerate(links):
            if number:
                line[-1].tail = " · "
            SubElement(line, "a", href=link.address).text = visible(link.text)

    def folded(self, summary: str, text: str, *, unfolded: bool = False) -> None:
        """Add a text of several lines that a click shows."""
        details = SubElement(self._body, "details", {"open": ""} if unfolded else {})
        SubElement(details, "summary").text = visible(summary)
        SubElement(details, "pre").text = "\n".join(visible(line) for line in text.splitlines())

    def response(self, status: int = 200) -> HTMLResponse:
        """Return the page."""
        text = "<!doctype html>\n" + ElementTree.tostring(self._root, encoding="unicode", method="html")
        return HTMLResponse(text, status, headers={"Content-Security-Policy": _POLICY})


def _cell(line: Element, cell: Cell) -> None:
    match cell:
        case int():
            SubElement(line, "td", {"class": "number"}).text = f"{cell:,}"
        case Number():
            SubElement(line, "td", {"class": "number"}).text = visible(cell.text)
        case Link():
            named = SubElement(line, "td", {"class": "name"})
            SubElement(named, "a", href=cell.address).text = visible(cell.text)
        case State():
            kind = "good" if cell.text in _GOOD else "bad" if cell.text in _BAD else "warn"
            SubElement(line, "td", {"class": f"{kind} short"}).text = visible(
                cell.text.lower().replace("_", " ")
            )
        case _:
            kind = "short" if len(cell) <= _SHORT else "name"
            SubElement(line, "td", {"class": kind}).text = visible(cell)


def state(record: dict[str, object]) -> State:
    """Return the state of a run or of a task: its result, else its phase."""
    of_record = record["state"]
    assert isinstance(of_record, dict)
    return State(str(of_record.get("result_state") or of_record["life_cycle_state"]))


def moment(milliseconds: int | None) -> str:
    """Return a time for people."""
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(start: int | None, end: int | None) -> str:
    """Return the time between two times, such as `12.5 s`."""
    return f"{(end - start) / 1000:.1f} s" if start and end and end >= start else ""


def table_link(full_name: str, text: str = "") -> Link:
    """Return the link to the page of a table."""
    return Link(text or full_name, f"/tables/{quote(full_name)}")


def code_link(folder: str, text: str) -> Link | str:
    """Return the link to the page of a folder of the mesh; the text alone if there is no folder."""
    return Link(text, f"/code/{quote(folder)}") if folder else text
