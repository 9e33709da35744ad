"""Paths in the mesh that may omit leading levels."""

from __future__ import annotations

from collections.abc import Iterable


def leads_to(reference: str, path: str) -> bool:
    """True if `reference` names `path`; a reference may omit leading levels."""
    return f"/{path}".endswith(f"/{reference.strip('/')}")


def by_ending(paths: Iterable[str]) -> dict[str, list[str]]:
    """Returns the paths with each ending, by ending; the endings of `a/b` are `a/b` and `b`."""
    endings: dict[str, list[str]] = {}
    for path in paths:
        steps = path.split("/")
        for first in range(len(steps)):
            endings.setdefault("/".join(steps[first:]), []).append(path)
    return endings
