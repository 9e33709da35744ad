"""Cluster policies. Adds to minilake's router: the creator, policies based on a family, and the default ones.

An edit removes unset fields.
"""

from typing import TypeVar

from fastapi import APIRouter
from minilake.models.cluster_policies import CreatePolicyRequest, DeletePolicyRequest, EditPolicyRequest
from minilake.services import cluster_policies

from local.workspace.compute import policy_families
from local.workspace.errors import invalid
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/policies/clusters")

_Request = TypeVar("_Request", bound=CreatePolicyRequest)

# Fields that an edit does not change.
_READ_ONLY = ("policy_id", "is_default", "creator_user_name", "created_at_timestamp")


@router.post("/create")
async def create(body: CreatePolicyRequest) -> Json:
    """Create a cluster policy."""
    created = await cluster_policies.create_policy(_with_rules(body))
    _policies()[created.policy_id]["creator_user_name"] = current_user()
    return {"policy_id": created.policy_id}


@router.post("/edit")
async def edit(body: EditPolicyRequest) -> Json:
    """Replace a cluster policy."""
    body = _with_rules(body)
    await cluster_policies.edit_policy(body)
    fields = body.model_dump(exclude_none=True)
    policy = _policies()[body.policy_id]
    for name in set(policy) - set(fields) - set(_READ_ONLY):
        del policy[name]
    return {}


@router.post("/delete")
async def delete(body: DeletePolicyRequest, store: StoreDependency) -> Json:
    """Delete a cluster policy. Refused while a cluster uses it, and for a default policy."""
    if _policies().get(body.policy_id, {}).get("is_default"):
        raise invalid(f"policy '{body.policy_id}' is a default policy, which cannot be deleted")
    await cluster_policies.delete_policy(body)
    permissions.delete(store, "cluster-policies", body.policy_id)
    return {}


async def create_defaults() -> None:
    """Create the policy that every workspace has of each family, unless it exists."""
    existing = {policy.get("name") for policy in _policies().values()}
    for family_id, name in policy_families.default_policies().items():
        if name not in existing:
            created = await create(CreatePolicyRequest(name=name, policy_family_id=family_id))
            _policies()[created["policy_id"]]["is_default"] = True


def _with_rules(body: _Request) -> _Request:
    """Return a request with the rules of the family that it names."""
    if not body.policy_family_id:
        if body.policy_family_definition_overrides:
            raise invalid("policy_family_definition_overrides needs policy_family_id")
        return body
    if body.definition:
        raise invalid("a policy has a definition or a policy_family_id")
    rules = policy_families.definition_of(body.policy_family_id, body.policy_family_definition_overrides)
    return body.model_copy(update={"definition": rules})


def _policies() -> dict[str, Json]:
    records: dict[str, Json] = cluster_policies._state["policies"]
    return records
