"""Checks of the jobs and pipelines that a deployment.yml declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import check
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.defaults import CONTEXT_PARAMETERS
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.job import JobClusterFile, cluster_shape
from mesh.model.library import check_library
from mesh.model.pipeline import (
    SOURCES,
    PipelineClusterFile,
    PipelineFile,
    check_libraries,
    check_root_path,
    check_source,
    entries,
    pipeline_sources,
)
from mesh.model.principal import Principals, check_run_as
from mesh.model.schedule import check_schedules
from mesh.model.task import check_tasks, with_inner
from mesh.model.task_references import check_references
from mesh.model.task_rules import check_task_rules

_PRINCIPAL = "service_principal_name"


def check_entries(flow: Flow, files: Files) -> Iterator[Finding]:
    """Checks the jobs and pipelines of a flow, apart from references to other files.

    Args:
        flow: the flow.
        files: the files of the mesh, for those that tasks name.
    """
    for entry in flow.declared_entries:
        for library in entry.local_libraries:
            yield from check_library(library, entry.document, files)
        yield from (check_pipeline if entry.kind == "pipeline" else check_job)(entry, files)
        yield from check_schedules(entry)


def check_runs_as(flow: Flow, principals: Principals) -> Iterator[Finding]:
    """Checks that org.yml lists the service principals that jobs and pipelines run as, except ids.

    Args:
        flow: the flow.
        principals: the principals that org.yml lists.
    """
    for entry in flow.declared_entries:
        declared = entry.declared.passed.get("run_as")
        name = declared.get(_PRINCIPAL) if isinstance(declared, Mapping) else None
        if isinstance(name, str):
            yield from check_run_as(principals, [(name, ("run_as", _PRINCIPAL))], entry.document, always=True)


def check_job(job: Entry, files: Files) -> Iterator[Finding]:
    """Checks a job, apart from references to other files.

    Args:
        job: the job.
        files: the files of the mesh, for those that tasks name.
    """
    document, passed = job.document, job.declared.passed
    yield from job.declared.check(document, ())
    if job.name and not job.tasks:
        yield document.finding("missing-field", (), f"job `{job.name}` has no tasks (add them)")
    if passed.get("tasks") == []:
        yield document.finding("empty-list", ("tasks",), "`tasks` is empty (add at least one)")
    yield from _check_keys(passed, document)
    if passed.get("environment") and passed.get("environments"):
        message = "the job has environment and environments (keep one)"
        yield document.finding("conflicting-fields", ("environment",), message, at_key=True)
    for at, cluster in clusters(job):
        yield from _check_cluster(cluster, document, at)
    yield from check_tasks(job.tasks, document, files)
    keys = [task.key for task in job.tasks]
    for task in with_inner(job.tasks):
        yield from check_task_rules(task, document)
        yield from check_references(task, keys, document)
    yield from _check_environment_keys(job)


def _check_environment_keys(job: Entry) -> Iterator[Finding]:
    """Checks that the serverless environments that tasks name are declared."""
    passed = job.declared.passed
    declared = [each for field in ("environments", "environment") for each in _list(passed.get(field))]
    keys = {each.get("environment_key") for each in declared if isinstance(each, Mapping)}
    for task in with_inner(job.tasks):
        key = task.text("environment_key")
        if key and key not in keys:
            near = nearest(key, {each for each in keys if isinstance(each, str)}, "environments")
            message = f"environment `{key[:60]}` is not declared in `environments` ({near})"
            yield job.document.finding("unknown-environment-key", (*task.at, "environment_key"), message)


def clusters(job: Entry) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Yields every `new_cluster` of a job, with its position."""
    for index, entry in enumerate(_list(job.declared.passed.get("job_clusters"))):
        if isinstance(entry, Mapping) and isinstance(entry.get("new_cluster"), Mapping):
            yield ("job_clusters", index, "new_cluster"), entry["new_cluster"]
    for task in with_inner(job.tasks):
        if isinstance(task.data.get("new_cluster"), Mapping):
            yield (*task.at, "new_cluster"), task.data["new_cluster"]


