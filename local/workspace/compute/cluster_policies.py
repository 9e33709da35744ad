"""Cluster policies. Adds to minilake's router: the creator, and an edit that removes unset fields."""

from fastapi import APIRouter
from minilake.models.cluster_policies import CreatePolicyRequest, DeletePolicyRequest, EditPolicyRequest
from minilake.services import cluster_policies

from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/policies/clusters")

# Fields that an edit does not change.
_READ_ONLY = ("policy_id", "is_default", "creator_user_name", "created_at_timestamp")


@router.post("/create")
async def create(body: CreatePolicyRequest) -> Json:
    """Create a cluster policy."""
    created = await cluster_policies.create_policy(body)
    _policies()[created.policy_id]["creator_user_name"] = current_user()
    return {"policy_id": created.policy_id}


@router.post("/edit")
async def edit(body: EditPolicyRequest) -> Json:
    """Replace a cluster policy."""
    await cluster_policies.edit_policy(body)
    fields = body.model_dump(exclude_none=True)
    policy = _policies()[body.policy_id]
    for name in set(policy) - set(fields) - set(_READ_ONLY):
        del policy[name]
    return {}


@router.post("/delete")
async def delete(body: DeletePolicyRequest, store: StoreDependency) -> Json:
    """Delete a cluster policy. Refused while a cluster uses it."""
    await cluster_policies.delete_policy(body)
    permissions.delete(store, "cluster-policies", body.policy_id)
    return {}


def _policies() -> dict[str, Json]:
    records: dict[str, Json] = cluster_policies._state["policies"]
    return records
