"""What becomes bigger, or may: clusters, warehouses and pools, and the policies that bound them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mesh.review.loosened import Loosened, loosened
from mesh.review.masking import Edit
from mesh.review.plan import Planned, StackPlan
from mesh.review.words import Name, Sentence
from mesh.workspace import KINDS

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
    before, after = _number(edit.before), _number(edit.after)
    if path in _ENDLESS:
        before, after = (float("inf") if value == 0 else value for value in (before, after))
    return after > before


def _number(text: str | None) -> float:
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
