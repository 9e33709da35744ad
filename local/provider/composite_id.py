"""Resource types that are imported by several attributes, joined by commas."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from local.provider.api import ApiError, path_segment
from local.provider.resource_type import CallContext, ResourceType
from local.provider.values import ObjectValue


class CompositeIdResource(ResourceType):
    """A resource type of the provider's plugin framework: it has no attribute for the id of its import."""

    KEY: ClassVar[tuple[str, str, str]]
    """The attributes of the id."""
    FORM: ClassVar[str]
    """The id in words."""
    COLLECTION: ClassVar[str]
    """The path of the API for new objects."""
    WITHIN: ClassVar[str] = ""
    """What is in the path before the last attribute."""

    @override
    def id_of(self, state: ObjectValue) -> str:
        return ",".join(str(state.get(name)) for name in self.KEY)

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        context.api.post(self.COLLECTION, self.body(context, planned))
        return self.id_of(planned)

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(self.path(resource_id))

    def path(self, resource_id: str) -> str:
        """The path of an object.

        Raises:
            ApiError: the id lacks an attribute.
        """
        first, second, last = ([*resource_id.split(",", 2), "", ""])[:3]
        if not last:
            raise ApiError(400, "INVALID", f"{resource_id} is not {self.FORM}", "")
        within = f"{path_segment(first)}/{path_segment(second)}{self.WITHIN}"
        return f"{self.COLLECTION}/{within}/{path_segment(last)}"
