"""Tags, parameters and `run_as` of jobs and pipelines, from their deployment.

Source: brickops' `build_context_parameters` and `_tags`, of jobs and of pipelines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh.deployment.job_settings import Settings
from mesh.deployment.scope import Scope
from mesh.model.defaults import CONTEXT_PARAMETERS, CONTEXT_TAGS
from mesh.model.entry import Entry
from mesh.model.naming import NameContext, deployment_tag


@dataclass(frozen=True)
class GitTags:
    """The source of the code, for tags and parameters.

    Args:
        url: the URL of the repository.
        branch: as git spells it.
        commit: the project's source commit.
    """

    url: str
    branch: str
    commit: str


def tags(given: Settings, context: NameContext, git: GitTags) -> dict[str, str]:
    """Returns the tags of the flow, and the tags that identify the deployment."""
    values = (deployment_tag(context), git.url, git.branch, git.commit)
    own = {key: setting.value for key, setting in sorted(given.tags.items())}
    return own | dict(zip(CONTEXT_TAGS, values, strict=True))


def parameters(
    given: Settings, context: NameContext, git: GitTags, data: Mapping[str, str]
) -> dict[str, str]:
    """Returns the parameters of the flow, of the deployment and of data locations.

    Args:
        given: the flow's settings.
        context: the environment and identity of the deployment.
        git: the source of its code.
        data: the locations of its data and of the data that it reads; parameters of the flow override them.
    """
    values = (context.env, git.url, git.branch, git.commit)
    own = {name: setting.value for name, setting in given.parameters.items()}
    added = dict(zip(CONTEXT_PARAMETERS, values, strict=True))
    return own | added | {key: value for key, value in data.items() if key not in own | added}


def run_as(scope: Scope, entry: Entry) -> dict[str, str] | None:
    """Returns the principal that a job or pipeline runs as, by kind; None for the deployer.

    Args:
        scope: the project and its environment, whose `run_as` applies to entries without their own.
        entry: the job or pipeline.
    """
    of_environment = scope.environment.run_as
    declared = entry.declared.passed.get("run_as") or (
        of_environment.model_dump(exclude_none=True) if of_environment else {}
    )
    names = scope.org.principals
    return {kind: names.databricks_name(name) for kind, name in declared.items() if name} or None
