"""The resource type of SQL warehouses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, between, one_of
from local.provider.difference import Difference, Path
from local.provider.resource_type import CallContext, Known, ResourceType, RestResource
from local.provider.suppression import platform_default
from local.provider.values import ObjectValue

_DATA_SOURCES = "/api/2.0/preview/sql/data_sources"
# Sent although they are zero, if the configuration or the workspace sets them.
_ALWAYS_SENT = ("enable_serverless_compute", "enable_photon", "auto_stop_mins")
_SIZES = ("2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large")
_SUPPRESSED = (
    "channel",
    "channel.dbsql_version",
    "channel.name",
    "min_num_clusters",
    "tags",
    "tags.custom_tags",
    "warehouse_type",
)


def _same_or_unset(path: Path, difference: Difference) -> bool:
    return difference.old == difference.new or (difference.old is None and not difference.new)


def _always(path: Path, difference: Difference) -> bool:
    """Suppress every difference of an attribute that describes the warehouse's status."""
    return True


@dataclass(frozen=True, kw_only=True)
class SqlWarehouseResource(RestResource):
    """A SQL warehouse; a change replaces all settings."""

    collection: str = "/api/2.0/sql/warehouses"

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        sources = context.api.get(_DATA_SOURCES).get("value") or []
        source = next((each for each in sources if each.get("warehouse_id") == resource_id), None)
        if source is None:
            raise ApiError(400, "INVALID", f"warehouse {resource_id} has no data source", "")
        return self.written(context, answer, known, data_source_id=source["id"])

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        creator = {"creator_name": planned["creator_name"]} if planned.get("creator_name") else {}
        context.api.post(f"{self.path(resource_id)}/edit", {**self.body(context, planned), **creator})
        return resource_id

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        forced = {name: planned[name] for name in _ALWAYS_SENT if planned.get(name) is not None}
        return {**super().body(context, planned, only), **forced}


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    SqlWarehouseResource(
        type="databricks_sql_endpoint",
        behaviour=Behaviour(
            defaults={
                "auto_stop_mins": 120,
                "enable_photon": True,
                "max_num_clusters": 1,
                "spot_instance_policy": "COST_OPTIMIZED",
                "no_wait": False,
                "channel.name": "CHANNEL_NAME_CURRENT",
            },
            suppressed={name: platform_default(name.rpartition(".")[2]) for name in _SUPPRESSED}
            | {"no_wait": _same_or_unset, "health": _always},
            constraints=Constraints(
                values={
                    "cluster_size": one_of(*_SIZES),
                    "max_num_clusters": between(1, 30),
                    "warehouse_type": one_of("PRO", "CLASSIC"),
                }
            ),
        ),
        not_sent=frozenset({"no_wait", "data_source_id"}),
        not_read=frozenset({"no_wait", "data_source_id"}),
    ),
)
