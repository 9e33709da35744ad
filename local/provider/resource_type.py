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
from local.provider.behaviour import Behaviour
from local.provider.schema import Block
from local.provider.values import ObjectValue, Value
from local.provider.zero_values import is_zero, zero_of_type


@dataclass(frozen=True)
class CallContext:
    """The context of one call: the workspace, and the schema of the resource type or data source."""

    api: Api
    block: Block


@dataclass(frozen=True)
class Known:
    """What the provider knows of an object when it reads it.

    Args:
        values: the state, or the plan after an apply.
        created: the object was just created or is imported, so the read takes over every value of the
            workspace. If False, it only takes over attributes that are computed or set in the state.
        applied: the object was just created or changed.
    """

    values: ObjectValue
    created: bool = False
    applied: bool = False


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
        behaviour: defaults, replacements and suppressed differences.
        aliases: API names that differ from Terraform's (see `api_form.to_api`).
        not_sent: attributes that are never part of a request body.
        not_read: attributes that a read never sets.
    """

    type: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    aliases: Mapping[str, str] = field(default_factory=dict)
    not_sent: frozenset[str] = frozenset()
    not_read: frozenset[str] = frozenset()

    @abstractmethod
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        """Create the object and return its id."""

    @abstractmethod
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        """Return the attributes and blocks that the read sets; raise ApiError if there is no such object."""

    @abstractmethod
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        """Change the object and return its id, which may be a new one."""

    @abstractmethod
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        """Delete the object; no error if it does not exist."""

    def id_of(self, state: ObjectValue) -> str:
        """Return the id of an object in a state."""
        return str(state["id"])

    def refusal(self, planned: ObjectValue) -> str:
        """Return why the provider refuses a planned object; empty if it accepts it."""
        return ""

    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        """Return the ids of existing objects with the same name, for types whose names need not be unique."""
        return []

    def can_roll_back(self, planned: ObjectValue) -> bool:
        """Return whether `create` always creates a new object, which can be deleted again safely."""
        return True

    def body(self, context: CallContext, planned: ObjectValue, only: Iterable[str] | None = None) -> Json:
        """Return a request body: the set values, without zero values of optional attributes.

        Args:
            context: the context of the call.
            planned: the planned object.
            only: the attributes and blocks that the request may have; None allows all that can be sent.
        """
        chosen = None if only is None else frozenset(only)
        sent = {
            name: value
            for name, value in self._sendable(context, planned).items()
            if chosen is None or name in chosen
        }
        return to_api(sent, context.block, self.aliases)

    def written(
        self, context: CallContext, answer: Mapping[str, Any], known: Known, **more: Value
    ) -> ObjectValue:
        """Return the attributes and blocks that a read sets, from the workspace's answer.

        The read does not set optional attributes whose value is an empty text or collection. Unless the
        object was just created or is imported, the read only sets attributes that are computed or set in
        the state: otherwise a default of the workspace would look like a change.

        Args:
            context: the context of the call.
            answer: the workspace's answer.
            known: what the provider knows of the object.
            more: attributes that are set whatever the answer is.
        """
        remote = from_api(answer, context.block, self.aliases)
        result: ObjectValue = {}
        for name, attribute in context.block.attributes.items():
            value = remote.get(name)
            if value is None and (attribute.type in ("bool", "number") or not attribute.optional):
                value = zero_of_type(attribute.type)
            objects = isinstance(attribute.type, list) and isinstance(attribute.type[1], list)
            empty = value is None or ((attribute.optional or objects) and value in ("", [], {}))
            if name != "id" and not empty and self._is_read(name, known, computed=attribute.computed):
                result[name] = value
        for name in context.block.blocks:
            computed = self.behaviour.is_computed((name,))
            if remote.get(name) and self._is_read(name, known, computed=computed):
                result[name] = remote[name]
        return {**result, **more}

    def _is_read(self, name: str, known: Known, *, computed: bool) -> bool:
        if name in self.not_read:
            return False
        return known.created or computed or not is_zero(known.values.get(name))

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
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        return self.written(context, context.api.get(self.path(resource_id)), known)

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
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(f"{self.prefix}/get", **self.key(resource_id))
        return self.written(context, answer, known)

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


def changed(planned: ObjectValue, prior: ObjectValue, name: str) -> bool:
    """Return whether the plan changes an attribute; null and zero count as equal."""
    new, old = planned.get(name), prior.get(name)
    return new != old and not (is_zero(new) and is_zero(old))


def exactly_one(planned: ObjectValue, attributes: Iterable[str]) -> tuple[str, str]:
    """Return the name and value of the only given attribute that is set.

    Raises:
        ApiError: none or several are set.
    """
    given = [(name, value) for name in attributes if isinstance(value := planned.get(name), str)]
    if len(given) != 1:
        raise ApiError(400, "INVALID", f"set exactly one of {', '.join(attributes)}", "")
    return given[0]
