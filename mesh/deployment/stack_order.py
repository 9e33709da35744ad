"""The order in which stacks are deployed, and in reverse destroyed."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.workspace_foundation import WorkspaceFoundation

Stack = Foundation | WorkspaceFoundation | Deployment


def depends_on(one: Stack) -> tuple[str, ...]:
    """The stacks that have to be there before one is."""
    return (*one.foundations, *one.runs) if isinstance(one, Deployment) else ()


def steps(chosen: Sequence[Stack]) -> list[list[Stack]]:
    """Foundations, then projects, after those whose jobs they run.

    Each looks up by name what those before it make, so its plan needs that to be there.
    """
    ordered: list[list[Stack]] = [[one for one in chosen if not isinstance(one, Deployment)]]
    left = [one for one in chosen if isinstance(one, Deployment)]
    while left:
        waiting = {one.stack for one in left}
        ready = [one for one in left if waiting.isdisjoint(one.runs)] or left
        ordered.append([*ready])
        left = [one for one in left if one not in ready]
    return [step for step in ordered if step]


def with_gone(chosen: Sequence[Stack], gone: Sequence[Stack]) -> list[tuple[Stack, frozenset[str]]]:
    """Stacks in the order in which they are applied, each with those that it waits for.

    What is gone comes first, and before what it needed: what lies in a catalog goes before the catalog.

    Args:
        chosen: those that are deployed.
        gone: those that are destroyed.
    """
    first = [one for step in reversed(steps(gone)) for one in step]
    rest = [one for step in steps(chosen) for one in step]
    needing = {
        one.stack: {other.stack for other in gone if one.stack in depends_on(other)} for one in first + rest
    }
    return [
        *((one, frozenset(needing[one.stack])) for one in first),
        *((one, frozenset({*depends_on(one), *needing[one.stack]})) for one in rest),
    ]


def lacks_dependencies(chosen: Sequence[Stack]) -> bool:
    """Whether something that the chosen depend on is left out."""
    names = {one.stack for one in chosen}
    return any(not names.issuperset(depends_on(one)) for one in chosen)


def lacks_dependants(chosen: Sequence[Stack], every: Sequence[Stack]) -> bool:
    """Whether something is left out that depends on the chosen."""
    names = {one.stack for one in chosen}
    return any(one.stack not in names and not names.isdisjoint(depends_on(one)) for one in every)
