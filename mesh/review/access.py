"""Changes of access: grants on data, permissions on jobs and compute, owners, members of groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mesh.model.grant import Grant, applicable
from mesh.review.inherited_access import (
    SECURABLE_ARGUMENTS,
    AccessTree,
    InheritedAccess,
    find_securable,
    privileges_by_principal,
)
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import Name, Sentence, counted, joined, listed
from mesh.terraform.workspace import RESOURCE_KINDS

# The arguments of `databricks_permissions` that name the object, and the object's resource type
_OBJECT_ARGUMENTS = {
    "job_id": "databricks_job",
    "pipeline_id": "databricks_pipeline",
    "cluster_id": "databricks_cluster",
    "cluster_policy_id": "databricks_cluster_policy",
    "instance_pool_id": "databricks_instance_pool",
    "sql_endpoint_id": "databricks_sql_endpoint",
    "directory_path": "",
    "notebook_path": "",
    "experiment_id": "databricks_mlflow_experiment",
    "registered_model_id": "databricks_registered_model",
}
_PRINCIPAL_ARGUMENTS = ("group_name", "user_name", "service_principal_name")
OWNER = "OWNER"


@dataclass(frozen=True)
class AccessChange:
    """The privileges or permission levels that one principal gains or loses on one or several objects.

    Args:
        stack: the stack of the plan.
        principal: the principal's name in Databricks.
        called: the principal's display name.
        kind: the kind of object, for example `schema`.
        names: the full names of the objects; the same changes apply to all of them.
        gained: privileges or permission levels; `OWNER` for ownership.
        lost: privileges or permission levels; `OWNER` for ownership.
        role: the role with exactly these privileges on such an object; "" where there is none.
        origins: the declarations of the grants: file, line and role.
        by_hand: the privileges in `lost` that were granted by hand and are in no state.
        reaches: access gained or lost below the object.
        new: True if the plan creates the objects.
        gone: True if the plan destroys the objects.
    """

    stack: str
    principal: str
    called: str
    kind: str
    names: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    role: str = ""
    origins: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    reaches: tuple[InheritedAccess, ...] = ()
    new: bool = False
    gone: bool = False

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """The change as a sentence."""
        principal, objects = Name.of(self.called), self._objects
        if self.gained == (OWNER,):
            return (principal, " becomes the owner of ", *objects)
        if self.lost == (OWNER,):
            return (principal, " is no longer the owner of ", *objects)
        parts: list[Sentence] = []
        if self.gained:
            parts.append(("gains ", *privileges_or_role(self.gained, self.role)))
        if self.lost:
            parts.append(("loses ", *privileges_or_role(self.lost, "" if self.gained else self.role)))
        return (principal, " ", *joined(parts, " and "), " on ", *objects)

    @property
    def _objects(self) -> Sentence:
        kind = f"new {self.kind}" if self.new else self.kind
        destroyed = " (will be destroyed)" if self.gone else ""
        if len(self.names) == 1:
            return (f"{'the ' if self.new else ''}{kind} ", Name.of(self.names[0]), destroyed)
        return (f"{counted(len(self.names), kind)}{destroyed}: ", *listed(self.names))

    @property
    def details(self) -> tuple[Sentence, ...]:
        """Further sentences: inherited access, the role's privileges, declarations, grants by hand."""
        lines: list[Sentence] = [access.sentence(self.called) for access in self.reaches]
        if self.role:
            lines.append(role_privileges(self.role, self.gained or self.lost))
        if self.gained:
            lines += declared_in(self.origins)
        if self.by_hand:
            was, is_, it = ("was", "is", "it") if len(self.by_hand) == 1 else ("were", "are", "them")
            remark = f" {was} granted by hand and {is_} not in the mesh; the deployment revokes {it}"
            lines.append((*listed(self.by_hand), remark))
        return tuple(lines)


def declared_in(origins: Sequence[str]) -> Iterator[Sentence]:
    """Yields where grants are declared; of consumers, who reads and who accepts it.

    Args:
        origins: the origins of the grants: file and line, after `reads`, `consumers` or the role.
    """
    places = {
        kind: [one.rpartition(", ")[2] for one in origins if one.partition(", ")[0] == kind]
        for kind in ("reads", "consumers")
    }
    of_levels = [one.rpartition(", ")[2] for one in origins if one.partition(", ")[0] not in places]
    if of_levels:
        yield ("declared in ", *listed(of_levels))
    if places["reads"]:
        yield ("is read in ", *listed(places["reads"]), ", accepted in ", *listed(places["consumers"]))


