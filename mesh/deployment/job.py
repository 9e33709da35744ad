"""A Databricks job: what a flow runs, in the Jobs API's own spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.deployment import run_context
from mesh.deployment.compute_lookup import ComputeLookup, project_reach
from mesh.deployment.flow_references import FlowReference, RunnableEntries, found, named
from mesh.deployment.job_settings import Settings, job_permissions, settings, task_retries
from mesh.deployment.run_context import GitTags
from mesh.deployment.scope import Scope
from mesh.model.code import Code, GitCode
from mesh.model.compute_object import Lookup
from mesh.model.flow import Flow
from mesh.model.job import TRIGGER_BLOCKS, JobClusterFile, JobClusterTemplate
from mesh.model.permission import Permission
from mesh.model.task import Task, TaskFile, with_inner


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


def job(
    flow: Flow,
    name: str,
    scope: Scope,
    git: GitTags,
    code: Code,
    data: Mapping[str, str],
    runnable: RunnableEntries,
) -> Job | None:
    """The flow's job; None when it has no tasks.

    Source: brickops' `build_job_config`, whose settings these are; only parameters are added, and in
    development schedules rest and nobody is mailed. What the flow says of `run_as` and `git_source` wins
    over the environment's.

    Args:
        flow: the flow.
        name: the job's name.
        scope: who deploys it, and where.
        git: what its tags and parameters say of its code.
        code: where its notebooks are.
        data: job parameters that say where its data is, and what it reads: `catalog`, `schema` and so on.
        runnable: the jobs and pipelines that its tasks may run.
    """
    if not flow.tasks:
        return None
    reach = project_reach(scope)
    used = dict.fromkeys(task.text("job_cluster_key") for task in with_inner(flow.tasks))
    templates = tuple(reach.template(key) for key in used if key and key not in flow.job_clusters)
    given = settings(scope.org, scope.domain, scope.project, flow)
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
    """What tasks of a stack run of other flows."""

    stack: str
    runnable: RunnableEntries

    def lookup(self, one: FlowReference, flow: Flow) -> Lookup | None:
        """The id of what is named; None where it is told elsewhere that there is none."""
        there = found(one, flow, self.runnable)
        return there[0].lookup(self.stack) if len(there) == 1 else None


class _Builder:
    """Turns what a flow declares of its job into what the Jobs API gets."""

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
        """The job's own fields; in development it rests, unless it says itself that it does not."""
        made = self._awake(self._flow.declared.passed)
        for field in TRIGGER_BLOCKS:
            if field in made and not self._production:
                made[field] = {"pause_status": "PAUSED"} | made[field]
        made["tasks"] = [self._task(task) for task in self._flow.tasks]
        if elsewhere(self._flow, self._code) is None:
            made.pop("git_source", None)  # this repository, at the source commit
        return {key: value for key, value in made.items() if key not in ("name", "job_clusters")}

    def job_clusters(self) -> list[dict[str, Any]]:
        """Those that the file declares itself."""
        return [self._with_cluster(one) for one in self._flow.declared.passed.get("job_clusters") or ()]

    def _awake(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that say something; in development nobody hears of it."""
        silent = () if self._production else ("email_notifications", "webhook_notifications")
        return {key: value for key, value in declared.items() if value is not None and key not in silent}

    def _task(self, task: Task) -> dict[str, Any]:
        made = self._with_cluster(self._awake(task.data))
        made.pop("serverless", None)
        if name := made.pop("existing_cluster_name", None):
            made["existing_cluster_id"] = self._reach.lookup("cluster", name)
        retries = task_retries(task, self._flow.document, self._given)
        made |= {field: said.value for field, said in retries.items()}
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
        """A block with ids in place of names."""
        made = {key: value for key, value in block.items() if key not in ("warehouse_name", "flow")}
        if name := block.get("warehouse_name"):
            made["warehouse_id"] = self._reach.lookup("sql_warehouse", name)
        return made

    def _runs_of(self, task: Task, made: Mapping[str, Any]) -> dict[str, Any]:
        """The block that runs another flow's job or pipeline, with its id."""
        ids = ((one, self._runs.lookup(one, self._flow)) for one in named(task))
        return {one.field: made[one.field] | {f"{one.kind}_id": id} for one, id in ids}

    def _file(self, run: TaskFile, made: Mapping[str, Any]) -> dict[str, Any]:
        """The block that names a file, with the path that the code has for it."""
        outer, *inner = run.block
        block = made.get(outer, {})
        named = block.get(inner[0], {}) if inner else block
        if run.path is not None:
            source = "GIT" if isinstance(self._code, GitCode) else "WORKSPACE"
            named = named | {run.field: self._code.notebook_path(run.path), "source": source}
        elif run.is_notebook:
            named = {"source": "WORKSPACE"} | named
        return {outer: block | {inner[0]: named} if inner else named}

    def _with_cluster(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(declared)
        if made.get("new_cluster") is not None:
            made["new_cluster"] = self._reach.arguments(JobClusterFile.model_validate(made["new_cluster"]))
        return made


def _addresses(given: Settings) -> dict[str, Any]:
    return {event: said.value for event, said in given.email_notifications.items() if said.value != []}


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "default": value} for name, value in values.items()]


def _job_clusters(templates: Iterable[JobClusterTemplate]) -> list[dict[str, Any]]:
    return [{"job_cluster_key": one.key, "new_cluster": dict(one.new_cluster)} for one in templates]


def _git_source(code: Code) -> dict[str, str] | None:
    if not isinstance(code, GitCode):
        return None
    return {"git_url": code.url, "git_provider": git_provider(code.url), "git_commit": code.commit}


def elsewhere(flow: Flow, code: Code) -> str | None:
    """The address of another repository that the flow's `git_source` names; brickops puts its own instead.

    Args:
        flow: the flow.
        code: where the project's code comes from.
    """
    declared = flow.declared.passed.get("git_source")
    url = str(declared.get("git_url")) if isinstance(declared, Mapping) else ""
    ours = code.url if isinstance(code, GitCode) else ""
    same = url.removesuffix(".git").rstrip("/").lower() == ours.removesuffix(".git").rstrip("/").lower()
    return None if same or not url else url


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
