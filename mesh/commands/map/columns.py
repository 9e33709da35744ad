"""The columns of a map: a domain stands to the right of the domains whose data it reads."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from mesh.commands.map.content import MapDomain, MeshMap

TALLEST = 60
"""The most rows of a column that holds several domains."""


def columns(content: MeshMap) -> list[list[MapDomain]]:
    """The domains in columns, from left to right.

    Domains that read each other's data in a circle stay in neighbouring columns: the one with the fewest
    sources comes first. A layer that is taller than a screen is split into several columns.

    Args:
        content: the map.
    """
    of_flow = {flow.path: domain.path for domain in content.domains for flow in domain.flows}
    sources: dict[str, set[str]] = {domain.path: set() for domain in content.domains}
    for edge in content.edges:
        first, second = of_flow[edge.source], of_flow[edge.target]
        if first != second:
            sources[second].add(first)
    layers = _layers(sources)
    ordered = sorted(content.domains, key=lambda domain: layers[domain.path])
    return [
        column
        for _, layer in groupby(ordered, key=lambda domain: layers[domain.path])
        for column in _split(layer)
    ]


def rows(domain: MapDomain) -> int:
    """The number of rows that a domain takes: its name, and its projects with their flows."""
    return 1 + sum(1 + len(project.flows) for project in domain.projects)


def _layers(sources: dict[str, set[str]]) -> dict[str, int]:
    """The layer of each domain: one more than the largest layer of its sources."""
    layers: dict[str, int] = {}
    targets: dict[str, list[str]] = {path: [] for path in sources}
    for path, read in sources.items():
        for source in read:
            targets[source].append(path)
    left = {path: len(read) for path, read in sources.items()}
    while left:
        fewest = min(left.values())
        # of a circle, one at a time; else all that wait for nothing
        ready = [path for path in left if left[path] == fewest][: 1 if fewest else None]
        for path in ready:
            layers[path] = 1 + max((layers[one] for one in sources[path] if one in layers), default=-1)
            del left[path]
        for path in ready:
            for target in targets[path]:
                if target in left:
                    left[target] -= 1
    return layers


def _split(layer: Iterable[MapDomain]) -> list[list[MapDomain]]:
    """The columns of one layer."""
    split: list[list[MapDomain]] = [[]]
    height = 0
    for domain in layer:
        if split[-1] and height + rows(domain) > TALLEST:
            split.append([])
            height = 0
        split[-1].append(domain)
        height += rows(domain)
    return split
