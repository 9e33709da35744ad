"""Who gains and loses rights: grants on data, permissions on jobs and compute, owners, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mesh.model.grant import Grant as Granted
from mesh.model.grant import applicable
from mesh.review.inherited_access import SECURABLES, Reached, Reaches, granted
from mesh.review.mesh_index import Known
from mesh.review.plan import Planned, StackPlan
from mesh.review.sentence import Name, Sentence, counted, joined, listed
from mesh.terraform.workspace import KINDS

# The arguments of `databricks_permissions` that say what is permitted on
_OBJECTS = {
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
_PRINCIPALS = ("group_name", "user_name", "service_principal_name")
OWNER = "OWNER"


@dataclass(frozen=True)
class AccessChange:
    """What one principal gains or loses on one thing.

    Args:
        stack: whose plan it is.
        principal: as Databricks knows it.
        called: as people know it.
        kind: what the thing is, in words.
        names: the full names of all things of which this holds.
        gained: privileges or permission levels; `OWNER` of the one who owns it.
        lost: the same.
        role: the role whose privileges on such a thing are just those; "" where there is none.
        origins: where the mesh says so.
        by_hand: those of `lost` that somebody gave by hand, so that no state knew them.
        reaches: what these rights open or close further down.
        new: whether the thing itself is new.
        gone: whether the thing itself goes.
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
    reaches: tuple[Reached, ...] = ()
    new: bool = False
    gone: bool = False

    area = "access"

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        state = "new " if self.new else "destroyed " if self.gone else ""
        if len(self.names) == 1:
            where: Sentence = (f"{'the ' if state else ''}{state}{self.kind} ", Name.of(self.names[0]))
        else:
            where = (f"{counted(len(self.names), f'{state}{self.kind}')}: ", *listed(self.names))
        if self.gained == (OWNER,):
            return (Name.of(self.called), " becomes owner of ", *where)
        if self.lost == (OWNER,):
            return (Name.of(self.called), " is no longer owner of ", *where)
        parts: list[Sentence] = []
        if self.gained:
            parts.append(("gains ", *_rights(self.gained, self.role)))
        if self.lost:
            parts.append(("loses ", *_rights(self.lost, "" if self.gained else self.role)))
        return (Name.of(self.called), " ", *joined(parts, " and "), " on ", *where)

    @property
    def details(self) -> tuple[Sentence, ...]:
        """What a person wants to know besides."""
        lines: list[Sentence] = [reached.of(self.called) for reached in self.reaches]
        if self.role:
            rights = self.gained or self.lost
            lines.append(("role ", Name.of(self.role), " means here ", *listed(rights, len(rights))))
        if self.origins and self.gained:
            lines.append(("said in ", *listed(origin.rpartition(", ")[2] for origin in self.origins)))
        if self.by_hand:
            lines.append(
                ("granted by hand, not in the mesh: ", *listed(self.by_hand), "; an apply takes it away")
            )
        return tuple(lines)


def _rights(rights: Sequence[str], role: str) -> Sentence:
    return ("role ", Name.of(role)) if role else listed(rights, len(rights))


def access_changes(plans: Sequence[StackPlan], known: Known) -> list[AccessChange]:
    """Who gains and loses what, in the order of principals.

    Args:
        plans: all plans: rights on a catalog reach schemas of other stacks.
        known: what the mesh knows.
    """
    reaches = Reaches(plans, known.granted)
    found: list[AccessChange] = []
    for plan in plans:
        for one in plan.changes:
            if one.type == "databricks_grants":
                found += _grants(plan, one, known, reaches)
            elif one.type == "databricks_grant":
                found += _single(plan, one, known, reaches)
            elif one.type == "databricks_permissions":
                found += _permissions(plan, one, known)
            elif one.type == "databricks_group_member":
                found += _member(plan, one)
            elif one.action in ("update", "replace"):
                found += _owner(plan.stack, one, known)
    return _together(sorted(found, key=lambda one: (one.called.lower(), one.stack, one.kind, one.names)))


def _together(changes: Iterable[AccessChange]) -> list[AccessChange]:
    """What is the same for several things is said once; what is not of this plan's own making comes first."""
    groups: dict[AccessChange, list[AccessChange]] = {}
    for one in changes:
        groups.setdefault(replace(one, names=(), reaches=()), []).append(one)
    merged = [
        replace(
            group,
            names=tuple(name for one in found for name in one.names),
            reaches=tuple(reached for one in found for reached in one.reaches),
        )
        for group, found in groups.items()
    ]
    return sorted(merged, key=lambda one: (one.gone, one.new))


