"""The order in which stacks are deployed; the reverse order destroys them."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.workspace_foundation import WorkspaceFoundation

FoundationStack = Foundation | WorkspaceFoundation
Stack = FoundationStack | Deployment


def depends_on(stack: Stack) -> tuple[str, ...]:
    """Returns the stacks that must be deployed before a stack."""
    return (*stack.foundations, *stack.runs) if isinstance(stack, Deployment) else ()


def in_order(chosen: Sequence[Stack]) -> list[Stack]:
    """Returns stacks in the order of a deployment: foundations, then projects.

    A project comes after the projects whose jobs it runs. A stack looks up objects of earlier stacks by name,
    so its plan needs them to exist.
    """
    ordered: list[Stack] = [stack for stack in chosen if not isinstance(stack, Deployment)]
    left = [stack for stack in chosen if isinstance(stack, Deployment)]
    while left:
        waiting = {stack.stack for stack in left}
        ready = [stack for stack in left if waiting.isdisjoint(stack.runs)] or left
        ordered += ready
        left = [stack for stack in left if stack not in ready]
    return ordered


def with_removed(chosen: Sequence[Stack], removed: Sequence[Stack]) -> list[tuple[Stack, frozenset[str]]]:
    """Returns the stacks in the order of apply, each with the stacks that it waits for.

    Removed stacks are first, each before its dependencies: schemas are destroyed before their catalog.

    Args:
        chosen: the stacks to deploy.
        removed: the stacks to destroy.
    """
    first, rest = in_order(removed)[::-1], in_order(chosen)
    needing = {
        stack.stack: {other.stack for other in removed if stack.stack in depends_on(other)}
        for stack in first + rest
    }
    return [
        *((stack, frozenset(needing[stack.stack])) for stack in first),
        *((stack, frozenset({*depends_on(stack), *needing[stack.stack]})) for stack in rest),
    ]
