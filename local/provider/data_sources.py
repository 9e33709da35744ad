"""The data sources: objects that Terraform reads from the workspace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.provider.api import Api, ApiError, Json, path_segment
from local.provider.api_form import from_api
from local.provider.identities import ALIASES, SCIM, find_by_name
from local.provider.jobs import JOB_ALIASES
from local.provider.resource_type import CallContext, exactly_one
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue

DataSourceReader = Callable[[CallContext, ObjectValue], ObjectValue]


def _current_user(context: CallContext, config: ObjectValue) -> ObjectValue:
    answer = context.api.get(f"{SCIM}/Me")
    return {
        **_user_attributes(answer),
        "external_id": answer.get("externalId"),
        "workspace_url": context.api.host,
    }


def _user(context: CallContext, config: ObjectValue) -> ObjectValue:
    if config.get("user_id"):
        answer = context.api.get(f"{SCIM}/Users/{path_segment(config['user_id'])}")
    else:
        answer = _read_by_name(context.api, f"{SCIM}/Users", "userName", config["user_name"])
    return {**from_api(answer, context.block, ALIASES), **_user_attributes(answer)}


def _user_attributes(answer: Json) -> ObjectValue:
    name = str(answer["userName"])
    return {
        "id": str(answer["id"]),
        "user_name": name,
        "home": f"/Users/{name}",
        "repos": f"/Repos/{name}",
        "acl_principal_id": f"users/{name}",
        "alphanumeric": re.sub(r"[^a-z0-9]", "_", name.partition("@")[0].lower()),
    }


def _service_principal(context: CallContext, config: ObjectValue) -> ObjectValue:
    collection = f"{SCIM}/ServicePrincipals"
    field, value = exactly_one(config, ("application_id", "display_name", "scim_id"))
    if field == "scim_id":
        answer = context.api.get(f"{collection}/{path_segment(value)}")
    else:
        principals = context.api.get(collection).get("Resources") or []
        answer = _unique(principals, "service principal", ALIASES[f".{field}"], value)
    name = str(answer.get("applicationId") or answer["id"])
    return {
        **from_api(answer, context.block, ALIASES),
        "id": str(answer["id"]),
        "sp_id": str(answer["id"]),
        "scim_id": str(answer["id"]),
        "home": f"/Users/{name}",
        "repos": f"/Repos/{name}",
        "acl_principal_id": f"servicePrincipals/{name}",
    }


_MEMBERS = {"users": "Users", "service_principals": "ServicePrincipals", "child_groups": "Groups"}


def _group(context: CallContext, config: ObjectValue) -> ObjectValue:
    name = config["display_name"]
    answer = _read_by_name(context.api, f"{SCIM}/Groups", "displayName", name)
    members = [str(entry.get("value")) for entry in answer.get("members") or []]
    kinds = {}
    for attribute, collection in _MEMBERS.items():
        ids = {str(entry["id"]) for entry in context.api.get(f"{SCIM}/{collection}").get("Resources") or []}
        kinds[attribute] = [member for member in members if member in ids]
    more = {"id": str(answer["id"]), "members": members, "acl_principal_id": f"groups/{name}"}
    return {
        **from_api(answer, context.block, ALIASES),
        **more,
        **kinds,
        "groups": [],
        "instance_profiles": [],
    }


def _read_by_name(api: Api, path: str, field: str, name: str) -> Json:
    entry = find_by_name(api, path, field, name)
    if entry is None:
        raise ApiError(
            404, "NOT_FOUND", f"cannot find {path.rpartition('/')[2].lower().removesuffix('s')} {name}", ""
        )
    # A list may omit the members.
    return api.get(f"{path}/{path_segment(str(entry['id']))}")


def _cluster(context: CallContext, config: ObjectValue) -> ObjectValue:
    resource_id = config.get("cluster_id")
    if not resource_id:
        clusters = context.api.get("/api/2.1/clusters/list").get("clusters") or []
        resource_id = _unique(clusters, "cluster", "cluster_name", config.get("cluster_name"))["cluster_id"]
    answer = context.api.get("/api/2.1/clusters/get", cluster_id=resource_id)
    info = from_api({"cluster_info": answer}, context.block, {})
    return {"id": resource_id, "cluster_id": resource_id, "cluster_name": answer.get("cluster_name"), **info}


def _cluster_policy(context: CallContext, config: ObjectValue) -> ObjectValue:
    resource_id = config.get("id")
    if not resource_id:
        policies = context.api.get("/api/2.0/policies/clusters/list").get("policies") or []
        resource_id = _unique(policies, "cluster policy", "name", config.get("name"))["policy_id"]
    answer = context.api.get("/api/2.0/policies/clusters/get", policy_id=resource_id)
    return {**from_api(answer, context.block, {}), "id": resource_id}


def _instance_pool(context: CallContext, config: ObjectValue) -> ObjectValue:
    pools = context.api.get("/api/2.0/instance-pools/list").get("instance_pools") or []
    resource_id = _unique(pools, "instance pool", "instance_pool_name", config["name"])["instance_pool_id"]
    answer = context.api.get("/api/2.0/instance-pools/get", instance_pool_id=resource_id)
    return {"id": resource_id, **from_api({"pool_info": answer}, context.block, {})}


def _sql_warehouse(context: CallContext, config: ObjectValue) -> ObjectValue:
    resource_id = config.get("id")
    if not resource_id:
        warehouses = context.api.get("/api/2.0/sql/warehouses").get("warehouses") or []
        resource_id = _unique(warehouses, "SQL warehouse", "name", config.get("name"))["id"]
    answer = context.api.get(f"/api/2.0/sql/warehouses/{path_segment(resource_id)}")
    return {**from_api(answer, context.block, {}), "id": resource_id}


def _job(context: CallContext, config: ObjectValue) -> ObjectValue:
    resource_id = config.get("job_id") or config.get("id")
    if not resource_id:
        name = config.get("job_name") or config.get("name")
        jobs = context.api.get("/api/2.2/jobs/list", name=name).get("jobs") or []
        matches = [{**entry, "name": (entry.get("settings") or {}).get("name")} for entry in jobs]
        resource_id = str(_unique(matches, "job", "name", name)["job_id"])
    answer = context.api.get("/api/2.2/jobs/get", job_id=resource_id)
    name = (answer.get("settings") or {}).get("name")
    info = from_api({"job_settings": answer}, context.block, JOB_ALIASES)
    return {"id": resource_id, "job_id": resource_id, "job_name": name, "name": name, **info}


def _unique(candidates: list[Json], noun: str, field: str, name: Any) -> Json:
    """Return the only object of that name; names of these objects need not be unique."""
    matches = [entry for entry in candidates if entry.get(field) == name]
    if len(matches) != 1:
        problem = "cannot find" if not matches else f"{len(matches)} objects have this name:"
        raise ApiError(404, "NOT_FOUND", f"{problem} {noun} {name}", "")
    return matches[0]


def _catalog(context: CallContext, config: ObjectValue) -> ObjectValue:
    answer = context.api.get(f"{UNITY}/catalogs/{path_segment(config['name'])}")
    return {"id": config["name"], **from_api({"catalog_info": answer}, context.block, {})}


def _schema(context: CallContext, config: ObjectValue) -> ObjectValue:
    answer = context.api.get(f"{UNITY}/schemas/{path_segment(config['name'])}")
    return {"id": config["name"], **from_api({"schema_info": answer}, context.block, {})}


def _node_type(context: CallContext, config: ObjectValue) -> ObjectValue:
    types = context.api.get("/api/2.1/clusters/list-node-types").get("node_types") or []
    matches = [entry for entry in types if _node_type_matches(entry, config)]
    if not matches:
        criteria = ", ".join(f"{name} = {value}" for name, value in sorted(config.items()) if value)
        raise ApiError(404, "NOT_FOUND", f"the local workspace has no node type with {criteria}", "")
    smallest = min(matches, key=lambda entry: (entry["num_cores"], entry["memory_mb"], entry["node_type_id"]))
    return {"id": smallest["node_type_id"]}


def _node_type_matches(node: Mapping[str, Any], config: ObjectValue) -> bool:
    cores, memory = node["num_cores"], node["memory_mb"] / 1024
    disk = (node.get("node_instance_type") or {}).get("local_disk_size_gb") or 0
    at_least = (
        (cores, "min_cores"),
        (memory, "min_memory_gb"),
        (node.get("num_gpus", 0), "min_gpus"),
        (memory / cores, "gb_per_core"),
        (disk, "local_disk_min_size"),
        (disk, "local_disk"),
        (node.get("is_graviton", False), "graviton"),
        (node.get("is_graviton", False), "arm"),
        (node.get("is_io_cache_enabled", False), "is_io_cache_enabled"),
        (node.get("photon_driver_capable", False), "photon_driver_capable"),
        (node.get("photon_worker_capable", False), "photon_worker_capable"),
        (node.get("support_port_forwarding", False), "support_port_forwarding"),
        (False, "fleet"),
    )
    category = str(config.get("category") or node["category"]).lower()
    return node["category"].lower() == category and all(
        has >= (config.get(name) or 0) for has, name in at_least
    )


def _spark_version(context: CallContext, config: ObjectValue) -> ObjectValue:
    versions = context.api.get("/api/2.1/clusters/spark-versions").get("versions") or []
    keys = [entry["key"] for entry in versions if _spark_version_matches(entry, config)]
    if not keys:
        raise ApiError(404, "NOT_FOUND", "the local workspace has no matching Spark version", "")
    if len(keys) > 1 and config.get("latest") is False:
        raise ApiError(400, "INVALID", f"more than one Spark version matches: {', '.join(sorted(keys))}", "")
    return {"id": max(keys, key=lambda key: [int(number) for number in re.findall(r"\d+", key)[:2]])}


def _spark_version_matches(version: Mapping[str, str], config: ObjectValue) -> bool:
    key, name = version["key"], version.get("name", "")
    spark = config.get("spark_version")
    return (
        ("-ml-" in key) == bool(config.get("ml"))
        and ("-gpu-" in key) == bool(config.get("gpu"))
        and (not config.get("long_term_support") or "LTS" in name)
        and ("-photon-" in key) == bool(config.get("photon"))
        and (not spark or f"Spark {spark}" in name)
        and (not config.get("scala") or f"-scala{config['scala']}" in key)
        and ("Beta" not in name or bool(config.get("beta")))
    )


DATA_SOURCES: Mapping[str, DataSourceReader] = {
    "databricks_current_user": _current_user,
    "databricks_user": _user,
    "databricks_group": _group,
    "databricks_service_principal": _service_principal,
    "databricks_cluster": _cluster,
    "databricks_cluster_policy": _cluster_policy,
    "databricks_instance_pool": _instance_pool,
    "databricks_sql_warehouse": _sql_warehouse,
    "databricks_job": _job,
    "databricks_catalog": _catalog,
    "databricks_schema": _schema,
    "databricks_node_type": _node_type,
    "databricks_spark_version": _spark_version,
}
