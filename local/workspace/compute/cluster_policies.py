"""Cluster policies: as minilake keeps them, but with their maker, and with nothing left of what is unset."""

from fastapi import APIRouter
from minilake.models.cluster_policies import CreatePolicyRequest, DeletePolicyRequest, EditPolicyRequest
from minilake.services import cluster_policies

from local.workspace.objects import permissions
from local.workspace.store import Json, StoreOf, user

router = APIRouter(prefix="/api/2.0/policies/clusters")

# What an edit does not touch.
_KEPT = ("policy_id", "is_default", "creator_user_name", "created_at_timestamp")


@router.post("/create")
async def create_policy(body: CreatePolicyRequest) -> Json:
    """Create a cluster policy."""
    made = await cluster_policies.create_policy(body)
    _policies()[made.policy_id]["creator_user_name"] = user()
    return {"policy_id": made.policy_id}


@router.post("/edit")
async def edit_policy(body: EditPolicyRequest) -> Json:
    """Replace a cluster policy."""
    await cluster_policies.edit_policy(body)
    given = body.model_dump(exclude_none=True)
    policy = _policies()[body.policy_id]
    for name in set(policy) - set(given) - set(_KEPT):
        del policy[name]
    return {}


@router.post("/delete")
async def delete_policy(body: DeletePolicyRequest, store: StoreOf) -> Json:
    """Delete a cluster policy that no cluster is under."""
    await cluster_policies.delete_policy(body)
    permissions.forget(store, "cluster-policies", body.policy_id)
    return {}


def _policies() -> dict[str, Json]:
    records: dict[str, Json] = cluster_policies._state["policies"]
    return records
