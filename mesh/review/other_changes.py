"""All changes besides data, access, runs and compute, so that the report is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh.review.outcome import outcome, predicate
from mesh.review.plan import Action, StackPlan
from mesh.review.sentence import Name, Sentence, listed

# The types whose changes other areas report completely
_REPORTED_ELSEWHERE = {
    "databricks_job",
    "databricks_pipeline",
    "databricks_cluster",
    "databricks_cluster_policy",
    "databricks_instance_pool",
    "databricks_sql_endpoint",
    "databricks_grants",
    "databricks_grant",
    "databricks_permissions",
    "databricks_group_member",
}
_MAX_IN_LINE = 10  # names


@dataclass(frozen=True)
class OtherChange:
    """A change that several resources of one type have in common.

    Args:
        stack: the stack of the plan.
        happens: Terraform's action.
        type: the resources' type, without the provider's prefix.
        names: the resources' Terraform names.
        attributes: the attributes that change, where the resources are updated.
    """

    stack: str
    happens: Action
    type: str
    names: tuple[str, ...]
    attributes: tuple[str, ...] = ()

    area = "other"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        kind, does = Name.of(self.type.replace("_", " ")), predicate(outcome(self.happens))
        attributes: Sentence = (" (", *listed(self.attributes), ")") if self.attributes else ()
        if len(self.names) == 1:
            return (kind, " ", *listed(self.names), f" {does}", *attributes)
        names: Sentence = () if self.details else (": ", *listed(self.names))
        return (f"{len(self.names)} ", kind, f" resources {does}", *names, *attributes)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """The names of all resources that are removed or recreated; the Terraform diff has the others."""
        if self.happens not in ("delete", "replace") or len(self.names) == 1:
            return ()
        starts = range(0, len(self.names), _MAX_IN_LINE)
        return tuple(listed(self.names[start : start + _MAX_IN_LINE], _MAX_IN_LINE) for start in starts)


def other_changes(plans: Sequence[StackPlan], reported: set[tuple[str, str]]) -> list[OtherChange]:
    """All changes that no other area reports.

    Args:
        plans: all plans.
        reported: stack and address of the data whose changes are reported already.
    """
    groups: dict[tuple[str, Action, str, tuple[str, ...]], list[str]] = {}
    for plan in plans:
        for change in plan.changes:
            fields = tuple(
                dict.fromkeys(edit.path.partition(".")[0].partition("[")[0] for edit in change.edits)
            )
            fields = (
                tuple(field for field in fields if field not in ("owner", "id"))
                if change.action == "update"
                else ()
            )
            owner_only = change.action == "update" and not fields
            is_reported = change.type in _REPORTED_ELSEWHERE or (plan.stack, change.address) in reported
            if not is_reported and not owner_only:
                key = (plan.stack, change.action, change.type.removeprefix("databricks_"), fields)
                groups.setdefault(key, []).append(change.id)
    return [
        OtherChange(stack, action, type, tuple(names), fields)
        for (stack, action, type, fields), names in sorted(groups.items())
    ]
