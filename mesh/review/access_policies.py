"""Changes of row filters and column masks: who sees which rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.review.masking import SENSITIVE
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan, resources_of
from mesh.review.sentence import Name, Sentence, listed, value_change
from mesh.terraform.policies import TYPE, function_of

_KINDS = {"POLICY_TYPE_ROW_FILTER": "row filter", "POLICY_TYPE_COLUMN_MASK": "column mask"}
_HAPPENS = {"create": " is added", "delete": " is removed"}
_CHOOSES = ("row_filter", "column_mask", "match_columns", "when_condition", "on_securable_fullname")
_PRINCIPALS = ("to_principals", "except_principals")


@dataclass(frozen=True)
class PolicyChange:
    """A row filter or column mask that is added, removed or changed.

    Args:
        stack: the stack of the plan.
        happens: ` is added`, ` is removed` or ` is changed`.
        before: its arguments before; empty if it is added.
        after: its arguments after; empty if it is removed.
        called: the display names of principals.
        declared: file and line that declare it; "" if it is removed.
    """

    stack: str
    happens: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    called: Mapping[str, str]
    declared: str = ""

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """What happens, and what the principals see afterwards."""
        policy = self.after or self.before
        title: Sentence = (f"{kind_of(policy)} ", Name.of(policy.get("name")), self.happens, ": ")
        is_removed = not self.after
        return (*title, *listed(self._named(policy, "to_principals")), *sees(policy, is_removed=is_removed))

    @property
    def details(self) -> tuple[Sentence, ...]:
        """Whom it spares, the tables it applies to, and its edits."""
        lines: list[Sentence] = []
        policy = self.after
        if policy and (spared := self._named(policy, "except_principals")):
            lines.append(("not for ", *listed(spared)))
        if policy and (condition := policy.get("when_condition")):
            lines.append(("only in tables with ", Name.of(condition)))
        if self.before and self.after:
            lines += self.edits()
        if self.declared:
            lines.append(("declared in ", Name.of(self.declared)))
        return tuple(lines)

    @property
    def reveals(self) -> bool:
        """True if somebody may see more: it is removed, spares more principals, or chooses other data.

        What is sensitive looks the same before and after, and may be anything.
        """
        if not self.before:
            return False
        if not self.after or SENSITIVE in repr([self.after.get(one) for one in (*_PRINCIPALS, *_CHOOSES)]):
            return True
        was, will = self.before, self.after
        fewer = set(_listed(was, "to_principals")) - set(_listed(will, "to_principals"))
        spared = set(_listed(will, "except_principals")) - set(_listed(was, "except_principals"))
        return bool(fewer or spared) or any(was.get(field) != will.get(field) for field in _CHOOSES)

    def _named(self, policy: Mapping[str, Any], field: str) -> list[str]:
        return [self.called.get(one, one) for one in _listed(policy, field)]

    def edits(self) -> Iterator[Sentence]:
        """What differs from before."""
        for field in _PRINCIPALS:
            was, will = (self._named(one, field) for one in (self.before, self.after))
            whom = "applied to" if field == "to_principals" else "spared"
            if added := [one for one in will if one not in was]:
                yield (f"newly {whom}: ", *listed(added))
            if removed := [one for one in was if one not in will]:
                yield (f"no longer {whom}: ", *listed(removed))
        for label, text in _TEXTS:
            old, new = text(self.before), text(self.after)
            if old != new:
                yield (f"{label}: ", *value_change(old or None, new or None))


def kind_of(policy: Mapping[str, Any]) -> str:
    """`row filter` or `column mask`."""
    return _KINDS.get(str(policy.get("policy_type")), "policy")


def sees(policy: Mapping[str, Any], *, is_removed: bool) -> Sentence:
    """What principals see through a policy, or without it.

    Args:
        policy: its arguments.
        is_removed: True for what they see without it.
    """
    kind = str(policy.get("on_securable_type")).lower()
    where = {"catalog": "the tables of catalog ", "table": "table "}.get(kind, "the tables of schema ")
    securable: Sentence = (where, Name.of(policy.get("on_securable_fullname")))
    if kind_of(policy) == "row filter":
        if is_removed:
            return (" see all rows of ", *securable)
        return (" see only the rows of ", *securable, " that ", Name.of(function_of(policy)), " allows")
    columns: Sentence = ("columns with ", Name.of(_columns(policy)), " in ", *securable)
    if is_removed:
        return (" see the values of ", *columns)
    return (" see what ", Name.of(function_of(policy)), " returns instead of the ", *columns)


def _columns(policy: Mapping[str, Any]) -> str:
    """The conditions of the masked column, or of all matched columns."""
    mask = policy.get("column_mask")
    on = mask.get("on_column") if isinstance(mask, Mapping) else None
    columns = policy.get("match_columns")
    if not isinstance(columns, list):
        return str(columns or "")
    matched = (one for one in columns if not isinstance(one, Mapping) or on in (None, one.get("alias")))
    return ", ".join(str(one.get("condition") if isinstance(one, Mapping) else one) for one in matched)


def _listed(policy: Mapping[str, Any], field: str) -> list[str]:
    """The principals of a field; a masked list counts as one."""
    value = policy.get(field) or []
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _arguments(policy: Mapping[str, Any]) -> str:
    """The arguments of the function: constants, and the aliases of columns."""
    function = policy.get("column_mask") or policy.get("row_filter")
    using = function.get("using") if isinstance(function, Mapping) else None
    if not isinstance(using, list):
        return str(using or "")
    given = (one if isinstance(one, Mapping) else {"constant": one} for one in using)
    return ", ".join(str(one.get("alias") or repr(one.get("constant"))) for one in given)


def _aliases(policy: Mapping[str, Any]) -> str:
    columns = policy.get("match_columns")
    named = columns if isinstance(columns, list) else []
    return ", ".join(str(one.get("alias")) for one in named if isinstance(one, Mapping))


def _field(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda policy: str(policy.get(name) or "")


# What a change of a policy names, beside its principals
_TEXTS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("function", function_of),
    ("arguments", _arguments),
    ("columns", _columns),
    ("aliases", _aliases),
    ("tables with", _field("when_condition")),
    ("on", _field("on_securable_fullname")),
    ("comment", _field("comment")),
)


def policy_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[PolicyChange]:
    """All changes of row filters and column masks.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    changes = []
    gone = {
        ".".join(str(one.before[part]) for part in ("catalog_name", "name") if one.before.get(part))
        for _, one in resources_of(plans, "databricks_schema", "databricks_catalog")
        if one.action == "delete"
    }
    for plan in plans:
        for one in plan.changes:
            # nobody sees more of tables that are destroyed with their schema
            if one.type == TYPE and is_reported(one) and one.before.get("on_securable_fullname") not in gone:
                policies = (one.before, one.after)
                principals = [
                    name for each in policies for field in _PRINCIPALS for name in _listed(each, field)
                ]
                changes.append(
                    PolicyChange(
                        plan.stack,
                        _HAPPENS.get(one.action, " is changed"),
                        {} if one.action == "create" else one.before,
                        {} if one.action == "delete" else one.after,
                        {name: index.display_name(name) for name in principals},
                        _declared(index, plan.stack, one.id) if one.action != "delete" else "",
                    )
                )
    return changes


def is_reported(change: ResourceChange) -> bool:
    """True if the change of a policy changes what is seen."""
    return change.action not in ("forget", "import", "move")


def _declared(index: MeshIndex, stack: str, id: str) -> str:
    found = (one.position for one in index.policies.get(stack, ()) if one.id == id)
    return next(found, "")
