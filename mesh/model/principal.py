"""Groups, users and service principals: referred to in the account, or made in a workspace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictBool

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.naming import identifier

APPLICATION_ID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
# Databricks documentation, "Manage groups": groups that every account or workspace has
_SYSTEM_GROUPS = frozenset({"account users", "users", "admins"})


class GroupFile(CheckedModel):
    """A group as org.yml declares it, under its name."""

    make: StrictBool = False
    """Make it in the workspace; else it is one of the account's, and only referred to."""

    members: tuple[str, ...] = ()
    """E-mails of users that are made a member of it; only of a group that is made."""


class UserFile(CheckedModel):
    """A user as org.yml declares him, under his e-mail."""

    make: StrictBool = False
    """Make him in the workspace; else he is one of the account's, and only referred to."""

    display_name: str | None = None
    """What people call him."""


class ServicePrincipalFile(CheckedModel):
    """A service principal as org.yml declares it, under its display name."""

    make: StrictBool = False
    """Make it in the workspace; else it is one of the account's, and only referred to."""

    application_id: Annotated[str, Field(pattern=APPLICATION_ID.pattern)] | None = None
    """What Databricks knows it by; files may use its display name instead."""


@dataclass(frozen=True)
class Principals:
    """The principals that an org lists.

    Args:
        groups: by name.
        users: by e-mail.
        service_principals: by display name.
    """

    groups: Mapping[str, GroupFile]
    users: Mapping[str, UserFile]
    service_principals: Mapping[str, ServicePrincipalFile]

    def known_as(self, principal: str) -> str:
        """What Databricks knows a principal by: a service principal by its application id."""
        listed = self.service_principals.get(principal)
        return listed.application_id if listed and listed.application_id else principal

    def check(self, principal: str, *, of_data: bool) -> tuple[str, str] | None:
        """What is wrong with a principal in a grant or permission, if anything: code and message.

        Args:
            principal: as a file names it.
            of_data: whether it is for Unity Catalog, which knows the account's principals only.
        """
        group, service = self.groups.get(principal), self.service_principals.get(principal)
        if of_data and group and group.make:
            right = "Unity Catalog takes the account's groups only; refer to one of these"
            return "workspace-group-in-grant", f"group `{principal}` is made in the workspace ({right})"
        if service and not service.application_id:
            message = f"service principal `{principal}` has no `application_id` in org.yml"
            return "service-principal-without-id", f"{message} (add it; Databricks shows it once it is made)"
        if self.groups and not (group or service or self._recognizable(principal)):
            near = nearest(principal, {*self.groups, *self.service_principals}, "groups")
            return "unknown-principal", f"principal `{principal}` is not listed in org.yml ({near})"
        return None

    def _recognizable(self, principal: str) -> bool:
        """Whether it is a user, an application id or a group of Databricks' own."""
        return "@" in principal or principal in _SYSTEM_GROUPS or bool(APPLICATION_ID.match(principal))


@dataclass(frozen=True)
class Group:
    """A group as it is made in a workspace.

    Args:
        id: its Terraform name.
        name: its name.
        members: e-mails, in order.
    """

    id: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class User:
    """A user as he is made in a workspace.

    Args:
        id: his Terraform name.
        email: his e-mail.
        display_name: what people call him.
    """

    id: str
    email: str
    display_name: str | None


@dataclass(frozen=True)
class ServicePrincipal:
    """A service principal as it is made in a workspace.

    Args:
        id: its Terraform name.
        display_name: what people call it.
        application_id: what it is known by, where that is chosen before.
    """

    id: str
    display_name: str
    application_id: str | None


def made_groups(principals: Principals) -> tuple[Group, ...]:
    """The groups that a workspace gets."""
    return tuple(
        Group(identifier(name), name, tuple(sorted(group.members)))
        for name, group in sorted(principals.groups.items())
        if group.make
    )


def made_users(principals: Principals) -> tuple[User, ...]:
    """The users that a workspace gets."""
    listed = sorted(principals.users.items())
    return tuple(User(identifier(email), email, user.display_name) for email, user in listed if user.make)


def made_service_principals(principals: Principals) -> tuple[ServicePrincipal, ...]:
    """The service principals that a workspace gets."""
    listed = sorted(principals.service_principals.items())
    return tuple(
        ServicePrincipal(identifier(name), name, one.application_id) for name, one in listed if one.make
    )


def check_principals(principals: Principals, document: Document) -> Iterator[Finding]:
    """What is wrong with the principals that an org lists."""
    for name, group in principals.groups.items():
        if group.members and not group.make:
            at: Location = ("groups", name, "members")
            message = f"group `{name}` is the account's, so its members are not set here"
            remedy = "remove them, or add `make: true`"
            yield document.finding("members-of-account-group", at, f"{message} ({remedy})")


def check_named(
    principals: Principals, named: Iterable[tuple[str, Location]], document: Document, *, of_data: bool
) -> Iterator[Finding]:
    """What is wrong with the principals that a file names.

    Args:
        principals: those that the org lists.
        named: each principal, and where it stands.
        document: the file.
        of_data: whether it is for Unity Catalog.
    """
    for principal, at in named:
        if wrong := principals.check(principal, of_data=of_data):
            yield document.finding(wrong[0], at, wrong[1])


def check_run_as(
    principals: Principals, named: Iterable[tuple[str, Location]], document: Document
) -> Iterator[Finding]:
    """Jobs run as service principals that Databricks knows.

    Args:
        principals: those that the org lists.
        named: each service principal that jobs run as, and where it stands.
        document: the file.
    """
    listed = principals.service_principals
    for name, at in named:
        if name in listed:
            yield from check_named(principals, [(name, at)], document, of_data=False)
        elif listed and not APPLICATION_ID.match(name):
            near = nearest(name, listed, "service principals")
            message = f"service principal `{name}` is not listed in org.yml ({near})"
            yield document.finding("unknown-principal", at, message)
