"""Instance pools: what was asked for is kept and told; there are no instances behind."""

import uuid

from fastapi import APIRouter
from minilake.services import clusters, instance_pools

from local.workspace.errors import conflict, exists, invalid, missing
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreOf, user

router = APIRouter(prefix="/api/2.0/instance-pools")

# What cannot change on a pool that is there: its instances have it already.
_FIXED = ("node_type_id", "aws_attributes", "azure_attributes", "gcp_attributes", "disk_spec")
_NO_INSTANCES = {"used_count": 0, "idle_count": 0, "pending_used_count": 0, "pending_idle_count": 0}


@router.post("/create")
async def create_pool(body: Json) -> Json:
    """Create a pool."""
    _check_name(body)
    pool_id = f"{uuid.uuid4().hex[:4]}-{uuid.uuid4().hex[:6]}-pool-local"
    _pools()[pool_id] = {
        **body,
        "instance_pool_id": pool_id,
        "state": "ACTIVE",
        "creator_user_name": user(),
        "default_tags": {"DatabricksInstancePoolId": pool_id, "DatabricksInstancePoolCreatorId": user()},
    }
    return {"instance_pool_id": pool_id}


@router.post("/edit")
async def edit_pool(body: Json) -> Json:
    """Replace what can change: the name, how many instances it keeps, and for how long."""
    pool = _find(body)
    _check_name(body)
    for name in _FIXED:
        if name in body and body[name] != pool.get(name):
            raise invalid(f"{name} of instance pool '{pool['instance_pool_id']}' cannot be changed")
    pool.update(body)
    return {}


@router.get("/get")
async def get_pool(instance_pool_id: str) -> Json:
    """Get a pool."""
    return _told(_find({"instance_pool_id": instance_pool_id}))


@router.get("/list")
async def list_pools() -> Json:
    """List the pools."""
    return {"instance_pools": list(map(_told, _pools().values()))}


@router.post("/delete")
async def delete_pool(body: Json, store: StoreOf) -> Json:
    """Delete a pool that no cluster takes its machines from."""
    pool_id = _find(body)["instance_pool_id"]
    using = [
        cluster_id
        for cluster_id, cluster in clusters._state["clusters"].items()
        if pool_id in (cluster.get("instance_pool_id"), cluster.get("driver_instance_pool_id"))
    ]
    if using:
        raise conflict(f"Instance pool '{pool_id}' is used by cluster {', '.join(using)}")
    del _pools()[pool_id]
    permissions.forget(store, "instance-pools", pool_id)
    return {}


def check_pool(body: Json) -> None:
    """Refuse a cluster that names a pool which is not there.

    Raises:
        DatabricksError: 400, with the pool's id.
    """
    for name in ("instance_pool_id", "driver_instance_pool_id"):
        if body.get(name) and body[name] not in _pools():
            raise invalid(f"instance pool '{body[name]}' does not exist")


def _check_name(body: Json) -> None:
    name, pool_id = body.get("instance_pool_name"), body.get("instance_pool_id")
    if not name:
        raise invalid("instance_pool_name is required")
    if any(key != pool_id and each["instance_pool_name"] == name for key, each in _pools().items()):
        raise exists("Instance pool", name)


def _told(pool: Json) -> Json:
    images = [
        # A password goes in and never comes out.
        {name: value for name, value in each.items() if name != "basic_auth"}
        for each in pool.get("preloaded_docker_images") or []
    ]
    hidden = {"preloaded_docker_images": images} if images else {}
    return {**pool, **hidden, "stats": _NO_INSTANCES}


def _pools() -> dict[str, Json]:
    records: dict[str, Json] = instance_pools._state["pools"]
    return records


def _find(body: Json) -> Json:
    pool_id = str(body.get("instance_pool_id", ""))
    if pool_id not in _pools():
        raise missing("Instance pool", pool_id)
    return _pools()[pool_id]
