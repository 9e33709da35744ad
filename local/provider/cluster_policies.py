"""The resource type of cluster policies."""

from __future__ import annotations

from typing_extensions import override

from local.provider.api import ApiError
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, excluded, needs
from local.provider.resource_type import CallContext, ResourceType, RpcResource
from local.provider.suppression import ignore_outer_whitespace
from local.provider.values import ObjectValue

_FAMILIES = "/api/2.0/policy-families"


class ClusterPolicyResource(RpcResource):
    """A cluster policy, whose rules are its definition, or those of a policy family.

    A policy with the name of its family is the default policy that Databricks has made of the family: it is
    changed instead of created, and reset instead of deleted.
    """

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        if not self._is_default(context, planned):
            return super().create(context, planned)
        name = planned.get("name")
        policies = context.api.get(f"{self.prefix}/list").get("policies") or []
        number = next((str(each[self.id_field]) for each in policies if each.get("name") == name), None)
        if number is None:
            raise ApiError(404, "NOT_FOUND", f"there is no cluster policy {name}", "")
        body = {**self.body(context, planned), **self.key(number)}
        context.api.post(f"{self.prefix}/{self.edit_verb}", body)
        return number

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        without = {**planned, "definition": None} if planned.get("policy_family_id") else planned
        return super().update(context, resource_id, without, prior)

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        if not self._is_default(context, state):
            super().delete(context, resource_id, state)
            return
        rules = {"definition": None, "policy_family_definition_overrides": None}
        body = {**self.body(context, {**state, **rules}), **self.key(resource_id)}
        context.api.post(f"{self.prefix}/{self.edit_verb}", body)

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return not planned.get("policy_family_id")

    def _is_default(self, context: CallContext, policy: ObjectValue) -> bool:
        """Return whether the policy has the name of its family."""
        family = policy.get("policy_family_id")
        if not family:
            return False
        families = context.api.get(_FAMILIES).get("policy_families") or []
        wanted = (family, policy.get("name"))
        return any((each.get("policy_family_id"), each.get("name")) == wanted for each in families)


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ClusterPolicyResource(
        type="databricks_cluster_policy",
        prefix="/api/2.0/policies/clusters",
        id_field="policy_id",
        behaviour=Behaviour(
            constraints=Constraints(
                relations={
                    "": (
                        excluded("definition", "policy_family_id", "policy_family_definition_overrides"),
                        needs("policy_family_definition_overrides", "policy_family_id"),
                    )
                }
            ),
            suppressed=dict.fromkeys(
                ("definition", "policy_family_definition_overrides"), ignore_outer_whitespace
            ),
        ),
    ),
)
