"""Access that grants on a catalog or schema give below it: Unity Catalog inherits privileges downwards.

Source: Databricks documentation, "Manage privileges in Unity Catalog", privilege inheritance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh.model.grant import Securable
from mesh.review.masking import SENSITIVE, UNKNOWN
from mesh.review.plan import ResourceChange, StackPlan, resources_of
from mesh.review.sentence import Name, Sentence, counted, listed

# The arguments of `databricks_grants` that name a securable, and the mesh's names of these securables
SECURABLE_ARGUMENTS: Mapping[str, Securable] = {
    "catalog": "catalog",
    "schema": "schema",
    "volume": "volume",
    "model": "registered_model",
    "external_location": "external_location",
    "storage_credential": "storage_credential",
}
_OTHER_ARGUMENTS = (
    "table",
    "function",
    "foreign_connection",
    "metastore",
    "pipeline",
    "recipient",
    "share",
    "credential",
)
_NO_SECURABLES = ("id", "principal", "provider_config")


def find_securable(arguments: Mapping[str, Any]) -> tuple[str | None, str]:
    """The securable of grants: its argument and full name; (None, "") without arguments."""
    for argument in (*SECURABLE_ARGUMENTS, *_OTHER_ARGUMENTS):
        if name := arguments.get(argument):
            return argument, str(name)
    # grants in the state carry the securable in their own id
    kind, slash, name = str(arguments.get("id") or "").partition("/")
    if slash and kind in SECURABLE_ARGUMENTS:
        return kind, name
    # an argument of a newer provider: reported under Terraform's name rather than not at all
    for argument, value in arguments.items():
        is_candidate = argument not in _NO_SECURABLES and re.fullmatch("[a-z_]{1,40}", argument)
        if is_candidate and isinstance(value, str) and value:
            return argument, value
    return (None, "") if not arguments else ("securable", str(arguments.get("id") or "?"))


def privileges_by_principal(arguments: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Privileges by principal."""
    blocks = arguments.get("grant")
    granted: dict[str, frozenset[str]] = {}
    for one in blocks if isinstance(blocks, list) else ():
        privileges = one.get("privileges") if isinstance(one, Mapping) else None
        privileges = [privileges] if privileges == SENSITIVE else privileges
        if isinstance(privileges, list):
            principal = str(one.get("principal"))
            spelled = {one if one == SENSITIVE else str(one).replace(" ", "_").upper() for one in privileges}
            granted[principal] = granted.get(principal, frozenset()) | spelled
    return granted


_ALL = "ALL_PRIVILEGES"
# Verb: the securable and the privilege that it needs, besides _PATH_PRIVILEGES
_VERBS = {
    "read": ("schema", "SELECT"),
    "change": ("schema", "MODIFY"),
    "read files in": ("volume", "READ_VOLUME"),
    "write files to": ("volume", "WRITE_VOLUME"),
}
_PATH_PRIVILEGES = {"USE_CATALOG", "USE_SCHEMA"}

SECURABLE_RESOURCE_TYPES = {"model": "databricks_registered_model"}

Privileges = Mapping[str, frozenset[str]]  # by principal


@dataclass(frozen=True)
class InheritedAccess:
    """Access that a principal gains or loses below the securable of a grant.

    Args:
        can: True if the access is gained, False if it is lost.
        verb: what the principal does, for example `read`.
        kind: the kind of securable below, for example `schema`.
        names: the full names of these securables.
        catalog: their catalog.
    """

    can: bool
    verb: str
    kind: str
    names: tuple[str, ...]
    catalog: str

    def sentence(self, principal: str) -> Sentence:
        """The access as a sentence.

        Args:
            principal: the principal's display name.
        """
        now = "can now" if self.can else "can no longer"
        number = counted(len(self.names), self.kind)
        names = listed(name.removeprefix(f"{self.catalog}.") for name in self.names)
        return (Name.of(principal), f" {now} {self.verb} {number} in ", Name.of(self.catalog), ": ", *names)


