"""What Terraform may look up in the workspace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.provider.api import Api, ApiError, Json, part
from local.provider.api_form import from_api
from local.provider.compute import JOB_ALIASES
from local.provider.identities import ALIASES, SCIM, named
from local.provider.resource import Target
from local.provider.unity_catalog import UNITY
from local.provider.values import Object

Look = Callable[[Target, Object], Object]


def _current_user(on: Target, config: Object) -> Object:
    answer = on.api.get(f"{SCIM}/Me")
    return {**_person(answer), "external_id": answer.get("externalId"), "workspace_url": on.api.host}


def _user(on: Target, config: Object) -> Object:
    if config.get("user_id"):
        answer = on.api.get(f"{SCIM}/Users/{part(config['user_id'])}")
    else:
        answer = _by_name(on.api, f"{SCIM}/Users", "userName", config["user_name"])
    return {**from_api(answer, on.block, ALIASES), **_person(answer)}


def _person(answer: Json) -> Object:
    name = str(answer["userName"])
    return {
        "id": str(answer["id"]),
        "user_name": name,
        "home": f"/Users/{name}",
        "repos": f"/Repos/{name}",
        "acl_principal_id": f"users/{name}",
        "alphanumeric": re.sub(r"[^a-z0-9]", "_", name.partition("@")[0].lower()),
    }


def _service_principal(on: Target, config: Object) -> Object:
    collection = f"{SCIM}/ServicePrincipals"
    field, wanted = _asked_by(config, {"application_id", "display_name", "scim_id"})
    if field == "scim_id":
        answer = on.api.get(f"{collection}/{part(wanted)}")
    else:
        every = on.api.get(collection).get("Resources") or []
        answer = _only(every, "service principal", ALIASES[f".{field}"], wanted)
    name = str(answer.get("applicationId") or answer["id"])
    return {
        **from_api(answer, on.block, ALIASES),
        "id": str(answer["id"]),
        "sp_id": str(answer["id"]),
        "scim_id": str(answer["id"]),
        "home": f"/Users/{name}",
        "repos": f"/Repos/{name}",
        "acl_principal_id": f"servicePrincipals/{name}",
    }


def _asked_by(config: Object, fields: set[str]) -> tuple[str, str]:
    """The one of these fields that is set, and its value."""
    given = [(name, str(config[name])) for name in sorted(fields) if config.get(name)]
    if len(given) != 1:
        raise ApiError(400, "INVALID", f"set exactly one of {', '.join(sorted(fields))}", "")
    return given[0]


_MEMBERS = {"users": "Users", "service_principals": "ServicePrincipals", "child_groups": "Groups"}


def _group(on: Target, config: Object) -> Object:
    name = config["display_name"]
    answer = _by_name(on.api, f"{SCIM}/Groups", "displayName", name)
    members = [str(one.get("value")) for one in answer.get("members") or []]
    kinds = {}
    for attribute, collection in _MEMBERS.items():
        known = {str(one["id"]) for one in on.api.get(f"{SCIM}/{collection}").get("Resources") or []}
        kinds[attribute] = [member for member in members if member in known]
    more = {"id": str(answer["id"]), "members": members, "acl_principal_id": f"groups/{name}"}
    return {**from_api(answer, on.block, ALIASES), **more, **kinds, "groups": [], "instance_profiles": []}


def _by_name(api: Api, path: str, field: str, name: str) -> Json:
    one = named(api, path, field, name)
    if one is None:
        raise ApiError(
            404, "NOT_FOUND", f"cannot find {path.rpartition('/')[2].lower().removesuffix('s')} {name}", ""
        )
    # A listing may leave out the members.
    return api.get(f"{path}/{part(str(one['id']))}")


def _cluster(on: Target, config: Object) -> Object:
    identity = config.get("cluster_id")
    if not identity:
        clusters = on.api.get("/api/2.1/clusters/list").get("clusters") or []
        identity = _only(clusters, "cluster", "cluster_name", config.get("cluster_name"))["cluster_id"]
    answer = on.api.get("/api/2.1/clusters/get", cluster_id=identity)
    info = from_api({"cluster_info": answer}, on.block, {})
    return {"id": identity, "cluster_id": identity, "cluster_name": answer.get("cluster_name"), **info}


def _cluster_policy(on: Target, config: Object) -> Object:
    identity = config.get("id")
    if not identity:
        policies = on.api.get("/api/2.0/policies/clusters/list").get("policies") or []
        identity = _only(policies, "cluster policy", "name", config.get("name"))["policy_id"]
    answer = on.api.get("/api/2.0/policies/clusters/get", policy_id=identity)
    return {**from_api(answer, on.block, {}), "id": identity}


def _instance_pool(on: Target, config: Object) -> Object:
    pools = on.api.get("/api/2.0/instance-pools/list").get("instance_pools") or []
    identity = _only(pools, "instance pool", "instance_pool_name", config["name"])["instance_pool_id"]
    answer = on.api.get("/api/2.0/instance-pools/get", instance_pool_id=identity)
    return {"id": identity, **from_api({"pool_info": answer}, on.block, {})}


def _sql_warehouse(on: Target, config: Object) -> Object:
    identity = config.get("id")
    if not identity:
        warehouses = on.api.get("/api/2.0/sql/warehouses").get("warehouses") or []
        identity = _only(warehouses, "SQL warehouse", "name", config.get("name"))["id"]
    answer = on.api.get(f"/api/2.0/sql/warehouses/{part(identity)}")
    return {**from_api(answer, on.block, {}), "id": identity}


def _job(on: Target, config: Object) -> Object:
    identity = config.get("job_id") or config.get("id")
    if not identity:
        name = config.get("job_name") or config.get("name")
        jobs = on.api.get("/api/2.2/jobs/list", name=name).get("jobs") or []
        named = [{**one, "name": (one.get("settings") or {}).get("name")} for one in jobs]
        identity = str(_only(named, "job", "name", name)["job_id"])
    answer = on.api.get("/api/2.2/jobs/get", job_id=identity)
    name = (answer.get("settings") or {}).get("name")
    info = from_api({"job_settings": answer}, on.block, JOB_ALIASES)
    return {"id": identity, "job_id": identity, "job_name": name, "name": name, **info}


def _only(found: list[Json], what: str, field: str, name: Any) -> Json:
    """The one thing of that name, as the names of these need not differ."""
    named = [one for one in found if one.get(field) == name]
    if len(named) != 1:
        problem = "cannot find" if not named else f"there are {len(named)} of the same name:"
        raise ApiError(404, "NOT_FOUND", f"{problem} {what} {name}", "")
    return named[0]


def _catalog(on: Target, config: Object) -> Object:
    answer = on.api.get(f"{UNITY}/catalogs/{part(config['name'])}")
    return {"id": config["name"], **from_api({"catalog_info": answer}, on.block, {})}


def _schema(on: Target, config: Object) -> Object:
    answer = on.api.get(f"{UNITY}/schemas/{part(config['name'])}")
    return {"id": config["name"], **from_api({"schema_info": answer}, on.block, {})}


def _node_type(on: Target, config: Object) -> Object:
    types = on.api.get("/api/2.1/clusters/list-node-types").get("node_types") or []
    fitting = [one for one in types if _is_such_a_node(one, config)]
    if not fitting:
        asked = ", ".join(f"{name} = {value}" for name, value in sorted(config.items()) if value)
        raise ApiError(404, "NOT_FOUND", f"the local workspace has no node type with {asked}", "")
    smallest = min(fitting, key=lambda one: (one["num_cores"], one["memory_mb"], one["node_type_id"]))
    return {"id": smallest["node_type_id"]}


def _is_such_a_node(node: Mapping[str, Any], config: Object) -> bool:
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


def _spark_version(on: Target, config: Object) -> Object:
    versions = on.api.get("/api/2.1/clusters/spark-versions").get("versions") or []
    keys = [one["key"] for one in versions if _fits(one, config)]
    if not keys:
        raise ApiError(404, "NOT_FOUND", "the local workspace has no such Spark version", "")
    if len(keys) > 1 and config.get("latest") is False:
        raise ApiError(400, "INVALID", f"more than one Spark version fits: {', '.join(sorted(keys))}", "")
    return {"id": max(keys, key=lambda key: [int(number) for number in re.findall(r"\d+", key)[:2]])}


def _fits(version: Mapping[str, str], config: Object) -> bool:
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


DATA_SOURCES: Mapping[str, Look] = {
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
