"""What is wrong with the pipeline that a deployment.yml declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mesh.declared import declare
from mesh.finding import Finding, nearest
from mesh.flow import Flow
from mesh.pipeline_file import PipelineClusterFile, PipelineFile
from mesh.pipeline_source import SOURCES, check_libraries, check_source, entries, pipeline_sources
from mesh.settings import CONTEXT_PARAMETERS
from mesh.shape import check


def check_pipeline(flow: Flow, root: Path) -> Iterator[Finding]:
    """All that is wrong with a pipeline of a flow, apart from what other files show.

    Args:
        flow: the flow, or one of its pipelines.
        root: the mesh's root, below which files are looked for.
    """
    yield from flow.declared.check(flow.document, ())
    yield from _check_sources(flow, root)
    yield from _check_clusters(flow)
    yield from _check_configuration(flow)


def check_pipeline_schemas(flow: Flow) -> Iterator[Finding]:
    """Each pipeline fills a schema of its flow."""
    for one in flow.pipelines:
        schema = one.declared.passed.get("schema")
        if schema is None and not flow.schemas:
            message = "a pipeline has to fill a schema (drop `schemas`, or add one)"
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
            continue  # told already
        declared, wrong = declare(PipelineClusterFile, document.part(at))
        yield from wrong
        yield from declared.check(document, at)
        label = cluster.get("label", "default")
        if label in labels:
            message = f"`{str(label)[:60]}` stands in clusters twice (rename one)"
            yield document.finding("key-twice", at, message)
        labels.add(label)
    if passed.get("serverless") is True and passed.get("clusters"):
        message = "the pipeline is serverless and has clusters (keep one)"
        yield document.finding("conflicting-fields", ("clusters",), message, at_key=True)
    if isinstance(passed.get("clusters"), list) and passed["clusters"] and policy:
        message = "`policy_name` is for pipelines without `clusters` (say it in those that it is for)"
        yield document.finding("conflicting-fields", ("policy_name",), message, at_key=True)


def _check_configuration(flow: Flow) -> Iterator[Finding]:
    configuration = flow.declared.passed.get("configuration")
    for name in configuration if isinstance(configuration, Mapping) else ():
        if name in CONTEXT_PARAMETERS:
            message = f"`{name}` is set by the deployment (rename yours)"
            at = ("configuration", name)
            yield flow.document.finding("parameter-taken", at, message, at_key=True)
