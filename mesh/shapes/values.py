"""Values that are known of text fields: the SDK's enumerations, and some of the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from inspect import isclass
from typing import Any, get_args, get_type_hints

from databricks.sdk.service.compute import ClustersAPI, InstancePoolsAPI
from databricks.sdk.service.jobs import JobsAPI
from databricks.sdk.service.pipelines import PipelinesAPI
from databricks.sdk.service.sql import WarehousesAPI

from mesh.shape import api_name

Table = dict[str, Any]

# They stand for a value that is missing; and YAML reads the first as empty.
_PLACEHOLDERS = ("NULL", "_UNSPECIFIED")

# What the API takes to make each resource; the types of its arguments are those of the fields.
_MADE_BY: Mapping[str, Callable[..., Any]] = {
    "cluster": ClustersAPI.create,
    "instance_pool": InstancePoolsAPI.create,
    "job": JobsAPI.create,
    "pipeline": PipelinesAPI.create,
    "sql_endpoint": WarehousesAPI.create,
}

# Plain text in the SDK. Databricks REST API reference: Pipelines, SQL Warehouses
_DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "pipeline.channel": ("CURRENT", "PREVIEW"),
    "pipeline.clusters.label": ("default", "maintenance", "updates"),
    "pipeline.edition": ("ADVANCED", "CORE", "PRO"),
    "pipeline.notifications.alerts": (
        "on-flow-failure",
        "on-update-failure",
        "on-update-fatal-failure",
        "on-update-success",
    ),
    "sql_endpoint.cluster_size": (
        "2X-Small",
        "X-Small",
        "Small",
        "Medium",
        "Large",
        "X-Large",
        "2X-Large",
        "3X-Large",
        "4X-Large",
    ),
}


def with_values(resource: str, table: Table) -> Table:
    """A resource's table, with the values that are known; `mesh.shape` says how it holds them."""
    made_by = _MADE_BY.get(resource)
    return _with_values(table, get_type_hints(made_by), resource, resource) if made_by else table


def _with_values(table: Table, types: Mapping[str, Any], block: str, path: str) -> Table:
    made: Table = {}
    for key, value in table.items():
        name = api_name(key, block)
        kind, inner = _class(types.get(name)), f"{path}.{name}"
        if isinstance(value, dict):
            types_inside = get_type_hints(kind) if is_dataclass(kind) else {}
            made[key] = _with_values(value, types_inside, name, inner)
        else:
            known = _DOCUMENTED.get(inner) or _enumerated(kind)
            made[key] = f"{value}: {', '.join(known)}" if known else value
    return made


def _enumerated(kind: Any) -> list[str]:
    values = [one.value for one in kind] if isclass(kind) and issubclass(kind, Enum) else []
    return sorted(value for value in values if not value.endswith(_PLACEHOLDERS))


def _class(hint: Any) -> Any:
    """The class that `Optional[List[…]]` and the like are about; the values' one, of mappings."""
    return next((one for one in reversed([*_flat(hint)]) if one is not type(None)), None)


def _flat(hint: Any) -> Iterator[Any]:
    arguments = get_args(hint)
    for argument in arguments:
        yield from _flat(argument)
    if not arguments:
        yield hint
