"""Paths in the mesh that may be shortened from the left."""

from __future__ import annotations

from collections.abc import Iterable


def leads_to(reference: str, path: str) -> bool:
    """True if `reference` names `path`; a reference may leave out leading levels."""
    return f"/{path}".endswith(f"/{reference.strip('/')}")


def by_ending(paths: Iterable[str]) -> dict[str, list[str]]:
    """Returns the paths by every reference that `leads_to` accepts for them, without outer `/`."""
    endings: dict[str, list[str]] = {}
    for path in paths:
        steps = path.split("/")
        for first in range(len(steps)):
            endings.setdefault("/".join(steps[first:]), []).append(path)
    return endings
