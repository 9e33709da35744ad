"""What a tear-down goes by: a workshop, what a workspace holds, and what of it belongs to the workshop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mesh.workshop.teardown.workspace_object import Thing


class Student(Protocol):
    """What is known of a student."""

    @property
    def email(self) -> str:
        """Who it is."""

    @property
    def branch(self) -> str:
        """The branch that they work on in the course."""


class ServicePrincipal(Protocol):
    """Who production's jobs run as."""

    @property
    def application_id(self) -> str:
        """What Databricks knows it by."""


class Workshop(Protocol):
    """What is known of a workshop."""

    @property
    def name(self) -> str:
        """What tells it from others."""

    @property
    def students(self) -> Sequence[Student]:
        """Those on the roster."""

    @property
    def service_principal(self) -> ServicePrincipal | None:
        """Who production's jobs run as, if anybody."""

    @property
    def existing_catalogs(self) -> Collection[str]:
        """The catalogs that were there before, where the class gets rights only."""


@dataclass(frozen=True)
class Survey:
    """What a workspace holds.

    Args:
        me: who asks.
        things: catalogs, schemas, jobs, pipelines, clusters and so on.
        groups: the groups of users, by e-mail in lower case.
        unreadable: why nobody can tell what lies in a catalog, by its name.
    """

    me: str
    things: tuple[Thing, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Removal:
    """Something that belongs to the workshop, outside its state.

    Args:
        thing: what it is.
        why: how that is known.
        deployment: the state key of the deployment that it is part of, if any.
    """

    thing: Thing
    why: str
    deployment: str | None = None


@dataclass(frozen=True)
class Kept:
    """Something that stays.

    Args:
        what: what it is.
        why: the reason, with what would change it.
        catalog: the catalog that stays because of it, if any.
    """

    what: str
    why: str
    catalog: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What belongs to a workshop, and what does not.

    Args:
        addresses: what goes through the workshop's own state, by Terraform's address.
        removals: what goes besides, in an order in which each can go.
        kept: what stays.
    """

    addresses: tuple[str, ...]
    removals: tuple[Removal, ...]
    kept: tuple[Kept, ...]
