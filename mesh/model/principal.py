"""Groups, users and service principals of the account, and those that the mesh creates in a workspace."""

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

# Terraform provider 1.99.0, `databricks_group`: groups that it does not create
_RESERVED_GROUPS = ("admins", "users")


class GroupFile(CheckedModel):
    """A group in org.yml; the key is its name."""

    make: StrictBool = False
    """True creates it in the workspace; by default it belongs to the account."""

    members: tuple[str, ...] = ()
    """E-mails of the members; only for a group that is created."""


class UserFile(CheckedModel):
    """A user in org.yml; the key is the e-mail."""

    make: StrictBool = False
    """True creates the user in the workspace; by default the user belongs to the account."""

    display_name: str | None = None
    """The display name."""


class ServicePrincipalFile(CheckedModel):
    """A service principal in org.yml; the key is its display name."""

    make: StrictBool = False
    """True creates it in the workspace; by default it belongs to the account."""

    application_id: Annotated[str, Field(pattern=APPLICATION_ID.pattern)] | None = None
    """The application id; files may use the display name instead."""


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

    def databricks_name(self, principal: str) -> str:
        """Returns a principal's name in Databricks: the application id for a service principal."""
        listed = self.service_principals.get(principal)
        return listed.application_id if listed and listed.application_id else principal

    def check(self, principal: str, *, of_data: bool) -> tuple[str, str] | None:
        """Checks a principal in a grant or permission; returns finding code and message, or None.

        Args:
            principal: as a file names it.
            of_data: True for Unity Catalog, which only accepts principals of the account.
        """
        group, service = self.groups.get(principal), self.service_principals.get(principal)
        if of_data and group and group.make:
            right = "Unity Catalog accepts groups of the account only: name one"
            return "workspace-group-in-grant", f"group `{principal}` is created in the workspace ({right})"
        if service and not service.application_id:
            message = f"service principal `{principal}` has no `application_id` in org.yml"
            return "service-principal-without-id", f"{message} (add it; Databricks shows it after creation)"
        if self.groups and not (group or service or self._recognizable(principal)):
            kinds = "groups and service principals" if self.service_principals else "groups"
            near = nearest(principal, {*self.groups, *self.service_principals}, kinds)
            return "unknown-principal", f"principal `{principal}` is not listed in org.yml ({near})"
        return None

    def _recognizable(self, principal: str) -> bool:
        """True for a user, an application id or a system group of Databricks."""
        return "@" in principal or principal in _SYSTEM_GROUPS or bool(APPLICATION_ID.match(principal))


@dataclass(frozen=True)
class Group:
    """A group to create in a workspace.

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
    """A user to create in a workspace.

    Args:
        id: the Terraform name.
        email: the e-mail.
        display_name: the display name.
    """

    id: str
    email: str
    display_name: str | None


@dataclass(frozen=True)
class ServicePrincipal:
    """A service principal to create in a workspace.

    Args:
        id: its Terraform name.
        display_name: the display name.
        application_id: the application id, if it is set in advance.
    """

    id: str
    display_name: str
    application_id: str | None


def created_groups(principals: Principals) -> tuple[Group, ...]:
    """Returns the groups to create in a workspace."""
    return tuple(
        Group(identifier(name), name, tuple(sorted(group.members)))
        for name, group in sorted(principals.groups.items())
        if group.make
    )


def created_users(principals: Principals) -> tuple[User, ...]:
    """Returns the users to create in a workspace."""
    listed = sorted(principals.users.items())
    return tuple(User(identifier(email), email, user.display_name) for email, user in listed if user.make)


def created_service_principals(principals: Principals) -> tuple[ServicePrincipal, ...]:
    """Returns the service principals to create in a workspace."""
    listed = sorted(principals.service_principals.items())
    return tuple(
        ServicePrincipal(identifier(name), name, principal.application_id)
        for name, principal in listed
        if principal.make
    )


def check_principals(principals: Principals, document: Document) -> Iterator[Finding]:
    """Checks the principals that an org lists."""
    for name, group in principals.groups.items():
        if group.make and name in _RESERVED_GROUPS:
            message = f"group `{name}` exists in every workspace (remove `make`, or choose another name)"
            yield document.finding("reserved-group", ("groups", name, "make"), message)
        if group.members and not group.make:
            at: Location = ("groups", name, "members")
            message = f"group `{name}` belongs to the account, so its members cannot be set here"
            remedy = "remove them, or add `make: true`"
            yield document.finding("members-of-account-group", at, f"{message} ({remedy})")


def check_named(
    principals: Principals, named: Iterable[tuple[str, Location]], document: Document, *, of_data: bool
) -> Iterator[Finding]:
    """Checks the principals that a file names.

    Args:
        principals: the principals that org.yml lists.
        named: each principal with its position.
        document: the file.
        of_data: True for Unity Catalog.
    """
    for principal, at in named:
        if wrong := principals.check(principal, of_data=of_data):
            yield document.finding(wrong[0], at, wrong[1])


def check_run_as(
    principals: Principals,
    named: Iterable[tuple[str, Location]],
    document: Document,
    *,
    always: bool = False,
) -> Iterator[Finding]:
    """Checks that org.yml lists the service principals that jobs run as, except application ids.

    Source: Databricks SDK, `jobs.JobRunAs` and `pipelines.RunAs`: the application id of a service principal.

    Args:
        principals: the principals that org.yml lists.
        named: each service principal that jobs run as, with its position.
        document: the file.
        always: True to check names even if org.yml lists no service principals.
    """
    listed = principals.service_principals
    for name, at in named:
        if name in listed:
            yield from check_named(principals, [(name, at)], document, of_data=False)
        elif (listed or always) and not APPLICATION_ID.match(name):
            near = nearest(name, listed, "service principals")
            message = f"service principal `{name}` is not listed in org.yml ({near})"
            yield document.finding("unknown-principal", at, message)
