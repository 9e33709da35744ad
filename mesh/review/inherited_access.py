"""What rights on a catalog or schema open further down, since Unity Catalog hands privileges on.

Source: Databricks documentation, "Manage privileges in Unity Catalog", privilege inheritance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh.model.grant import Securable
from mesh.review.masking import UNKNOWN
from mesh.review.plan import Planned, StackPlan, resources
from mesh.review.sentence import Name, Sentence, counted, listed

# The arguments of `databricks_grants` that say what is granted on, and what the mesh calls these
SECURABLES: Mapping[str, Securable] = {
    "catalog": "catalog",
    "schema": "schema",
    "volume": "volume",
    "model": "registered_model",
    "external_location": "external_location",
    "storage_credential": "storage_credential",
}
_OTHERS = (
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


def securable(arguments: Mapping[str, Any]) -> tuple[str | None, str]:
    """What grants are on: the argument that says it, and its full name; (None, "") where nothing does."""
    for argument in (*SECURABLES, *_OTHERS):
        if name := arguments.get(argument):
            return argument, str(name)
    # what is made in the same apply has its id only then, but grants that are there say theirs in their own
    kind, slash, name = str(arguments.get("id") or "").partition("/")
    if slash and kind in SECURABLES:
        return kind, name
    # a kind that is newer than this: better called by Terraform's word than not told
    for argument, value in arguments.items():
        named = argument not in _NO_SECURABLES and re.fullmatch("[a-z_]{1,40}", argument)
        if named and isinstance(value, str) and value:
            return argument, value
    return (None, "") if not arguments else ("securable", str(arguments.get("id") or "?"))


def granted(arguments: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Privileges by principal."""
    blocks = arguments.get("grant")
    found: dict[str, frozenset[str]] = {}
    for one in blocks if isinstance(blocks, list) else ():
        privileges = one.get("privileges") if isinstance(one, Mapping) else None
        if isinstance(privileges, list):
            principal = str(one.get("principal"))
            said = {str(privilege).replace(" ", "_").upper() for privilege in privileges}
            found[principal] = found.get(principal, frozenset()) | said
    return found


_ALL = "ALL_PRIVILEGES"
# What somebody can do with which privileges, besides those that lead there
_CAN = {
    "read": ("schema", "SELECT"),
    "change": ("schema", "MODIFY"),
    "read files in": ("volume", "READ_VOLUME"),
    "write files to": ("volume", "WRITE_VOLUME"),
}
_WAY = {"USE_CATALOG", "USE_SCHEMA"}

TYPES = {"model": "databricks_registered_model"}

Privileges = Mapping[str, frozenset[str]]  # by principal


@dataclass(frozen=True)
class Reached:
    """What somebody can do now and could not, or could and cannot.

    Args:
        can: whether it is opened; else it is closed.
        verb: what is done.
        kind: with what.
        names: the full names of all of it.
        catalog: where they are.
    """

    can: bool
    verb: str
    kind: str
    names: tuple[str, ...]
    catalog: str

    def of(self, principal: str) -> Sentence:
        """What a person reads.

        Args:
            principal: as people know it.
        """
        now = "can now" if self.can else "can no longer"
        short = [name.removeprefix(f"{self.catalog}.") for name in self.names]
        many = counted(len(self.names), self.kind)
        return (
            Name.of(principal),
            f" {now} {self.verb} {many} in ",
            Name.of(self.catalog),
            ": ",
            *listed(short),
        )


