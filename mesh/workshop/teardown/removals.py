"""The data of a tear-down: a workshop, the contents of its workspace, and the plan of the tear-down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mesh.workshop.teardown.workspace_object import WorkspaceObject


class TeardownStudent(Protocol):
    """The fields of a student that a tear-down needs."""

    @property
    def email(self) -> str:
        """The student's e-mail."""

    @property
    def branch(self) -> str:
        """The student's git branch, which the course assigns."""


class TeardownPrincipal(Protocol):
    """The service principal that production runs as."""

    @property
    def application_id(self) -> str:
        """Its application id in Databricks."""


class TeardownWorkshop(Protocol):
    """The fields of a workshop that a tear-down needs."""

    @property
    def name(self) -> str:
        """The workshop's name, which is unique."""

    @property
    def students(self) -> Sequence[TeardownStudent]:
        """The students on the roster."""

    @property
    def service_principal(self) -> TeardownPrincipal | None:
        """The service principal that production runs as, if any."""

    @property
    def existing_catalogs(self) -> Collection[str]:
        """The catalogs that existed before the workshop, in which the class only gets privileges."""


@dataclass(frozen=True)
class WorkspaceContents:
    """The contents of a workspace.

    Args:
        caller: the logged-in user.
        objects: catalogs, schemas, jobs, pipelines, clusters and so on.
        groups: the groups of each user, by e-mail in lower case.
        unreadable: the error for each catalog whose content cannot be read, by its name.
    """

    caller: str
    objects: tuple[WorkspaceObject, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectToRemove:
    """An object that belongs to the workshop and is not in the workshop's state.

    Args:
        object: the object.
        reason: how it is known to belong to the workshop.
        deployment: the state key of the deployment that it is part of, if any.
    """

    object: WorkspaceObject
    reason: str
    deployment: str | None = None


@dataclass(frozen=True)
class ObjectToKeep:
    """An object that is kept.

    Args:
        label: its type and name.
        reason: why the object is kept, and if possible how to change this.
        catalog: the catalog that is kept because of it, if any.
    """

    label: str
    reason: str
    catalog: str | None = None


@dataclass(frozen=True)
class TeardownPlan:
    """What a tear-down removes and keeps.

    Args:
        addresses: Terraform addresses to destroy in the workshop's own state.
        removals: objects to remove outside that state, in order.
        kept: objects to keep.
    """

    addresses: tuple[str, ...]
    removals: tuple[ObjectToRemove, ...]
    kept: tuple[ObjectToKeep, ...]
