"""The resource type of tags on objects of Unity Catalog."""

from __future__ import annotations

from typing_extensions import override

from local.provider.api import ApiError, path_segment
from local.provider.behaviour import Behaviour
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue

_KEY = ("entity_type", "entity_name", "tag_key")
_COLLECTION = f"{UNITY}/entity-tag-assignments"


class EntityTagResource(ResourceType):
    """One tag; it has no attribute `id`, and is imported as `<entity type>,<entity name>,<tag key>`."""

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
        return {name: answer.get(name) for name in (*_KEY, "tag_value")}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.patch(f"{_path(resource_id)}?update_mask=tag_value", self.body(context, planned))
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(_path(resource_id))


def _path(resource_id: str) -> str:
    kind, name, key = ([*resource_id.split(",", 2), "", ""])[:3]
    if not key:
        raise ApiError(400, "INVALID", f"{resource_id} is not <entity type>,<entity name>,<tag key>", "")
    return f"{_COLLECTION}/{path_segment(kind)}/{path_segment(name)}/tags/{path_segment(key)}"


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    EntityTagResource(
        type="databricks_entity_tag_assignment",
        behaviour=Behaviour(forces_new=frozenset(_KEY)),
    ),
)
