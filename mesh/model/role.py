"""Roles: sets of privileges under one name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.grant import PRIVILEGES, Grant, GrantFile, Privilege, Securable


class RoleFile(CheckedModel):
    """The privileges of a role by kind of securable; privileges granted higher up are inherited."""

    catalog: tuple[Privilege, ...] = ()
    """On catalogs, for example USE_CATALOG."""

    schema_: Annotated[tuple[Privilege, ...], Field(alias="schema")] = ()
    """On schemas, for example USE_SCHEMA and SELECT."""

    volume: tuple[Privilege, ...] = ()
    """On volumes, for example READ_VOLUME."""

    @property
    def privileges(self) -> tuple[str, ...]:
        """All privileges, sorted."""
        return tuple(sorted({*self.catalog, *self.schema_, *self.volume}))


_READS = ("EXECUTE", "SELECT", "USE_SCHEMA")
_WRITES = (
    *_READS,
    "CREATE_FUNCTION",
    "CREATE_MATERIALIZED_VIEW",
    "CREATE_MODEL",
    "CREATE_MODEL_VERSION",
    "CREATE_TABLE",
    "CREATE_VOLUME",
    "MODIFY",
    "REFRESH",
)
# Databricks documentation, "Manage privileges in Unity Catalog", privilege presets of Catalog Explorer
BUILT_IN_ROLES: Mapping[str, RoleFile] = {
    name: RoleFile.model_validate({"catalog": catalog, "schema": schema, "volume": volume})
    for name, catalog, schema, volume in (
        ("reader", ("USE_CATALOG",), _READS, ("READ_VOLUME",)),
        ("writer", ("USE_CATALOG",), _WRITES, ("READ_VOLUME", "WRITE_VOLUME")),
        (
            "owner",
            ("CREATE_SCHEMA", "MANAGE", "USE_CATALOG"),
            ("APPLY_TAG", "MANAGE", *_WRITES),
            ("READ_VOLUME", "WRITE_VOLUME"),
        ),
    )
}

Roles = Mapping[str, RoleFile]


def check_roles(declared: Roles, document: Document) -> Iterator[Finding]:
    """Checks that each privilege is listed under a securable that can hold it."""
    for name, role in declared.items():
        given: Mapping[Securable, Sequence[str]] = {
            "catalog": role.catalog,
            "schema": role.schema_,
            "volume": role.volume,
        }
        for securable, privileges in given.items():
            allowed = PRIVILEGES[securable]
            for index, privilege in enumerate(privileges):
                if privilege not in allowed:
                    message = f"`{privilege}` cannot be granted on a {securable}"
                    at = ("roles", name, securable, index)
                    remedy = f"privileges: {', '.join(sorted(allowed))}"
                    yield document.finding("privilege-not-there", at, f"{message} ({remedy})")


def expanded(grant: GrantFile, roles: Roles, place: str) -> Grant:
    """Returns a grant with its role replaced by privileges.

    Args:
        grant: as declared.
        roles: all roles by name.
        place: its position, for messages.
    """
    if grant.role is None:
        return Grant(grant.principal, tuple(sorted(grant.privileges or ())), (place,))
    return Grant(grant.principal, roles[grant.role].privileges, (f"role {grant.role}, {place}",))
