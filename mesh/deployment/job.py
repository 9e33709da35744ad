"""Databricks jobs of flows, with the field names of the Jobs API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from mesh.deployment import run_context
from mesh.deployment.compute_lookup import ComputeLookup, project_reach
from mesh.deployment.data_objects import DataNames
from mesh.deployment.flow_references import FlowReference, RunnableEntries, references, resolve
from mesh.deployment.generated_tasks import with_generated_tasks
from mesh.deployment.job_settings import Settings, job_permissions, merge_settings, task_retries
from mesh.deployment.library import Installed
from mesh.deployment.run_context import GitTags
from mesh.deployment.scope import Scope
from mesh.deployment.table_owners import table_owners
from mesh.finding import Finding
from mesh.model.code import Code, GitCode, WorkspaceCode
from mesh.model.compute_object import Lookup
from mesh.model.entry import Entry
from mesh.model.job import (
    ENVIRONMENT,
    ENVIRONMENTS,
    TRIGGER_BLOCKS,
    TRIGGERS,
    JobClusterFile,
    JobClusterTemplate,
)
from mesh.model.permission import Permission
from mesh.model.task import Task, with_inner
from mesh.model.task_file import TaskFile

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
    entry: Entry,
    name: str,
    scope: Scope,
    git: GitTags,
    code: Code,
    data: Mapping[str, str],
    runnable: RunnableEntries,
    uploads: WorkspaceCode | None = None,
    names: DataNames | None = None,
    read: Mapping[str, DataNames] | None = None,
) -> Job:
    """Returns a job of a flow.

    Source: brickops' `build_job_config`, with the same settings. Parameters are added. In development,
    schedules are paused and notifications are dropped. `run_as` and `git_source` of the job override those
    of the environment.

    Args:
        entry: the job that the flow declares.
        name: the job's name.
        scope: the project, its environment and identity.
        git: the source of its code, for tags and parameters.
        code: the source of its notebooks.
        data: job parameters with the locations of its data and of the data that it reads.
        runnable: the jobs and pipelines that its tasks may run.
        uploads: the files that the deployment uploads.
        names: the names of its flow's data, for tasks that describe and verify it.
        read: the names of the data that its flow reads, by their names in `reads`.
    """
    reach = project_reach(scope)
    used = dict.fromkeys(task.text("job_cluster_key") for task in with_inner(entry.tasks))
    templates = tuple(reach.template(key) for key in used if key and key not in entry.job_clusters)
    given = merge_settings(scope.org, scope.domain, scope.project, entry)
    production = scope.environment.production
    runs, libraries = _Runs(scope.stack, runnable), Installed(entry.local_libraries, uploads)
    builder = _Builder(entry, given, code, data, reach, production, runs, libraries)
    computed: dict[str, Any] = {
        "name": name,
        "description": entry.declared.description,
        "max_concurrent_runs": given.max_concurrent_runs.value,
        "timeout_seconds": given.timeout_seconds and given.timeout_seconds.value,
        "queue": given.queue.value,
        "email_notifications": _addresses(given) if production else None,
        "tags": run_context.tags(given, scope.context, git),
        "parameters": _parameters(run_context.parameters(given, scope.context, git, data)),
        "job_clusters": [*builder.job_clusters(), *_job_clusters(templates)],
    }
    principal, source = run_context.run_as(scope, entry), _git_source(code)
    settings = {key: value for key, value in computed.items() if value or value == 0}
    settings |= ({"git_source": source} if source else {}) | builder.passed()
    if names and uploads:
        own = replace(names, owners=table_owners(scope, entry))
        settings["tasks"] = with_generated_tasks(entry, settings["tasks"], uploads, own, read or {})
    settings |= {"run_as": principal} if principal else {}
    return Job(entry.id, name, settings, job_permissions(scope, given), templates)


@dataclass(frozen=True)
class _Runs:
    """Resolves the flow references of the tasks of a stack."""

    stack: str
    runnable: RunnableEntries

    def lookup(self, reference: FlowReference, entry: Entry) -> Lookup | None:
        """Returns the lookup of a reference; None if it has no single match, which is a finding."""
        matches = resolve(reference, entry, self.runnable)
        return matches[0].lookup(self.stack) if len(matches) == 1 else None


class _Builder:
    """Converts the job of a flow to the fields of the Jobs API."""

    def __init__(
        self,
        entry: Entry,
        given: Settings,
        code: Code,
        data: Mapping[str, str],
        reach: ComputeLookup,
        production: bool,
        runs: _Runs,
        libraries: Installed,
    ) -> None:
        self._entry = entry
        self._given = given
        self._code = code
        self._data = data
        self._has_git_source = isinstance(code, GitCode) or bool(entry.declared.passed.get("git_source"))
        self._reach = reach
        self._production = production
        self._runs = runs
        self._libraries = libraries

    def passed(self) -> dict[str, Any]:
        """Returns the declared fields; in development, triggers without a pause status are paused."""
        settings = self._active(self._entry.declared.passed)
        for field in TRIGGER_BLOCKS:
            if field in settings and not self._production:
                settings[field] = _PAUSED | settings[field]
        if TRIGGERS in settings and not self._production:
            settings[TRIGGERS] = [_PAUSED | one for one in settings[TRIGGERS]]
        for field in (ENVIRONMENTS, ENVIRONMENT):
            if field in settings:
                settings[field] = [self._environment(*one) for one in enumerate(settings[field])]
        settings["tasks"] = [self._task(task) for task in self._entry.tasks]
        settings |= self._default_environments(settings)
        url = other_repository(self._entry, self._code)
        if url is None:
            settings.pop("git_source", None)  # this repository, at the source commit
        else:
            # without it, the provider derives it from the URL, but then reports a change in every plan
            settings["git_source"] = {"git_provider": git_provider(url)} | settings["git_source"]
        return {key: value for key, value in settings.items() if key not in ("name", "job_clusters")}

    def _environment(self, index: int, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a serverless environment that installs libraries from where they are uploaded."""
        field = ENVIRONMENTS if ENVIRONMENTS in self._entry.declared.passed else ENVIRONMENT
        spec = declared.get("spec")
        if spec is None:
            return dict(declared)
        return {**declared, "spec": self._libraries.environment(spec, (field, index, "spec"))}

    def _default_environments(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the environments of the job with those that its serverless tasks need but do not name."""
        needed = {task.default_environment for task in with_inner(self._entry.tasks)} - {None}
        field = ENVIRONMENT if settings.get(ENVIRONMENT) else ENVIRONMENTS
        declared = settings.get(field, [])
        keys = {environment.get("environment_key") for environment in declared}
        added = [
            one.settings for one in sorted(filter(None, needed), key=attrgetter("key")) if one.key not in keys
        ]
        return {field: [*declared, *added]} if added else {}

    def job_clusters(self) -> list[dict[str, Any]]:
        """Returns the job clusters that the file declares."""
        declared = self._entry.declared.passed.get("job_clusters") or ()
        return [self._with_cluster(job_cluster) for job_cluster in declared]

    def _active(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the fields that are set; in development, without notifications."""
        silent = () if self._production else ("email_notifications", "webhook_notifications")
        return {key: value for key, value in declared.items() if value is not None and key not in silent}

    def _task(self, task: Task) -> dict[str, Any]:
        settings = self._with_cluster(self._active(task.data))
        settings.pop("serverless", None)
        if task.default_environment:
            settings["environment_key"] = task.default_environment.key
        if "libraries" in settings:
            settings["libraries"] = self._libraries.libraries(settings["libraries"], (*task.at, "libraries"))
        if name := settings.pop("existing_cluster_name", None):
            settings["existing_cluster_id"] = self._reach.lookup("cluster", name)
        retries = task_retries(task, self._entry.document, self._given)
        settings |= {field: setting.value for field, setting in retries.items()}
        for file in task.files:
            settings |= self._file(file, settings)
        for field, block in settings.items():
            if field.endswith("_task"):
                settings[field] = self._looked_up(block)
        if "warehouse_id" in settings.get("dbt_task", {}):
            settings["dbt_task"] = self._with_schema(settings["dbt_task"])
        settings |= self._runs_of(task, settings)
        if task.inner:
            settings["for_each_task"] = settings["for_each_task"] | {"task": self._task(task.inner)}
        return {key: value for key, value in settings.items() if value != []}

    def _looked_up(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a block with ids instead of names."""
        with_ids = {key: value for key, value in block.items() if key not in ("warehouse_name", "flow")}
        if name := block.get("warehouse_name"):
            with_ids["warehouse_id"] = self._reach.lookup("sql_warehouse", name)
        return with_ids

    def _with_schema(self, dbt: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a dbt task that writes to the flow's schema, unless it names another catalog or schema.

        Source: Databricks SDK, `jobs.DbtTask.schema`: without it, dbt writes to the schema `default`.
        """
        given = {field: value for field, value in dbt.items() if value is not None}
        if "catalog" in given or "schema" not in {**self._data, **given}:
            return given
        return {"catalog": self._data["catalog"], "schema": self._data.get("schema"), **given}

    def _runs_of(self, task: Task, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the block that runs a job or pipeline of another flow, with its id."""
        lookups = ((reference, self._runs.lookup(reference, self._entry)) for reference in references(task))
        return {
            reference.field: settings[reference.field] | {f"{reference.kind}_id": lookup}
            for reference, lookup in lookups
        }

    def _file(self, run: TaskFile, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the block that refers to a file, with the path of the file in the code."""
        outer, *inner = run.block
        block = settings.get(outer, {})
        references = block.get(inner[0], {}) if inner else block
        if run.path is not None:
            source = "GIT" if isinstance(self._code, GitCode) else "WORKSPACE"
            references = references | {run.field: self._code.notebook_path(run.path), "source": source}
        elif run.is_notebook or (run.is_absolute and self._has_git_source):
            references = {"source": "WORKSPACE"} | references
        return {outer: block | {inner[0]: references} if inner else references}

    def _with_cluster(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        settings = dict(declared)
        if settings.get("new_cluster") is not None:
            cluster = JobClusterFile.model_validate(settings["new_cluster"])
            settings["new_cluster"] = self._reach.arguments(cluster)
        return settings


def _addresses(given: Settings) -> dict[str, Any]:
    return {
        event: setting.value for event, setting in given.email_notifications.items() if setting.value != []
    }


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "default": value} for name, value in values.items()]


def _job_clusters(templates: Iterable[JobClusterTemplate]) -> list[dict[str, Any]]:
    return [
        {"job_cluster_key": template.key, "new_cluster": dict(template.new_cluster)} for template in templates
    ]


def _git_source(code: Code) -> dict[str, str] | None:
    if not isinstance(code, GitCode):
        return None
    return {"git_url": code.url, "git_provider": git_provider(code.url), "git_commit": code.commit}


def other_repository(job: Entry, code: Code) -> str | None:
    """Returns the URL in a job's `git_source` if it names another repository; brickops would replace it.

    Args:
        job: the job that the flow declares.
        code: the source of the project's code.
    """
    declared = job.declared.passed.get("git_source")
    url = str(declared.get("git_url")) if isinstance(declared, Mapping) else ""
    project_url = code.url if isinstance(code, GitCode) else ""
    return url if url and _normalized(url) != _normalized(project_url) else None


def _normalized(url: str) -> str:
    return url.removesuffix(".git").rstrip("/").lower()


# Terraform provider 1.99.0, `databricks_job`: hosts whose `git_provider` it derives from the URL
_KNOWN_HOSTS = ("github.com", "dev.azure.com", "gitlab.com", "bitbucket.org")
_CODE_COMMIT = re.compile(r"git-codecommit\.[^.]+\.amazonaws\.com")


def check_git_source(entry: Entry, code: Code) -> Iterator[Finding]:
    """Checks that the `git_source` of another repository is complete.

    Args:
        entry: the job.
        code: the source of the project's code.
    """
    url = other_repository(entry, code)
    if url is None:
        return
    declared = entry.declared.passed["git_source"]
    if all(declared.get(f"git_{ref}") is None for ref in ("branch", "tag", "commit")):
        message = "`git_source` names no version (add git_branch, git_tag or git_commit)"
        yield entry.document.finding("missing-field", ("git_source",), message)
    host = urlsplit(url).netloc.rpartition("@")[2].lower()
    known = host in _KNOWN_HOSTS or _CODE_COMMIT.fullmatch(host)
    if declared.get("git_provider") is None and not known:
        message = f"`git_provider` is missing in git_source, and cannot be derived from `{host}` (add it)"
        yield entry.document.finding("missing-field", ("git_source",), message)


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
