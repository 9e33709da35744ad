"""The resource type of pipelines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.behaviour import Behaviour
from local.provider.clusters import CLUSTER_ALIASES
from local.provider.constraints import Constraints, at_most_one, excluded, has, items, one_of
from local.provider.difference import Difference, Path
from local.provider.resource_type import CallContext, Known, ResourceType, RestResource
from local.provider.suppression import delta_preview, ignore_case, is_zero, platform_default
from local.provider.values import ObjectValue

# Fields of a pipeline that are not part of its settings.
_PIPELINE_STATE = (
    "state",
    "cause",
    "health",
    "cluster_id",
    "creator_user_name",
    "run_as_user_name",
    "last_modified",
)
_DEFAULT_STORAGE = re.compile("dbfs:/pipelines/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _storage_of_workspace(path: Path, difference: Difference) -> bool:
    """Suppress the removal of the storage that the workspace chose."""
    return is_zero(difference.new) and bool(_DEFAULT_STORAGE.fullmatch(str(difference.old or "")))


@dataclass(frozen=True, kw_only=True)
class PipelineResource(RestResource):
    """A pipeline; a change replaces all settings."""

    collection: str = "/api/2.0/pipelines"
    id_field: str = "pipeline_id"

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        settings = {**(answer.get("spec") or {}), **{name: answer.get(name) for name in _PIPELINE_STATE}}
        url = f"{context.api.host}/#joblist/pipelines/{resource_id}"
        return self.written(context, settings, known, url=url)

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        pipelines = context.api.get(self.collection).get("statuses") or []
        return [str(entry[self.id_field]) for entry in pipelines if entry.get("name") == planned.get("name")]

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.put(self.path(resource_id), {**self.body(context, planned), "id": resource_id})
        if context.api.get(self.path(resource_id)).get("state") == "FAILED":
            # The provider waits for the pipeline, and takes the end of its last update for its own failure.
            raise ApiError(400, "FAILED", f"pipeline {resource_id} has failed", "")
        return resource_id

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        body = super().body(context, planned, only)
        for cluster in body.get("clusters", ()):
            # A pipeline scales automatically unless the request has workers; a single node has none.
            if cluster.get("spark_conf", {}).get("spark.databricks.cluster.profile") == "singleNode":
                cluster.setdefault("num_workers", 0)
        return body


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    PipelineResource(
        type="databricks_pipeline",
        aliases={**CLUSTER_ALIASES, "cluster": "clusters", "notification": "notifications"},
        behaviour=Behaviour(
            defaults={"edition": "ADVANCED", "channel": "CURRENT"},
            forces_new=frozenset(
                {
                    "storage",
                    "gateway_definition.connection_id",
                    "gateway_definition.gateway_storage_catalog",
                    "gateway_definition.gateway_storage_schema",
                    "ingestion_definition.connection_name",
                    "ingestion_definition.ingestion_gateway_id",
                }
            ),
            computed_blocks=frozenset({"latest_updates"}),
            constraints=Constraints(
                relations={
                    "": (
                        at_most_one("storage", "catalog"),
                        at_most_one("target", "schema"),
                        has("ingestion_definition", "objects"),
                    ),
                    "ingestion_definition": (excluded("connection_name", "ingestion_gateway_id"),),
                },
                values={
                    "channel": one_of("current", "preview", ignore_case=True),
                    "edition": one_of("pro", "core", "advanced", ignore_case=True),
                    "cluster.ssh_public_keys": items(0, 10),
                    "notification.alerts": items(1),
                    "notification.email_recipients": items(1),
                },
            ),
            suppressed={
                "catalog": ignore_case,
                "edition": ignore_case,
                "channel": platform_default("channel"),
                "storage": _storage_of_workspace,
                "cluster.spark_conf": delta_preview,
                "cluster.autoscale.mode": ignore_case,
            },
        ),
        not_sent=frozenset({*_PIPELINE_STATE, "url", "latest_updates", "expected_last_modified"}),
        not_read=frozenset({"url", "latest_updates"}),
    ),
)
