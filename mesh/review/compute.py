"""What becomes bigger, or may: clusters, warehouses and pools, and the policies that bound them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mesh.review.masking import Edit
from mesh.review.plan import Planned, StackPlan
from mesh.review.sentence import Name, Sentence
from mesh.terraform.workspace import KINDS

_UNLIMITED = {"type": "unlimited"}


@dataclass(frozen=True)
class Loosened:
    """One rule that allows more than before.

    Args:
        attribute: of a cluster, as the policy calls it.
        before: what was allowed, in words.
        after: what will be.
    """

    attribute: str
    before: str
    after: str

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        return (
            "allows ",
            Name.of(self.after),
            " for ",
            Name.of(self.attribute),
            ", before ",
            Name.of(self.before),
        )


def loosened(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Loosened]:
    """The rules that allow more than before, or of which nobody can tell.

    Args:
        before: rules by attribute; an attribute without one may be anything.
        after: the same then.
    """
    for attribute, rule in before.items():
        later = after.get(attribute, _UNLIMITED)
        if isinstance(rule, Mapping) and isinstance(later, Mapping) and not _within(later, rule):
            yield Loosened(attribute, _told(rule), _told(later))


def _within(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether everything that `after` allows, `before` allows; False where that cannot be told."""
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
        return _listed(before) <= _listed(after)
    return False


def _values(rule: Mapping[str, Any]) -> set[str] | None:
    """All values that a rule allows; None where they are without number."""
    match rule.get("type"):
        case "fixed":
            return {str(rule.get("value"))}
        case "allowlist":
            return _listed(rule)
        case "forbidden":
            return set()
    return None


def _allows(rule: Mapping[str, Any], value: str) -> bool:
    """Whether a rule allows a value; a regular expression is somebody else's, and is not run."""
    if (values := _values(rule)) is not None:
        return value in values
    if rule.get("type") == "blocklist":
        return value not in _listed(rule)
    if rule.get("type") != "range":
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    low, high = (_number(rule, bound) for bound in ("minValue", "maxValue"))
    return (low is None or number >= low) and (high is None or number <= high)


def _listed(rule: Mapping[str, Any]) -> set[str]:
    values = rule.get("values")
    return set(map(str, values)) if isinstance(values, list) else set()


def _number(rule: Mapping[str, Any], bound: str) -> float | None:
    value = rule.get(bound)
    return float(value) if isinstance(value, int | float) else None


def _told(rule: Mapping[str, Any]) -> str:
    """A rule in words."""
    optional = ", or nothing" if rule.get("isOptional") else ""
    match rule.get("type"):
        case "fixed":
            return f"only {rule.get('value')}{optional}"
        case "allowlist" if isinstance(rule.get("values"), list):
            return f"one of {', '.join(map(str, rule['values']))}{optional}"
        case "blocklist" if isinstance(rule.get("values"), list):
            return f"none of {', '.join(map(str, rule['values']))}{optional}"
        case "forbidden":
            return f"nothing{optional}"
        case "range":
            low, high = rule.get("minValue"), rule.get("maxValue")
            bounds = [
                f"at least {low}" if low is not None else "",
                f"at most {high}" if high is not None else "",
            ]
            return (" and ".join(filter(None, bounds)) or "any number") + optional
        case "regex":
            return f"what matches {rule.get('pattern')}{optional}"
    return "anything"


_POLICY = "databricks_cluster_policy"
_TYPES = ("databricks_cluster", "databricks_sql_endpoint", "databricks_instance_pool", _POLICY)
# Databricks documentation, "Create a SQL warehouse", cluster size: from small to large
_SIZES = (
    *("2X-Small", "X-Small", "Small", "Medium", "Large"),
    *("X-Large", "2X-Large", "3X-Large", "4X-Large", "5X-Large"),
)
# More of these costs more; of the last three, 0 is without end
_MORE = (
    "num_workers",
    "autoscale.min_workers",
    "autoscale.max_workers",
    "max_num_clusters",
    "min_num_clusters",
    "min_idle_instances",
    "max_capacity",
)
_ENDLESS = ("autotermination_minutes", "auto_stop_mins", "idle_instance_autotermination_minutes")
_QUIET = (
    "id",
    "url",
    "state",
    "jdbc_url",
    "odbc_params",
    "num_active_sessions",
    "default_tags",
    "driver_node_type_id",
)
_RULES = ("definition", "policy_family_definition_overrides")

Happens = Literal["created", "changed", "replaced", "removed", "released", "moved", "adopted"]