def privileges_or_role(privileges: Sequence[str], role: str) -> Sentence:
    """A role's name, or the privileges where no role has exactly these."""
    return ("role ", Name.of(role)) if role else listed(privileges, len(privileges))


def role_privileges(role: str, privileges: Sequence[str]) -> Sentence:
    """The privileges of a role on a kind of object, as a sentence."""
    return ("role ", Name.of(role), " grants here: ", *listed(privileges, len(privileges)))


def access_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[AccessChange]:
    """All changes of access, sorted by principal.

    Args:
        plans: all plans, as grants on a catalog affect schemas of other stacks.
        index: the index of the mesh.
    """
    tree = AccessTree(plans, index.existing_grants)
    changes: list[AccessChange] = []
    for plan in plans:
        for one in plan.changes:
            if one.action == "forget":
                continue  # nothing is revoked
            if one.type == "databricks_grants":
                changes += _grants(plan, one, index, tree)
            elif one.type == "databricks_grant":
                changes += _single_grant(plan, one, index, tree)
            elif one.type == "databricks_permissions":
                changes += _permissions(plan, one, index)
            elif one.type == "databricks_group_member":
                changes += _group_member(plan, one)
            elif one.action in ("update", "replace"):
                changes += _owner(plan.stack, one, index)
    return _merge(sorted(changes, key=lambda one: (one.called.lower(), one.stack, one.kind, one.names)))


def _merge(changes: Iterable[AccessChange]) -> list[AccessChange]:
    """Merges equal changes on several objects; objects that the plan creates or destroys come last."""
    groups: dict[AccessChange, list[AccessChange]] = {}
    for one in changes:
        groups.setdefault(replace(one, names=(), reaches=()), []).append(one)
    merged = [
        replace(
            common,
            names=tuple(name for one in group for name in one.names),
            reaches=tuple(access for one in group for access in one.reaches),
        )
        for common, group in groups.items()
    ]
    return sorted(merged, key=lambda one: (one.gone, one.new))


def _grants(
    plan: StackPlan, change: ResourceChange, index: MeshIndex, tree: AccessTree
) -> Iterator[AccessChange]:
    argument, name = tree.securable_of(plan, change)
    if argument is None:
        return
    before, after = privileges_by_principal(change.before), privileges_by_principal(change.after)
    if change.action == "recreate" and find_securable(change.before) != find_securable(change.after):
        before = {}  # the grants on the other securable stay
    in_state = privileges_by_principal(change.recorded) if change.recorded is not None else before
    if change.action == "create" and change.type == "databricks_grants":
        before = {**index.existing_grants.get((argument, name), {})}
    inherited = (
        tree.inherited_changes(argument, name, before, after) if argument in ("catalog", "schema") else {}
    )
    for principal in {**before, **after}:
        was, will = before.get(principal, frozenset()), after.get(principal, frozenset())
        gained, lost = tuple(sorted(will - was)), tuple(sorted(was - will))
        if not gained and not lost:
            continue
        yield AccessChange(
            stack=plan.stack,
            principal=principal,
            called=index.display_name(principal),
            kind=securable_label(argument),
            names=(name,),
            gained=gained,
            lost=lost,
            role=role_of(gained or lost, argument, index),
            origins=index.origins.get(((argument, name), principal), ()),
            by_hand=tuple(sorted(set(lost) - in_state.get(principal, frozenset()))),
            reaches=inherited.get(principal, ()),
            new=tree.is_new(argument, name),
            gone=tree.is_destroyed(argument, name),
        )


def _single_grant(
    plan: StackPlan, change: ResourceChange, index: MeshIndex, tree: AccessTree
) -> Iterator[AccessChange]:
    """`databricks_grant`: the privileges of one principal; other principals' grants stay."""
    blocks = [
        {**arguments, "grant": [arguments]} if arguments else {}
        for arguments in (change.before, change.after)
    ]
    as_grants = ResourceChange(
        address=change.address,
        actions=change.actions,
        before=blocks[0],
        after=blocks[1],
        kind="databricks_grants",
    )
    return _grants(plan, as_grants, index, tree)


