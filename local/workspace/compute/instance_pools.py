"""Instance pools. Stores the settings; there are no instances."""

import uuid

from fastapi import APIRouter
from minilake.services import clusters, instance_pools

from local.workspace.errors import already_exists, invalid, invalid_state, not_found
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/instance-pools")

# Settings of the existing instances: an edit cannot change them.
_IMMUTABLE = ("node_type_id", "aws_attributes", "azure_attributes", "gcp_attributes", "disk_spec")
_NO_INSTANCES = {"used_count": 0, "idle_count": 0, "pending_used_count": 0, "pending_idle_count": 0}


@router.post("/create")
async def create(body: Json) -> Json:
    """Create a pool."""
    _check_name(body)
    pool_id = f"{uuid.uuid4().hex[:4]}-{uuid.uuid4().hex[:6]}-pool-local"
    _pools()[pool_id] = {
        **body,
        "instance_pool_id": pool_id,
        "state": "ACTIVE",
        "creator_user_name": current_user(),
        "default_tags": {
            "DatabricksInstancePoolId": pool_id,
            "DatabricksInstancePoolCreatorId": current_user(),
        },
    }
    return {"instance_pool_id": pool_id}


@router.post("/edit")
async def edit(body: Json) -> Json:
    """Replace the settings that can change: the name, the number of idle instances, their idle time."""
    pool = _find(body)
    _check_name(body)
    for name in _IMMUTABLE:
        if name in body and body[name] != pool.get(name):
            raise invalid(f"{name} of instance pool '{pool['instance_pool_id']}' cannot be changed")
    pool.update(body)
    return {}


@router.get("/get")
async def get(instance_pool_id: str) -> Json:
    """Get a pool."""
    return _response(_find({"instance_pool_id": instance_pool_id}))


@router.get("/list")
async def list_() -> Json:
    """List the pools."""
    return {"instance_pools": list(map(_response, _pools().values()))}


@router.post("/delete")
async def delete(body: Json, store: StoreDependency) -> Json:
    """Delete a pool. Refused while a cluster uses it."""
    pool_id = _find(body)["instance_pool_id"]
    using = [
        cluster_id
        for cluster_id, cluster in clusters._state["clusters"].items()
        if pool_id in (cluster.get("instance_pool_id"), cluster.get("driver_instance_pool_id"))
    ]
    if using:
        raise invalid_state(f"Instance pool '{pool_id}' is used by cluster {', '.join(using)}")
    del _pools()[pool_id]
    permissions.delete(store, "instance-pools", pool_id)
    return {}


def require_pools(body: Json) -> None:
    """Check that the pools of a cluster exist.

    Raises:
        DatabricksError: 400, a pool does not exist.
    """
    for name in ("instance_pool_id", "driver_instance_pool_id"):
        if body.get(name) and body[name] not in _pools():
            raise invalid(f"instance pool '{body[name]}' does not exist")


def _check_name(body: Json) -> None:
    name, pool_id = body.get("instance_pool_name"), body.get("instance_pool_id")
    if not name:
        raise invalid("instance_pool_name is required")
    if any(key != pool_id and each["instance_pool_name"] == name for key, each in _pools().items()):
        raise already_exists("Instance pool", name)


def _response(pool: Json) -> Json:
    images = [
        # The API never returns a password.
        {name: value for name, value in each.items() if name != "basic_auth"}
        for each in pool.get("preloaded_docker_images") or []
    ]
    without_passwords = {"preloaded_docker_images": images} if images else {}
    return {**pool, **without_passwords, "stats": _NO_INSTANCES}


def _pools() -> dict[str, Json]:
    records: dict[str, Json] = instance_pools._state["pools"]
    return records


def _find(body: Json) -> Json:
    pool_id = str(body.get("instance_pool_id", ""))
    if pool_id not in _pools():
        raise not_found("Instance pool", pool_id)
    return _pools()[pool_id]
