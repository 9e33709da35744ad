"""Who may do what with data: Unity Catalog privileges for principals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.declared import Declared, Wrong
from mesh.finding import nearest

Securable = Literal["catalog", "schema", "volume"]

# Databricks documentation, "Unity Catalog privileges and securable objects"
_CATALOG_ONLY = {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"}
_BELOW = {
    "schema": {
        "CREATE_FUNCTION",
        "CREATE_MATERIALIZED_VIEW",
        "CREATE_MODEL",
        "CREATE_MODEL_VERSION",
        "CREATE_TABLE",
        "CREATE_VOLUME",
        "EXECUTE",
        "EXTERNAL_USE_SCHEMA",
        "MODIFY",
        "REFRESH",
        "SELECT",
        "USE_SCHEMA",
    },
    "volume": {"READ_VOLUME", "WRITE_VOLUME"},
}
_EVERYWHERE = {"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE"}

PRIVILEGES: dict[Securable, frozenset[str]] = {
    "catalog": frozenset(_EVERYWHERE | _CATALOG_ONLY | _BELOW["schema"] | _BELOW["volume"]),
    "schema": frozenset(_EVERYWHERE | _BELOW["schema"] | _BELOW["volume"]),
    "volume": frozenset(_EVERYWHERE | _BELOW["volume"]),
}


def _known(privilege: str) -> str:
    if privilege not in PRIVILEGES["catalog"]:
        near = nearest(privilege.replace(" ", "_").upper(), PRIVILEGES["catalog"], "privileges")
        raise Wrong("unknown-privilege", f"`{privilege}` is not a privilege of Unity Catalog ({near})")
    return privilege


Privilege = Annotated[str, AfterValidator(_known)]


class Grant(Declared):
    """Privileges for one principal."""

    principal: Annotated[str, Field(min_length=1)]
    """A group's name, a user's e-mail or a service principal's application id."""

    privileges: Annotated[tuple[Privilege, ...], Field(min_length=1)]
    """As Terraform spells them, for example `USE_CATALOG`."""


def merged(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """One grant per principal with all its privileges, in an order that does not depend on the files'.

    `databricks_grants` is authoritative for its securable, so everything that is declared for one
    securable has to be in one resource.
    """
    by_principal: dict[str, set[str]] = {}
    for grant in grants:
        by_principal.setdefault(grant.principal, set()).update(grant.privileges)
    return tuple(
        Grant(principal=principal, privileges=tuple(sorted(privileges)))
        for principal, privileges in sorted(by_principal.items())
    )


def applicable(grants: Iterable[Grant], securable: Securable) -> tuple[Grant, ...]:
    """The part of each grant that `securable` can hold; a grant with no such part is left out."""
    return _filtered(grants, PRIVILEGES[securable])


def catalog_only(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The part of each grant that only a catalog can hold, such as USE_CATALOG."""
    return _filtered(grants, frozenset(_CATALOG_ONLY))


def _filtered(grants: Iterable[Grant], allowed: frozenset[str]) -> tuple[Grant, ...]:
    parts = ((grant, tuple(p for p in grant.privileges if p in allowed)) for grant in grants)
    return tuple(Grant(principal=grant.principal, privileges=part) for grant, part in parts if part)
