"""What every resource type has in common, and the two shapes that most of the REST API comes in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from local.provider.api import Api, ApiError, Json, part
from local.provider.api_form import from_api, to_api
from local.provider.equality import same
from local.provider.schema import Block
from local.provider.values import Object, Value

# What a value that is no longer set is changed to.
_EMPTY: Mapping[str, Value] = {"string": "", "map": {}, "list": [], "set": []}


@dataclass(frozen=True)
class Target:
    """Where a resource lives: the workspace, and the schema of its type."""

    api: Api
    block: Block


class HalfMade(Exception):
    """The thing exists, but what was to be done to it after that failed.

    Args:
        identity: its id: Terraform must hear of it, or it is lost.
        cause: what went wrong.
    """

    def __init__(self, identity: str, cause: ApiError) -> None:
        super().__init__(cause.message)
        self.identity, self.cause = identity, cause


@contextmanager
def made(identity: str) -> Iterator[None]:
    """What is done to a thing that was just made: a failure does not lose its id."""
    try:
        yield
    except ApiError as error:
        raise HalfMade(identity, error) from error


@dataclass(frozen=True, kw_only=True)
class Resource(ABC):
    """One resource type: how the workspace creates, shows, changes and deletes such a thing.

    Args:
        type: its name in Terraform.
        defaults: values of attributes that are not set.
        forces_new: what cannot change on an existing object.
        kept: attributes that stay as they are when they are not set.
        follows: attribute → computed attributes that change with it.
        aliases: API names of what is named otherwise (see `forms.to_api`).
        unsent: attributes that mean something to Terraform only.
        complete: whether the workspace says all that was set and nothing else (see `comparing.refreshed`).
    """

    type: str
    defaults: Mapping[str, Value] = field(default_factory=dict)
    forces_new: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    unsent: frozenset[str] = frozenset()
    complete: bool = False

    @abstractmethod
    def create(self, on: Target, wanted: Object) -> str:
        """Make it; the id by which all else finds it."""

    @abstractmethod
    def read(self, on: Target, identity: str, state: Object) -> Object:
        """What it is now, in Terraform's form; ApiError when it is gone."""

    @abstractmethod
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        """Change it; its id, which may be another one now."""

    @abstractmethod
    def delete(self, on: Target, identity: str, state: Object) -> None:
        """Delete it; fine when it is gone already."""

    def twins(self, on: Target, wanted: Object) -> list[str]:
        """Ids of other things with the same name, for types whose names need not differ."""
        return []

    def makes_new(self, wanted: Object) -> bool:
        """Whether what `create` makes was certainly not there before, so that it can be taken back."""
        return True

    def body(self, on: Target, wanted: Object) -> Json:
        """What to send to make the whole of it."""
        return to_api(self._sendable(on, wanted), on.block, self.aliases)

    def changes(self, on: Target, wanted: Object, prior: Object) -> Json:
        """What to send to change it: what differs, and an empty value for what is no longer set."""
        changed: Json = {}
        for name, value in self._sendable(on, wanted).items():
            attribute = on.block.attributes.get(name)
            if attribute is None or same(value, prior.get(name), attribute.type):
                continue
            cleared = _EMPTY.get(attribute.type if isinstance(attribute.type, str) else attribute.type[0])
            if value is not None or cleared is not None:
                changed[self.aliases.get(f".{name}", name)] = cleared if value is None else value
        return changed

    def found(self, on: Target, answer: Mapping[str, Any], identity: str, **more: Value) -> Object:
        """An answer of the API in Terraform's form, with the id and what Terraform derives from it."""
        return {**from_api(answer, on.block, self.aliases), "id": identity, **more}

    def _sendable(self, on: Target, wanted: Object) -> Object:
        """Without what only the workspace decides, and what only Terraform reads."""
        attributes = on.block.attributes
        return {
            name: value
            for name, value in wanted.items()
            if name != "id"
            and name not in self.unsent
            and (name not in attributes or attributes[name].optional or attributes[name].required)
        }


@dataclass(frozen=True, kw_only=True)
class Rest(Resource):
    """A type with one address per object: POST collection; GET, PATCH or PUT, DELETE collection/id.

    Args:
        collection: path of the collection.
        id_field: where the answer to the creation says the id.
    """

    collection: str
    id_field: str = "id"

    @override
    def create(self, on: Target, wanted: Object) -> str:
        return str(on.api.post(self.collection, self.body(on, wanted))[self.id_field])

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        return self.found(on, on.api.get(self.path(identity)), identity)

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.patch(self.path(identity), self.changes(on, wanted, prior))
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        on.api.delete(self.path(identity))

    def path(self, identity: str) -> str:
        """The address of one object."""
        return f"{self.collection}/{part(identity)}"


@dataclass(frozen=True, kw_only=True)
class Rpc(Resource):
    """A type with one address per verb: POST prefix/create, GET prefix/get, POST prefix/edit, prefix/delete.

    Args:
        prefix: path before the verb.
        id_field: the API's name of the id.
        edit: the verb that replaces the settings.
        remove: the verb that deletes.
    """

    prefix: str
    id_field: str
    edit: str = "edit"
    remove: str = "delete"

    @override
    def create(self, on: Target, wanted: Object) -> str:
        return str(on.api.post(f"{self.prefix}/create", self.body(on, wanted))[self.id_field])

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        return self.found(on, on.api.get(f"{self.prefix}/get", **self.key(identity)), identity)

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        on.api.post(f"{self.prefix}/{self.edit}", {**self.body(on, wanted), **self.key(identity)})
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        on.api.post(f"{self.prefix}/{self.remove}", self.key(identity))

    def key(self, identity: str) -> Json:
        """The id as a request carries it."""
        return {self.id_field: identity}


def the_one(wanted: Object, attributes: Iterable[str]) -> tuple[str, str]:
    """The one of these attributes that is set, and its value.

    Raises:
        ApiError: none is set, or several are.
    """
    given = [(name, value) for name in attributes if isinstance(value := wanted.get(name), str)]
    if len(given) != 1:
        raise ApiError(400, "INVALID", f"set exactly one of {', '.join(attributes)}", "")
    return given[0]
