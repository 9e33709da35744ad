"""What is wrong with the job that a deployment.yml declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mesh.declared import declare
from mesh.document import Document, Location
from mesh.finding import Finding
from mesh.flow import Flow
from mesh.job_cluster import JobClusterFile
from mesh.job_shape import cluster_shape
from mesh.shape import check
from mesh.task import check_tasks, with_inner


def check_job(flow: Flow, root: Path) -> Iterator[Finding]:
    """All that is wrong with the job of a flow, apart from what other files show.

    Args:
        flow: the flow.
        root: the mesh's root, below which files are looked for.
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
    """Every `new_cluster` in a flow's deployment.yml, with its place."""
    for index, entry in enumerate(_list(flow.declared.passed.get("job_clusters"))):
        if isinstance(entry, Mapping) and isinstance(entry.get("new_cluster"), Mapping):
            yield ("job_clusters", index, "new_cluster"), entry["new_cluster"]
    for task in with_inner(flow.tasks):
        if isinstance(task.data.get("new_cluster"), Mapping):
            yield (*task.at, "new_cluster"), task.data["new_cluster"]


def _check_cluster(cluster: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
    """What the model of a template knows besides names and types, which are looked at with all others."""
    if any(check(cluster, cluster_shape(), document, at)):
        return
    declared, wrong = declare(JobClusterFile, document.part(at))
    yield from wrong
    yield from declared.check(document, at)


def _check_keys(passed: Mapping[str, Any], document: Document) -> Iterator[Finding]:
    """Job clusters and environments are called by keys, each once."""
    lists = (("job_clusters", "job_cluster_key"), ("environments", "environment_key"))
    for field, key in (*lists, ("environment", "environment_key")):
        seen: set[str] = set()
        for index, entry in enumerate(_list(passed.get(field))):
            name = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(name, str) and name in seen:
                message = f"`{name[:60]}` stands in {field} twice (rename one)"
                yield document.finding("key-twice", (field, index, key), message)
            elif isinstance(name, str):
                seen.add(name)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
