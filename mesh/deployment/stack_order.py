"""The order in which stacks are deployed; the reverse order destroys them."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.workspace_foundation import WorkspaceFoundation

Stack = Foundation | WorkspaceFoundation | Deployment


def depends_on(one: Stack) -> tuple[str, ...]:
    """Returns the stacks that must be deployed before a stack."""
    return (*one.foundations, *one.runs) if isinstance(one, Deployment) else ()


def steps(chosen: Sequence[Stack]) -> list[list[Stack]]:
    """Returns the steps of a deployment: foundations, then projects after the projects whose jobs they run.

    A stack looks up objects of earlier stacks by name, so its plan needs them to exist.
    """
    ordered: list[list[Stack]] = [[one for one in chosen if not isinstance(one, Deployment)]]
    left = [one for one in chosen if isinstance(one, Deployment)]
    while left:
        waiting = {one.stack for one in left}
        ready = [one for one in left if waiting.isdisjoint(one.runs)] or left
        ordered.append([*ready])
        left = [one for one in left if one not in ready]
    return [step for step in ordered if step]


def with_removed(chosen: Sequence[Stack], removed: Sequence[Stack]) -> list[tuple[Stack, frozenset[str]]]:
    """Returns the stacks in the order of apply, each with the stacks that it waits for.

    Removed stacks are first, each before its dependencies: schemas are destroyed before their catalog.

    Args:
        chosen: the stacks to deploy.
        removed: the stacks to destroy.
    """
    first = [one for step in reversed(steps(removed)) for one in step]
    rest = [one for step in steps(chosen) for one in step]
    needing = {
        one.stack: {other.stack for other in removed if one.stack in depends_on(other)}
        for one in first + rest
    }
    return [
        *((one, frozenset(needing[one.stack])) for one in first),
        *((one, frozenset({*depends_on(one), *needing[one.stack]})) for one in rest),
    ]


def lacks_dependencies(chosen: Sequence[Stack]) -> bool:
    """Returns True if a dependency of the chosen stacks is not chosen."""
    names = {one.stack for one in chosen}
    return any(not names.issuperset(depends_on(one)) for one in chosen)


def lacks_dependants(chosen: Sequence[Stack], every: Sequence[Stack]) -> bool:
    """Returns True if a stack that depends on the chosen stacks is not chosen."""
    names = {one.stack for one in chosen}
    return any(one.stack not in names and not names.isdisjoint(depends_on(one)) for one in every)
