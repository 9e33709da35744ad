"""Checks of the jobs and pipelines that a deployment.yml declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import check
from mesh.finding import Finding, nearest
from mesh.model.defaults import CONTEXT_PARAMETERS
from mesh.model.flow import Flow
from mesh.model.job import JobClusterFile, cluster_shape
from mesh.model.pipeline import (
    SOURCES,
    PipelineClusterFile,
    PipelineFile,
    check_libraries,
    check_source,
    entries,
    pipeline_sources,
)
from mesh.model.task import check_tasks, with_inner


def check_job(flow: Flow, root: Path) -> Iterator[Finding]:
    """Checks the job of a flow, apart from references to other files.

    Args:
        flow: the flow.
        root: the mesh's root, for files that tasks name.
    """
    document, passed = flow.document, flow.declared.passed
    yield from flow.declared.check(document, ())
    if flow.entry and not flow.tasks:
        yield document.finding("missing-field", (), f"job `{flow.entry}` has no tasks (add them)")
    if passed.get("tasks") == []:
        yield document.finding("empty-list", ("tasks",), "`tasks` is empty (add at least one)")
    yield from _check_keys(passed, document)
    if passed.get("environment") and passed.get("environments"):
        message = "the job has environment and environments (keep one)"
        yield document.finding("conflicting-fields", ("environment",), message, at_key=True)
    for at, cluster in clusters(flow):
        yield from _check_cluster(cluster, document, at)
    yield from check_tasks(flow.tasks, document, root)


def clusters(flow: Flow) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Returns every `new_cluster` in a flow's deployment.yml, with its position."""
    for index, entry in enumerate(_list(flow.declared.passed.get("job_clusters"))):
        if isinstance(entry, Mapping) and isinstance(entry.get("new_cluster"), Mapping):
            yield ("job_clusters", index, "new_cluster"), entry["new_cluster"]
    for task in with_inner(flow.tasks):
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


def check_pipeline(flow: Flow, root: Path) -> Iterator[Finding]:
    """Checks a pipeline of a flow, apart from references to other files.

    Args:
        flow: the flow, or one of its pipelines.
        root: the mesh's root, for files that tasks name.
    """
    yield from flow.declared.check(flow.document, ())
    yield from _check_sources(flow, root)
    yield from _check_clusters(flow)
    yield from _check_configuration(flow)


def check_pipeline_schemas(flow: Flow) -> Iterator[Finding]:
    """Checks that each pipeline fills a schema of its flow."""
    for one in flow.pipelines:
        schema = one.declared.passed.get("schema")
        if schema is None and not flow.schemas:
            message = "a pipeline needs a schema (remove `schemas`, or add one)"
            yield one.document.finding("empty-list", ("schemas",), message)
        if isinstance(schema, str) and schema not in flow.schemas:
            message = (
                f"schema `{schema[:60]}` is not in `schemas` ({nearest(schema, flow.schemas, 'schemas')})"
            )
            yield one.document.finding("unknown-schema", ("schema",), message)


def _check_sources(flow: Flow, root: Path) -> Iterator[Finding]:
    document, passed = flow.document, flow.declared.passed
    given = [name for name in SOURCES if passed.get(name) is not None]
    for name in given:
        if passed[name] == [] and name in SOURCES[:2]:
            yield document.finding("empty-list", (name,), f"`{name}` is empty (add at least one)")
    if flow.entry and not given:
        message = f"pipeline `{flow.entry}` has no {' or '.join(SOURCES[:2])} (add one)"
        yield document.finding("missing-field", (), message)
    yield from check_libraries(passed, document)
    for source in pipeline_sources(passed, flow.file):
        yield from check_source(source, document, root)


def _check_clusters(flow: Flow) -> Iterator[Finding]:
    document, passed = flow.document, flow.declared.passed
    policy = isinstance(flow.declared, PipelineFile) and flow.declared.policy_name is not None
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


def _check_configuration(flow: Flow) -> Iterator[Finding]:
    configuration = flow.declared.passed.get("configuration")
    for name in configuration if isinstance(configuration, Mapping) else ():
        if name in CONTEXT_PARAMETERS:
            message = f"`{name}` is set by the deployment (rename yours)"
            at = ("configuration", name)
            yield flow.document.finding("parameter-taken", at, message, at_key=True)
