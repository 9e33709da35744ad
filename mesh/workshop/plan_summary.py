"""Summarizes a plan of a class in a few lines for its admin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mesh.terraform.plan import PlannedChange
from mesh.workshop.student import Student
from mesh.workshop.workshop import STUDENT_PROPERTY

# Labels of the resources of a class
_LABELS = {
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
_DATA_TYPES = ("databricks_catalog", "databricks_schema", "databricks_volume")
_SIGNS: Mapping[tuple[str, ...], str] = {("create",): "+", ("delete",): "-", ("update",): "~"}


@dataclass(frozen=True)
class PlanSummary:
    """The changes of a plan, grouped by student.

    Args:
        changes: all changes of the plan.
        students: the students on the roster.
    """

    changes: tuple[PlannedChange, ...]
    students: tuple[Student, ...]

    def lines(self) -> Iterator[str]:
        """One line for shared resources, and one per student or group of students with equal changes.

        Each line begins with `+`, `-` or `~`.
        """
        by_student: dict[str, list[PlannedChange]] = {}
        for change in self.changes:
            by_student.setdefault(self._student_email(change), []).append(change)
        if shared := by_student.pop("", None):
            yield f"{_sign(shared)} the class: {_count_by_type(shared)}"
        equal: dict[tuple[str, str], list[str]] = {}
        for email in sorted(by_student):
            changes = by_student[email]
            equal.setdefault((_sign(changes), _count_by_type(changes)), []).append(email)
        for (sign, counts), emails in equal.items():
            if len(emails) == 1:
                yield f"{sign} {emails[0]}: {counts}"
            else:
                yield f"{sign} {len(emails)} students, for each: {counts}"
                yield from (f"    {email}" for email in emails)

    def losses(self, holds: Callable[[str, str], str]) -> Iterator[str]:
        """One line per catalog, schema or volume with data that the plan destroys.

        Args:
            holds: describes the content of an object, by Terraform type and full name; `empty` if it has
                none, and an empty text if that is unknown.
        """
        for change in self.changes:
            if change.destroys and change.type in _DATA_TYPES:
                name = ".".join(
                    str(change.before[level])
                    for level in ("catalog_name", "schema_name", "name")
                    if change.before.get(level)
                )
                if (content := holds(change.type, name)) != "empty":
                    yield f"{_LABELS[change.type]} {name} is destroyed: {content or 'its content is unknown'}"

    def _student_email(self, change: PlannedChange) -> str:
        """The e-mail of the student that a change is for; empty for a shared resource."""
        id = change.address.partition(".")[2].removeprefix("folder-").removeprefix("policy-")
        return self._emails.get(id, "")

    @property
    def _emails(self) -> dict[str, str]:
        """E-mails by Terraform name; schema properties provide those of students removed from the roster."""
        from_schemas = (
            (
                change.address.partition(".")[2],
                (change.before.get("properties") or {}).get(STUDENT_PROPERTY),
            )
            for change in self.changes
            if change.type == "databricks_schema"
        )
        on_roster = {student.id: student.email for student in self.students}
        return {id: email for id, email in from_schemas if email} | on_roster


def _sign(changes: Iterable[PlannedChange]) -> str:
    signs = {_SIGNS.get(change.actions, "~") for change in changes}
    return signs.pop() if len(signs) == 1 else "~"


def _count_by_type(changes: Iterable[PlannedChange]) -> str:
    counts = Counter(_LABELS.get(change.type, change.type) for change in changes)
    return ", ".join(
        label if number == 1 else f"{label} ({number})" for label, number in sorted(counts.items())
    )
