"""Where the boxes of a drawn map stand: domains in columns, flows as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.commands.map.content import MapDomain, MapEdge, MapFlow, MapProject

WIDTH = 300
"""The width of a domain."""

MARGIN = 24
TOP = 56  # below the title
_BETWEEN_COLUMNS = 110
_BETWEEN_DOMAINS = 24
_HEAD = 44  # name and owner of a domain
_PROJECT = 26
_FLOW = 42
_INSET = 10


@dataclass(frozen=True)
class Box:
    """A rectangle.

    Args:
        x: the left side.
        y: the upper side.
        width: its width.
        height: its height.
        column: the number of its column, from the left.
    """

    x: int
    y: int
    width: int
    height: int
    column: int

    @property
    def middle(self) -> int:
        """The height at which arrows begin and end."""
        return self.y + self.height // 2


@dataclass(frozen=True)
class Boxes:
    """The places of everything that is drawn.

    Args:
        domains: each domain with its place.
        projects: each project with the place of its name; none if domains are folded.
        flows: each flow with its place; none if domains are folded.
        arrows: the places that edges connect, with the edges; several edges may share their places.
        width: of the whole drawing.
        height: of the whole drawing.
    """

    domains: Sequence[tuple[MapDomain, Box]]
    projects: Sequence[tuple[MapProject, Box]]
    flows: Sequence[tuple[MapFlow, Box]]
    arrows: Sequence[tuple[Box, Box, Sequence[MapEdge]]]
    width: int
    height: int


def boxes(columns: Sequence[Sequence[MapDomain]], edges: Sequence[MapEdge], *, folded: bool) -> Boxes:
    """The places of domains, projects, flows and arrows.

    Args:
        columns: the domains, from left to right.
        edges: between flows.
        folded: True to draw only the domains.
    """
    domains: list[tuple[MapDomain, Box]] = []
    projects: list[tuple[MapProject, Box]] = []
    flows: list[tuple[MapFlow, Box]] = []
    for number, column in enumerate(columns):
        y = TOP
        for domain in column:
            x = MARGIN + number * (WIDTH + _BETWEEN_COLUMNS)
            below = y + _HEAD
            if not folded:
                for content, box in _inside(domain, x, below, number):
                    below = box.y + box.height
                    if isinstance(content, MapFlow):
                        flows.append((content, box))
                    else:
                        projects.append((content, box))
                below += _INSET
            domains.append((domain, Box(x, y, WIDTH, below - y, number)))
            y = below + _BETWEEN_DOMAINS
    ends = {flow.path: box for flow, box in flows}
    ends |= {flow.path: box for domain, box in domains if folded for flow in domain.flows}
    return Boxes(
        domains,
        projects,
        flows,
        _arrows(edges, ends),
        max((box.x + box.width for _, box in domains), default=WIDTH) + MARGIN + _BETWEEN_COLUMNS // 2,
        max((box.y + box.height for _, box in domains), default=TOP) + MARGIN,
    )


def _inside(domain: MapDomain, x: int, y: int, column: int) -> Iterator[tuple[MapProject | MapFlow, Box]]:
    """The places of the projects and flows of a domain."""
    width = WIDTH - 2 * _INSET
    for project in domain.projects:
        yield project, Box(x + _INSET, y, width, _PROJECT, column)
        y += _PROJECT
        for flow in project.flows:
            yield flow, Box(x + _INSET, y, width, _FLOW, column)
            y += _FLOW


def _arrows(edges: Sequence[MapEdge], ends: Mapping[str, Box]) -> list[tuple[Box, Box, Sequence[MapEdge]]]:
    """The arrows; edges inside one box are left out."""
    together: dict[tuple[Box, Box], list[MapEdge]] = {}
    for edge in edges:
        first, second = ends[edge.source], ends[edge.target]
        if first != second:
            together.setdefault((first, second), []).append(edge)
    return [(*places, alike) for places, alike in together.items()]
