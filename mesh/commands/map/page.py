"""A map as one self-contained page: it needs no server, and loads nothing.

The page is built as a tree of elements and serialized at the end: no text of the mesh can become an element,
an attribute or a script. The policy in its head lets only this page's own script and style run, by their
hashes; source: W3C, "Content Security Policy Level 3", hash sources.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.commands.map import words
from mesh.commands.map.columns import columns
from mesh.commands.map.content import MapDomain, MapEdge, MapFlow, MapProject, MeshMap
from mesh.commands.map.link import opens
from mesh.commands.map.live import LastRun, LiveTable
from mesh.console import visible

_BLOCKS = {"head", "meta", "title", "style", "header", "main", "section", "div", "details", "script"}


def page(content: MeshMap, *, folded: bool) -> str:
    """The map as HTML.

    Args:
        content: the map.
        folded: True if the domains are folded at first.
    """
    style, script = _own(".css"), _own(".js")
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="color-scheme", content="light dark")
    SubElement(head, "meta", name="referrer", content="no-referrer")
    SubElement(head, "title").text = visible(f"{content.title} · map")
    SubElement(head, "style").text = style
    body = SubElement(root, "body")
    _header(SubElement(body, "header"), content)
    canvas = SubElement(SubElement(SubElement(body, "main", id="view"), "div", id="room"), "div", id="canvas")
    relations = _Relations(content)
    for column in columns(content):
        box = SubElement(canvas, "div", {"class": "column"})
        for domain in column:
            _domain(box, domain, relations, folded=folded)
    SubElement(body, "script").text = script
    for element in root.iter():
        if element.tag in _BLOCKS and not element.tail:
            element.tail = "\n"
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


class _Relations:
    """The edges of a map by the flows at their ends."""

    def __init__(self, content: MeshMap) -> None:
        self.to: dict[str, list[MapEdge]] = {}
        self.of: dict[str, list[MapEdge]] = {}
        for edge in content.edges:
            self.to.setdefault(edge.target, []).append(edge)
            self.of.setdefault(edge.source, []).append(edge)


def _own(suffix: str) -> str:
    return Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _header(header: Element, content: MeshMap) -> None:
    if pages := [(text, link) for text, link in content.pages.items() if opens(link)]:
        places = SubElement(header, "nav")
        for text, link in pages:
            SubElement(places, "a", href=link).text = visible(text)
    SubElement(header, "h1").text = visible(content.title)
    SubElement(header, "p", {"class": "dim"}).text = words.size(content)
    for note in content.notes:
        SubElement(header, "p", {"class": "dim"}).text = visible(note)
    bar = SubElement(header, "div", {"class": "bar", "role": "search"})
    field = {
        "type": "search",
        "id": "search",
        "placeholder": "Search flows, owners, schemas, principals, tags",
    }
    SubElement(bar, "input", {**field, "aria-label": "Search", "autocomplete": "off"})
    SubElement(bar, "output", {"id": "found", "for": "search"})
    for name, label, text in (
        ("unfold", "Unfold all domains", "Unfold"),
        ("fold", "Fold all domains", "Fold"),
        ("out", "Zoom out", "−"),  # noqa: RUF001 - the minus sign
        ("in", "Zoom in", "+"),
        ("fit", "Fit the width", "Fit"),
    ):
        SubElement(bar, "button", {"type": "button", "id": name, "title": label}).text = text


def _domain(parent: Element, domain: MapDomain, relations: _Relations, *, folded: bool) -> None:
    details = SubElement(
        parent, "details", {"class": "domain"} if folded else {"class": "domain", "open": ""}
    )
    summary = SubElement(details, "summary")
    SubElement(summary, "b").text = visible(domain.path)
    second = words.lines((words.owned(domain.owner), words.domain_size(domain)))
    SubElement(summary, "small").text = visible(second)
    if domain.description:
        SubElement(details, "p").text = visible(domain.description)
    for project in domain.projects:
        _project(details, project, relations)


def _project(parent: Element, project: MapProject, relations: _Relations) -> None:
    section = SubElement(parent, "section")
    SubElement(section, "h2").text = visible(words.project_line(project))
    if project.description:
        SubElement(section, "p").text = visible(project.description)
    for flow in project.flows:
        _flow(section, flow, relations)


def _flow(parent: Element, flow: MapFlow, relations: _Relations) -> None:
    kind = "flow outside" if flow.outside else "flow"
    details = SubElement(parent, "details", {"class": kind, "id": flow.path})
    summary = SubElement(details, "summary")
    SubElement(summary, "b").text = visible(flow.name)
    if flow.link:
        files = {"class": "files", "href": flow.link, "title": visible(flow.facts.file)}
        SubElement(summary, "a", files).text = "files"
    when = words.schedules(flow.facts) or "no schedule"
    last = words.last_runs(flow.facts)
    SubElement(summary, "small").text = visible(words.lines((words.kinds(flow.facts), when, last)))
    facts = SubElement(details, "dl")
    _texts(facts, "purpose", [flow.facts.description or ""])
    _texts(facts, "owner", [flow.facts.owner or ""])
    for one in flow.facts.runnables:
        _texts(facts, one.kind, [one.name, *(one.schedules if len(flow.facts.runnables) > 1 else ())])
        _last_run(facts, one.last_run)
    _texts(facts, "schema", flow.facts.schemas)
    _tables(facts, flow.facts.tables)
    _texts(facts, "contracts", flow.facts.contracts)
    _texts(facts, "relies on", flow.facts.relies_on)
    edges_to, edges_of = relations.to.get(flow.path, ()), relations.of.get(flow.path, ())
    _flows(facts, "reads", [(edge.source, edge.names) for edge in edges_to if edge.kind == "reads"])
    _flows(facts, "read by", [(edge.target, ()) for edge in edges_of if edge.kind == "reads"])
    _flows(facts, "runs", [(edge.target, ()) for edge in edges_of if edge.kind == "runs"])
    _flows(facts, "run by", [(edge.source, ()) for edge in edges_to if edge.kind == "runs"])
    access = flow.facts.access
    _texts(facts, "may read", [words.granted(one) for one in access if one.reads])
    _texts(facts, "other grants", [words.granted(one) for one in access if not one.reads])
    _texts(facts, "tags", [f"{key}: {value}" if value else key for key, value in flow.facts.tags])


def _last_run(facts: Element, run: LastRun | None) -> None:
    if run is None:
        return
    SubElement(facts, "dt").text = "last run"
    _linked(facts, run.text, run.link)
    _texts(facts, "reported", run.remarks)
    _texts(facts, "data of", [run.fresh or ""])
    _texts(facts, "cost", [run.cost or ""])


def _tables(facts: Element, tables: Sequence[LiveTable]) -> None:
    if tables:
        SubElement(facts, "dt").text = "tables"
    for table in tables:
        _linked(facts, table.name, table.link)


def _linked(facts: Element, text: str, link: str) -> None:
    """A text that leads to a page of the workspace, if its address is one that a browser may open."""
    said = SubElement(facts, "dd")
    (SubElement(said, "a", {"href": link}) if opens(link) else said).text = visible(text)


def _texts(facts: Element, term: str, texts: Iterable[str]) -> None:
    shown = [text for text in texts if text]
    if shown:
        SubElement(facts, "dt").text = term
        for text in shown:
            SubElement(facts, "dd").text = visible(text)


def _flows(facts: Element, term: str, flows: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Links to other flows of the map; the script draws arrows from `reads` and `runs`."""
    shown = list(flows)
    if shown:
        SubElement(facts, "dt").text = term
    for path, names in shown:
        link = SubElement(SubElement(facts, "dd"), "a", {"href": f"#{quote(path)}"})
        if term in ("reads", "runs"):
            link.set("class", term)
        link.text = visible(path)
        if alias := ", ".join(names):
            link.tail = visible(f" as {alias}")
