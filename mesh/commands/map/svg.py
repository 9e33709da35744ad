"""A map as one static picture in SVG, for documentation: no scripts, no links, nothing from outside.

The picture is built as a tree of elements and serialized at the end, so that no text of the mesh can become
an element or an attribute. Source: SVG 2; GitHub shows SVG files as images, which run no scripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from unicodedata import east_asian_width
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.commands.map import words
from mesh.commands.map.boxes import MARGIN, Box, boxes
from mesh.commands.map.columns import columns
from mesh.commands.map.content import MapFlow, MeshMap
from mesh.console import visible

_BOW = 40  # how far an arrow within a column leaves it
_LETTER = 6.8  # pixels of an average letter in the size of names
_SMALL = 6.2  # the same in the size of the second line


def picture(content: MeshMap, *, folded: bool) -> str:
    """The map as SVG.

    Args:
        content: the map.
        folded: True to draw only the domains.
    """
    places = boxes(columns(content), content.edges, folded=folded)
    size = {"width": str(places.width), "height": str(places.height)}
    frame = {"viewBox": f"0 0 {places.width} {places.height}", "role": "img"}
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **frame})
    SubElement(root, "title").text = visible(content.title)
    SubElement(root, "style").text = "\n" + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    _marker(SubElement(root, "defs"))
    SubElement(root, "rect", {"class": "paper", **size})
    _text(root, "title", content.title, (MARGIN, 26), places.width / 10)
    _text(root, "dim", words.size(content), (MARGIN, 44), places.width / _SMALL)
    for domain, box in places.domains:
        group = SubElement(root, "g")
        _tooltip(group, words.lines((domain.path, words.owned(domain.owner), domain.description or "")))
        _rect(group, "domain", box, 8)
        _text(group, "name", domain.path, (box.x + 12, box.y + 19), (box.width - 24) / (_LETTER + 0.6))
        second = words.lines((words.owned(domain.owner), words.domain_size(domain)))
        _text(group, "dim", second, (box.x + 12, box.y + 36), (box.width - 24) / _SMALL)
    for project, box in places.projects:
        _text(root, "project", words.project_line(project), (box.x + 2, box.y + 18), box.width / _SMALL)
    for flow, box in places.flows:
        _flow(SubElement(root, "g"), flow, box)
    for first, second_box, edges in places.arrows:
        kind = "runs" if all(edge.kind == "runs" for edge in edges) else "reads"
        line = SubElement(root, "path", {"class": kind, "d": _curve(first, second_box)})
        line.set("marker-end", "url(#end)")
        shown = [words.relation(edge) for edge in edges[:10]]
        more = [f"and {len(edges) - 10} more"] if len(edges) > 10 else []
        _tooltip(line, "; ".join([*shown, *more]))
    for element in root:
        element.tail = "\n"
    return ElementTree.tostring(root, encoding="unicode", method="xml") + "\n"


def _marker(defs: Element) -> None:
    """The head of arrows."""
    size = {"viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
    marker = SubElement(defs, "marker", {"id": "end", "orient": "auto", **size})
    SubElement(marker, "path", {"class": "head", "d": "M0 0 8 4 0 8z"})


def _flow(group: Element, flow: MapFlow, box: Box) -> None:
    facts = flow.facts
    readers = words.readers(facts)
    may_read = f"may read: {', '.join(readers)}" if readers else ""
    _tooltip(
        group,
        words.lines((flow.path, words.owned(facts.owner), words.schedules(facts), *facts.schemas, may_read)),
    )
    _rect(group, "flow outside" if flow.outside else "flow", _smaller(box), 5)
    kinds = words.kinds(facts)
    kind = SubElement(group, "text", {"class": "kind", **_at(box.x + box.width - 10, box.y + 17)})
    kind.text = visible(kinds)
    room = (box.width - 28) / _LETTER - len(kinds)
    _text(group, "name", flow.name, (box.x + 10, box.y + 17), room)
    second = words.lines((words.schedules(facts), may_read))
    _text(group, "dim", second or "no schedule", (box.x + 10, box.y + 32), (box.width - 20) / _SMALL)


def _smaller(box: Box) -> Box:
    """The box without the gap to the next row."""
    return Box(box.x, box.y, box.width, box.height - 4, box.column)


def _curve(first: Box, second: Box) -> str:
    """The path of an arrow: to a later column from left to right, else around the right sides."""
    x, y = first.x + first.width, first.middle - 2
    to_y = second.middle - 2
    if second.column > first.column:
        bend = (second.x - x) // 2
        return f"M{x} {y}C{x + bend} {y} {second.x - bend} {to_y} {second.x} {to_y}"
    end = second.x + second.width
    out = max(x, end) + _BOW
    return f"M{x} {y}C{out} {y} {out} {to_y} {end} {to_y}"


def _rect(parent: Element, kind: str, box: Box, radius: int) -> None:
    size = {"width": str(box.width), "height": str(box.height), "rx": str(radius)}
    SubElement(parent, "rect", {"class": kind, **_at(box.x, box.y), **size})


def _text(parent: Element, kind: str, text: str, at: tuple[int, int], room: float) -> None:
    """A text that is cut where its room ends."""
    SubElement(parent, "text", {"class": kind, **_at(*at)}).text = cut(visible(text), room)


def _tooltip(parent: Element, text: str) -> None:
    SubElement(parent, "title").text = visible(text)


def _at(x: int, y: int) -> Mapping[str, str]:
    return {"x": str(x), "y": str(y)}


def cut(text: str, room: float) -> str:
    """The text, cut to a number of letters; wide letters of East Asian scripts count twice.

    Args:
        text: the text.
        room: the number of letters.
    """
    used = 0.0
    for index, letter in enumerate(text):
        used += 2 if east_asian_width(letter) in "WF" else 1
        if used > room:
            return text[: max(index - 1, 0)].rstrip() + "…"
    return text