class Reaches:
    """The catalogs, schemas and volumes of all plans with who may do what in them.

    Args:
        plans: all plans.
        there: by securable, who has rights that no state knows.
    """

    def __init__(
        self, plans: Sequence[StackPlan], there: Mapping[tuple[str, str], Privileges] | None = None
    ) -> None:
        self._before: dict[tuple[str, str], Privileges] = {}
        self._after: dict[tuple[str, str], Privileges] = {}
        self._said: set[tuple[str, Reached]] = set()
        self._things: dict[str, dict[str, Planned]] = {"catalog": {}, "schema": {}, "volume": {}}
        for plan, one in resources(plans, "databricks_grants"):
            of, name = self.securable(plan, one)
            if of:
                self._before[of, name] = granted(one.before) or (there or {}).get((of, name), {})
                self._after[of, name] = granted(one.after)
        for _, one in resources(plans, "databricks_catalog", "databricks_schema", "databricks_volume"):
            kind = one.type.removeprefix("databricks_")
            for arguments in (one.before, one.after):
                if found := _full_name(kind, arguments):
                    self._things[kind][found] = one

    @staticmethod
    def securable(plan: StackPlan, one: Planned) -> tuple[str | None, str]:
        """What grants are on: kind and full name; what the same plan makes has an id only when it is made."""
        kind, name = securable(one.arguments)
        if kind is None or name != UNKNOWN:
            return kind, name
        type = TYPES.get(kind, f"databricks_{kind}")
        made = (other for other in plan.resources if other.type == type and other.id == one.id)
        return kind, next((found for other in made if (found := _full_name(kind, other.after))), one.address)

    def is_new(self, kind: str, name: str) -> bool:
        """Whether a catalog, schema or volume is made by one of the plans."""
        one = self._things.get(kind, {}).get(name)
        return one is not None and one.action == "create"

    def is_gone(self, kind: str, name: str) -> bool:
        """Whether a catalog, schema or volume is destroyed by one of the plans."""
        one = self._things.get(kind, {}).get(name)
        return one is not None and one.action == "delete"

    def changed(
        self, kind: str, name: str, before: Privileges, after: Privileges
    ) -> dict[str, tuple[Reached, ...]]:
        """What a change of grants on a catalog or schema opens and closes, by principal.

        Args:
            kind: `catalog` or `schema`.
            name: its full name.
            before: what is granted on it now.
            after: what is granted on it then.
        """
        found: dict[str, list[Reached]] = {}
        catalog = name.partition(".")[0]
        for principal in {**before, **after}:
            if before.get(principal) == after.get(principal):
                continue
            for verb, (of, privilege) in _CAN.items():
                below = [one for one in sorted(self._things[of]) if one.startswith(f"{name}.")]
                if kind == "catalog" or of == "volume":
                    could = {one for one in below if self._may(principal, one, privilege, self._before)}
                    can = {one for one in below if self._may(principal, one, privilege, self._after)}
                    here = {one for one in below if not self.is_gone(of, one)}
                    for opened, names in ((True, can & here - could), (False, could - can)):
                        if names:
                            reached = Reached(opened, verb, of, tuple(sorted(names)), catalog)
                            found.setdefault(principal, []).append(reached)
        return {principal: tuple(self._new(principal, reached)) for principal, reached in found.items()}

    def _new(self, principal: str, found: Sequence[Reached]) -> Iterator[Reached]:
        """What was not said before, with what can be done with the same things in one sentence."""
        verbs: dict[Reached, list[str]] = {}
        for one in found:
            if (principal, one) not in self._said:
                self._said.add((principal, one))
                verbs.setdefault(replace(one, verb=""), []).append(one.verb)
        yield from (replace(one, verb=" and ".join(done)) for one, done in verbs.items())

    def _may(
        self, principal: str, name: str, privilege: str, at: Mapping[tuple[str, str], Privileges]
    ) -> bool:
        """Whether a principal has a privilege on a schema or volume, and the way there."""
        parts = name.split(".")
        above = [("catalog", parts[0]), ("schema", ".".join(parts[:2]))]
        above += [("volume", name)] if len(parts) > 2 else []
        given = [at.get(one, {}).get(principal, frozenset()) for one in above]
        everything = set(frozenset().union(*given))
        if _ALL in given[0]:
            return True
        if _ALL in everything:
            everything |= {privilege, "USE_SCHEMA"}
        # a catalog of which no plan tells is taken to be open: better one sentence too many
        way = _WAY if above[0] in at else set()
        return privilege in everything and way <= everything


def _full_name(kind: str, arguments: Mapping[str, Any]) -> str | None:
    fields: tuple[str, ...] = ("catalog_name", "name") if kind == "schema" else ("name",)
    if kind in ("volume", "model"):
        fields = ("catalog_name", "schema_name", "name")
    parts = [arguments.get(field) for field in fields]
    return ".".join(map(str, parts)) if all(parts) else None
