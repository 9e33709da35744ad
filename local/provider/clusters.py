"""The resource type of clusters, and the settings of a cluster in a job."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.api_form import in_order_of_hashes, to_api
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, at_most_one, between, excluded, items, one_of
from local.provider.resource_type import (
    CallContext,
    Known,
    ResourceType,
    RpcResource,
    after_creation,
    changed,
)
from local.provider.suppression import (
    Rule,
    delta_preview,
    platform_default,
    security_mode,
    unset_flag,
)
from local.provider.values import ObjectValue, Value

_START_SECONDS = 120
_LIBRARIES = "/api/2.0/libraries"

CLUSTER_ALIASES = {"cluster_mount_info": "cluster_mount_infos", "library": "libraries"}

# Not part of a request, although the schema has them.
UNSENT = frozenset({"cluster_mount_info", "idempotency_token"})

# Attributes of each cloud that the workspace fills in.
CLOUD_ATTRIBUTES = {
    "aws_attributes": (
        "availability",
        "ebs_volume_count",
        "ebs_volume_iops",
        "ebs_volume_size",
        "ebs_volume_throughput",
        "ebs_volume_type",
        "first_on_demand",
        "instance_profile_arn",
        "spot_bid_price_percent",
        "zone_id",
    ),
    "azure_attributes": ("availability", "first_on_demand", "log_analytics_info", "spot_bid_max_price"),
    "gcp_attributes": (
        "availability",
        "boot_disk_size",
        "first_on_demand",
        "google_service_account",
        "local_ssd_count",
        "use_preemptible_executors",
        "zone_id",
    ),
}
# The attributes of a cloud that a cluster in an instance pool keeps.
_KEPT_WITH_POOL = {"aws_attributes": "instance_profile_arn", "gcp_attributes": "google_service_account"}


def _cloud_rules(prefix: str) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for cloud, names in CLOUD_ATTRIBUTES.items():
        rules[f"{prefix}{cloud}"] = platform_default(cloud)
        rules |= {f"{prefix}{cloud}.{name}": platform_default(name) for name in names}
    return rules


def library_key(library: Value) -> str:
    """Return the text by which the libraries of a cluster are compared."""
    for kind in ("whl", "jar", "egg", "requirements"):
        if library.get(kind):
            return f"{kind}:{library[kind]}"
    for kind, names in (("pypi", ("package", "repo")), ("maven", ("coordinates", "repo", "exclusions"))):
        for element in library.get(kind) or []:
            return f"{kind}:{''.join(str(element.get(name) or '') for name in names)}"
    for element in library.get("cran") or []:
        return f"cran:{element.get('package') or ''}{element.get('repo') or ''}"
    return ""


def installed_key(library: Json) -> str:
    """Return the text by which a declared and an installed library are the same.

    All files of requirements are the same library here, so that the path of one cannot change.
    """
    for kind in ("whl", "jar", "egg"):
        if library.get(kind):
            return f"{kind}:{library[kind]}"
    for kind, name in (("pypi", "package"), ("maven", "coordinates"), ("cran", "package")):
        source = library.get(kind) or {}
        if source.get(name):
            parts = (source.get("repo") or "", source[name], *(source.get("exclusions") or ()))
            return f"{kind}:{''.join(parts)}"
    return "unknown"


def cluster_constraints(prefix: str, *, alone: bool) -> Constraints:
    """Return what the provider refuses of a cluster.

    Args:
        prefix: the path of the block with a dot at its end; empty for a cluster resource.
        alone: the block occurs once. The provider does not check several fields of a block that may occur
            more often.
    """
    pools = (
        excluded("instance_pool_id", "node_type_id", "driver_node_type_id"),
        excluded("driver_instance_pool_id", "node_type_id", "driver_node_type_id"),
    )
    return Constraints(
        {prefix.rstrip("."): (*pools, at_most_one(*CLOUD_ATTRIBUTES))} if alone else {},
        {
            f"{prefix}num_workers": between(0),
            f"{prefix}runtime_engine": one_of("PHOTON", "STANDARD"),
            f"{prefix}ssh_public_keys": items(0, 10),
        },
    )


def cluster_behaviour(prefix: str = "", *, in_job: bool = False) -> Behaviour:
    """Return the behaviour of a cluster, or of the new cluster of a job or task.

    Args:
        prefix: the path of the block with a dot at its end; empty for a cluster resource.
        in_job: the cluster belongs to a job.
    """
    defaults: dict[str, Value] = {
        "num_workers": 0,
        "workload_type.clients.jobs": True,
        "workload_type.clients.notebooks": True,
    }
    if not in_job:
        defaults |= {"autotermination_minutes": 60, "is_pinned": False, "no_wait": False}
    rules = {
        **_cloud_rules(prefix),
        f"{prefix}data_security_mode": security_mode,
        f"{prefix}spark_conf": delta_preview,
    }
    if not in_job:
        rules |= {"is_pinned": unset_flag, "no_wait": unset_flag}
    return Behaviour(
        defaults={f"{prefix}{name}": value for name, value in defaults.items()},
        forces_new=frozenset({f"{prefix}idempotency_token"}),
        suppressed=rules,
        set_keys={f"{prefix}library": library_key},
        constraints=cluster_constraints(prefix, alone=prefix in ("", "new_cluster.")),
    )


def cluster_spec(body: Json) -> Json:
    """Return the request body of a cluster: with its workers, without what an instance pool sets."""
    spec = dict(body)
    if "autoscale" not in spec:
        spec.setdefault("num_workers", 0)
    if not spec.get("instance_pool_id"):
        spec.pop("driver_instance_pool_id", None)
        return spec
    for name in ("enable_elastic_disk", "node_type_id", "driver_node_type_id"):
        spec.pop(name, None)
    for cloud in CLOUD_ATTRIBUTES:
        if cloud in spec:
            kept = _KEPT_WITH_POOL.get(cloud)
            spec[cloud] = {kept: spec[cloud][kept]} if kept in spec[cloud] else {}
    return spec


@dataclass(frozen=True, kw_only=True)
class ClusterResource(RpcResource):
    """A cluster; `create` and `update` wait until the cluster runs, unless `no_wait` is set."""

    prefix: str = "/api/2.1/clusters"
    id_field: str = "cluster_id"
    delete_verb: str = "permanent-delete"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = super().create(context, planned)
        with after_creation(resource_id):
            if planned.get("is_pinned"):
                context.api.post(f"{self.prefix}/pin", self.key(resource_id))
            libraries = self._libraries(context, planned)
            if libraries:
                self._library_call(context, resource_id, "install", libraries)
            if not planned.get("no_wait"):
                self._wait_until_running(context, resource_id)
        return resource_id

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        names = [name for name in (*context.block.attributes, *context.block.blocks) if name != "timeouts"]
        settings = {name for name in names if changed(planned, prior, name)} - {
            "library",
            "is_pinned",
            "no_wait",
        }
        if settings:
            self._change(context, resource_id, _with_driver_pool(planned, prior), settings)
        if changed(planned, prior, "is_pinned"):
            verb = "pin" if planned.get("is_pinned") else "unpin"
            context.api.post(f"{self.prefix}/{verb}", self.key(resource_id))
        if planned.get("library") or prior.get("library"):
            self._change_libraries(context, resource_id, self._libraries(context, planned))
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        try:
            super().delete(context, resource_id, state)
        except ApiError as error:
            if "unpin the cluster first" not in error.message:
                raise
            context.api.post(f"{self.prefix}/unpin", self.key(resource_id))
            super().delete(context, resource_id, state)

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(f"{self.prefix}/get", **self.key(resource_id))
        query = {"filter_by.is_pinned": "true", "page_size": 100}
        pinned = context.api.get(f"{self.prefix}/list", **query).get("clusters") or []
        written = self.written(
            context,
            answer,
            known,
            cluster_id=resource_id,
            url=f"{context.api.host}/#setting/clusters/{resource_id}/configuration",
            is_pinned=any(entry.get("cluster_id") == resource_id for entry in pinned),
        )
        if known.values.get("library"):
            # Libraries that somebody else installed are not taken over by a cluster without libraries.
            status = context.api.get(f"{_LIBRARIES}/cluster-status", **self.key(resource_id))
            libraries = [entry["library"] for entry in status.get("library_statuses") or []]
            written |= self.written(context, {"libraries": libraries}, Known(known.values)) | written
        return written

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        name = planned.get("cluster_name")
        clusters = context.api.get(f"{self.prefix}/list").get("clusters") or [] if name else []
        return [str(entry["cluster_id"]) for entry in clusters if entry.get("cluster_name") == name]

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        body = super().body(context, planned, only)
        body.pop("libraries", None)
        for workload in planned.get("workload_type") or ():
            clients = workload["clients"][0]
            body["workload_type"] = {
                "clients": {name: bool(clients.get(name)) for name in ("jobs", "notebooks")}
            }
        return cluster_spec(body)

    def _change(
        self, context: CallContext, resource_id: str, planned: ObjectValue, settings: set[str]
    ) -> None:
        """Resize a running cluster of which nothing else changes, else replace its settings."""
        state = context.api.get(f"{self.prefix}/get", **self.key(resource_id)).get("state")
        body = {**self.body(context, planned), **self.key(resource_id)}
        if state != "RUNNING" or not settings <= {"num_workers", "autoscale"}:
            context.api.post(f"{self.prefix}/edit", body)
            return
        autoscale = {"autoscale": body["autoscale"]} if "autoscale" in body else {}
        by_number = "num_workers" in settings and not ("autoscale" in settings and autoscale)
        size = {"num_workers": planned.get("num_workers") or 0} if by_number else autoscale
        context.api.post(f"{self.prefix}/resize", {**self.key(resource_id), **size})

    def _change_libraries(self, context: CallContext, resource_id: str, declared: list[Json]) -> None:
        """Uninstall libraries that are not declared, and install declared libraries that are missing."""
        status = context.api.get(f"{_LIBRARIES}/cluster-status", **self.key(resource_id))
        libraries = [entry["library"] for entry in status.get("library_statuses") or []]
        installed = {installed_key(library): library for library in libraries}
        wanted = {installed_key(library): library for library in declared}
        changes = {"uninstall": installed.keys() - wanted.keys(), "install": wanted.keys() - installed.keys()}
        if not any(changes.values()):
            return
        state = context.api.get(f"{self.prefix}/get", **self.key(resource_id)).get("state")
        if state not in ("RUNNING", "RESIZING"):
            context.api.post(f"{self.prefix}/start", self.key(resource_id))
            self._wait_until_running(context, resource_id)
        for verb, keys in changes.items():
            if keys:
                ordered = [{**installed, **wanted}[key] for key in sorted(keys)]
                self._library_call(context, resource_id, verb, ordered)
        if state == "TERMINATED":
            context.api.post(f"{self.prefix}/delete", self.key(resource_id))

    def _wait_until_running(self, context: CallContext, resource_id: str) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            state = context.api.get(f"{self.prefix}/get", **self.key(resource_id)).get("state")
            if state in ("ERROR", "TERMINATING"):
                raise ApiError(400, "CLUSTER_FAILED", f"cluster {resource_id} is {state}", "")
            if state not in ("PENDING", "RESTARTING", "RESIZING"):
                return
            time.sleep(0.2)

    def _library_call(self, context: CallContext, resource_id: str, verb: str, libraries: list[Json]) -> None:
        context.api.post(f"{_LIBRARIES}/{verb}", {**self.key(resource_id), "libraries": libraries})

    def _libraries(self, context: CallContext, state: ObjectValue) -> list[Json]:
        elements = {library_key(element): element for element in state.get("library") or []}
        ordered = [elements[key] for key in in_order_of_hashes(elements, text=str)]
        libraries: list[Json] = to_api({"library": ordered}, context.block, self.aliases).get("libraries", [])
        return libraries


def _with_driver_pool(planned: ObjectValue, prior: ObjectValue) -> ObjectValue:
    """Return the plan with the driver in the new instance pool, if it was in the old one."""
    pool, driver = "instance_pool_id", "driver_instance_pool_id"
    if changed(planned, prior, pool) and prior.get(driver) == prior.get(pool) == planned.get(driver):
        return {**planned, driver: planned.get(pool)}
    return planned


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ClusterResource(
        type="databricks_cluster",
        behaviour=cluster_behaviour(),
        aliases=CLUSTER_ALIASES,
        not_sent=UNSENT | {"is_pinned", "no_wait", "provider_config"},
        not_read=frozenset({"is_pinned", "no_wait", "url", "provider_config", "apply_policy_default_values"}),
    ),
)
