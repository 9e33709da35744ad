"""Databricks jobs of flows, with the field names of the Jobs API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.deployment import run_context
from mesh.deployment.compute_lookup import ComputeLookup, project_reach
from mesh.deployment.flow_references import FlowReference, RunnableEntries, references, resolve
from mesh.deployment.job_settings import Settings, job_permissions, merge_settings, task_retries
from mesh.deployment.run_context import GitTags
from mesh.deployment.scope import Scope
from mesh.model.code import Code, GitCode
from mesh.model.compute_object import Lookup
from mesh.model.flow import Flow
from mesh.model.job import TRIGGER_BLOCKS, TRIGGERS, JobClusterFile, JobClusterTemplate
from mesh.model.permission import Permission
from mesh.model.task import Task, TaskFile, with_inner

_PAUSED: dict[str, Any] = {"pause_status": "PAUSED"}


@dataclass(frozen=True)
class Job:
    """A job in a deployment.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        settings: the body of the Jobs API's `create`, with a Lookup for each id of the
            workspace; job clusters have the field names of Terraform.
        permissions: one per principal.
        templates: the templates of its job clusters.
    """

    id: str
    name: str
    settings: Mapping[str, Any]
    permissions: tuple[Permission, ...] = ()
    templates: tuple[JobClusterTemplate, ...] = ()


def job(
    flow: Flow,
    name: str,
    scope: Scope,
    git: GitTags,
    code: Code,
    data: Mapping[str, str],
    runnable: RunnableEntries,
) -> Job | None:
    """Returns the job of a flow; None if it has no tasks.

    Source: brickops' `build_job_config`, with the same settings. Parameters are added. In development,
    schedules are paused and notifications are dropped. `run_as` and `git_source` of the flow override those
    of the environment.

    Args:
        flow: the flow.
        name: the job's name.
        scope: the project, its environment and identity.
        git: the source of its code, for tags and parameters.
        code: the source of its notebooks.
        data: job parameters with the locations of its data and of the data that it reads.
        runnable: the jobs and pipelines that its tasks may run.
    """
    if not flow.tasks:
        return None
    reach = project_reach(scope)
    used = dict.fromkeys(task.text("job_cluster_key") for task in with_inner(flow.tasks))
    templates = tuple(reach.template(key) for key in used if key and key not in flow.job_clusters)
    given = merge_settings(scope.org, scope.domain, scope.project, flow)
    production = scope.environment.production
    builder = _Builder(flow, given, code, reach, production, _Runs(scope.stack, runnable))
    ours: dict[str, Any] = {
        "name": name,
        "description": flow.declared.description,
        "max_concurrent_runs": given.max_concurrent_runs.value,
        "timeout_seconds": given.timeout_seconds and given.timeout_seconds.value,
        "email_notifications": _addresses(given) if production else None,
        "tags": run_context.tags(given, scope.context, git),
        "parameters": _parameters(run_context.parameters(given, scope.context, git, data)),
        "job_clusters": [*builder.job_clusters(), *_job_clusters(templates)],
    }
    defaults = {"run_as": run_context.run_as(scope), "git_source": _git_source(code)}
    kept = {key: value for key, value in ours.items() if value or value == 0}
    kept |= {key: value for key, value in defaults.items() if value} | builder.passed()
    return Job(flow.entry_id, name, kept, job_permissions(scope, given), templates)


@dataclass(frozen=True)
class _Runs:
    """Resolves the flow references of the tasks of a stack."""

    stack: str
    runnable: RunnableEntries

    def lookup(self, one: FlowReference, flow: Flow) -> Lookup | None:
        """Returns the lookup of a reference; None if it has no single match, which is a finding."""
        there = resolve(one, flow, self.runnable)
        return there[0].lookup(self.stack) if len(there) == 1 else None


class _Builder:
    """Converts the job of a flow to the fields of the Jobs API."""

    def __init__(
        self, flow: Flow, given: Settings, code: Code, reach: ComputeLookup, production: bool, runs: _Runs
    ) -> None:
        self._flow = flow
        self._given = given
        self._code = code
        self._reach = reach
        self._production = production
        self._runs = runs

    def passed(self) -> dict[str, Any]:
        """Returns the declared fields; in development, triggers without a pause status are paused."""
        made = self._active(self._flow.declared.passed)
        for field in TRIGGER_BLOCKS:
            if field in made and not self._production:
                made[field] = _PAUSED | made[field]
        if TRIGGERS in made and not self._production:
            made[TRIGGERS] = [_PAUSED | one for one in made[TRIGGERS]]
        made["tasks"] = [self._task(task) for task in self._flow.tasks]
        if elsewhere(self._flow, self._code) is None:
            made.pop("git_source", None)  # this repository, at the source commit
        return {key: value for key, value in made.items() if key not in ("name", "job_clusters")}

    def job_clusters(self) -> list[dict[str, Any]]:
        """Returns the job clusters that the file declares."""
        return [self._with_cluster(one) for one in self._flow.declared.passed.get("job_clusters") or ()]

    def _active(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the fields that are set; in development, without notifications."""
        silent = () if self._production else ("email_notifications", "webhook_notifications")
        return {key: value for key, value in declared.items() if value is not None and key not in silent}

    def _task(self, task: Task) -> dict[str, Any]:
        made = self._with_cluster(self._active(task.data))
        made.pop("serverless", None)
        if name := made.pop("existing_cluster_name", None):
            made["existing_cluster_id"] = self._reach.lookup("cluster", name)
        retries = task_retries(task, self._flow.document, self._given)
        made |= {field: setting.value for field, setting in retries.items()}
        if task.runs:
            made |= self._file(task.runs, made)
        for kind, block in made.items():
            if kind.endswith("_task"):
                made[kind] = self._looked_up(block)
        made |= self._runs_of(task, made)
        if task.inner:
            made["for_each_task"] = made["for_each_task"] | {"task": self._task(task.inner)}
        return {key: value for key, value in made.items() if value != []}

    def _looked_up(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a block with ids instead of names."""
        made = {key: value for key, value in block.items() if key not in ("warehouse_name", "flow")}
        if name := block.get("warehouse_name"):
            made["warehouse_id"] = self._reach.lookup("sql_warehouse", name)
        return made

    def _runs_of(self, task: Task, made: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the block that runs a job or pipeline of another flow, with its id."""
        ids = ((one, self._runs.lookup(one, self._flow)) for one in references(task))
        return {one.field: made[one.field] | {f"{one.kind}_id": id} for one, id in ids}

    def _file(self, run: TaskFile, made: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the block that refers to a file, with the path of the file in the code."""
        outer, *inner = run.block
        block = made.get(outer, {})
        references = block.get(inner[0], {}) if inner else block
        if run.path is not None:
            source = "GIT" if isinstance(self._code, GitCode) else "WORKSPACE"
            references = references | {run.field: self._code.notebook_path(run.path), "source": source}
        elif run.is_notebook:
            references = {"source": "WORKSPACE"} | references
        return {outer: block | {inner[0]: references} if inner else references}

    def _with_cluster(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(declared)
        if made.get("new_cluster") is not None:
            made["new_cluster"] = self._reach.arguments(JobClusterFile.model_validate(made["new_cluster"]))
        return made


def _addresses(given: Settings) -> dict[str, Any]:
    return {
        event: setting.value for event, setting in given.email_notifications.items() if setting.value != []
    }


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "default": value} for name, value in values.items()]


def _job_clusters(templates: Iterable[JobClusterTemplate]) -> list[dict[str, Any]]:
    return [{"job_cluster_key": one.key, "new_cluster": dict(one.new_cluster)} for one in templates]


def _git_source(code: Code) -> dict[str, str] | None:
    if not isinstance(code, GitCode):
        return None
    return {"git_url": code.url, "git_provider": git_provider(code.url), "git_commit": code.commit}


def elsewhere(flow: Flow, code: Code) -> str | None:
    """Returns the URL in the flow's `git_source` if it is another repository; brickops replaces it.

    Args:
        flow: the flow.
        code: the source of the project's code.
    """
    declared = flow.declared.passed.get("git_source")
    url = str(declared.get("git_url")) if isinstance(declared, Mapping) else ""
    ours = code.url if isinstance(code, GitCode) else ""
    same = url.removesuffix(".git").rstrip("/").lower() == ours.removesuffix(".git").rstrip("/").lower()
    return None if same or not url else url


def git_provider(url: str) -> str:
    """Returns the Git provider of a repository's URL, as the Jobs API spells it.

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