class AccessTree:
    """The securables of all plans, with the privileges on them before and after.

    Args:
        plans: all plans.
        existing: grants outside every state, by securable.
    """

    def __init__(
        self, plans: Sequence[StackPlan], existing: Mapping[tuple[str, str], Privileges] | None = None
    ) -> None:
        self._before: dict[tuple[str, str], Privileges] = {}
        self._after: dict[tuple[str, str], Privileges] = {}
        self._reported: set[tuple[str, InheritedAccess]] = set()
        self._resources: dict[str, dict[str, ResourceChange]] = {kind: {} for kind in SECURABLE_ARGUMENTS}
        for plan, one in resources_of(plans, "databricks_grants"):
            kind, name = self.securable_of(plan, one)
            if kind:
                outside = (existing or {}).get((kind, name), {})
                self._before[kind, name] = privileges_by_principal(one.before) or outside
                # grants that Terraform no longer manages are not revoked
                after = one.before if one.action == "forget" else one.after
                self._after[kind, name] = privileges_by_principal(after)
        kinds = {_resource_type(kind): kind for kind in SECURABLE_ARGUMENTS}
        for _, one in resources_of(plans, *kinds):
            kind = kinds[one.type]
            for arguments in (one.before, one.after):
                if full_name := _full_name(kind, arguments):
                    self._resources[kind][full_name] = one

    @staticmethod
    def securable_of(plan: StackPlan, grants: ResourceChange) -> tuple[str | None, str]:
        """The securable of grants: kind and full name, also where the same plan creates the securable."""
        kind, name = find_securable(grants.arguments)
        if kind is None or name != UNKNOWN:
            return kind, name
        type = _resource_type(kind)
        securables = (one for one in plan.resources if one.type == type and one.id == grants.id)
        names = (full_name for one in securables if (full_name := _full_name(kind, one.after)))
        return kind, next(names, grants.address)

    def is_new(self, kind: str, name: str) -> bool:
        """True if one of the plans creates this securable."""
        one = self._resources.get(kind, {}).get(name)
        return one is not None and one.action in ("create", "recreate")

    def is_destroyed(self, kind: str, name: str) -> bool:
        """True if one of the plans destroys this securable."""
        one = self._resources.get(kind, {}).get(name)
        return one is not None and one.action == "delete"

    def inherited_changes(
        self, kind: str, name: str, before: Privileges, after: Privileges
    ) -> dict[str, tuple[InheritedAccess, ...]]:
        """The access gained and lost below a catalog or schema whose grants change, by principal.

        Args:
            kind: `catalog` or `schema`.
            name: the full name of the catalog or schema.
            before: the privileges on it before the change.
            after: the privileges on it after the change.
        """
        changes: dict[str, list[InheritedAccess]] = {}
        catalog = name.partition(".")[0]
        for principal in {**before, **after}:
            if before.get(principal) == after.get(principal):
                continue
            for verb, (below_kind, privilege) in _VERBS.items():
                below = [one for one in sorted(self._resources[below_kind]) if one.startswith(f"{name}.")]
                if kind == "catalog" or below_kind == "volume":
                    could = {one for one in below if self._may(principal, one, privilege, self._before)}
                    can = {one for one in below if self._may(principal, one, privilege, self._after)}
                    stays = {one for one in below if not self.is_destroyed(below_kind, one)}
                    for gained, names in ((True, can & stays - could), (False, could - can)):
                        if names:
                            access = InheritedAccess(gained, verb, below_kind, tuple(sorted(names)), catalog)
                            changes.setdefault(principal, []).append(access)
        return {principal: tuple(self._unreported(principal, one)) for principal, one in changes.items()}

    def _unreported(self, principal: str, changes: Sequence[InheritedAccess]) -> Iterator[InheritedAccess]:
        """The changes that were not returned before, with all verbs for the same securables in one."""
        verbs: dict[InheritedAccess, list[str]] = {}
        for one in changes:
            if (principal, one) not in self._reported:
                self._reported.add((principal, one))
                verbs.setdefault(replace(one, verb=""), []).append(one.verb)
        yield from (replace(one, verb=" and ".join(every)) for one, every in verbs.items())

    def _may(
        self, principal: str, name: str, privilege: str, at: Mapping[tuple[str, str], Privileges]
    ) -> bool:
        """True if a principal has a privilege on a schema or volume, and the privileges on its path."""
        parts = name.split(".")
        above = [("catalog", parts[0]), ("schema", ".".join(parts[:2]))]
        above += [("volume", name)] if len(parts) > 2 else []
        given = [at.get(one, {}).get(principal, frozenset()) for one in above]
        everything = set(frozenset().union(*given))
        if _ALL in given[0]:
            return True
        if _ALL in everything:
            everything |= {privilege, "USE_SCHEMA"}
        # without a plan for the catalog, USE_CATALOG and USE_SCHEMA are assumed: rather report too much
        required = _PATH_PRIVILEGES if above[0] in at else set()
        return privilege in everything and required <= everything


def _resource_type(kind: str) -> str:
    """The resource type of a kind of securable."""
    return SECURABLE_RESOURCE_TYPES.get(kind, f"databricks_{kind}")


def _full_name(kind: str, arguments: Mapping[str, Any]) -> str | None:
    fields: tuple[str, ...] = ("catalog_name", "name") if kind == "schema" else ("name",)
    if kind in ("volume", "model"):
        fields = ("catalog_name", "schema_name", "name")
    parts = [arguments.get(field) for field in fields]
    return ".".join(map(str, parts)) if all(parts) else None