@dataclass(frozen=True)
class ComputeChange:
    """What happens to one cluster, warehouse, pool or policy.

    Args:
        stack: whose plan it is.
        happens: what.
        kind: what it is, in words.
        name: its name in the workspace.
        points: everything about it that changes, in sentences.
        bigger: the attributes that grow.
        loosened: the rules of a policy that allow more than before.
    """

    stack: str
    happens: Happens
    kind: str
    name: str
    points: tuple[Sentence, ...] = ()
    bigger: tuple[str, ...] = ()
    loosened: tuple[Loosened, ...] = ()

    area = "compute"

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        words = {
            "created": "adds",
            "changed": "changes",
            "replaced": "removes and makes anew",
            "removed": "removes",
            "released": "manages no more",
            "moved": "keeps under another place in the mesh",
            "adopted": "takes under Terraform",
        }
        if self.happens == "changed" and (self.bigger or self.loosened):
            how = "loosens" if self.loosened else "enlarges"
        else:
            how = words[self.happens]
        return (f"{how} {self.kind} ", Name.of(self.name))

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What a person wants to know besides."""
        return (*(one.sentence for one in self.loosened), *self.points)


def compute_changes(plans: Sequence[StackPlan]) -> list[ComputeChange]:
    """What happens to compute: what grows or is loosened first.

    Args:
        plans: all plans.
    """
    found = [_change(plan.stack, one) for plan in plans for one in plan.changes if one.type in _TYPES]
    return sorted(
        found,
        key=lambda one: (not one.loosened, not one.bigger, one.happens != "created", one.stack, one.name),
    )


def _change(stack: str, one: Planned) -> ComputeChange:
    happens = _happens(one)
    field = KINDS[one.type].name[0]
    rules = tuple(_loosened(one)) if happens in ("changed", "replaced") else ()
    return ComputeChange(
        stack=stack,
        happens=happens,
        kind=KINDS[one.type].word,
        name=str(one.before.get(field) or one.after.get(field) or one.address),
        points=tuple(_points(one, happens, {rule.attribute for rule in rules})),
        bigger=tuple(edit.path for edit in one.edits if _grows(edit)) if happens != "created" else (),
        loosened=rules,
    )


def _happens(one: Planned) -> Happens:
    match one.action:
        case "delete":
            return "removed"
        case "replace":
            return "replaced"
        case "create":
            return "created"
        case "forget":
            return "released"
        case "import":
            return "adopted"
        case "move":
            return "moved"
    return "changed"


def _points(one: Planned, happens: Happens, loosened: set[str]) -> Iterator[Sentence]:
    if happens == "created":
        yield from _size(one.after)
        return
    if happens not in ("changed", "replaced"):
        return
    for edit in one.edits:
        field, _, rest = edit.path.partition(".")
        if field in _QUIET or (field in _RULES and any(_of_rule(rest, rule) for rule in loosened)):
            continue
        yield (Name.of(edit.path), ": ", *_from_to(edit))


def _of_rule(path: str, attribute: str) -> bool:
    return path == attribute or path.startswith(f"{attribute}.")


def _from_to(edit: Edit) -> Sentence:
    if edit.before is None:
        return (Name.of(edit.after), " is new")
    if edit.after is None:
        return (Name.of(edit.before), " goes")
    return (
        Name.of(edit.after),
        " instead of ",
        Name.of(edit.before),
        *((" (more)",) if _grows(edit) else ()),
    )


def _size(arguments: Mapping[str, Any]) -> Iterator[Sentence]:
    """How big something new is, and how long it stays up."""
    for field in ("cluster_size", "node_type_id", *_MORE, *_ENDLESS):
        block, _, inner = field.partition(".")
        value = arguments.get(block)
        if inner:
            value = (
                value[0].get(inner)
                if isinstance(value, list) and value and isinstance(value[0], Mapping)
                else None
            )
        if value is not None:
            endless = " (it never stops by itself)" if field in _ENDLESS and value == 0 else ""
            yield (Name.of(field), ": ", Name.of(value), endless)


def _grows(edit: Edit) -> bool:
    """Whether an attribute changes to something that costs more."""
    path = edit.path.replace("[0]", "")
    if path == "cluster_size" and edit.before in _SIZES and edit.after in _SIZES:
        return _SIZES.index(edit.after) > _SIZES.index(edit.before)
    if path not in (*_MORE, *_ENDLESS):
        return False
    before, after = _amount(edit.before), _amount(edit.after)
    if path in _ENDLESS:
        before, after = (float("inf") if value == 0 else value for value in (before, after))
    return after > before


def _amount(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0


def _loosened(one: Planned) -> Iterator[Loosened]:
    """The rules of a policy that allow more than before."""
    if one.type != _POLICY:
        return
    before, after = (
        {**_rules(each, _RULES[1]), **_rules(each, _RULES[0])} for each in (one.before, one.after)
    )
    yield from loosened(before, after)
    was, will = one.before.get("max_clusters_per_user"), one.after.get("max_clusters_per_user")
    if was and (not will or will > was):
        yield Loosened("max_clusters_per_user", f"at most {was}", f"at most {will}" if will else "any number")


def _rules(arguments: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    try:
        found = json.loads(arguments.get(field) or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
