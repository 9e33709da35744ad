"""What a plan does to a class, in a few lines for its admin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mesh.terraform.plan import Change
from mesh.workshop.student import Student
from mesh.workshop.workshop import STUDENT_PROPERTY

# What people call the resources of a class; a membership goes along with its user
_WORDS = {
    "databricks_catalog": "catalog",
    "databricks_cluster_policy": "cluster policy",
    "databricks_directory": "folder",
    "databricks_entitlements": "entitlements",
    "databricks_grant": "grants",
    "databricks_grants": "grants",
    "databricks_group": "group",
    "databricks_group_member": "membership",
    "databricks_permissions": "permissions",
    "databricks_repo": "Git folder",
    "databricks_schema": "schema",
    "databricks_service_principal": "service principal",
    "databricks_sql_endpoint": "SQL warehouse",
    "databricks_user": "user",
    "databricks_volume": "volume",
}
_HOLDS_DATA = ("databricks_catalog", "databricks_schema", "databricks_volume")
_SIGNS: Mapping[tuple[str, ...], str] = {("create",): "+", ("delete",): "-", ("update",): "~"}


@dataclass(frozen=True)
class Changes:
    """What a plan does, by whom it is for.

    Args:
        changes: all that it does.
        students: those of the roster.
    """

    changes: tuple[Change, ...]
    students: tuple[Student, ...]

    def lines(self) -> Iterator[str]:
        """What happens to what all share, and to whom else, with `+`, `-` or `~` before it."""
        whose: dict[str, list[Change]] = {}
        for change in self.changes:
            whose.setdefault(self._whose(change), []).append(change)
        if shared := whose.pop("", None):
            yield f"{_sign(shared)} the class: {_counted(shared)}"
        alike: dict[tuple[str, str], list[str]] = {}
        for email in sorted(whose):
            alike.setdefault((_sign(whose[email]), _counted(whose[email])), []).append(email)
        for (sign, what), emails in alike.items():
            if len(emails) == 1:
                yield f"{sign} {emails[0]}: {what}"
            else:
                yield f"{sign} {len(emails)} students, for each: {what}"
                yield from (f"    {email}" for email in emails)

    def losses(self, holds: Callable[[str, str], str]) -> Iterator[str]:
        """What would be gone of the data that somebody has made.

        Args:
            holds: what lies in something of a type, by its full name.
        """
        for change in self.changes:
            if change.destroys and change.type in _HOLDS_DATA:
                name = ".".join(
                    str(change.before[part])
                    for part in ("catalog_name", "schema_name", "name")
                    if change.before.get(part)
                )
                if (held := holds(change.type, name)) != "empty":
                    what = held or "nobody can tell what is in it"
                    yield f"{_WORDS[change.type]} {name} is destroyed: {what}"

    def _whose(self, change: Change) -> str:
        """The address of the student that a change is for; "" where it is for all."""
        owner = change.address.partition(".")[2].removeprefix("folder-").removeprefix("policy-")
        return self._people.get(owner, "")

    @property
    def _people(self) -> dict[str, str]:
        """Addresses by Terraform name; of those who leave the roster, their schema says it."""
        left = (
            (one.address.partition(".")[2], (one.before.get("properties") or {}).get(STUDENT_PROPERTY))
            for one in self.changes
            if one.type == "databricks_schema"
        )
        return {id: email for id, email in left if email} | {one.id: one.email for one in self.students}


def _sign(changes: Iterable[Change]) -> str:
    signs = {_SIGNS.get(one.actions, "~") for one in changes}
    return signs.pop() if len(signs) == 1 else "~"


def _counted(changes: Iterable[Change]) -> str:
    counts = Counter(_WORDS.get(one.type, one.type) for one in changes)
    return ", ".join(word if number == 1 else f"{word} ({number})" for word, number in sorted(counts.items()))
