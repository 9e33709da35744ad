"""Lineage as events of OpenLineage: one job per task, with its inputs, outputs and columns.

A `JobEvent` describes what the code of a job does, without a run.

Source: OpenLineage specification 2-0-2, `JobEvent`, and its facets `schema`, `columnLineage` and
`sourceCodeLocation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mesh.lineage.lineage import Lineage
from mesh.lineage.session import Write
from mesh.lineage.table import Column, Table
from mesh.lineage.task_lineage import TaskLineage

PRODUCER = "urn:databricks-datamesh:mesh"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"
_SCHEMA = "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
_COLUMNS = (
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
)
_CODE = "https://openlineage.io/spec/facets/1-0-1/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet"


def events(
    lineage: Lineage, namespace: str, moment: datetime, repository: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yields one event per task that reads or writes tables.

    Args:
        lineage: the lineage of the mesh.
        namespace: the namespace of tables and jobs, for example `unitycatalog://adb-1.azuredatabricks.net`.
        moment: the time of the events.
        repository: the URL of the repository with the code.
    """
    for task in lineage.tasks:
        if task.read or task.writes:
            yield {
                "eventTime": moment.isoformat(),
                "producer": PRODUCER,
                "schemaURL": _EVENT,
                "job": {
                    "namespace": namespace,
                    "name": f"{task.flow}.{task.task}",
                    "facets": _code(task, repository),
                },
                "inputs": [_input(table, task, lineage, namespace) for table in sorted(task.read)],
                "outputs": [_output(table, task, namespace) for table in sorted(task.written)],
            }


def _job(task: TaskLineage, namespace: str, repository: str | None) -> dict[str, Any]:
    return {
        "namespace": namespace,
        "name": f"{task.flow}.{task.task}",
        "facets": _code(task, repository),
    }


def _code(task: TaskLineage, repository: str | None) -> dict[str, Any]:
    places = [*(one.place for one in task.writes), *(one.place for one in task.reads)]
    if not repository or "://" not in repository or not places:
        return {}
    location = {"type": "git", "url": repository, "repoUrl": repository, "path": places[0].file}
    return {"sourceCodeLocation": _facet(_CODE, location)}


def _input(table: Table, task: TaskLineage, lineage: Lineage, namespace: str) -> dict[str, Any]:
    read = sorted(one.name for one in task.columns if one.table == table and one.name != "*")
    fields = [{"name": name} for name in lineage.columns.get(table) or read]
    return {
        **_dataset(table, namespace),
        "facets": {"schema": _facet(_SCHEMA, {"fields": fields})} if fields else {},
    }


def _output(table: Table, task: TaskLineage, namespace: str) -> dict[str, Any]:
    writes = [one for one in task.writes if one.table == table]
    names = dict.fromkeys(name for one in writes for name in one.relation.columns)
    used = sorted({column for one in writes for column in one.relation.used})
    columns = {
        "fields": {name: {"inputFields": _sources(name, writes, namespace)} for name in names},
        "dataset": [_source(one, namespace, "INDIRECT") for one in used],
    }
    fields = [{"name": name} for name in names]
    facets: dict[str, Any] = {"columnLineage": _facet(_COLUMNS, columns)}
    if fields:
        facets["schema"] = _facet(_SCHEMA, {"fields": fields})
    return {**_dataset(table, namespace), "facets": facets}


def _sources(name: str, writes: list[Write], namespace: str) -> list[dict[str, Any]]:
    found = {
        column
        for one in writes
        if name in one.relation.columns
        for column in one.relation.columns[name].columns
    }
    return [_source(one, namespace, "DIRECT") for one in sorted(found) if one.name != "*"]


def _source(column: Column, namespace: str, kind: str) -> dict[str, Any]:
    return {
        **_dataset(column.table, namespace),
        "field": column.name,
        "transformations": [{"type": kind}],
    }


def _dataset(table: Table, namespace: str) -> dict[str, Any]:
    return {"namespace": namespace, "name": str(table)}


def _facet(schema: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": schema, **fields}
