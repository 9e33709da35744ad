"""Permissions on jobs, clusters, notebooks and other objects. Stores them and does not enforce them."""

from fastapi import APIRouter
from minilake.services import cluster_policies, clusters, instance_pools, sql_warehouses

from local.workspace.errors import invalid, not_found
from local.workspace.store import Json, Store, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/permissions")

# Object type in the request's path (plural) → `object_type` in the response.
_TYPES = {
    "alerts": "alert",
    "authorization": "tokens",
    "cluster-policies": "cluster-policy",
    "clusters": "cluster",
    "dashboards": "dashboard",
    "directories": "directory",
    "experiments": "mlflowExperiment",
    "files": "file",
    "instance-pools": "instance-pool",
    "jobs": "job",
    "notebooks": "notebook",
    "pipelines": "pipelines",
    "queries": "query",
    "registered-models": "registered-model",
    "repos": "repo",
    "serving-endpoints": "serving-endpoint",
    "sql/warehouses": "warehouses",
    "warehouses": "warehouses",
}
_PASSWORDS = ("authorization", "passwords")
_TYPES_WITH_OWNER = {"jobs", "pipelines", "sql/warehouses", "warehouses"}
_LEVELS = {
    "jobs": ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"),
    "pipelines": ("CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"),
    "authorization": ("CAN_USE", "CAN_MANAGE"),
    "clusters": ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"),
    "cluster-policies": ("CAN_USE",),
    "passwords": ("CAN_USE",),
    "experiments": ("CAN_READ", "CAN_EDIT", "CAN_MANAGE"),
    "instance-pools": ("CAN_ATTACH_TO", "CAN_MANAGE"),
    "sql/warehouses": ("CAN_USE", "CAN_MONITOR", "CAN_VIEW", "IS_OWNER", "CAN_MANAGE"),
}
_LEVELS["warehouses"] = _LEVELS["sql/warehouses"]
_OTHER_LEVELS = ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")


@router.get("/{object_type:path}/{object_id}/permissionLevels")
async def get_permission_levels(object_type: str, object_id: str) -> Json:
    """List the permission levels of an object type."""
    levels = _LEVELS.get(_levels_of(object_type, object_id), _OTHER_LEVELS)
    return {"permission_levels": [{"permission_level": level, "description": level} for level in levels]}


@router.get("/{object_type:path}/{object_id}")
async def get(object_type: str, object_id: str, store: StoreDependency) -> Json:
    """Return an object's permissions."""
    _require_object(store, object_type, object_id)
    return _response(store, object_type, object_id)


@router.put("/{object_type:path}/{object_id}")
async def set_(object_type: str, object_id: str, body: Json, store: StoreDependency) -> Json:
    """Replace an object's permissions."""
    _require_object(store, object_type, object_id)
    entries = [
        _entry(_levels_of(object_type, object_id), each) for each in body.get("access_control_list") or []
    ]
    store.table("permissions")[_key(object_type, object_id)] = entries
    return _response(store, object_type, object_id)


@router.patch("/{object_type:path}/{object_id}")
async def update(object_type: str, object_id: str, body: Json, store: StoreDependency) -> Json:
    """Add permissions to an object."""
    _require_object(store, object_type, object_id)
    entries = [
        _entry(_levels_of(object_type, object_id), each) for each in body.get("access_control_list") or []
    ]
    existing = store.table("permissions").get(_key(object_type, object_id), [])
    merged = {_principal(each): each for each in [*existing, *entries]}
    store.table("permissions")[_key(object_type, object_id)] = list(merged.values())
    return _response(store, object_type, object_id)


def delete(store: Store, object_type: str, object_id: str) -> None:
    """Delete the permissions of a deleted object."""
    store.table("permissions").pop(_key(object_type, object_id), None)


def _response(store: Store, object_type: str, object_id: str) -> Json:
    stored = store.table("permissions").get(_key(object_type, object_id), [])
    owner = "IS_OWNER" if object_type in _TYPES_WITH_OWNER else "CAN_MANAGE"
    entries = [_response_entry(each) for each in stored]
    kind = _levels_of(object_type, object_id)
    # administrators alone manage passwords and cluster policies, which nobody owns
    owned = owner in _LEVELS.get(kind, _OTHER_LEVELS)
    if owned and not any(entry["all_permissions"][0]["permission_level"] == owner for entry in entries):
        creator = _creator(store, object_type, object_id)
        entry = _response_entry({"user_name": creator, "permission_level": owner})
        entries = [entry, *(each for each in entries if each.get("user_name") != creator)]
    return {
        "object_id": f"/{object_type}/{object_id}",
        "object_type": "passwords" if kind == "passwords" else _TYPES.get(object_type, object_type),
        "access_control_list": entries,
    }


def _response_entry(entry: Json) -> Json:
    principal = {name: entry[name] for name in _PRINCIPALS if entry.get(name)}
    return {
        **principal,
        "all_permissions": [{"permission_level": entry["permission_level"], "inherited": False}],
    }


def _entry(object_type: str, entry: Json) -> Json:
    level, levels = entry.get("permission_level"), _LEVELS.get(object_type)
    if not any(entry.get(name) for name in _PRINCIPALS):
        raise invalid("each entry of access_control_list needs a user, a group or a service principal")
    if levels and level not in levels:
        raise invalid(f"permission level {level} is not one of {', '.join(levels)} for {object_type}")
    return {name: value for name, value in entry.items() if value is not None}


def _levels_of(object_type: str, object_id: str) -> str:
    """Return the key of `_LEVELS` for an object: passwords have other levels than tokens."""
    return object_id if (object_type, object_id) == _PASSWORDS else object_type


def _principal(entry: Json) -> tuple[str | None, ...]:
    return tuple(entry.get(name) for name in _PRINCIPALS)


def _require_object(store: Store, object_type: str, object_id: str) -> None:
    if object_type not in _TYPES:
        raise invalid(f"'{object_type}' is not a valid object type")
    records = _records(store, object_type)
    if records is not None and object_id not in records:
        raise not_found(_TYPES[object_type].capitalize(), object_id)


def _creator(store: Store, object_type: str, object_id: str) -> str:
    record = (_records(store, object_type) or {}).get(object_id, {})
    return str(record.get("creator_user_name") or record.get("creator_name") or current_user())


def _records(store: Store, object_type: str) -> dict[str, Json] | None:
    """Return all objects of a type by id; None for types whose ids are not checked."""
    return {
        "jobs": store.table("jobs"),
        "pipelines": store.table("pipelines"),
        "experiments": store.table("experiments"),
        "repos": store.table("repos"),
        "clusters": clusters._state["clusters"],
        "cluster-policies": cluster_policies._state["policies"],
        "instance-pools": instance_pools._state["pools"],
        "sql/warehouses": sql_warehouses._state["warehouses"],
        "warehouses": sql_warehouses._state["warehouses"],
    }.get(object_type)


def _key(object_type: str, object_id: str) -> str:
    return f"{object_type.removeprefix('sql/')}/{object_id}"
