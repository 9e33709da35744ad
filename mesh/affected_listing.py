"""What `mesh affected` prints for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mesh.affected import Affected
from mesh.naming import short_ref
from mesh.report import visible

if TYPE_CHECKING:
    from rich.tree import Tree

_STYLES = {"changed": "yellow", "new": "green", "removed": "red"}


def as_trees(found: Affected) -> Iterable[Tree]:
    """One tree per environment: its affected stacks, each with what happened to it and why."""
    from rich.text import Text
    from rich.tree import Tree

    for env, count in found.counts.items():
        own = [one for one in found.stacks if one.env == env]
        there = [one for one in own if one.change != "removed"]
        counted = f"{len(there) or 'none'} of {count} stack{'' if count == 1 else 's'} affected"
        happened = counted if count else "gone"
        tree = Tree(Text.assemble((env, "bold"), f" · {happened} since {short_ref(found.base)}"))
        for one in own:
            kept = f", its state is {one.state_key}" if one.change == "removed" else ""
            node = tree.add(Text.assemble(one.stack, "  ", (f"{one.change}{kept}", _STYLES[one.change])))
            for reason in one.reasons:
                node.add(Text(visible(reason), "dim"))
        yield tree
