"""Permissions on workspace objects: compute, jobs, pipelines, folders, experiments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from mesh.documents.canonical_form import principal_key
from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.principal import Principals, check_named, check_run_as

ObjectType = Literal[
    "cluster",
    "cluster_policy",
    "instance_pool",
    "sql_warehouse",
    "job",
    "pipeline",
    "directory",
    "experiment",
]
PrincipalKind = Literal["group_name", "user_name", "service_principal_name"]

PRINCIPAL_KINDS: tuple[PrincipalKind, ...] = get_args(PrincipalKind)
OWNER = "IS_OWNER"
MANAGER = "CAN_MANAGE"

# Databricks documentation, "Access control lists"; each level includes the levels before it
LEVELS: Mapping[ObjectType, tuple[str, ...]] = {
    "cluster": ("CAN_ATTACH_TO", "CAN_RESTART", MANAGER),
    "cluster_policy": ("CAN_USE",),
    "instance_pool": ("CAN_ATTACH_TO", MANAGER),
    "sql_warehouse": ("CAN_VIEW", "CAN_USE", "CAN_MONITOR", MANAGER, OWNER),
    "job": ("CAN_VIEW", "CAN_MANAGE_RUN", MANAGER, OWNER),
    "pipeline": ("CAN_VIEW", "CAN_RUN", MANAGER, OWNER),
    "directory": ("CAN_READ", "CAN_RUN", "CAN_EDIT", MANAGER),
    "experiment": ("CAN_READ", "CAN_EDIT", MANAGER),
}
_ALL = {level for levels in LEVELS.values() for level in levels}


def _known(level: str) -> str:
    if level not in _ALL:
        near = nearest(level.replace(" ", "_").upper(), _ALL, "levels")
        raise FieldError("unknown-permission-level", f"`{level}` is not a permission level ({near})")
    return level


class PermissionFile(CheckedModel):
    """A permission level for one principal; Databricks Permissions API, `access_control_list`."""

    group_name: Annotated[str, Field(min_length=1)] | None = None
    """A group's name."""

    user_name: Annotated[str, Field(min_length=1)] | None = None
    """A user's e-mail."""

    service_principal_name: Annotated[str, Field(min_length=1)] | None = None
    """A service principal's application id, or its display name in org.yml."""

    permission_level: Annotated[str, AfterValidator(_known)]
    """The level in Terraform's spelling, for example `CAN_MANAGE`."""

    @property
    def principals(self) -> dict[PrincipalKind, str]:
        """The principals by kind; exactly one is valid."""
        return {kind: name for kind in PRINCIPAL_KINDS if (name := getattr(self, kind)) is not None}


@dataclass(frozen=True)
class Permission:
    """A permission level for one principal, as it is deployed.

    Args:
        kind: the kind of principal, in the API's spelling.
        principal: a group's name, a user's e-mail or a service principal's application id.
        level: as Terraform spells it.
        origins: the positions of the declarations, for messages.
    """

    kind: PrincipalKind
    principal: str
    level: str
    origins: tuple[str, ...] = ()

    @property
    def who(self) -> tuple[str, str]:
        """The kind and the principal, for comparisons that ignore the case of an e-mail address."""
        return self.kind, principal_key(self.principal) if self.kind == "user_name" else self.principal


def permissions(
    declared: Iterable[PermissionFile], principals: Principals, document: Document, at: Location
) -> Iterator[Permission]:
    """Returns declared permissions; service principals are named by their application ids.

    Args:
        declared: as declared at `at` in `document`.
        principals: the principals that org.yml lists.
        document: the file.
        at: their position in the file.
    """
    for index, permission in enumerate(declared):
        origins = (document.position((*at, index)),)
        for kind, name in permission.principals.items():
            yield Permission(kind, principals.databricks_name(name), permission.permission_level, origins)


def merged_permissions(of: ObjectType, given: Iterable[Permission]) -> tuple[Permission, ...]:
    """Returns the strongest permission of each principal; the order does not depend on the files.

    `databricks_permissions` is authoritative for its object, so all permissions on one object have to be in
    one resource. An object has one owner: the last owner in `given`. Other owners get CAN_MANAGE.

    Args:
        of: the type of the object; levels of other types are left out.
        given: permissions from the topmost level down to the object itself.
    """
    strength = {level: index for index, level in enumerate(LEVELS[of])}
    usable = [permission for permission in given if permission.level in strength]
    owner = next((each.who for each in reversed(usable) if each.level == OWNER), None)
    strongest: dict[tuple[str, str], Permission] = {}
    for permission in usable:
        level = MANAGER if permission.level == OWNER and permission.who != owner else permission.level
        merged = strongest.get(permission.who)
        if merged is None:
            strongest[permission.who] = replace(permission, level=level)
        else:
            stronger = max(merged.level, level, key=strength.__getitem__)
            origins = tuple(dict.fromkeys((*merged.origins, *permission.origins)))
            strongest[permission.who] = replace(merged, level=stronger, origins=origins)
    return tuple(permission for _, permission in sorted(strongest.items()))


def check_permissions(
    declared: Iterable[PermissionFile],
    of: ObjectType,
    principals: Principals,
    document: Document,
    at: Location,
) -> Iterator[Finding]:
    """Checks permissions, apart from the types of their fields.

    Source: Databricks documentation, "Access control lists"; "Control access to jobs": a job's owner is a
    user or service principal.

    Args:
        declared: as declared at `at` in `document`.
        of: the type of the object.
        principals: the principals that org.yml lists.
        document: the file.
        at: their position in the file.
    """
    what = of.replace("_", " ")
    owners: list[str] = []
    for index, permission in enumerate(declared):
        here = (*at, index)
        if len(permission.principals) != 1:
            message = f"a permission names {len(permission.principals)} principals"
            remedy = f"one of {', '.join(PRINCIPAL_KINDS)}"
            yield document.finding("one-principal", here, f"{message} ({remedy})")
        for kind, name in permission.principals.items():
            named = [(name, (*here, kind))]
            if kind == "service_principal_name" and principals.service_principals:
                yield from check_run_as(principals, named, document)
            else:
                yield from check_named(principals, named, document, of_data=False)
        if permission.group_name == "admins":  # the provider refuses to touch them
            message = "group `admins` already has all permissions (remove it)"
            yield document.finding("admins-permission", here, message)
        where = (*here, "permission_level")
        if permission.permission_level not in LEVELS[of]:
            message = f"`{permission.permission_level}` is not a permission level of a {what}"
            levels = ", ".join(LEVELS[of])
            yield document.finding("permission-not-there", where, f"{message} (levels: {levels})")
        elif permission.permission_level == OWNER:
            owners += permission.principals.values()
            if permission.group_name:
                message = f"group `{permission.group_name}` cannot own a {what}"
                yield document.finding("group-as-owner", where, f"{message} (give it {MANAGER})")
            elif len(owners) > 1:
                message = f"a {what} has one owner, which is `{owners[0]}`"
                yield document.finding("two-owners", where, f"{message} (give `{owners[-1]}` {MANAGER})")
