"""Resource types of compute: jobs, pipelines, clusters, policies, instance pools, SQL warehouses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.api_form import to_api
from local.provider.resource_type import CallContext, ResourceType, RestResource, RpcResource, after_creation
from local.provider.values import ObjectValue

_START_SECONDS = 120
_LIBRARIES = "/api/2.0/libraries"

_CLUSTER_ALIASES = {"cluster_mount_info": "cluster_mount_infos", "library": "libraries"}


@dataclass(frozen=True, kw_only=True)
class JobResource(RpcResource):
    """A job; a change replaces all settings."""

    prefix: str = "/api/2.2/jobs"
    id_field: str = "job_id"

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(f"{self.prefix}/get", **self.key(resource_id))
        return self.to_state(
            context, answer.get("settings") or {}, resource_id, url=f"{context.api.host}/#job/{resource_id}"
        )

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.post(
            f"{self.prefix}/reset", {**self.key(resource_id), "new_settings": self.body(context, planned)}
        )
        return resource_id

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        name = planned.get("name")
        jobs = context.api.get(f"{self.prefix}/list", name=name).get("jobs") or [] if name else []
        return [str(entry["job_id"]) for entry in jobs if entry.get("settings", {}).get("name") == name]

    @override
    def key(self, resource_id: str) -> Json:
        return {"job_id": int(resource_id) if resource_id.isdecimal() else resource_id}


@dataclass(frozen=True, kw_only=True)
class PipelineResource(RestResource):
    """A pipeline; a change replaces all settings."""

    collection: str = "/api/2.0/pipelines"
    id_field: str = "pipeline_id"

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        settings = {**(answer.get("spec") or {}), **{name: answer.get(name) for name in _PIPELINE_STATE}}
        return self.to_state(
            context, settings, resource_id, url=f"{context.api.host}/#joblist/pipelines/{resource_id}"
        )

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        pipelines = context.api.get(self.collection).get("statuses") or []
        return [str(entry[self.id_field]) for entry in pipelines if entry.get("name") == planned.get("name")]

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.put(self.path(resource_id), {**self.body(context, planned), "id": resource_id})
        return resource_id


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


@dataclass(frozen=True, kw_only=True)
class ClusterResource(RpcResource):
    """A cluster; creation and change wait until it runs, unless `no_wait` is set."""

    prefix: str = "/api/2.1/clusters"
    id_field: str = "cluster_id"
    delete_verb: str = "permanent-delete"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = super().create(context, planned)
        with after_creation(resource_id):
            self._finish(context, resource_id, planned, {})
        return resource_id

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        super().update(context, resource_id, planned, prior)
        self._finish(context, resource_id, planned, prior)
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(f"{self.prefix}/get", **self.key(resource_id))
        installed = (
            context.api.get(f"{_LIBRARIES}/cluster-status", **self.key(resource_id)).get("library_statuses")
            or []
        )
        settings = {**answer, "libraries": [entry["library"] for entry in installed]}
        more = {
            "cluster_id": resource_id,
            "url": f"{context.api.host}/#setting/clusters/{resource_id}/configuration",
        }
        return self.to_state(
            context, settings, resource_id, is_pinned=bool(answer.get("pinned_by_user_name")), **more
        )

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        name = planned.get("cluster_name")
        clusters = context.api.get(f"{self.prefix}/list").get("clusters") or [] if name else []
        return [str(entry["cluster_id"]) for entry in clusters if entry.get("cluster_name") == name]

    @override
    def body(self, context: CallContext, planned: ObjectValue) -> Json:
        body = super().body(context, planned)
        body.pop("libraries", None)
        return body

    def _finish(
        self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue
    ) -> None:
        """Install libraries, pin or unpin, and wait until the cluster runs."""
        self._install(context, resource_id, planned, prior)
        pinned = bool(prior.get("is_pinned"))
        if bool(planned.get("is_pinned")) != pinned:
            context.api.post(f"{self.prefix}/{'unpin' if pinned else 'pin'}", self.key(resource_id))
        until = time.monotonic() + (0 if planned.get("no_wait") else _START_SECONDS)
        while time.monotonic() < until:
            state = context.api.get(f"{self.prefix}/get", **self.key(resource_id)).get("state")
            if state in ("ERROR", "TERMINATING"):
                raise ApiError(400, "CLUSTER_FAILED", f"cluster {resource_id} is {state}", "")
            if state not in ("PENDING", "RESTARTING", "RESIZING"):
                return
            time.sleep(0.2)

    def _install(
        self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue
    ) -> None:
        new, old = (self._libraries(context, state) for state in (planned, prior))
        for verb, libraries in (
            ("uninstall", [entry for entry in old if entry not in new]),
            ("install", [entry for entry in new if entry not in old]),
        ):
            if libraries:
                context.api.post(f"{_LIBRARIES}/{verb}", {**self.key(resource_id), "libraries": libraries})

    def _libraries(self, context: CallContext, state: ObjectValue) -> list[Json]:
        request = to_api({"library": state.get("library")}, context.block, self.aliases)
        libraries: list[Json] = request.get("libraries", [])
        return libraries


@dataclass(frozen=True, kw_only=True)
class SqlWarehouseResource(RestResource):
    """A SQL warehouse; a change replaces all settings."""

    collection: str = "/api/2.0/sql/warehouses"

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.post(f"{self.path(resource_id)}/edit", self.body(context, planned))
        return resource_id


@dataclass(frozen=True, kw_only=True)
class ClusterPolicyResource(RpcResource):
    """A cluster policy, whose definition is JSON; the spelling of the configuration is kept."""

    prefix: str = "/api/2.0/policies/clusters"
    id_field: str = "policy_id"

    @override
    def to_state(
        self, context: CallContext, answer: Mapping[str, Any], resource_id: str, **more: Any
    ) -> ObjectValue:
        return super().to_state(context, answer, resource_id, policy_id=resource_id)


@dataclass(frozen=True, kw_only=True)
class InstancePoolResource(RpcResource):
    """An instance pool; name, sizes and idle time can change, the machine type cannot."""

    prefix: str = "/api/2.0/instance-pools"
    id_field: str = "instance_pool_id"

    @override
    def to_state(
        self, context: CallContext, answer: Mapping[str, Any], resource_id: str, **more: Any
    ) -> ObjectValue:
        return super().to_state(context, answer, resource_id, instance_pool_id=resource_id)


JOB_ALIASES = {
    **_CLUSTER_ALIASES,
    "task": "tasks",
    "job_cluster": "job_clusters",
    "parameter": "parameters",
    "environment": "environments",
    "git_source.url": "git_url",
    "git_source.provider": "git_provider",
    "git_source.branch": "git_branch",
    "git_source.tag": "git_tag",
    "git_source.commit": "git_commit",
}

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    JobResource(
        type="databricks_job",
        authoritative=True,
        aliases=JOB_ALIASES,
        not_sent=frozenset({"always_running", "control_run_state", "timeouts", "provider_config"}),
    ),
    PipelineResource(
        type="databricks_pipeline",
        authoritative=True,
        aliases={**_CLUSTER_ALIASES, "cluster": "clusters", "notification": "notifications"},
        forces_new=frozenset({"storage"}),
        not_sent=frozenset({*_PIPELINE_STATE, "url", "latest_updates", "expected_last_modified"}),
    ),
    ClusterResource(
        type="databricks_cluster",
        aliases=_CLUSTER_ALIASES,
        defaults={"autotermination_minutes": 60},
        not_sent=frozenset({"is_pinned", "no_wait"}),
    ),
    ClusterPolicyResource(type="databricks_cluster_policy", authoritative=True),
    InstancePoolResource(
        type="databricks_instance_pool",
        aliases={"preloaded_docker_image": "preloaded_docker_images"},
        defaults={"enable_elastic_disk": True},
        forces_new=frozenset(
            {
                "aws_attributes",
                "azure_attributes",
                "custom_tags",
                "disk_spec",
                "enable_elastic_disk",
                "gcp_attributes",
                "instance_pool_fleet_attributes",
                "node_type_id",
                "preloaded_docker_image",
                "preloaded_spark_versions",
            }
        ),
    ),
    SqlWarehouseResource(
        type="databricks_sql_endpoint",
        defaults={
            "auto_stop_mins": 120,
            "enable_photon": True,
            "max_num_clusters": 1,
            "min_num_clusters": 1,
            "spot_instance_policy": "COST_OPTIMIZED",
        },
        keep_when_unset=frozenset({"warehouse_type"}),
        not_sent=frozenset({"no_wait", "data_source_id"}),
    ),
)
