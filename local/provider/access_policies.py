"""The resource type of row filters and column masks."""

from __future__ import annotations

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.behaviour import Behaviour
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue

_SECURABLE = ("on_securable_type", "on_securable_fullname")
_KEY = (*_SECURABLE, "name")
_COLLECTION = f"{UNITY}/policies"


class AccessPolicyResource(ResourceType):
    """One policy, imported as `<securable type>,<securable name>,<name>`, not by its attribute `id`."""

    @override
    def id_of(self, state: ObjectValue) -> str:
        return ",".join(str(state.get(name)) for name in _KEY)

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        context.api.post(_COLLECTION, self.body(context, planned))
        return self.id_of(planned)

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(_path(resource_id))
        # the plugin framework takes over each value, unlike the SDK of the other resource types
        return self.written(context, answer, Known(known.values, created=True), id=answer.get("id"))

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        body: Json = {name: None for name in prior if name not in (*_KEY, "provider_config")}
        context.api.patch(_path(resource_id), {**body, **self.body(context, planned)})
        return self.id_of(planned)

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(_path(resource_id))


def _path(resource_id: str) -> str:
    kind, securable, name = ([*resource_id.split(",", 2), "", ""])[:3]
    if not name:
        message = f"{resource_id} is not <securable type>,<securable name>,<policy name>"
        raise ApiError(400, "INVALID", message, "")
    return f"{_COLLECTION}/{path_segment(kind)}/{path_segment(securable)}/{path_segment(name)}"


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    AccessPolicyResource(
        type="databricks_policy_info",
        behaviour=Behaviour(forces_new=frozenset(_SECURABLE)),
    ),
)
