"""Who may deploy a foundation: its owning environment decides, whichever environment is deployed."""

from __future__ import annotations

from mesh.deployment import production
from mesh.deployment.foundation import Foundation
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.git.checkout import GitContext


def refusals_of_foundation(foundation: Foundation | WorkspaceFoundation, git: GitContext) -> list[str]:
    """Returns the reasons against a deployment of a foundation from this checkout, each with its remedy.

    A foundation that production shares is deployed as production is. Others accept any checkout.

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


def command_of_owner(foundation: Foundation | WorkspaceFoundation) -> str:
    """Returns the command that deploys a foundation through its owning environment, for messages."""
    return f"`mesh deploy --env {foundation.owning_environment.name} {foundation.stack}`"
