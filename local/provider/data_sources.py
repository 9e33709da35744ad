"""What Terraform may look up in the workspace."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.provider.api import Api, ApiError, Json, part
from local.provider.compute import JOB_ALIASES
from local.provider.forms import from_api
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


def _group(on: Target, config: Object) -> Object:
    name = config["display_name"]
    answer = _by_name(on.api, f"{SCIM}/Groups", "displayName", name)
    members = [str(one.get("value")) for one in answer.get("members") or []]
    kinds: dict[str, list[str]] = {"users": [], "service_principals": [], "child_groups": []}
    words = {"Users": "users", "ServicePrincipals": "service_principals", "Groups": "child_groups"}
    for one in answer.get("members") or []:
        kind = words.get(str(one.get("$ref", "")).partition("/")[0])
        if kind:
            kinds[kind].append(str(one.get("value")))
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


def _schema(on: Target, config: Object) -> Object:
    answer = on.api.get(f"{UNITY}/schemas/{part(config['name'])}")
    return {"id": config["name"], **from_api({"schema_info": answer}, on.block, {})}


def _node_type(on: Target, config: Object) -> Object:
    types = on.api.get("/api/2.1/clusters/list-node-types").get("node_types") or []
    fitting = [
        one
        for one in types
        if one.get("num_cores", 0) >= (config.get("min_cores") or 0)
        and one.get("memory_mb", 0) >= 1024 * (config.get("min_memory_gb") or 0)
        and one.get("num_gpus", 0) >= (config.get("min_gpus") or 0)
    ]
    if not fitting:
        raise ApiError(404, "NOT_FOUND", "the local workspace has no node type that large", "")
    smallest = min(fitting, key=lambda one: (one.get("num_cores", 0), one.get("memory_mb", 0)))
    return {"id": smallest["node_type_id"]}


def _spark_version(on: Target, config: Object) -> Object:
    versions = on.api.get("/api/2.1/clusters/spark-versions").get("versions") or []
    keys = [one["key"] for one in versions if _fits(one, config)]
    if not keys:
        raise ApiError(404, "NOT_FOUND", "the local workspace has no such Spark version", "")
    return {"id": max(keys, key=lambda key: [int(number) for number in re.findall(r"\d+", key)[:2]])}


def _fits(version: Mapping[str, str], config: Object) -> bool:
    key, name = version["key"], version.get("name", "")
    spark = config.get("spark_version")
    return (
        ("-ml-" in key) == bool(config.get("ml"))
        and ("-gpu-" in key) == bool(config.get("gpu"))
        and (not config.get("long_term_support") or "LTS" in name)
        and (not spark or f"Spark {spark}" in name)
    )


DATA_SOURCES: Mapping[str, Look] = {
    "databricks_current_user": _current_user,
    "databricks_user": _user,
    "databricks_group": _group,
    "databricks_cluster": _cluster,
    "databricks_sql_warehouse": _sql_warehouse,
    "databricks_job": _job,
    "databricks_schema": _schema,
    "databricks_node_type": _node_type,
    "databricks_spark_version": _spark_version,
}
