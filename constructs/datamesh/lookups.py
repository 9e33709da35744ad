"""Ids of objects, from the stack or from the workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from datamesh.bindings import Construct, databricks
from mesh.model.compute_object import Lookup
from mesh.model.naming import identifier


class Lookups(Construct):
    """Replaces lookups by ids: of resources of the stack, or of existing objects of the workspace.

    A stack looks up each object once.
    """

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Lookups")
        self._resources: dict[tuple[str, str], str] = {}
        self._data_sources: dict[str, str] = {}
        self._logical_ids: set[tuple[str, str]] = set()

    def add(self, kind: str, logical_id: str, id: str) -> None:
        """Registers the id of a resource of the stack."""
        self._resources[kind, logical_id] = id

    def resolve(self, value: Any) -> Any:
        """Returns the value with each Lookup replaced by an id."""
        if isinstance(value, str):  # most values: the other questions take longer
            return value
        if isinstance(value, Lookup):
            return self._id(value)
        if isinstance(value, Mapping):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(item) for item in value]
        return value

    def _id(self, lookup: Lookup) -> str:
        if lookup.kind in ("job", "pipeline") and lookup.logical_id is not None:
            return f"${{databricks_{lookup.kind}.{lookup.logical_id}.id}}"  # may be created later
        if lookup.logical_id is not None:
            return self._resources[lookup.kind, lookup.logical_id]
        construct_id = f"{lookup.kind} {json.dumps(dict(lookup.arguments), sort_keys=True)}"
        if construct_id not in self._data_sources:
            source = _DATA_SOURCES[lookup.kind](self, construct_id, **lookup.arguments)
            logical_id = identifier(_words(lookup))
            # a second object with this name keeps cdktf's generated name
            if (lookup.kind, logical_id) not in self._logical_ids:
                self._logical_ids.add((lookup.kind, logical_id))
                source.override_logical_id(logical_id)
            self._data_sources[construct_id] = (
                _THE_ONE.format(source.fqn) if lookup.kind == "pipeline" else source.id
            )
        return self._data_sources[construct_id]


def _words(lookup: Lookup) -> str:
    if name := lookup.arguments.get("name"):
        return str(name)
    return "_".join(f"{key}_{value}" for key, value in sorted(lookup.arguments.items())) or "smallest"


_DATA_SOURCES: Mapping[str, Callable[..., Any]] = {
    "node_type": databricks.data_databricks_node_type.DataDatabricksNodeType,
    "cluster_policy": databricks.data_databricks_cluster_policy.DataDatabricksClusterPolicy,
    "instance_pool": databricks.data_databricks_instance_pool.DataDatabricksInstancePool,
    "cluster": lambda scope, id, name: databricks.data_databricks_cluster.DataDatabricksCluster(
        scope, id, cluster_name=name
    ),
    "sql_warehouse": databricks.data_databricks_sql_warehouse.DataDatabricksSqlWarehouse,
    "job": lambda scope, id, name: databricks.data_databricks_job.DataDatabricksJob(scope, id, job_name=name),
    # the provider takes a pattern and returns a set of ids
    "pipeline": lambda scope, id, name: databricks.data_databricks_pipelines.DataDatabricksPipelines(
        scope, id, pipeline_name=name
    ),
}
_THE_ONE = "${{one({}.ids)}}"
