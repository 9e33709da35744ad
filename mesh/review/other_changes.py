"""What changes besides data, access, runs and compute: counted, so that nothing is left unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh.review.plan import StackPlan
from mesh.review.sentence import Name, Sentence, listed

# What sentences of their own tell all about
_TOLD = {
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
_IN_LINE = 10  # names
_HAPPENS = {
    "create": "adds",
    "update": "changes",
    "replace": "makes anew",
    "delete": "removes",
    "forget": "manages no more",
    "move": "keeps under other addresses",
    "import": "takes under Terraform",
}


@dataclass(frozen=True)
class OtherChange:
    """What happens to resources of one type.

    Args:
        stack: whose plan it is.
        happens: Terraform's word for it.
        type: the resources' type, without the provider's name.
        names: what they are called: their Terraform names.
        attributes: the attributes that change, where they are there and stay.
    """

    stack: str
    happens: str
    type: str
    names: tuple[str, ...]
    attributes: tuple[str, ...] = ()

    area = "other"

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        kind = self.type.replace("_", " ")
        plural = "s" if len(self.names) > 1 else ""
        names = f"{len(self.names)} " if len(self.names) > 1 else ""
        what: Sentence = (f"{_HAPPENS[self.happens]} {names}", Name.of(kind), plural)
        what = what if self.details else (*what, ": ", *listed(self.names))
        return (*what, " (", *listed(self.attributes), ")") if self.attributes else what

    @property
    def details(self) -> tuple[Sentence, ...]:
        """All that goes, name by name; of the rest, the Terraform diff says more."""
        if self.happens not in ("delete", "replace") or len(self.names) == 1:
            return ()
        starts = range(0, len(self.names), _IN_LINE)
        return tuple(listed(self.names[start : start + _IN_LINE], _IN_LINE) for start in starts)


def other_changes(plans: Sequence[StackPlan], told: set[tuple[str, str]]) -> list[OtherChange]:
    """Everything of which no other sentence tells.

    Args:
        plans: all plans.
        told: stack and address of data of which a sentence tells already.
    """
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
    for plan in plans:
        for one in plan.changes:
            fields = tuple(dict.fromkeys(edit.path.partition(".")[0].partition("[")[0] for edit in one.edits))
            fields = (
                tuple(field for field in fields if field not in ("owner", "id"))
                if one.action == "update"
                else ()
            )
            owner_only = one.action == "update" and not fields
            if one.type not in _TOLD and (plan.stack, one.address) not in told and not owner_only:
                key = (plan.stack, one.action, one.type.removeprefix("databricks_"), fields)
                groups.setdefault(key, []).append(one.id)
    return [
        OtherChange(stack, happens, type, tuple(names), fields)
        for (stack, happens, type, fields), names in sorted(groups.items())
    ]
