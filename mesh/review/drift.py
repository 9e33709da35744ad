"""The drift report: changes made by hand, in the data model of a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.mesh import Mesh
from mesh.review.access import AccessChange
from mesh.review.compute import ComputeChange
from mesh.review.data import DataChange
from mesh.review.declarations import Declaration, ResourceKey, declarations
from mesh.review.drift_change import DriftChange, PlanChange, drift_change
from mesh.review.drift_effect import ignored_effect
from mesh.review.labels import drift_labels
from mesh.review.mesh_index import MeshIndex, index_mesh
from mesh.review.other_changes import OtherChange
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import (
    EnvironmentReview,
    Review,
    StackReview,
    all_changes,
    by_environment,
    stack_reviews,
)
from mesh.review.runs import RunChange
from mesh.review.sentence import Name, counted
from mesh.review.stack_location import StackLocator
from mesh.review.undeclared_access import object_name
from mesh.review.workspace_drift import LookedUpChange, StackLook, merged_resources, workspace_drift
from mesh.terraform.workspace import RESOURCE_KINDS


@dataclass(frozen=True)
class EnvironmentDrift(EnvironmentReview):
    """The changes made by hand in an environment.

    Args:
        absent: the number of its projects that are not deployed.
    """

    absent: int = 0

    @property
    def summary(self) -> str:
        """One line: `1 project changed, 97 unchanged`."""
        parts = [f"{counted(self.changed, 'project')} changed"] if self.changed else []
        if self.shared:
            parts.append("shared resources changed")
        parts = parts or ["no changes"]
        if rest := self.projects - self.changed - self.failed - self.absent:
            parts.append(f"{rest} unchanged")
        if self.absent:
            parts.append(f"{self.absent} not deployed")
        return ", ".join([*parts, *self.failures])


@dataclass(frozen=True)
class DriftReport(Review):
    """The changes made by hand in all environments."""

    environments: tuple[EnvironmentDrift, ...]

    @property
    def drifted(self) -> bool:
        """True if anything was changed by hand."""
        return any(one.changed for one in self.stacks)

    @property
    def failed(self) -> tuple[str, ...]:
        """The stacks whose refresh failed."""
        return tuple(one.stack for one in self.stacks if one.error is not None)


def report_drift(
    plans: Sequence[StackPlan],
    absent: Sequence[str],
    mesh: Mesh,
    environment: str,
    notes: Sequence[str] = (),
    looks: Mapping[str, StackLook] | None = None,
    updated_next: Mapping[str, frozenset[str]] | None = None,
    owners_next: Mapping[str, frozenset[str]] | None = None,
) -> DriftReport:
    """Creates the drift report.

    Args:
        plans: the changes made by hand, one plan per deployed stack.
        absent: the stacks that are not deployed.
        mesh: the mesh of the stacks.
        environment: the environment of the stacks.
        notes: facts that could not be read.
        looks: the objects in the workspace, by stack.
        updated_next: the addresses that the next deployment updates, by stack, where it was planned.
        owners_next: the addresses of which the next deployment updates only the owner, by stack.
    """
    locator, labels = StackLocator(mesh), drift_labels(environment)
    stack_plans = [*plans, *(StackPlan(stack, ()) for stack in absent)]
    locations = {one.stack: locator.locate(one) for one in stack_plans}
    index, index_notes = index_mesh(mesh, [environment])
    source = _Source(
        index, _declarations(mesh, environment), looks or {}, updated_next or {}, owners_next or {}
    )
    looked_up = {plan.stack: source.looked_up(plan) for plan in plans}
    changes = [*source.refreshed(plans), *(one.drift for found in looked_up.values() for one in found)]
    complete = [
        replace(
            one, resources=merged_resources(one.resources, [new.resource for new in looked_up[one.stack]])
        )
        if one.stack in looked_up
        else one
        for one in stack_plans
    ]
    stacks = stack_reviews(complete, locations, changes, labels)
    return DriftReport(
        environments=tuple(
            _environment(name, group, frozenset(absent))
            for name, group in by_environment(stacks, index.production)
        ),
        rulings=(),
        notes=tuple(dict.fromkeys((*notes, *index_notes, *source.notes))),
        labels=labels,
    )


@dataclass(frozen=True)
class _Source:
    """The sources of a drift report besides the refreshed states.

    Args:
        index: the index of the mesh.
        places: the declaration of each resource.
        looks: the objects in the workspace, by stack.
        updated_next: the addresses that the next deployment updates, by stack.
        owners_next: the addresses of which the next deployment updates only the owner, by stack.
    """

    index: MeshIndex
    places: Mapping[ResourceKey, Declaration]
    looks: Mapping[str, StackLook]
    updated_next: Mapping[str, frozenset[str]]
    owners_next: Mapping[str, frozenset[str]]

    @property
    def notes(self) -> list[str]:
        """The reads of the workspace that failed."""
        return [f"{note} ({stack})" for stack, look in self.looks.items() for note in look.live.notes]

    def looked_up(self, plan: StackPlan) -> list[LookedUpChange]:
        """The changes of one stack that only the workspace shows."""
        if plan.stack not in self.looks:
            return []
        nothing: frozenset[str] = frozenset()
        updated = self.updated_next.get(plan.stack, nothing) - self.owners_next.get(plan.stack, nothing)
        return workspace_drift(self.looks[plan.stack], plan, self.index, self.places, updated)

    def refreshed(self, plans: Sequence[StackPlan]) -> list[DriftChange]:
        """The changes that Terraform's refresh shows: those that the next deployment reverts come first."""
        reverted, left = [], []
        for plan in plans:
            rest = [one for one in plan.resources if self._is_left(plan.stack, one)]
            reverted.append(replace(plan, resources=tuple(one for one in plan.resources if one not in rest)))
            left += [StackPlan(plan.stack, (one,)) for one in rest]
        subjects, others = all_changes(reverted, self.index)
        changes = [drift_change(one) for one in (*subjects, *others) if not _lost_with_object(one)]
        for single in left:
            subjects, others = all_changes([single], self.index)
            changes += [_left(drift_change(one, reverted=False)) for one in (*subjects, *others)]
        addresses = {
            (plan.stack, one.type, object_name(one.type, one.before)): one
            for plan in plans
            for one in plan.changes
        }
        return [self._located(one, addresses) for one in changes]

    def _is_left(self, stack: str, one: ResourceChange) -> bool:
        """True if the next deployment does not revert a changed resource."""
        planned = self.updated_next.get(stack)
        return planned is not None and one.action == "update" and one.address not in planned

    def _located(
        self, change: DriftChange, changed: Mapping[tuple[str, str, str], ResourceChange]
    ) -> DriftChange:
        """The change with the position of its declaration, where it is the change of one resource."""
        of, address = change.of, ""
        match of:
            case DataChange():
                address = of.address
            case OtherChange() if len(of.names) == 1:
                address = f"databricks_{of.type}.{of.names[0]}"
            case RunChange() | ComputeChange() if not getattr(of, "more", ()):
                types = (type for type, kind in RESOURCE_KINDS.items() if kind.label == of.kind)
                one = next(
                    (changed[key] for type in types if (key := (of.stack, type, of.name)) in changed), None
                )
                address = one.address if one else ""
        place = self.places.get((change.stack, address))
        if place is None:
            return change
        details = (*change.details, ("declared in ", Name.of(place.position())))
        return replace(change, details=details, declared_in=place.position())


def _declarations(mesh: Mesh, environment: str) -> dict[ResourceKey, Declaration]:
    """The declaration of each resource; empty if the mesh has errors, which a note of its index reports."""
    try:
        return declarations([mesh.in_environment(environment)])
    except (MeshError, OutsideError, UsageError):
        return {}


def _left(change: DriftChange) -> DriftChange:
    details = (*change.details, *ignored_effect())
    return replace(change, details=details, next_deployment="leaves")


def _lost_with_object(change: PlanChange) -> bool:
    """True if privileges were lost because their object was deleted, which is reported separately."""
    return isinstance(change, AccessChange) and change.gone


def _environment(name: str, stacks: Sequence[StackReview], absent: frozenset[str]) -> EnvironmentDrift:
    projects = [one for one in stacks if one.location.kind == "project"]
    return EnvironmentDrift(
        environment=name,
        stacks=tuple(one for one in stacks if one.changed or one.error is not None),
        projects=len(projects),
        changed=sum(one.changed and one.error is None for one in projects),
        failed=sum(one.error is not None for one in projects),
        shared=any(one.changed for one in stacks if one.location.kind != "project"),
        absent=sum(one.stack in absent for one in projects),
    )
