"""The report of what somebody has changed by hand, which every format of a review is written from as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh.mesh import Mesh
from mesh.review import mesh_index as knowledge
from mesh.review.access import AccessChange
from mesh.review.drift_change import Change, happened
from mesh.review.labels import of_drift
from mesh.review.plan import StackPlan
from mesh.review.review import (
    EnvironmentReview,
    Review,
    StackReview,
    all_changes,
    by_environment,
    stack_reviews,
)
from mesh.review.stack_location import Places


@dataclass(frozen=True)
class EnvironmentDrift(EnvironmentReview):
    """What was changed by hand in an environment.

    Args:
        absent: how many of its projects were never deployed, or are not any more.
    """

    absent: int = 0

    @property
    def summary(self) -> str:
        """One line: `1 project, 97 as deployed`."""
        changed = [f"{self.changed} project{'s'[: self.changed != 1]}"] if self.changed else []
        parts = [*changed, *(["what projects share"] if self.shared else [])] or ["nothing"]
        if rest := self.projects - self.changed - self.failed - self.absent:
            parts.append(f"{rest} as deployed")
        if self.absent:
            parts.append(f"{self.absent} not deployed")
        if self.failed:
            parts.append(f"{self.failed} failed")
        if failed := [one for one in self.stacks if one.error and one.place.kind != "project"]:
            parts.append(f"{len(failed)} of what they share failed")
        return ", ".join(parts)


@dataclass(frozen=True)
class Drift(Review):
    """What was changed by hand."""

    environments: tuple[EnvironmentDrift, ...]

    @property
    def found(self) -> bool:
        """Whether anything was."""
        return any(one.changed for one in self.stacks)

    @property
    def failed(self) -> tuple[str, ...]:
        """The stacks that could not be looked at, at least not to the end."""
        return tuple(one.stack for one in self.stacks if one.error is not None)


def drift(
    plans: Sequence[StackPlan],
    absent: Sequence[str],
    mesh: Mesh,
    environment: str,
    notes: Sequence[str] = (),
) -> Drift:
    """Report what was changed by hand.

    Args:
        plans: of each stack what was deployed, and what is there now.
        absent: the stacks that are not deployed.
        mesh: the mesh that they are of.
        environment: the environment that they are in.
        notes: what is not known already.
    """
    tell, wording = Places(mesh), of_drift(environment)
    looked = [*plans, *(StackPlan(stack, ()) for stack in absent)]
    places = {one.stack: tell.of(one) for one in looked}
    known, unknown = knowledge.known(mesh, [environment])
    ruled, others = all_changes(plans, known)
    told = [happened(one) for one in [*ruled, *others] if not _goes_with_it(one)]
    stacks = stack_reviews(looked, places, told, wording)
    return Drift(
        environments=tuple(
            _environment(where, found, frozenset(absent))
            for where, found in by_environment(stacks, known.production)
        ),
        rulings=(),
        notes=(*notes, *unknown),
        wording=wording,
    )


def _goes_with_it(one: Change) -> bool:
    """Whether rights are gone because what they were on is gone, of which another sentence tells."""
    return isinstance(one, AccessChange) and one.gone


def _environment(where: str, stacks: Sequence[StackReview], absent: frozenset[str]) -> EnvironmentDrift:
    projects = [one for one in stacks if one.place.kind == "project"]
    return EnvironmentDrift(
        where=where,
        stacks=tuple(one for one in stacks if one.changed or one.error is not None),
        projects=len(projects),
        changed=sum(one.changed and one.error is None for one in projects),
        failed=sum(one.error is not None for one in projects),
        shared=any(one.changed for one in stacks if one.place.kind != "project"),
        absent=sum(one.stack in absent for one in projects),
    )
