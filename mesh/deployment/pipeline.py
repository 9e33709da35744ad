"""A pipeline that a flow declares, with the field names of the Pipelines API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.deployment import run_context
from mesh.deployment.compute_lookup import ComputeLookup, project_reach
from mesh.deployment.data_objects import DataNames
from mesh.deployment.job import Job
from mesh.deployment.job_settings import Settings, job_permissions, merge_settings, pipeline_permissions
from mesh.deployment.library import Installed
from mesh.deployment.run_context import GitTags
from mesh.deployment.scope import Scope
from mesh.model.code import WorkspaceCode
from mesh.model.compute_object import Lookup
from mesh.model.entry import Entry
from mesh.model.permission import Permission
from mesh.model.pipeline import PipelineClusterFile, PipelineFile, PipelineSource, entries, pipeline_sources

# brickops' `defaultconfig`, without fields that Terraform lacks
_DEFAULTS: Mapping[str, Any] = {
    "edition": "ADVANCED",
    "channel": "CURRENT",
    "photon": True,
    "continuous": False,
}
# Databricks Pipelines API, `notifications.alerts`: the alerts for each event of a job
_ALERTS: Mapping[str, tuple[str, ...]] = {
    "on_success": ("on-update-success",),
    "on_failure": ("on-update-failure", "on-update-fatal-failure"),
}


@dataclass(frozen=True)
class Pipeline:
    """A pipeline to deploy.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        schema: its target schema, without the catalog.
        settings: the body of the Pipelines API's `create`, with a Lookup for each id that only the workspace
            knows; clusters are in Terraform's spelling.
        permissions: one per principal.
        schedule: the job that starts it, where it has a schedule.
        protected: True if Terraform refuses to destroy it, which would drop its tables.
    """

    id: str
    name: str
    schema: str
    settings: Mapping[str, Any]
    permissions: tuple[Permission, ...] = ()
    schedule: Job | None = None
    protected: bool = False


def pipeline(
    entry: Entry,
    name: str,
    scope: Scope,
    git: GitTags,
    code: WorkspaceCode,
    data: DataNames,
    reads: Mapping[str, str],
) -> Pipeline:
    """Returns a pipeline of a flow.

    Source: brickops' `build_pipeline_config` and `enrich_tasks`, with the same settings. Parameters become
    its configuration. A production pipeline is never in development mode; other pipelines are, unless they
    declare `development: false`, and are never continuous, as schedules are paused there. `run_as` of the
    pipeline overrides `run_as` of the environment.

    Args:
        entry: the pipeline that the flow declares.
        name: the pipeline's name.
        scope: the project, its environment and identity.
        git: the source of its code, for tags and configuration.
        code: the source of its files; a pipeline runs workspace files only.
        data: the names of the flow's catalog and schemas.
        reads: parameters with the locations of the data that it reads, and of the code that flows share.
    """
    assert isinstance(entry.declared, PipelineFile)
    declared = entry.declared.own
    given = merge_settings(scope.org, scope.domain, scope.project, entry)
    production = scope.environment.production
    schema = data.schemas[declared.get("schema") or next(iter(data.schemas))]
    parameters = {"catalog": data.catalog, "schema": schema, **reads}
    tags = run_context.tags(given, scope.context, git)
    computed: dict[str, Any] = {
        **_DEFAULTS,
        **declared,
        "name": name,
        "catalog": data.catalog,
        "schema": schema,
        "serverless": _serverless(declared),
        "continuous": production and declared.get("continuous", False),
        "development": not production and declared.get("development", True),
        "configuration": run_context.parameters(given, scope.context, git, parameters)
        | declared.get("configuration", {}),
        "tags": tags | {"pipeline_env": scope.environment.name},
        "libraries": [library for _, library in pipeline_libraries(entry, code)],
        "environment": _environment(entry, code),
        "root_path": _root_path(entry, code),
        "clusters": _clusters(entry.declared, project_reach(scope)),
        "notifications": [*_notifications(given), *declared.get("notifications", ())] if production else [],
        "run_as": run_context.run_as(scope, entry),
    }
    return Pipeline(
        id=entry.id,
        name=name,
        schema=schema,
        settings={field: value for field, value in computed.items() if value not in (None, [], {})},
        permissions=pipeline_permissions(scope, given),
        schedule=_schedule(entry, name, scope, given, tags),
        protected=scope.protected,
    )


def permissions_id(id: str) -> str:
    """Returns the Terraform name of a pipeline's permissions; permissions of jobs have other names."""
    return f"pipeline_{id}"


