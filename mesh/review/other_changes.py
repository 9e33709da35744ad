"""All changes besides data, access, runs and compute, so that the report is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mesh.review.outcome import outcome, predicate
from mesh.review.plan import Action, ResourceChange, StackPlan
from mesh.review.sentence import Name, Sentence, counted, listed

# The types whose changes other areas report completely
_REPORTED_ELSEWHERE = {
    "databricks_job",
    "databricks_pipeline",
    "databricks_cluster",
    "databricks_cluster_policy",
    "databricks_instance_pool",
    "databricks_sql_endpoint",
}
# Of these, only gained and lost access is reported
_ACCESS = {
    "databricks_grants",
    "databricks_grant",
    "databricks_permissions",
    "databricks_group_member",
}
_POLICY = "databricks_policy_info"
_UPLOADED = ("databricks_notebook", "databricks_workspace_file")
_TAG = "databricks_entity_tag_assignment"
_BY_TAG = {"databricks_domain": "domain of Discover", "databricks_tag_policy": "governed tag"}
_MAX_IN_LINE = 10  # names


@dataclass(frozen=True)
class OtherChange:
    """A change that several resources of one type have in common.

    Args:
        stack: the stack of the plan.
        happens: Terraform's action.
        type: the resources' type, without the provider's prefix.
        names: the resources' Terraform names; of tags, key, value and object; of domains, their tags.
        attributes: the attributes that change, where the resources are updated.
        moves: the old and the new folder, where files move to another folder of the workspace.
    """

    stack: str
    happens: Action
    type: str
    names: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    moves: tuple[str, str] | None = None

    area = "other"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        if self.moves:
            number, (old, new) = counted(len(self.names), "uploaded file"), self.moves
            return (f"{number} will move from ", Name.of(old), " to ", Name.of(new), " in the workspace")
        kind, does = Name.of(self.type.replace("_", " ")), predicate(outcome(self.happens))
        attributes: Sentence = (" (", *listed(self.attributes), ")") if self.attributes else ()
        if len(self.names) == 1:
            return (kind, " ", *listed(self.names), f" {does}", *attributes)
        names: Sentence = () if self.details else (": ", *listed(self.names))
        return (f"{len(self.names)} ", kind, f" resources {does}", *names, *attributes)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """The names of all removed or recreated resources; the Terraform diff contains the other names."""
        if self.moves:
            return (("jobs use the new files before the old ones are removed; no data is moved or lost",),)
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
    groups: dict[OtherChange, list[str]] = {}
    for plan in plans:
        for change in plan.changes:
            fields = _fields(change)
            owner_only = change.action == "update" and not fields
            is_reported = _is_reported(change) or (plan.stack, change.address) in reported
            if not is_reported and not owner_only:
                groups.setdefault(_group(plan.stack, change, fields), []).append(_name(change))
            if change.imports and change.action != "import":
                groups.setdefault(_group(plan.stack, change, (), "import"), []).append(_name(change))
        for change in plan.deposed:
            if (plan.stack, change.object_address) not in reported:
                name = f"{change.id} ({change.deposed})"
                groups.setdefault(_group(plan.stack, change, ()), []).append(name)
    made = [replace(group, names=tuple(names)) for group, names in groups.items()]
    return sorted(made, key=lambda one: (one.stack, one.happens, one.type, one.attributes, one.moves or ()))


def _fields(change: ResourceChange) -> tuple[str, ...]:
    """The attributes that change, where a resource is updated."""
    if change.action != "update":
        return ()
    fields = dict.fromkeys(edit.path.partition(".")[0].partition("[")[0] for edit in change.edits)
    return tuple(field for field in fields if field not in ("owner", "id"))


def _is_reported(change: ResourceChange) -> bool:
    """True if another area reports the changes of this type completely."""
    if change.type in _ACCESS:
        return change.action not in ("forget", "recreate", "import")
    if change.type == _POLICY:
        return change.action not in ("forget", "import", "move")
    return change.type in _REPORTED_ELSEWHERE


def _name(change: ResourceChange) -> str:
    """The Terraform name of a resource; of a tag, its key and value and the object that has it."""
    if change.type in _BY_TAG:
        return str((change.after or change.before).get("tag_key") or change.id)
    if change.type != _TAG:
        return change.id
    tag = change.after or change.before
    kind = str(tag.get("entity_type")).removesuffix("s")
    value = f"={tag['tag_value']}" if tag.get("tag_value") else ""
    return f"{tag.get('tag_key')}{value} on {kind} {tag.get('entity_name')}"


def _group(
    stack: str, change: ResourceChange, fields: tuple[str, ...], action: Action | None = None
) -> OtherChange:
    """What a change has in common with others, without names.

    Args:
        stack: the stack of the plan.
        change: the change.
        fields: the attributes that change.
        action: the action to report; None for that of the change.
    """
    kind = "tag" if change.type == _TAG else change.type.removeprefix("databricks_")
    kind = _BY_TAG.get(change.type, kind)
    if action is None and (moves := _moves(change)):
        return OtherChange(stack, change.action, "workspace_file", (), (), moves)
    return OtherChange(
        stack, action or change.action, f"deposed_{kind}" if change.deposed else kind, (), fields
    )


def _moves(change: ResourceChange) -> tuple[str, str] | None:
    """The folders between which an uploaded file moves, without the path that both have; None if it stays."""
    if change.type not in _UPLOADED or change.actions != ("create", "delete") or change.because != ("path",):
        return None
    old, new = (PurePosixPath(str(one.get("path"))) for one in (change.before, change.after))
    while old.name == new.name and old != new:
        old, new = old.parent, new.parent
    return str(old), str(new)
