"""What jobs and pipelines are told of the deployment that they belong to, and whom they run as.

Source: brickops' `build_context_parameters` and `_tags`, of jobs and of pipelines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh.deployment.job_settings import Settings
from mesh.deployment.scope import Scope
from mesh.model.defaults import CONTEXT_PARAMETERS, CONTEXT_TAGS
from mesh.model.naming import NameContext, deployment_tag


@dataclass(frozen=True)
class GitTags:
    """Where the code comes from, as tags and parameters say it.

    Args:
        url: the repository's address.
        branch: as git spells it.
        commit: the project's source commit.
    """

    url: str
    branch: str
    commit: str


def tags(given: Settings, context: NameContext, git: GitTags) -> dict[str, str]:
    """The flow's own tags, and those that say which deployment it is."""
    values = (deployment_tag(context), git.url, git.branch, git.commit)
    own = {key: said.value for key, said in sorted(given.tags.items())}
    return own | dict(zip(CONTEXT_TAGS, values, strict=True))


def parameters(
    given: Settings, context: NameContext, git: GitTags, data: Mapping[str, str]
) -> dict[str, str]:
    """The flow's own parameters, and those that say which deployment it is and where data is.

    Args:
        given: the flow's settings.
        context: who it is deployed for.
        git: where its code comes from.
        data: where its data is, and what it reads; the flow's own parameters of these names win.
    """
    values = (context.env, git.url, git.branch, git.commit)
    own = {name: said.value for name, said in given.parameters.items()}
    added = dict(zip(CONTEXT_PARAMETERS, values, strict=True))
    return own | added | {key: value for key, value in data.items() if key not in own | added}


def run_as(scope: Scope) -> dict[str, str] | None:
    """The principal that an environment's jobs and pipelines run as, by kind; None for who deploys."""
    declared = scope.environment.run_as
    if declared is None:
        return None
    return {
        kind: scope.org.principals.known_as(name)
        for kind, name in declared.model_dump(exclude_none=True).items()
    }
