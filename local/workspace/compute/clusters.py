"""Clusters. Stores the settings; there is no machine.

All code runs on the one Spark server of this machine, so a cluster is RUNNING as soon as it is created.
"""

import uuid

from fastapi import APIRouter, Request
from minilake.services import cluster_policies, clusters

from local.workspace.compute.instance_pools import require_pools
from local.workspace.errors import invalid, not_found
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, current_user, now_ms

router = APIRouter(prefix="/api")

# Fields that an edit does not change.
_READ_ONLY = ("cluster_id", "creator_user_name", "start_time", "state", "pinned_by_user_name", "default_tags")


@router.post("/{version}/clusters/create")
async def create(version: str, body: Json) -> Json:
    """Create a cluster."""
    _check_policy(body)
    require_pools(body)
    cluster_id = f"{uuid.uuid4().hex[:4]}-{uuid.uuid4().hex[:6]}-local"
    _clusters()[cluster_id] = {
        **_with_defaults(body),
        "cluster_id": cluster_id,
        "creator_user_name": current_user(),
        "start_time": now_ms(),
        "state": "RUNNING",
        "default_tags": {"ClusterId": cluster_id, "ClusterName": body.get("cluster_name", "")},
    }
    return {"cluster_id": cluster_id}


@router.post("/{version}/clusters/edit")
async def edit(version: str, body: Json) -> Json:
    """Replace the settings of a cluster."""
    cluster = find(body)
    _check_policy(body)
    require_pools(body)
    read_only = {name: cluster[name] for name in _READ_ONLY if name in cluster}
    _clusters()[cluster["cluster_id"]] = {**_with_defaults(body), **read_only}
    return {}


@router.get("/{version}/clusters/get")
async def get(version: str, cluster_id: str) -> Json:
    """Get a cluster."""
    return find({"cluster_id": cluster_id})


@router.get("/{version}/clusters/list")
async def list_(version: str, request: Request) -> Json:
    """List the clusters; with `filter_by.is_pinned=true` the pinned clusters only."""
    pinned = request.query_params.get("filter_by.is_pinned") == "true"
    return {
        "clusters": [each for each in _clusters().values() if not pinned or "pinned_by_user_name" in each]
    }


@router.post("/{version}/clusters/{action}")
async def act(version: str, action: str, body: Json, store: StoreDependency) -> Json:
    """Start, stop, resize or pin a cluster, or delete it permanently."""
    cluster = find(body)
    if action in ("start", "restart"):
        cluster.update(state="RUNNING", start_time=now_ms())
    elif action == "delete":
        cluster.update(state="TERMINATED", terminated_time=now_ms())
    elif action == "resize":
        cluster.update({name: body[name] for name in ("num_workers", "autoscale") if name in body})
    elif action == "pin":
        cluster["pinned_by_user_name"] = current_user()
    elif action == "unpin":
        cluster.pop("pinned_by_user_name", None)
    elif action == "change-owner":
        cluster["creator_user_name"] = body.get("owner_username", current_user())
    elif action == "events":
        return {"events": [], "total_count": 0}
    elif action == "permanent-delete":
        del _clusters()[cluster["cluster_id"]]
        store.table("libraries").pop(cluster["cluster_id"], None)
        permissions.delete(store, "clusters", cluster["cluster_id"])
    else:
        raise invalid(f"the local workspace cannot '{action}' a cluster")
    return {}


def _clusters() -> dict[str, Json]:
    # minilake checks here that no cluster uses a policy before it deletes the policy.
    records: dict[str, Json] = clusters._state["clusters"]
    return records


def find(body: Json) -> Json:
    """Return the cluster that a request names.

    Raises:
        DatabricksError: 404, the cluster does not exist.
    """
    cluster_id = str(body.get("cluster_id", ""))
    if cluster_id not in _clusters():
        raise not_found("Cluster", cluster_id)
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
