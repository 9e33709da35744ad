"""Who may deploy a foundation: the rules of its owning environment apply in every environment."""

from __future__ import annotations

from collections.abc import Iterable

from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.stack_order import FoundationStack, Stack
from mesh.errors import OutsideError
from mesh.git.checkout import GitContext


def refusals_of_foundation(foundation: FoundationStack, git: GitContext) -> list[str]:
    """Returns the reasons why this checkout may not deploy a foundation, each with its remedy.

    For a foundation that production uses, the rules of production apply. Any checkout may deploy the others.

    Args:
        foundation: the foundation, in the environment that would be deployed.
        git: the checkout that would be deployed.

    Raises:
        OutsideError: git does not answer.
    """
    owner = foundation.owning_environment
    if not owner.production:
        return []
    relation = "belongs to" if owner.name == foundation.environment.name else "is shared with"
    then = f"run {command_of_owner(foundation)} there"
    return [
        f"{foundation.stack} {relation} production `{owner.name}`: {reason}"
        for reason in production.refusals(git, owner.branch, then)
    ]


def require_foundations(stacks: Iterable[Stack], git: GitContext) -> None:
    """Raises an error if this checkout may not deploy the foundations among stacks.

    Args:
        stacks: the stacks that would be changed.
        git: the checkout that would be deployed.

    Raises:
        OutsideError: with every reason, each with its remedy.
    """
    foundations = [stack for stack in stacks if not isinstance(stack, Deployment)]
    reasons = [reason for one in foundations for reason in refusals_of_foundation(one, git)]
    if reasons:
        lines = "\n".join(f"  {reason}" for reason in reasons)
        raise OutsideError(
            f"this checkout may not change what production shares:\n{lines}\nnothing was changed"
        )


def command_of_owner(foundation: FoundationStack) -> str:
    """Returns the command that deploys a foundation through its owning environment, for messages."""
    return f"`mesh deploy --env {foundation.owning_environment.name} {foundation.stack}`"
