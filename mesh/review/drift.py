"""The drift report: changes made by hand, in the data model of a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh.mesh import Mesh
from mesh.review.access import AccessChange
from mesh.review.drift_change import PlanChange, drift_change
from mesh.review.labels import drift_labels
from mesh.review.mesh_index import index_mesh
from mesh.review.plan import StackPlan
from mesh.review.review import (
    EnvironmentReview,
    Review,
    StackReview,
    all_changes,
    by_environment,
    stack_reviews,
)
from mesh.review.sentence import counted
from mesh.review.stack_location import StackLocator


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
) -> DriftReport:
    """Creates the drift report.

    Args:
        plans: the changes made by hand, one plan per deployed stack.
        absent: the stacks that are not deployed.
        mesh: the mesh of the stacks.
        environment: the environment of the stacks.
        notes: facts that could not be read.
    """
    locator, labels = StackLocator(mesh), drift_labels(environment)
    stack_plans = [*plans, *(StackPlan(stack, ()) for stack in absent)]
    locations = {one.stack: locator.locate(one) for one in stack_plans}
    index, index_notes = index_mesh(mesh, [environment])
    rule_subjects, others = all_changes(plans, index)
    changes = [drift_change(one) for one in [*rule_subjects, *others] if not _lost_with_object(one)]
    stacks = stack_reviews(stack_plans, locations, changes, labels)
    return DriftReport(
        environments=tuple(
            _environment(name, group, frozenset(absent))
            for name, group in by_environment(stacks, index.production)
        ),
        rulings=(),
        notes=(*notes, *index_notes),
        labels=labels,
    )


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
