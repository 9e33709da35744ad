"""What runs: jobs, pipelines, clusters, their policies, SQL warehouses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.api_form import to_api
from local.provider.resource import Resource, Rest, Rpc, Target, made
from local.provider.values import Object

_START_SECONDS = 120
_LIBRARIES = "/api/2.0/libraries"

_CLUSTER_ALIASES = {"cluster_mount_info": "cluster_mount_infos", "library": "libraries"}


@dataclass(frozen=True, kw_only=True)
class Job(Rpc):
    """A job; a change replaces all of its settings."""

    prefix: str = "/api/2.2/jobs"
    id_field: str = "job_id"

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(f"{self.prefix}/get", **self.key(identity))
        return self.found(on, answer.get("settings") or {}, identity, url=f"{on.api.host}/#job/{identity}")

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.post(f"{self.prefix}/reset", {**self.key(identity), "new_settings": self.body(on, wanted)})
        return identity

    @override
    def twins(self, on: Target, wanted: Object) -> list[str]:
        name = wanted.get("name")
        jobs = on.api.get(f"{self.prefix}/list", name=name).get("jobs") or [] if name else []
        return [str(one["job_id"]) for one in jobs if one.get("settings", {}).get("name") == name]

    @override
    def key(self, identity: str) -> Json:
        return {"job_id": int(identity) if identity.isdecimal() else identity}


@dataclass(frozen=True, kw_only=True)
class Pipeline(Rest):
    """A pipeline; a change replaces all of its settings."""

    collection: str = "/api/2.0/pipelines"
    id_field: str = "pipeline_id"

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(self.path(identity))
        settings = {**(answer.get("spec") or {}), **{name: answer.get(name) for name in _PIPELINE_STATE}}
        return self.found(on, settings, identity, url=f"{on.api.host}/#joblist/pipelines/{identity}")

    @override
    def twins(self, on: Target, wanted: Object) -> list[str]:
        pipelines = on.api.get(self.collection).get("statuses") or []
        return [str(one[self.id_field]) for one in pipelines if one.get("name") == wanted.get("name")]

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.put(self.path(identity), {**self.body(on, wanted), "id": identity})
        return identity


# What the workspace says beside the settings of a pipeline.
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
class Cluster(Rpc):
    """A cluster; made and changed ones are waited for, unless `no_wait`."""

    prefix: str = "/api/2.1/clusters"
    id_field: str = "cluster_id"
    remove: str = "permanent-delete"

    @override
    def create(self, on: Target, wanted: Object) -> str:
        identity = super().create(on, wanted)
        with made(identity):
            self._settle(on, identity, wanted, {})
        return identity

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        super().update(on, identity, wanted, prior)
        self._settle(on, identity, wanted, prior)
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(f"{self.prefix}/get", **self.key(identity))
        installed = (
            on.api.get(f"{_LIBRARIES}/cluster-status", **self.key(identity)).get("library_statuses") or []
        )
        settings = {**answer, "libraries": [one["library"] for one in installed]}
        more = {"cluster_id": identity, "url": f"{on.api.host}/#setting/clusters/{identity}/configuration"}
        return self.found(on, settings, identity, is_pinned=bool(answer.get("pinned_by_user_name")), **more)

    @override
    def twins(self, on: Target, wanted: Object) -> list[str]:
        name = wanted.get("cluster_name")
        clusters = on.api.get(f"{self.prefix}/list").get("clusters") or [] if name else []
        return [str(one["cluster_id"]) for one in clusters if one.get("cluster_name") == name]

    @override
    def body(self, on: Target, wanted: Object) -> Json:
        sent = super().body(on, wanted)
        sent.pop("libraries", None)
        return sent

    def _settle(self, on: Target, identity: str, wanted: Object, prior: Object) -> None:
        """Do what takes requests of their own, and wait until it runs."""
        self._install(on, identity, wanted, prior)
        pinned = bool(prior.get("is_pinned"))
        if bool(wanted.get("is_pinned")) != pinned:
            on.api.post(f"{self.prefix}/{'unpin' if pinned else 'pin'}", self.key(identity))
        until = time.monotonic() + (0 if wanted.get("no_wait") else _START_SECONDS)
        while time.monotonic() < until:
            state = on.api.get(f"{self.prefix}/get", **self.key(identity)).get("state")
            if state in ("ERROR", "TERMINATING"):
                raise ApiError(400, "CLUSTER_FAILED", f"cluster {identity} is {state}", "")
            if state not in ("PENDING", "RESTARTING", "RESIZING"):
                return
            time.sleep(0.2)

    def _install(self, on: Target, identity: str, wanted: Object, prior: Object) -> None:
        new, old = (self._libraries(on, state) for state in (wanted, prior))
        for verb, libraries in (
            ("uninstall", [one for one in old if one not in new]),
            ("install", [one for one in new if one not in old]),
        ):
            if libraries:
                on.api.post(f"{_LIBRARIES}/{verb}", {**self.key(identity), "libraries": libraries})

    def _libraries(self, on: Target, state: Object) -> list[Json]:
        only = to_api({"library": state.get("library")}, on.block, self.aliases)
        libraries: list[Json] = only.get("libraries", [])
        return libraries


@dataclass(frozen=True, kw_only=True)
class SqlWarehouse(Rest):
    """A SQL warehouse; a change replaces all of its settings."""

    collection: str = "/api/2.0/sql/warehouses"

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.post(f"{self.path(identity)}/edit", self.body(on, wanted))
        return identity


@dataclass(frozen=True, kw_only=True)
class ClusterPolicy(Rpc):
    """A cluster policy; its definition is JSON, spelled as the configuration spells it."""

    prefix: str = "/api/2.0/policies/clusters"
    id_field: str = "policy_id"

    @override
    def found(self, on: Target, answer: Mapping[str, Any], identity: str, **more: Any) -> Object:
        return super().found(on, answer, identity, policy_id=identity)


@dataclass(frozen=True, kw_only=True)
class InstancePool(Rpc):
    """An instance pool; its name, sizes and idle time can change, its machines cannot."""

    prefix: str = "/api/2.0/instance-pools"
    id_field: str = "instance_pool_id"

    @override
    def found(self, on: Target, answer: Mapping[str, Any], identity: str, **more: Any) -> Object:
        return super().found(on, answer, identity, instance_pool_id=identity)


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

RESOURCES: tuple[Resource, ...] = (
    Job(
        type="databricks_job",
        complete=True,
        aliases=JOB_ALIASES,
        unsent=frozenset({"always_running", "control_run_state", "timeouts", "provider_config"}),
    ),
    Pipeline(
        type="databricks_pipeline",
        complete=True,
        aliases={**_CLUSTER_ALIASES, "cluster": "clusters", "notification": "notifications"},
        forces_new=frozenset({"storage"}),
        unsent=frozenset({*_PIPELINE_STATE, "url", "latest_updates", "expected_last_modified"}),
    ),
    Cluster(
        type="databricks_cluster",
        aliases=_CLUSTER_ALIASES,
        defaults={"autotermination_minutes": 60},
        unsent=frozenset({"is_pinned", "no_wait"}),
    ),
    ClusterPolicy(type="databricks_cluster_policy", complete=True),
    InstancePool(
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
    SqlWarehouse(
        type="databricks_sql_endpoint",
        defaults={
            "auto_stop_mins": 120,
            "enable_photon": True,
            "max_num_clusters": 1,
            "min_num_clusters": 1,
            "spot_instance_policy": "COST_OPTIMIZED",
        },
        kept=frozenset({"warehouse_type"}),
        unsent=frozenset({"no_wait", "data_source_id"}),
    ),
)
