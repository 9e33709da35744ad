"""TODO docstring."""

from __future__ import annotations

from collections.abc import Iterable


def leads_to(wanted: str, path: str) -> bool:
    """Whether `wanted` means `path` in the mesh; it may leave out levels at its beginning."""
    return f"/{path}".endswith(f"/{wanted.strip('/')}")


def by_ending(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths that `leads_to` finds, by what may be written for them; without `/` at its ends."""
    endings: dict[str, list[str]] = {}
    for path in paths:
        steps = path.split("/")
        for first in range(len(steps)):
            endings.setdefault("/".join(steps[first:]), []).append(path)
    return endings