def _grants(plan: StackPlan, one: Planned, known: Known, reaches: Reaches) -> Iterator[AccessChange]:
    argument, name = reaches.securable(plan, one)
    if argument is None:
        return
    before, after = granted(one.before), granted(one.after)
    in_state = granted(one.known) if one.known is not None else before
    if one.action == "create" and one.type == "databricks_grants":
        before = {**known.granted.get((argument, name), {})}
    if argument == "catalog" or argument == "schema":
        reached = reaches.changed(argument, name, before, after)
    else:
        reached = {}
    for principal in {**before, **after}:
        was, will = before.get(principal, frozenset()), after.get(principal, frozenset())
        gained, lost = tuple(sorted(will - was)), tuple(sorted(was - will))
        if not gained and not lost:
            continue
        yield AccessChange(
            stack=plan.stack,
            principal=principal,
            called=known.called(principal),
            kind=_word(argument),
            names=(name,),
            gained=gained,
            lost=lost,
            role=role_of(gained or lost, argument, known),
            origins=known.origins.get(((argument, name), principal), ()),
            by_hand=tuple(sorted(set(lost) - in_state.get(principal, frozenset()))),
            reaches=reached.get(principal, ()),
            new=reaches.is_new(argument, name),
            gone=reaches.is_gone(argument, name),
        )


def _single(plan: StackPlan, one: Planned, known: Known, reaches: Reaches) -> Iterator[AccessChange]:
    """`databricks_grant`: what one principal has, beside what others say of the same securable."""
    blocks = [
        {**arguments, "grant": [arguments]} if arguments else {} for arguments in (one.before, one.after)
    ]
    twin = Planned(
        address=one.address, actions=one.actions, before=blocks[0], after=blocks[1], kind="databricks_grants"
    )
    return _grants(plan, twin, known, reaches)


def role_of(privileges: Iterable[str], argument: str, known: Known) -> str:
    """The role that is just these privileges on such a securable; "" where there is none."""
    kind = SECURABLES.get(argument)
    wanted = set(privileges)
    if kind is None or len(wanted) < 2:
        return ""
    for name, role in known.roles.items():
        for one in applicable([Granted("", role.privileges)], kind):
            if set(one.privileges) == wanted:
                return name
    return ""


def _word(argument: str) -> str:
    return {"model": "registered model"}.get(argument, argument.replace("_", " "))


def _permissions(plan: StackPlan, one: Planned, known: Known) -> Iterator[AccessChange]:
    kind, name, action = _object(plan, one)
    before, after = _levels(one.before), _levels(one.after)
    for principal in {**before, **after}:
        was, will = before.get(principal), after.get(principal)
        if was != will:
            yield AccessChange(
                stack=plan.stack,
                principal=principal,
                called=known.called(principal),
                kind=kind,
                names=(name,),
                gained=(will,) if will else (),
                lost=(was,) if was else (),
                new=action == "create",
                gone=action == "delete",
            )


def _object(plan: StackPlan, one: Planned) -> tuple[str, str, str]:
    """What permissions are on, and what happens to it: a resource of the same plan, by its id or its name."""
    for argument, type in _OBJECTS.items():
        ids = {str(arguments[argument]) for arguments in (one.before, one.after) if arguments.get(argument)}
        if not ids:
            continue
        if not type:
            return argument.removesuffix("_path"), ids.pop(), ""
        there = [other for other in plan.resources if other.type == type]
        for other in there:
            if (str(other.arguments.get("id")) in ids and other.arguments.get("id")) or other.id == one.id:
                return (
                    KINDS[type].word if type in KINDS else argument.removesuffix("_id"),
                    _called(other),
                    other.action,
                )
    return "object", one.address, ""


def _called(one: Planned) -> str:
    """What a resource is called in the workspace."""
    fields = KINDS[one.type].name if one.type in KINDS else ("name",)
    return ".".join(str(one.arguments.get(field) or "?") for field in fields)


def _levels(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Permission levels by principal."""
    blocks = arguments.get("access_control")
    found: dict[str, str] = {}
    for one in blocks if isinstance(blocks, list) else ():
        principal = next((one[field] for field in _PRINCIPALS if one.get(field)), None)
        if principal and one.get("permission_level"):
            found[str(principal)] = str(one["permission_level"])
    return found


def _member(plan: StackPlan, one: Planned) -> Iterator[AccessChange]:
    ids = {str(other.arguments.get("id")): other for other in plan.resources if other.arguments.get("id")}
    group, member = (ids.get(str(one.arguments.get(field))) for field in ("group_id", "member_id"))
    called = _called(member) if member else str(one.arguments.get("member_id") or one.address)
    name = _called(group) if group else str(one.arguments.get("group_id") or one.address)
    yield AccessChange(
        stack=plan.stack,
        principal=called,
        called=called,
        kind="group",
        names=(name,),
        gained=("MEMBER",) if one.action == "create" else (),
        lost=("MEMBER",) if one.action == "delete" else (),
    )


def _owner(stack: str, one: Planned, known: Known) -> Iterator[AccessChange]:
    was, will = one.before.get("owner"), one.after.get("owner")
    if not isinstance(was, str) or not isinstance(will, str) or was == will or one.type not in KINDS:
        return
    make = partial(AccessChange, stack=stack, kind=KINDS[one.type].word, names=(_called(one),))
    yield make(principal=will, called=known.called(will), gained=(OWNER,), lost=())
    yield make(principal=was, called=known.called(was), gained=(), lost=(OWNER,))
