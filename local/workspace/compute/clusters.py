"""Clusters and their libraries: what was asked for is kept and told; there is no machine behind.

Everything runs on the one Spark of this machine, so a cluster is RUNNING as soon as it is asked for.
"""

import uuid

from fastapi import APIRouter, Request
from minilake.services import cluster_policies, clusters

from local.workspace.compute.instance_pools import check_pool
from local.workspace.errors import invalid, missing
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreOf, now, user

router = APIRouter(prefix="/api")

_IDENTITY = ("cluster_id", "creator_user_name", "start_time", "state", "pinned_by_user_name", "default_tags")


@router.post("/{version}/clusters/create")
async def create_cluster(version: str, body: Json) -> Json:
    """Create a cluster."""
    _check_policy(body)
    check_pool(body)
    cluster_id = f"{uuid.uuid4().hex[:4]}-{uuid.uuid4().hex[:6]}-local"
    _clusters()[cluster_id] = {
        **_with_defaults(body),
        "cluster_id": cluster_id,
        "creator_user_name": user(),
        "start_time": now(),
        "state": "RUNNING",
        "default_tags": {"ClusterId": cluster_id, "ClusterName": body.get("cluster_name", "")},
    }
    return {"cluster_id": cluster_id}


@router.post("/{version}/clusters/edit")
async def edit_cluster(version: str, body: Json) -> Json:
    """Replace what was asked for."""
    cluster = _find(body)
    _check_policy(body)
    check_pool(body)
    kept = {name: cluster[name] for name in _IDENTITY if name in cluster}
    _clusters()[cluster["cluster_id"]] = {**_with_defaults(body), **kept}
    return {}


@router.get("/{version}/clusters/get")
async def get_cluster(version: str, cluster_id: str) -> Json:
    """Get a cluster."""
    return _find({"cluster_id": cluster_id})


@router.get("/{version}/clusters/list")
async def list_clusters(version: str, request: Request) -> Json:
    """List the clusters, only the pinned ones if asked so."""
    pinned = request.query_params.get("filter_by.is_pinned") == "true"
    return {
        "clusters": [each for each in _clusters().values() if not pinned or "pinned_by_user_name" in each]
    }


@router.post("/{version}/clusters/{action}")
async def act_on_cluster(version: str, action: str, body: Json, store: StoreOf) -> Json:
    """Start, stop, resize, pin a cluster, or delete it for good."""
    cluster = _find(body)
    if action in ("start", "restart"):
        cluster.update(state="RUNNING", start_time=now())
    elif action == "delete":
        cluster.update(state="TERMINATED", terminated_time=now())
    elif action == "resize":
        cluster.update({name: body[name] for name in ("num_workers", "autoscale") if name in body})
    elif action == "pin":
        cluster["pinned_by_user_name"] = user()
    elif action == "unpin":
        cluster.pop("pinned_by_user_name", None)
    elif action == "change-owner":
        cluster["creator_user_name"] = body.get("owner_username", user())
    elif action == "events":
        return {"events": [], "total_count": 0}
    elif action == "permanent-delete":
        del _clusters()[cluster["cluster_id"]]
        store.table("libraries").pop(cluster["cluster_id"], None)
        permissions.forget(store, "clusters", cluster["cluster_id"])
    else:
        raise invalid(f"the local workspace cannot '{action}' a cluster")
    return {}


@router.get("/{version}/libraries/cluster-status")
async def library_status(version: str, cluster_id: str, store: StoreOf) -> Json:
    """List the libraries that a cluster was given."""
    _find({"cluster_id": cluster_id})
    libraries = store.table("libraries").get(cluster_id, [])
    statuses = [{"library": each, "status": "INSTALLED"} for each in libraries]
    return {"cluster_id": cluster_id, "library_statuses": statuses}


@router.post("/{version}/libraries/install")
async def install_libraries(version: str, body: Json, store: StoreOf) -> Json:
    """Give a cluster libraries."""
    libraries = store.table("libraries").setdefault(_find(body)["cluster_id"], [])
    libraries += [each for each in body.get("libraries", []) if each not in libraries]
    return {}


@router.post("/{version}/libraries/uninstall")
async def uninstall_libraries(version: str, body: Json, store: StoreOf) -> Json:
    """Take libraries from a cluster."""
    cluster_id, gone = _find(body)["cluster_id"], body.get("libraries", [])
    kept = [each for each in store.table("libraries").get(cluster_id, []) if each not in gone]
    store.table("libraries")[cluster_id] = kept
    return {}


def _clusters() -> dict[str, Json]:
    # minilake's cluster policies look here before one is deleted.
    records: dict[str, Json] = clusters._state["clusters"]
    return records


def _find(body: Json) -> Json:
    cluster_id = str(body.get("cluster_id", ""))
    if cluster_id not in _clusters():
        raise missing("Cluster", cluster_id)
    return _clusters()[cluster_id]


def _with_defaults(body: Json) -> Json:
    if not body.get("spark_version"):
        raise invalid("spark_version is required")
    defaults: Json = {"cluster_source": "API"}
    if body.get("node_type_id"):
        defaults["driver_node_type_id"] = body["node_type_id"]
    return {**defaults, **body}


def _check_policy(body: Json) -> None:
    policy = body.get("policy_id")
    if policy and policy not in cluster_policies._state["policies"]:
        raise invalid(f"cluster policy '{policy}' does not exist")
