"""Changes by hand that Terraform's refresh does not report, read from the workspace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mesh.review.access import OWNER, AccessChange
from mesh.review.declarations import Declaration, ResourceKey
from mesh.review.drift_change import DriftChange, PlanChange, drift_change
from mesh.review.drift_effect import access_effect, settings_effect
from mesh.review.drift_plan import AttributesByAddress
from mesh.review.masking import Edit
from mesh.review.mesh_index import MeshIndex
from mesh.review.other_changes import OtherChange
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import all_changes
from mesh.review.sentence import Name, Sentence, value_change
from mesh.review.undeclared_access import object_name, undeclared_access
from mesh.review.undeclared_settings import DeclaredObject, undeclared_settings
from mesh.terraform.api_defaults import OBJECT_APIS
from mesh.terraform.live_objects import Held, LiveObject, LiveObjects
from mesh.terraform.workspace import RESOURCE_KINDS


@dataclass(frozen=True)
class StackLook:
    """The objects of one stack in the workspace, in the state and in the code.

    Args:
        live: the objects as the workspace returns them.
        held: the attributes of the state's resources before the refresh, by address.
        declared: the attributes that the code sets, by address.
        user: the logged-in user.
    """

    live: LiveObjects
    held: Held = field(default_factory=dict)
    declared: AttributesByAddress = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True)
class LookedUpChange:
    """A change by hand that only the workspace shows.

    Args:
        resource: the change of the resource.
        drift: the change in the words of a report.
    """

    resource: ResourceChange
    drift: DriftChange


def workspace_drift(
    look: StackLook,
    plan: StackPlan,
    index: MeshIndex,
    places: Mapping[ResourceKey, Declaration],
    updated_next: frozenset[str] = frozenset(),
) -> list[LookedUpChange]:
    """The changes by hand of one stack that Terraform's refresh does not report.

    Args:
        look: the stack's objects in the workspace.
        plan: the changes that the refresh reports.
        index: the index of the mesh.
        places: the declaration of each resource.
        updated_next: the addresses that the next deployment updates.
    """
    refreshed = {one.address: frozenset(_fields(one)) for one in plan.changes}
    deleted = {one.address for one in plan.changes if one.destroys}
    deployers = frozenset({one.creator for one in look.live.objects if one.creator} | {look.user} - {""})
    changes: list[LookedUpChange] = []
    for live in look.live.objects:
        if live.address in look.declared and live.address not in deleted:
            place = places.get((plan.stack, live.address))
            known = DeclaredObject(
                look.declared[live.address],
                look.held.get(live.address, {}),
                refreshed.get(live.address, frozenset()),
            )
            if change := undeclared_settings(live, known):
                changes += _settings(plan.stack, change, index, place, live.address in updated_next)
            for access in undeclared_access(plan.stack, live, look.held, index, deployers):
                changes.append(_access(access, live, look.held, place))
    return changes


def _fields(one: ResourceChange) -> dict[str, None]:
    """The attributes that change, in order."""
    return dict.fromkeys(edit.path.partition(".")[0].partition("[")[0] for edit in one.edits)


def _settings(
    stack: str, change: ResourceChange, index: MeshIndex, place: Declaration | None, updated: bool
) -> Iterator[LookedUpChange]:
    subjects, others = all_changes([StackPlan(stack, (change,))], index)
    for one in (*subjects, *others):
        if isinstance(one, AccessChange) and one.lost == (OWNER,):
            continue  # the new owner is reported
        of_owner = isinstance(one, AccessChange)
        fields = [name for name in _fields(change) if (name == "owner") == of_owner]
        next_deployment, effect = settings_effect(change, fields, place, updated)
        drift = _in_words(one, change)
        yield LookedUpChange(
            change,
            replace(
                drift,
                details=(*drift.details, *effect),
                told_by="workspace",
                next_deployment=next_deployment,
                declared_in=place.position() if place else "",
            ),
        )


def _in_words(one: PlanChange, change: ResourceChange) -> DriftChange:
    if not isinstance(one, OtherChange):
        return drift_change(one)
    subject: Sentence = (
        f"{RESOURCE_KINDS[change.type].label} ",
        Name.of(object_name(change.type, change.before)),
    )
    points = (
        (Name.of(edit.path), ": ", *value_change(edit.before, edit.after))
        for edit in change.edits
        if edit.path != "owner"
    )
    return DriftChange(one, (*subject, " was changed"), tuple(points))


def _access(access: AccessChange, live: LiveObject, held: Held, place: Declaration | None) -> LookedUpChange:
    api = OBJECT_APIS[live.type]
    kind = "members" if access.gained == ("MEMBER",) else "grants" if api.securable else "permissions"
    drift = drift_change(access, reverted=False)
    edit = Edit(f"{kind}[{access.principal}]", None, ", ".join(access.gained))
    resource = ResourceChange(
        address=live.address,
        actions=("update",),
        before=held.get(live.address, {}),
        after=held.get(live.address, {}),
        kind=live.type,
        edits=(edit,),
    )
    return LookedUpChange(
        resource,
        replace(
            drift,
            details=(*drift.details, *access_effect(kind, access.gained, place)),
            told_by="workspace",
            next_deployment="leaves",
            declared_in=place.position() if place else "",
        ),
    )


def merged_resources(
    resources: tuple[ResourceChange, ...], looked_up: list[ResourceChange]
) -> tuple[ResourceChange, ...]:
    """Merges the changes that the refresh reports with the changes that only the workspace shows."""
    by_address = {one.address: one for one in resources}
    for one in looked_up:
        if (known := by_address.get(one.address)) is None or known.action == "no-op":
            by_address[one.address] = one
        else:
            new = [edit for edit in one.edits if edit not in known.edits]
            by_address[one.address] = replace(known, edits=(*known.edits, *new))
    return tuple(by_address.values())
