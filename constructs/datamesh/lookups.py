"""Ids of objects, from the stack or from the workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from constructs import Construct

from datamesh.bindings import databricks
from mesh.model.compute_object import Lookup
from mesh.model.naming import identifier


class Lookups(Construct):
    """Replaces lookups by ids: of resources of the stack, or of existing objects of the workspace.

    A stack looks up each object once.
    """

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Lookups")
        self._made: dict[tuple[str, str], str] = {}
        self._found: dict[str, str] = {}
        self._named: set[tuple[str, str]] = set()

    def add(self, kind: str, logical_id: str, made: str) -> None:
        """Registers the id of a resource of the stack."""
        self._made[kind, logical_id] = made

    def resolve(self, value: Any) -> Any:
        """Returns the value with each Lookup replaced by an id."""
        if isinstance(value, Lookup):
            return self._id(value)
        if isinstance(value, Mapping):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(item) for item in value]
        return value

    def _id(self, lookup: Lookup) -> str:
        if lookup.kind in ("job", "pipeline") and lookup.made is not None:
            return f"${{databricks_{lookup.kind}.{lookup.made}.id}}"  # may be created later
        if lookup.made is not None:
            return self._made[lookup.kind, lookup.made]
        called = f"{lookup.kind} {json.dumps(dict(lookup.arguments), sort_keys=True)}"
        if called not in self._found:
            source = _DATA_SOURCES[lookup.kind](self, called, **lookup.arguments)
            readable = identifier(_words(lookup))
            if (
                lookup.kind,
                readable,
            ) not in self._named:  # a second object with this name keeps cdktf's generated name
                self._named.add((lookup.kind, readable))
                source.override_logical_id(readable)
            self._found[called] = _THE_ONE.format(source.fqn) if lookup.kind == "pipeline" else source.id
        return self._found[called]


def _words(lookup: Lookup) -> str:
    if name := lookup.arguments.get("name"):
        return str(name)
    return "_".join(f"{key}_{value}" for key, value in sorted(lookup.arguments.items())) or "smallest"


_DATA_SOURCES: Mapping[str, Callable[..., Any]] = {
    "node_type": databricks.data_databricks_node_type.DataDatabricksNodeType,
    "cluster_policy": databricks.data_databricks_cluster_policy.DataDatabricksClusterPolicy,
    "instance_pool": databricks.data_databricks_instance_pool.DataDatabricksInstancePool,
    "cluster": lambda scope, called, name: databricks.data_databricks_cluster.DataDatabricksCluster(
        scope, called, cluster_name=name
    ),
    "sql_warehouse": databricks.data_databricks_sql_warehouse.DataDatabricksSqlWarehouse,
    "job": lambda scope, called, name: databricks.data_databricks_job.DataDatabricksJob(
        scope, called, job_name=name
    ),
    # the provider takes a pattern and returns a set of ids
    "pipeline": lambda scope, called, name: databricks.data_databricks_pipelines.DataDatabricksPipelines(
        scope, called, pipeline_name=name
    ),
}
_THE_ONE = "${{one({}.ids)}}"