def role_of(privileges: Iterable[str], argument: str, index: MeshIndex) -> str:
    """The role with exactly these privileges on such a securable; "" where there is none."""
    kind = SECURABLE_ARGUMENTS.get(argument)
    expected = set(privileges)
    if kind is None or len(expected) < 2:
        return ""
    for name, role in index.roles.items():
        for grant in applicable([Grant("", role.privileges)], kind):
            if set(grant.privileges) == expected:
                return name
    return ""


def securable_label(argument: str) -> str:
    """The name of a kind of securable in sentences."""
    return {"model": "registered model"}.get(argument, argument.replace("_", " "))


def _permissions(plan: StackPlan, change: ResourceChange, index: MeshIndex) -> Iterator[AccessChange]:
    kind, name, action = _permitted_object(plan, change)
    before, after = _levels(change.before), _levels(change.after)
    if change.action == "recreate" and _object_ids(change.before) != _object_ids(change.after):
        before = {}  # the permissions on the other object stay
    for principal in {**before, **after}:
        was, will = before.get(principal), after.get(principal)
        if was != will:
            yield AccessChange(
                stack=plan.stack,
                principal=principal,
                called=index.display_name(principal),
                kind=kind,
                names=(name,),
                gained=(will,) if will else (),
                lost=(was,) if was else (),
                new=action == "create",
                gone=action == "delete",
            )


def _permitted_object(plan: StackPlan, change: ResourceChange) -> tuple[str, str, str]:
    """Kind, name and action of the object that permissions apply to, found in the same plan by id or name."""
    for argument, type in _OBJECT_ARGUMENTS.items():
        ids = {
            str(arguments[argument]) for arguments in (change.before, change.after) if arguments.get(argument)
        }
        if not ids:
            continue
        if not type:
            return argument.removesuffix("_path"), ids.pop(), ""
        candidates = [other for other in plan.resources if other.type == type]
        for other in candidates:
            if (str(other.arguments.get("id")) in ids and other.arguments.get("id")) or other.id == change.id:
                return (
                    RESOURCE_KINDS[type].label if type in RESOURCE_KINDS else argument.removesuffix("_id"),
                    _workspace_name(other),
                    other.action,
                )
    return "object", change.address, ""


def _workspace_name(change: ResourceChange) -> str:
    """The name of a resource in the workspace."""
    fields = RESOURCE_KINDS[change.type].name if change.type in RESOURCE_KINDS else ("name",)
    return ".".join(str(change.arguments.get(field) or "?") for field in fields)


def _object_ids(arguments: Mapping[str, Any]) -> list[Any]:
    return [arguments.get(argument) for argument in _OBJECT_ARGUMENTS]


def _levels(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Permission levels by principal."""
    blocks = arguments.get("access_control")
    levels: dict[str, str] = {}
    for one in blocks if isinstance(blocks, list) else ():
        principal = next((one[field] for field in _PRINCIPAL_ARGUMENTS if one.get(field)), None)
        if principal and one.get("permission_level"):
            levels[str(principal)] = str(one["permission_level"])
    return levels


def _group_member(plan: StackPlan, change: ResourceChange) -> Iterator[AccessChange]:
    ids = {str(other.arguments.get("id")): other for other in plan.resources if other.arguments.get("id")}
    group, member = (ids.get(str(change.arguments.get(field))) for field in ("group_id", "member_id"))
    called = _workspace_name(member) if member else str(change.arguments.get("member_id") or change.address)
    name = _workspace_name(group) if group else str(change.arguments.get("group_id") or change.address)
    yield AccessChange(
        stack=plan.stack,
        principal=called,
        called=called,
        kind="group",
        names=(name,),
        gained=("MEMBER",) if change.action in ("create", "recreate") else (),
        lost=("MEMBER",) if change.action == "delete" else (),
    )


def _owner(stack: str, change: ResourceChange, index: MeshIndex) -> Iterator[AccessChange]:
    was, will = change.before.get("owner"), change.after.get("owner")
    if (
        not isinstance(was, str)
        or not isinstance(will, str)
        or was == will
        or change.type not in RESOURCE_KINDS
    ):
        return
    make = partial(
        AccessChange, stack=stack, kind=RESOURCE_KINDS[change.type].label, names=(_workspace_name(change),)
    )
    yield make(principal=will, called=index.display_name(will), gained=(OWNER,), lost=())
    yield make(principal=was, called=index.display_name(was), gained=(), lost=(OWNER,))
