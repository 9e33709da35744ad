"""The base class of resource types, and the two patterns that most of the REST API follows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from local.provider.api import Api, ApiError, Json, path_segment
from local.provider.api_form import from_api, to_api
from local.provider.equality import equal_values
from local.provider.schema import Block
from local.provider.values import ObjectValue, Value

# The value that is sent for an attribute that is no longer set, by type.
_EMPTY: Mapping[str, Value] = {"string": "", "map": {}, "list": [], "set": []}


@dataclass(frozen=True)
class CallContext:
    """The context of one call: the workspace, and the schema of the resource type or data source."""

    api: Api
    block: Block


class IncompleteCreation(Exception):
    """The object was created, but a step after its creation failed.

    Args:
        resource_id: the object's id; it must reach the state, else the object is orphaned.
        cause: the error of the failed step.
    """

    def __init__(self, resource_id: str, cause: ApiError) -> None:
        super().__init__(cause.message)
        self.resource_id, self.cause = resource_id, cause


@contextmanager
def after_creation(resource_id: str) -> Iterator[None]:
    """Turn an ApiError after the creation of an object into IncompleteCreation, which holds its id."""
    try:
        yield
    except ApiError as error:
        raise IncompleteCreation(resource_id, error) from error


@dataclass(frozen=True, kw_only=True)
class ResourceType(ABC):
    """One resource type: how its objects are created, read, changed and deleted in the workspace.

    Args:
        type: its name in Terraform.
        defaults: values of attributes that are not set.
        forces_new: attributes and blocks whose change requires a replacement.
        keep_when_unset: attributes that keep their prior value when they are not set.
        recomputed: attribute → computed attributes that change with it.
        aliases: API names that differ from Terraform's (see `api_form.to_api`).
        not_sent: attributes that are never part of a request body.
        authoritative: the workspace returns exactly the values that were set (see
            `equality.refreshed_state`).
    """

    type: str
    defaults: Mapping[str, Value] = field(default_factory=dict)
    forces_new: frozenset[str] = frozenset()
    keep_when_unset: frozenset[str] = frozenset()
    recomputed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    not_sent: frozenset[str] = frozenset()
    authoritative: bool = False

    @abstractmethod
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        """Create the object and return its id."""

    @abstractmethod
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        """Return the object in Terraform's form; raise ApiError if it does not exist."""

    @abstractmethod
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        """Change the object and return its id, which may be a new one."""

    @abstractmethod
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        """Delete the object; no error if it does not exist."""

    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        """Return the ids of existing objects with the same name, for types whose names need not be unique."""
        return []

    def can_roll_back(self, planned: ObjectValue) -> bool:
        """Return whether `create` always creates a new object, which can be deleted again safely."""
        return True

    def body(self, context: CallContext, planned: ObjectValue) -> Json:
        """Return the request body with all settings."""
        return to_api(self._sendable(context, planned), context.block, self.aliases)

    def changes(self, context: CallContext, planned: ObjectValue, prior: ObjectValue) -> Json:
        """Return the request body of a change: values that differ, and empty values for unset attributes."""
        changed: Json = {}
        for name, value in self._sendable(context, planned).items():
            attribute = context.block.attributes.get(name)
            if attribute is None or equal_values(value, prior.get(name), attribute.type):
                continue
            cleared = _EMPTY.get(attribute.type if isinstance(attribute.type, str) else attribute.type[0])
            if value is not None or cleared is not None:
                changed[self.aliases.get(f".{name}", name)] = cleared if value is None else value
        return changed

    def to_state(
        self, context: CallContext, answer: Mapping[str, Any], resource_id: str, **more: Value
    ) -> ObjectValue:
        """Convert an API answer to Terraform's form, with the id and derived attributes."""
        return {**from_api(answer, context.block, self.aliases), "id": resource_id, **more}

    def _sendable(self, context: CallContext, planned: ObjectValue) -> ObjectValue:
        """Drop the id, computed attributes and attributes that are not sent."""
        attributes = context.block.attributes
        return {
            name: value
            for name, value in planned.items()
            if name != "id"
            and name not in self.not_sent
            and (name not in attributes or attributes[name].optional or attributes[name].required)
        }


@dataclass(frozen=True, kw_only=True)
class RestResource(ResourceType):
    """A type with one path per object: POST collection; GET, PATCH or PUT, DELETE collection/id.

    Args:
        collection: path of the collection.
        id_field: the field of the creation's answer that holds the id.
    """

    collection: str
    id_field: str = "id"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        return str(context.api.post(self.collection, self.body(context, planned))[self.id_field])

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        return self.to_state(context, context.api.get(self.path(resource_id)), resource_id)

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.patch(self.path(resource_id), self.changes(context, planned, prior))
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(self.path(resource_id))

    def path(self, resource_id: str) -> str:
        """Return the path of one object."""
        return f"{self.collection}/{path_segment(resource_id)}"


@dataclass(frozen=True, kw_only=True)
class RpcResource(ResourceType):
    """A type with one path per verb: POST prefix/create, GET prefix/get, POST prefix/edit, prefix/delete.

    Args:
        prefix: path before the verb.
        id_field: the API's name of the id.
        edit_verb: the verb that replaces the settings.
        delete_verb: the verb that deletes.
    """

    prefix: str
    id_field: str
    edit_verb: str = "edit"
    delete_verb: str = "delete"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        return str(context.api.post(f"{self.prefix}/create", self.body(context, planned))[self.id_field])

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        return self.to_state(
            context, context.api.get(f"{self.prefix}/get", **self.key(resource_id)), resource_id
        )

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        context.api.post(
            f"{self.prefix}/{self.edit_verb}", {**self.body(context, planned), **self.key(resource_id)}
        )
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.post(f"{self.prefix}/{self.delete_verb}", self.key(resource_id))

    def key(self, resource_id: str) -> Json:
        """Return the id as a request parameter."""
        return {self.id_field: resource_id}


def exactly_one(planned: ObjectValue, attributes: Iterable[str]) -> tuple[str, str]:
    """Return the name and value of the only given attribute that is set.

    Raises:
        ApiError: none or several are set.
    """
    given = [(name, value) for name in attributes if isinstance(value := planned.get(name), str)]
    if len(given) != 1:
        raise ApiError(400, "INVALID", f"set exactly one of {', '.join(attributes)}", "")
    return given[0]