def _check_cluster(cluster: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
    """Checks a cluster beyond names and types, which are checked with the job's other fields."""
    if any(check(cluster, cluster_shape(), document, at)):
        return
    declared, wrong = validate_document(JobClusterFile, document.part(at))
    yield from wrong
    yield from declared.check(document, at)


def _check_keys(passed: Mapping[str, Any], document: Document) -> Iterator[Finding]:
    """Checks that keys of job clusters and environments are unique."""
    lists = (("job_clusters", "job_cluster_key"), ("environments", "environment_key"))
    for field, key in (*lists, ("environment", "environment_key")):
        seen: set[str] = set()
        for index, entry in enumerate(_list(passed.get(field))):
            name = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(name, str) and name in seen:
                message = f"`{name[:60]}` is declared twice in {field} (rename one)"
                yield document.finding("key-twice", (field, index, key), message)
            elif isinstance(name, str):
                seen.add(name)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def check_pipeline(pipeline: Entry, files: Files) -> Iterator[Finding]:
    """Checks a pipeline, apart from references to other files.

    Args:
        pipeline: the pipeline.
        files: the files of the mesh, for those that tasks name.
    """
    yield from pipeline.declared.check(pipeline.document, ())
    yield from _check_sources(pipeline, files)
    yield from _check_clusters(pipeline)
    yield from _check_configuration(pipeline)


def check_pipeline_schemas(flow: Flow) -> Iterator[Finding]:
    """Checks that each pipeline fills a schema of its flow."""
    for pipeline in flow.pipelines:
        schema = pipeline.declared.passed.get("schema")
        if schema is None and not flow.schemas:
            message = "a pipeline needs a schema (remove `schemas`, or add one)"
            yield pipeline.document.finding("empty-list", ("schemas",), message)
        if isinstance(schema, str) and schema not in flow.schemas:
            message = (
                f"schema `{schema[:60]}` is not in `schemas` ({nearest(schema, flow.schemas, 'schemas')})"
            )
            yield pipeline.document.finding("unknown-schema", ("schema",), message)


def _check_sources(pipeline: Entry, files: Files) -> Iterator[Finding]:
    document, passed = pipeline.document, pipeline.declared.passed
    given = [name for name in SOURCES if passed.get(name) is not None]
    for name in given:
        if passed[name] == [] and name in SOURCES[:2]:
            yield document.finding("empty-list", (name,), f"`{name}` is empty (add at least one)")
    if pipeline.name and not given:
        message = f"pipeline `{pipeline.name}` has no {' or '.join(SOURCES[:2])} (add one)"
        yield document.finding("missing-field", (), message)
    yield from check_libraries(passed, document)
    yield from check_root_path(passed, document, files)
    for source in pipeline_sources(passed, pipeline.file):
        yield from check_source(source, document, files)


def _check_clusters(pipeline: Entry) -> Iterator[Finding]:
    document, passed = pipeline.document, pipeline.declared.passed
    policy = isinstance(pipeline.declared, PipelineFile) and pipeline.declared.policy_name is not None
    labels: set[object] = set()
    for index, cluster in entries(passed, "clusters"):
        at = ("clusters", index)
        if any(check(cluster, PipelineClusterFile.whole_shape(), document, at)):
            continue  # reported already
        declared, wrong = validate_document(PipelineClusterFile, document.part(at))
        yield from wrong
        yield from declared.check(document, at)
        label = cluster.get("label", "default")
        if label in labels:
            message = f"`{str(label)[:60]}` is declared twice in clusters (rename one)"
            yield document.finding("key-twice", at, message)
        labels.add(label)
    if passed.get("serverless") is True and passed.get("clusters"):
        message = "the pipeline is serverless and has clusters (keep one)"
        yield document.finding("conflicting-fields", ("clusters",), message, at_key=True)
    if isinstance(passed.get("clusters"), list) and passed["clusters"] and policy:
        message = "`policy_name` is for pipelines without `clusters` (set it in the clusters)"
        yield document.finding("conflicting-fields", ("policy_name",), message, at_key=True)


def _check_configuration(pipeline: Entry) -> Iterator[Finding]:
    configuration = pipeline.declared.passed.get("configuration")
    for name in configuration if isinstance(configuration, Mapping) else ():
        if name in CONTEXT_PARAMETERS:
            message = f"`{name}` is set by the deployment (rename yours)"
            at = ("configuration", name)
            yield pipeline.document.finding("parameter-taken", at, message, at_key=True)
