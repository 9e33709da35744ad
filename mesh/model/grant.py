"""Grants: Unity Catalog privileges for principals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.canonical_form import principal_key
from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest

Securable = Literal[
    "catalog",
    "schema",
    "table",
    "function",
    "volume",
    "registered_model",
    "external_location",
    "storage_credential",
]

# Databricks documentation, "Unity Catalog privileges and securable objects"
_CATALOG_ONLY = {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"}
_SCHEMA = {
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
}
_TABLE = {"MODIFY", "REFRESH", "SELECT"}
_VOLUME = {"READ_VOLUME", "WRITE_VOLUME"}
_MODEL = {"CREATE_MODEL_VERSION", "EXECUTE"}
_FILES = {"CREATE_EXTERNAL_TABLE", "READ_FILES", "WRITE_FILES"}
_EVERYWHERE = {"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE"}
_STORAGE = {"ALL_PRIVILEGES", "MANAGE"} | _FILES

PRIVILEGES: Mapping[Securable, frozenset[str]] = {
    "catalog": frozenset(_EVERYWHERE | _CATALOG_ONLY | _SCHEMA | _VOLUME),
    "schema": frozenset(_EVERYWHERE | _SCHEMA | _VOLUME),
    "table": frozenset(_EVERYWHERE | _TABLE),
    "function": frozenset({"ALL_PRIVILEGES", "EXECUTE", "MANAGE"}),
    "volume": frozenset(_EVERYWHERE | _VOLUME),
    "registered_model": frozenset(_EVERYWHERE | _MODEL),
    "external_location": frozenset(
        _STORAGE | {"BROWSE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE", "EXTERNAL_USE_LOCATION"}
    ),
    "storage_credential": frozenset(_STORAGE | {"CREATE_EXTERNAL_LOCATION"}),
}
_ALL = frozenset().union(*PRIVILEGES.values())

# The privileges that a principal needs above a securable to reach it.
_REACH = {"USE_CATALOG", "USE_SCHEMA"}

# The securables that are inside a catalog.
_INSIDE = ("schema", "table", "function", "volume", "registered_model")

# Labels in messages, where `a <securable>` would be wrong.
_LABELS: Mapping[Securable, str] = {"catalog": "a data object", "external_location": "an external location"}


def _known(privilege: str) -> str:
    if privilege not in _ALL:
        near = nearest(privilege.replace(" ", "_").upper(), _ALL, "privileges")
        raise FieldError("unknown-privilege", f"`{privilege}` is not a privilege of Unity Catalog ({near})")
    return privilege


Privilege = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(_ALL)})]


class GrantFile(CheckedModel):
    """A role or privileges for one principal."""

    principal: Annotated[str, Field(min_length=1)]
    """A group's name, a user's e-mail or a service principal's application id."""

    role: str | None = None
    """A role: reader, writer, owner or a role declared in org.yml."""

    privileges: Annotated[tuple[Privilege, ...], Field(min_length=1)] | None = None
    """Privileges in Terraform's spelling, for example `USE_CATALOG`."""


class ScopedGrantFile(GrantFile):
    """A grant that may be limited to one schema or volume."""

    schema_: Annotated[str | None, Field(alias="schema")] = None
    """Limits the grant to this schema, by the name that a flow declares."""

    volume: str | None = None
    """Limits the grant to this volume."""


@dataclass(frozen=True)
class Grant:
    """Privileges for one principal, as they are deployed.

    Args:
        principal: a group's name, a user's e-mail or a service principal's application id.
        privileges: as Terraform spells them, in order.
        origins: the positions of the declarations, for messages.
    """

    principal: str
    privileges: tuple[str, ...]
    origins: tuple[str, ...] = ()


def merged(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Merges grants into one per principal, in an order that does not depend on the files.

    `databricks_grants` is authoritative for its securable, so everything that is declared for one
    securable has to be in one resource. A principal that is written in several ways is one principal.
    """
    alike: dict[str, list[Grant]] = {}
    for grant in grants:
        alike.setdefault(principal_key(grant.principal), []).append(grant)
    made = (
        Grant(
            min(one.principal for one in same),
            tuple(sorted({privilege for one in same for privilege in one.privileges})),
            tuple(dict.fromkeys(origin for one in same for origin in one.origins)),
        )
        for same in alike.values()
    )
    return tuple(sorted(made, key=lambda one: one.principal))


def applicable(grants: Iterable[Grant], securable: Securable) -> Iterator[Grant]:
    """Returns each grant with only the privileges that `securable` can hold; drops empty grants."""
    return _filtered(grants, PRIVILEGES[securable])


def catalog_only(grants: Iterable[Grant]) -> Iterator[Grant]:
    """Returns each grant with only the privileges of a catalog itself, such as USE_CATALOG."""
    return _filtered(grants, frozenset(_CATALOG_ONLY))


def use_catalog(grants: Iterable[Grant]) -> Iterator[Grant]:
    """Returns the USE_CATALOG privileges of grants on a schema, table, volume or model."""
    return _filtered(grants, frozenset({"USE_CATALOG"}))


def use_schema(grants: Iterable[Grant]) -> Iterator[Grant]:
    """Returns the USE_SCHEMA privileges of grants on a table, volume or model."""
    return _filtered(grants, frozenset({"USE_SCHEMA"}))


def check_grants(
    grants: Iterable[GrantFile],
    roles: Mapping[str, Iterable[str]],
    securable: Securable,
    document: Document,
    at: Location,
) -> Iterator[Finding]:
    """Checks grants, apart from the types of their fields.

    Args:
        grants: as declared at `at` in `document`.
        roles: the privileges of each defined role.
        securable: the kind of securable that they are declared on; levels count as catalogs.
        document: the file.
        at: their position in the file.
    """
    for index, grant in enumerate(grants):
        here = (*at, index)
        if (grant.role is None) == (grant.privileges is None):
            message = f"a grant to `{grant.principal}` needs a role or privileges (one of the two)"
            yield document.finding("role-or-privileges", here, message)
        of = _narrowed(grant, securable)
        allowed = PRIVILEGES[of] | (_REACH if of in _INSIDE else set())
        kind = _LABELS.get(of, f"a {of.replace('_', ' ')}")
        remedy = f"privileges: {', '.join(sorted(PRIVILEGES[of]))}"
        if grant.role is not None and grant.role not in roles:
            near = nearest(grant.role, roles, "roles")
            message = f"role `{grant.role}` is not defined ({near})"
            yield document.finding("unknown-role", (*here, "role"), message)
        elif grant.role is not None and allowed.isdisjoint(roles[grant.role]):
            message = f"role `{grant.role}` has no privilege that can be granted on {kind} ({remedy})"
            yield document.finding("role-not-there", (*here, "role"), message)
        for number, privilege in enumerate(grant.privileges or ()):
            if privilege not in allowed:
                message = f"`{privilege}` cannot be granted on {kind} ({remedy})"
                yield document.finding("privilege-not-there", (*here, "privileges", number), message)


def _narrowed(grant: GrantFile, securable: Securable) -> Securable:
    """Returns the kind of securable that a grant is limited to, else `securable`."""
    if isinstance(grant, ScopedGrantFile):
        return "volume" if grant.volume else "schema" if grant.schema_ else securable
    return securable


def _filtered(grants: Iterable[Grant], allowed: frozenset[str]) -> Iterator[Grant]:
    for grant in grants:
        if part := tuple(privilege for privilege in grant.privileges if privilege in allowed):
            yield Grant(grant.principal, part, grant.origins)
