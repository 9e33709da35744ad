"""Selects stacks by the names that a command line gives."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from mesh.deployment.deployment import Deployment
from mesh.deployment.stack_order import Stack
from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.model.path import leads_to


def select_stacks(names: Sequence[str], stacks: Sequence[Stack]) -> list[Stack]:
    """Returns the selected stacks in their given order.

    Args:
        names: stack names, which may contain `*`, or paths of projects in the mesh; empty selects all stacks.
        stacks: the stacks to select from.

    Raises:
        UsageError: a name matches no stack.
    """
    if not names:
        return [*stacks]
    selected: set[str] = set()
    for name in names:
        matches = {stack.stack for stack in stacks if _matches(name, stack)}
        if not matches:
            similar = nearest(name, [stack.stack for stack in stacks], "stacks")
            raise UsageError(f"stack `{name}` is not in the mesh ({similar})")
        selected |= matches
    return [stack for stack in stacks if stack.stack in selected]


def _matches(name: str, stack: Stack) -> bool:
    path = stack.path if isinstance(stack, Deployment) else stack.stack
    return fnmatchcase(stack.stack, name) or leads_to(name, path)
