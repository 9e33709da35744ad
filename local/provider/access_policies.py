"""The resource type of row filters and column masks."""

from __future__ import annotations

from typing_extensions import override

from local.provider.api import Json
from local.provider.behaviour import Behaviour
from local.provider.composite_id import CompositeIdResource
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue

_SECURABLE = ("on_securable_type", "on_securable_fullname")
_KEY = (*_SECURABLE, "name")


class AccessPolicyResource(CompositeIdResource):
    """One policy; its attribute `id` is not that of the import."""

    KEY = _KEY
    FORM = "<securable type>,<securable name>,<policy name>"
    COLLECTION = f"{UNITY}/policies"

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        # the plugin framework takes over each value, unlike the SDK of the other resource types
        return self.written(context, answer, Known(known.values, created=True), id=answer.get("id"))

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        body: Json = {name: None for name in prior if name not in (*_KEY, "provider_config")}
        context.api.patch(self.path(resource_id), {**body, **self.body(context, planned)})
        return self.id_of(planned)


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    AccessPolicyResource(
        type="databricks_policy_info",
        behaviour=Behaviour(forces_new=frozenset(_SECURABLE)),
    ),
)
