"""Changes of compute: clusters, SQL warehouses, instance pools, and the policies that limit them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.review.masking import UNKNOWN, Edit, json_in
from mesh.review.outcome import Outcome, outcome, predicate
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import Name, Sentence, value_change
from mesh.terraform.workspace import RESOURCE_KINDS

_UNLIMITED = {"type": "unlimited"}


@dataclass(frozen=True)
class LooserRule:
    """A rule of a cluster policy that allows more than before.

    Args:
        attribute: the cluster's attribute that the rule limits.
        before: the values allowed before, as text.
        after: the values allowed after the change, as text.
    """

    attribute: str
    before: str
    after: str

    @property
    def sentence(self) -> Sentence:
        """The rule as a sentence."""
        attribute, after, before = map(Name.of, (self.attribute, self.after, self.before))
        return (attribute, " allows ", after, " instead of ", before)


def looser_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[LooserRule]:
    """The rules that allow more than before, or that cannot be compared.

    Args:
        before: rules by attribute before the change; an attribute without a rule is unlimited.
        after: rules by attribute after the change.
    """
    for attribute, rule in before.items():
        later = after.get(attribute, _UNLIMITED)
        if isinstance(rule, Mapping) and isinstance(later, Mapping) and not _within(later, rule):
            yield LooserRule(attribute, _allowed_values(rule), _allowed_values(later))


def _within(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """True if `before` allows everything that `after` allows; False where they cannot be compared."""
    allowed = {key: value for key, value in after.items() if key not in ("hidden", "defaultValue")}
    if allowed == {key: value for key, value in before.items() if key not in ("hidden", "defaultValue")}:
        return True
    if after.get("isOptional") and not before.get("isOptional"):
        return False
    kind = before.get("type")
    if kind == "unlimited":
        return True
    values = _values(after)
    if values is not None:
        return all(_allows(before, value) for value in values)
    if kind == "range" and after.get("type") == "range":
        low, high = (_number(before, bound) for bound in ("minValue", "maxValue"))
        new_low, new_high = (_number(after, bound) for bound in ("minValue", "maxValue"))
        return (low is None or (new_low is not None and new_low >= low)) and (
            high is None or (new_high is not None and new_high <= high)
        )
    if kind == "blocklist" and after.get("type") == "blocklist":
        return _listed_values(before) <= _listed_values(after)
    return False


def _values(rule: Mapping[str, Any]) -> set[str] | None:
    """All values that a rule allows; None if their number is unlimited."""
    match rule.get("type"):
        case "fixed":
            return {str(rule.get("value"))}
        case "allowlist":
            return _listed_values(rule)
        case "forbidden":
            return set()
    return None


def _allows(rule: Mapping[str, Any], value: str) -> bool:
    """True if a rule allows a value; regular expressions are not run, as they may be hostile."""
    if (values := _values(rule)) is not None:
        return value in values
    if rule.get("type") == "blocklist":
        return value not in _listed_values(rule)
    if rule.get("type") != "range":
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    low, high = (_number(rule, bound) for bound in ("minValue", "maxValue"))
    return (low is None or number >= low) and (high is None or number <= high)


def _listed_values(rule: Mapping[str, Any]) -> set[str]:
    values = rule.get("values")
    return set(map(str, values)) if isinstance(values, list) else set()


def _number(rule: Mapping[str, Any], bound: str) -> float | None:
    value = rule.get(bound)
    return float(value) if isinstance(value, int | float) else None


def _allowed_values(rule: Mapping[str, Any]) -> str:
    """The values that a rule allows, as text."""
    optional = ", or no value" if rule.get("isOptional") else ""
    match rule.get("type"):
        case "fixed":
            return f"only {rule.get('value')}{optional}"
        case "allowlist" if isinstance(rule.get("values"), list):
            return f"one of {', '.join(map(str, rule['values']))}{optional}"
        case "blocklist" if isinstance(rule.get("values"), list):
            return f"anything except {', '.join(map(str, rule['values']))}{optional}"
        case "forbidden":
            return "no value"
        case "range":
            low, high = rule.get("minValue"), rule.get("maxValue")
            if low is not None and high is not None:
                return f"{low} to {high}{optional}"
            bound = f"at least {low}" if low is not None else f"at most {high}"
            return ("any number" if low is None and high is None else bound) + optional
        case "regex":
            return f"values that match {rule.get('pattern')}{optional}"
    return "any value"


_POLICY = "databricks_cluster_policy"
_TYPES = ("databricks_cluster", "databricks_sql_endpoint", "databricks_instance_pool", _POLICY)
# Databricks documentation, "Create a SQL warehouse", cluster size: from small to large
_SIZES = (
    *("2X-Small", "X-Small", "Small", "Medium", "Large"),
    *("X-Large", "2X-Large", "3X-Large", "4X-Large", "5X-Large"),
)
# Attributes whose growth costs more
_SIZE_ATTRIBUTES = (
    "num_workers",
    "autoscale.min_workers",
    "autoscale.max_workers",
    "max_num_clusters",
    "min_num_clusters",
    "min_idle_instances",
    "max_capacity",
)
# Attributes in minutes; 0 turns automatic termination off
_IDLE_ATTRIBUTES = ("autotermination_minutes", "auto_stop_mins", "idle_instance_autotermination_minutes")
_UNREPORTED = (
    "id",
    "url",
    "state",
    "jdbc_url",
    "odbc_params",
    "num_active_sessions",
    "default_tags",
    "driver_node_type_id",
)
_RULE_ATTRIBUTES = ("definition", "policy_family_definition_overrides")


@dataclass(frozen=True)
class ComputeChange:
    """The change of one cluster, SQL warehouse, instance pool or cluster policy.

    Args:
        stack: the stack of the plan.
        happens: the outcome.
        kind: the kind of compute, for example `cluster`.
        name: its name in the workspace.
        points: its attributes that change, as sentences.
        bigger: the attributes whose new value costs more.
        loosened: the rules of a policy that allow more than before.
    """

    stack: str
    happens: Outcome
    kind: str
    name: str
    points: tuple[Sentence, ...] = ()
    bigger: tuple[str, ...] = ()
    loosened: tuple[LooserRule, ...] = ()

    area = "compute"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        subject: Sentence = (f"{self.kind} ", Name.of(self.name))
        if self.happens == "changed" and self.loosened:
            return (*subject, " will allow more")
        if self.happens == "changed" and self.bigger:
            return (*subject, " will be enlarged")
        return (*subject, f" {predicate(self.happens)}")

    @property
    def details(self) -> tuple[Sentence, ...]:
        """Further sentences: looser rules, changed attributes."""
        return (*(one.sentence for one in self.loosened), *self.points)


def compute_changes(plans: Sequence[StackPlan]) -> list[ComputeChange]:
    """All changes of compute; policies that allow more and compute that costs more come first.

    Args:
        plans: all plans.
    """
    changes = [_change(plan.stack, one) for plan in plans for one in plan.changes if one.type in _TYPES]
    return sorted(
        changes,
        key=lambda one: (not one.loosened, not one.bigger, one.happens != "created", one.stack, one.name),
    )


def _change(stack: str, change: ResourceChange) -> ComputeChange:
    happens = outcome(change.action)
    field = RESOURCE_KINDS[change.type].name[0]
    rules = tuple(_looser_policy_rules(change)) if happens in ("changed", "replaced") else ()
    return ComputeChange(
        stack=stack,
        happens=happens,
        kind=RESOURCE_KINDS[change.type].label,
        name=str(change.before.get(field) or change.after.get(field) or change.address),
        points=tuple(_points(change, happens, {rule.attribute for rule in rules})),
        bigger=tuple(edit.path for edit in change.edits if _grows(edit)) if happens != "created" else (),
        loosened=rules,
    )


def _points(change: ResourceChange, happens: Outcome, loosened: set[str]) -> Iterator[Sentence]:
    if happens in ("created", "recreated"):
        yield from _size(change.after)
        return
    if happens not in ("changed", "replaced"):
        return
    for edit in change.edits:
        field, _, rest = edit.path.partition(".")
        if field in _UNREPORTED:
            continue
        if field in _RULE_ATTRIBUTES and any(_of_rule(rest, rule) for rule in loosened):
            continue
        yield (Name.of(edit.path), ": ", *value_change(edit.before, edit.after), *_cost(edit))


def _cost(edit: Edit) -> Sentence:
    """A remark on an attribute whose new value costs more."""
    if not _grows(edit):
        return ()
    endless = edit.path in _IDLE_ATTRIBUTES and edit.after == "0"
    return (" (never stops automatically)",) if endless else (" (costs more)",)


def _of_rule(path: str, attribute: str) -> bool:
    return path == attribute or path.startswith(f"{attribute}.")


def _size(arguments: Mapping[str, Any]) -> Iterator[Sentence]:
    """The size of new compute, and its automatic termination."""
    for field in ("cluster_size", "node_type_id", *_SIZE_ATTRIBUTES, *_IDLE_ATTRIBUTES):
        block, _, inner = field.partition(".")
        value = arguments.get(block)
        if inner:
            value = (
                value[0].get(inner)
                if isinstance(value, list) and value and isinstance(value[0], Mapping)
                else None
            )
        if value is not None:
            endless = " (never stops automatically)" if field in _IDLE_ATTRIBUTES and value == 0 else ""
            yield (Name.of(field), ": ", Name.of(value), endless)


def _grows(edit: Edit) -> bool:
    """True if the new value of an attribute costs more."""
    path = edit.path.replace("[0]", "")
    if path == "cluster_size" and edit.before in _SIZES and edit.after in _SIZES:
        return _SIZES.index(edit.after) > _SIZES.index(edit.before)
    if path not in (*_SIZE_ATTRIBUTES, *_IDLE_ATTRIBUTES):
        return False
    before, after = _amount(edit.before), _amount(edit.after)
    if path in _IDLE_ATTRIBUTES:
        before, after = (float("inf") if value == 0 else value for value in (before, after))
    return after > before


def _amount(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0


def _looser_policy_rules(change: ResourceChange) -> Iterator[LooserRule]:
    """The rules of a policy that allow more than before."""
    if change.type != _POLICY:
        return
    for field in _RULE_ATTRIBUTES:
        changes = any(edit.path == field or edit.path.startswith(f"{field}.") for edit in change.edits)
        if changes and not all(_readable(one.get(field)) for one in (change.before, change.after)):
            yield LooserRule(field, "rules that are not compared", "rules that are not compared")
    before, after = (
        {**_rules(arguments, _RULE_ATTRIBUTES[1]), **_rules(arguments, _RULE_ATTRIBUTES[0])}
        for arguments in (change.before, change.after)
    )
    yield from looser_rules(before, after)
    was, will = change.before.get("max_clusters_per_user"), change.after.get("max_clusters_per_user")
    if was and (not will or will > was):
        allowed = f"at most {will}" if will else "any number"
        yield LooserRule("max_clusters_per_user", f"at most {was}", allowed)


def _readable(definition: Any) -> bool:
    """True if the rules of a policy are a JSON mapping; False where they are masked or malformed."""
    return not definition or definition == UNKNOWN or json_in(definition) is not None


def _rules(arguments: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    try:
        rules = json.loads(arguments.get(field) or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return rules if isinstance(rules, dict) else {}
