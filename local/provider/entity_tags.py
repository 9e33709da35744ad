"""The resource type of tags on objects of Unity Catalog."""

from __future__ import annotations

from typing_extensions import override

from local.provider.behaviour import Behaviour
from local.provider.composite_id import CompositeIdResource
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue

_KEY = ("entity_type", "entity_name", "tag_key")


class EntityTagResource(CompositeIdResource):
    """One tag."""

    KEY = _KEY
    FORM = "<entity type>,<entity name>,<tag key>"
    COLLECTION = f"{UNITY}/entity-tag-assignments"
    WITHIN = "/tags"

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        # the plugin framework takes over each value, unlike the SDK of the other resource types
        return {name: answer.get(name) for name in (*_KEY, "tag_value")}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.patch(f"{self.path(resource_id)}?update_mask=tag_value", self.body(context, planned))
        return resource_id


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    EntityTagResource(
        type="databricks_entity_tag_assignment",
        behaviour=Behaviour(forces_new=frozenset(_KEY)),
    ),
)
