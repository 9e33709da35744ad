"""A Databricks job: what a flow runs, in the Jobs API's own spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.code import Code, GitCode
from mesh.environment import Environment
from mesh.flow import Flow, Schedule
from mesh.job_cluster import JobClusterTemplate
from mesh.naming import NameContext, deployment_tag
from mesh.permission import Permission
from mesh.reach import Reach, project_reach
from mesh.scope import Scope
from mesh.settings import (
    CONTEXT_PARAMETERS,
    CONTEXT_TAGS,
    Settings,
    job_permissions,
    settings,
    task_retries,
)
from mesh.task import Task, notebook


@dataclass(frozen=True)
class Job:
    """A job as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        settings: the body of the Jobs API's `create`, with a Lookup for each id that only the workspace
            knows; what a job cluster is made of is in Terraform's spelling.
        permissions: one per principal.
        templates: what its job clusters are made from.
    """

    id: str
    name: str
    settings: Mapping[str, Any]
    permissions: tuple[Permission, ...] = ()
    templates: tuple[JobClusterTemplate, ...] = ()


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


def job(flow: Flow, name: str, scope: Scope, git: GitTags, code: Code, data: Mapping[str, str]) -> Job | None:
    """The flow's job; None when it has no tasks.

    Source: brickops' `build_job_config`, whose settings these are; only parameters are added, and in
    development schedules rest and nobody is mailed.

    Args:
        flow: the flow.
        name: the job's name.
        scope: who deploys it, and where.
        git: what its tags and parameters say of its code.
        code: where its notebooks are.
        data: job parameters that say where its data is, and what it reads: `catalog`, `schema` and so on.
    """
    declared = flow.declared
    if declared.tasks is None:
        return None
    reach = project_reach(scope)
    keys = dict.fromkeys(task.job_cluster_key for task in declared.tasks if task.job_cluster_key)
    templates = tuple(reach.template(key) for key in keys)
    given = settings(scope.org, scope.domain, scope.project, flow)
    body: dict[str, Any] = {
        "name": name,
        "description": declared.description,
        "max_concurrent_runs": given.max_concurrent_runs.value,
        "timeout_seconds": given.timeout_seconds and given.timeout_seconds.value,
        "schedule": declared.schedule and _schedule(declared.schedule, scope.environment),
        "email_notifications": _addresses(given) if scope.environment.production else None,
        "run_as": _run_as(scope),
        "tags": _tags(given, scope.context, git),
        "parameters": _parameters(given, scope.context, git, data),
        "tasks": [_task(task, index, flow, given, code, reach) for index, task in enumerate(declared.tasks)],
        "job_clusters": _job_clusters(templates),
        "git_source": _git_source(code),
    }
    kept = {key: value for key, value in body.items() if value or value == 0}
    return Job(flow.id, name, kept, job_permissions(scope, given), templates)


def _schedule(schedule: Schedule, environment: Environment) -> dict[str, str]:
    """In development it rests, unless it says itself that it does not."""
    settings = schedule.model_dump(exclude_none=True)
    return settings if environment.production else {"pause_status": "PAUSED"} | settings


def _run_as(scope: Scope) -> dict[str, str] | None:
    declared = scope.environment.run_as
    if declared is None:
        return None
    return {
        kind: scope.org.principals.known_as(name)
        for kind, name in declared.model_dump(exclude_none=True).items()
    }


def _addresses(given: Settings) -> dict[str, list[str]]:
    return {event: list(said.value) for event, said in given.email_notifications.items() if said.value}


def _tags(given: Settings, context: NameContext, git: GitTags) -> dict[str, str]:
    values = (deployment_tag(context), git.url, git.branch, git.commit)
    own = {key: said.value for key, said in sorted(given.tags.items())}
    return own | dict(zip(CONTEXT_TAGS, values, strict=True))


def _parameters(
    given: Settings, context: NameContext, git: GitTags, data: Mapping[str, str]
) -> list[dict[str, str]]:
    own = [{"name": name, "default": said.value} for name, said in given.parameters.items()]
    values = (context.env, git.url, git.branch, git.commit)
    brickops = dict(zip(CONTEXT_PARAMETERS, values, strict=True))
    taken = {*given.parameters, *brickops}
    added = brickops | {key: value for key, value in data.items() if key not in taken}
    return own + [{"name": key, "default": value} for key, value in added.items()]


def _task(task: Task, index: int, flow: Flow, given: Settings, code: Code, reach: Reach) -> dict[str, Any]:
    ours = {"serverless", "notebook_task", "existing_cluster_name"}
    settings = task.model_dump(exclude_none=True, exclude=ours)
    if task.existing_cluster_name:
        settings["existing_cluster_id"] = reach.lookup("cluster", task.existing_cluster_name)
    retries = task_retries(task, ("tasks", index), flow, given)
    settings |= {field: said.value for field, said in retries.items()}
    settings["depends_on"] = [dependency.model_dump() for dependency in task.depends_on]
    settings["notebook_task"] = _notebook_task(task, flow, code)
    return {key: value for key, value in settings.items() if value != []}


def _notebook_task(task: Task, flow: Flow, code: Code) -> dict[str, Any]:
    path = notebook(task, flow.file)
    declared = task.notebook_task
    settings: dict[str, Any] = {"notebook_path": "", "source": "WORKSPACE"}
    if path is not None:
        settings["notebook_path"] = code.notebook_path(path)
        settings["source"] = "GIT" if isinstance(code, GitCode) else "WORKSPACE"
    elif declared is not None:
        settings["notebook_path"] = declared.notebook_path
    if declared and declared.base_parameters:
        settings["base_parameters"] = dict(declared.base_parameters)
    return settings


def _job_clusters(templates: Iterable[JobClusterTemplate]) -> list[dict[str, Any]]:
    return [{"job_cluster_key": one.key, "new_cluster": dict(one.new_cluster)} for one in templates]


def _git_source(code: Code) -> dict[str, str] | None:
    if not isinstance(code, GitCode):
        return None
    return {"git_url": code.url, "git_provider": git_provider(code.url), "git_commit": code.commit}


def git_provider(url: str) -> str:
    """The Git provider of a repository's address, as the Jobs API spells it.

    Source: Databricks Jobs API, `git_source.git_provider`.
    """
    host = url.split("://")[-1].split("@")[-1].split("/")[0].split(":")[0].lower()
    for known, provider in _PROVIDERS.items():
        if host == known or host.endswith("." + known):
            return provider
    return next((provider for word, provider in _SELF_HOSTED.items() if word in host), "gitHub")


_PROVIDERS = {
    "github.com": "gitHub",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
    "dev.azure.com": "azureDevOpsServices",
    "visualstudio.com": "azureDevOpsServices",
    "amazonaws.com": "awsCodeCommit",
}
_SELF_HOSTED = {
    "gitlab": "gitLabEnterpriseEdition",
    "bitbucket": "bitbucketServer",
    "github": "gitHubEnterprise",
}