def _serverless(declared: Mapping[str, Any]) -> bool:
    """Returns True for serverless pipelines: the default without clusters, as in brickops."""
    return bool(declared.get("serverless", not declared.get("clusters")))


def pipeline_libraries(entry: Entry, code: WorkspaceCode) -> Iterator[tuple[PipelineSource, dict[str, Any]]]:
    """Yields the libraries of a pipeline, each with the entry that declares it.

    Args:
        entry: the pipeline.
        code: the source of its files.
    """
    installed = Installed(entry.local_libraries, code)
    for source in pipeline_sources(entry.declared.passed, entry.file):
        library = source.resolved(place(source, code))
        for one in [library] if source.kind else installed.library(library, source.at):
            yield source, one


def _environment(entry: Entry, code: WorkspaceCode) -> dict[str, Any] | None:
    declared = entry.declared.passed.get("environment")
    return declared and Installed(entry.local_libraries, code).environment(declared, ("environment",))


def _root_path(entry: Entry, code: WorkspaceCode) -> str | None:
    """Returns the import root of the pipeline's code, relative to the folder of deployment.yml."""
    written = entry.declared.passed.get("root_path")
    if not written or written.startswith("/"):
        return written
    return f"/Workspace{code.notebook_path(entry.folder / written)}"


def place(source: PipelineSource, code: WorkspaceCode) -> str:
    """Returns the path of a source in the workspace; files get their /Workspace path."""
    if source.path is None:
        return source.written
    path = code.notebook_path(source.path)
    return path if source.kind == "notebook" else f"/Workspace{path}"


def _clusters(declared: PipelineFile, reach: ComputeLookup) -> list[dict[str, Any]]:
    clusters = [
        reach.arguments(PipelineClusterFile.model_validate(cluster))
        for _, cluster in entries(declared.passed, "clusters")
    ]
    if clusters or declared.policy_name is None or _serverless(declared.own):
        return clusters
    policy = reach.lookup("cluster_policy", declared.policy_name)
    return [{"label": "default", "policy_id": policy, "apply_policy_default_values": True}]


def _notifications(given: Settings) -> list[dict[str, Any]]:
    return [
        {"email_recipients": setting.value, "alerts": list(_ALERTS[event])}
        for event, setting in given.email_notifications.items()
        if event in _ALERTS and setting.value
    ]


def _schedule(entry: Entry, name: str, scope: Scope, given: Settings, tags: Mapping[str, str]) -> Job | None:
    """Returns the job that starts the pipeline: the Pipelines API has no schedule."""
    declared = entry.declared.passed.get("schedule")
    if not declared:
        return None
    paused = {} if scope.environment.production else {"pause_status": "PAUSED"}
    runs = {"pipeline_id": Lookup("pipeline", entry.id, {"name": name})}
    computed: dict[str, Any] = {
        "name": name,
        "max_concurrent_runs": 1,
        "timeout_seconds": given.timeout_seconds and given.timeout_seconds.value,
        "queue": given.queue.value,
        "tags": dict(tags),
        "schedule": paused | declared,
        "run_as": run_context.run_as(scope, entry),
        "tasks": [{"task_key": entry.name or entry.flow.name, "pipeline_task": runs}],
    }
    settings = {field: value for field, value in computed.items() if value is not None}
    return Job(entry.id, name, settings, job_permissions(scope, given))
