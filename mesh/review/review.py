"""The review of all plans: one report, from which every format is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from mesh.mesh import Mesh
from mesh.model.review_policy import PolicyFile
from mesh.review import mesh_index as knowledge
from mesh.review.access import AccessChange, access_changes
from mesh.review.compute import ComputeChange, compute_changes
from mesh.review.data import DataChange, data_changes
from mesh.review.drift_change import DriftChange
from mesh.review.labels import REVIEW, Wording
from mesh.review.other_changes import OtherChange, other_changes
from mesh.review.plan import Planned, StackPlan
from mesh.review.policy import Ruling, rulings
from mesh.review.runs import RunChange, run_changes
from mesh.review.stack_location import Place, Places
from mesh.review.workspace_facts import NOTHING, Seen

Change = DataChange | AccessChange | RunChange | ComputeChange | OtherChange | DriftChange

AREAS: Mapping[str, str] = {
    "data": "Data",
    "access": "Access",
    "runs": "Runs",
    "compute": "Compute",
    "other": "Other",
}


@dataclass(frozen=True)
class StackReview:
    """What the plan of one stack does.

    Args:
        stack: the stack's name.
        place: where it is in the mesh.
        changes: in the order that they are read in: data, access, runs, compute, all else.
        resources: what Terraform changes, for the diff.
        error: what Terraform says when it could not plan; None when it could.
        wording: our own words.
    """

    stack: str
    place: Place
    changes: tuple[Change, ...]
    resources: tuple[Planned, ...]
    error: str | None = None
    wording: Wording = REVIEW

    @property
    def changed(self) -> bool:
        """Whether anything changes."""
        return bool(self.resources)

    @property
    def loses(self) -> bool:
        """Whether data is lost."""
        return any(getattr(one, "loses", False) for one in self.changes)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many resources are added, changed and destroyed, as Terraform counts them."""
        actions = [one.action for one in self.resources]
        replaced = actions.count("replace")
        return actions.count("create") + replaced, actions.count("update"), actions.count("delete") + replaced


@dataclass(frozen=True)
class EnvironmentReview:
    """What the plans of one environment do, or those of what environments share on a metastore.

    Args:
        where: its name.
        stacks: those that change or failed.
        projects: how many projects there are plans of.
        changed: how many of them change.
        failed: of how many the plan failed.
        shared: whether what its projects share changes.
    """

    where: str
    stacks: tuple[StackReview, ...]
    projects: int
    changed: int
    failed: int
    shared: bool

    @property
    def summary(self) -> str:
        """One line: `2 projects change, 98 do not, 1 failed`."""
        parts = []
        if self.projects:
            word = "project changes" if self.changed == 1 else "projects change"
            parts.append(f"{self.changed or 'no'} {word}")
            if rest := self.projects - self.changed - self.failed:
                parts.append(f"{rest} {'does' if rest == 1 else 'do'} not")
            if self.failed:
                parts.append(f"{self.failed} failed")
        if self.shared:
            parts.append("what projects share changes")
        if failed := [one for one in self.stacks if one.error and one.place.kind != "project"]:
            parts.append(f"{len(failed)} of what they share failed")
        return ", ".join(parts) or "nothing changes"


@dataclass(frozen=True)
class Review:
    """The review of all plans.

    Args:
        environments: in the order that they are read in: production first.
        rulings: what rules are about, what is refused first.
        notes: what is not known, and why.
        wording: our own words.
    """

    environments: tuple[EnvironmentReview, ...]
    rulings: tuple[Ruling, ...]
    notes: tuple[str, ...] = ()
    wording: Wording = REVIEW

    @property
    def stacks(self) -> tuple[StackReview, ...]:
        """All stacks that change or failed."""
        return tuple(stack for one in self.environments for stack in one.stacks)

    @property
    def refused(self) -> bool:
        """Whether the policy refuses."""
        return any(one.refused for one in self.rulings)

    @property
    def losses(self) -> tuple[DataChange, ...]:
        """All data that is lost."""
        changes = (change for stack in self.stacks for change in stack.changes)
        return tuple(one for one in changes if isinstance(one, DataChange) and one.loses)


def review(
    plans: Sequence[StackPlan],
    mesh: Mesh | None,
    policy: PolicyFile,
    approved: frozenset[str] = frozenset(),
    notes: Sequence[str] = (),
    seen: Seen = NOTHING,
) -> Review:
    """Review plans.

    Args:
        plans: one per stack.
        mesh: the mesh that they are of; None where it cannot be read.
        policy: how strict rules are.
        approved: the rules that somebody has approved.
        notes: what is not known already.
        seen: what was seen in their workspaces.
    """
    tell = Places(mesh)
    places = {plan.stack: tell.of(plan) for plan in plans}
    environments = dict.fromkeys(name for place in places.values() for name in place.environments)
    known, unknown = knowledge.known(mesh, environments)
    known = replace(
        known,
        gone={stack: place.remedy for stack, place in places.items() if place.gone},
        holds=seen.holds,
        granted=seen.granted,
    )
    ruled, others = all_changes(plans, known)
    stacks = stack_reviews(plans, places, [*ruled, *others])
    return Review(
        environments=tuple(
            _environment(where, found) for where, found in by_environment(stacks, known.production)
        ),
        rulings=tuple(rulings(plans, ruled, places, policy, known, approved)),
        notes=(*notes, *unknown, *seen.notes),
    )


def all_changes(
    plans: Sequence[StackPlan], known: knowledge.Known
) -> tuple[list[DataChange | AccessChange | RunChange | ComputeChange], list[OtherChange]]:
    """What plans change: what rules may be about, and all else."""
    data = data_changes(plans, known)
    ruled: list[DataChange | AccessChange | RunChange | ComputeChange] = [*data]
    ruled += [*access_changes(plans, known), *run_changes(plans, known), *compute_changes(plans)]
    return ruled, other_changes(plans, {(one.stack, one.address) for one in data})


def stack_reviews(
    plans: Sequence[StackPlan],
    places: Mapping[str, Place],
    changes: Iterable[Change],
    wording: Wording = REVIEW,
) -> list[StackReview]:
    """Plans with what they change, stack by stack."""
    by_stack: dict[str, list[Change]] = {}
    for change in changes:
        by_stack.setdefault(change.stack, []).append(change)
    return [
        StackReview(
            plan.stack,
            places[plan.stack],
            tuple(by_stack.get(plan.stack, ())),
            plan.changes,
            plan.error,
            wording,
        )
        for plan in plans
    ]


def by_environment(
    stacks: Iterable[StackReview], production: frozenset[str]
) -> Iterator[tuple[str, list[StackReview]]]:
    """Stacks by environment, what is read first first: production, and there what loses data."""
    ordered = sorted(stacks, key=lambda one: _order(one, production))
    yield from ((where, list(found)) for where, found in groupby(ordered, lambda one: one.place.where))


def _order(one: StackReview, production: frozenset[str]) -> tuple[object, ...]:
    place = one.place
    shared = place.where.startswith("metastore ")
    return (
        shared,
        place.where not in production,
        place.where,
        not one.loses,
        one.error is None,
        place.kind != "project",
        place.path,
        one.stack,
    )


def _environment(where: str, stacks: Sequence[StackReview]) -> EnvironmentReview:
    projects = [one for one in stacks if one.place.kind == "project"]
    failed = sum(one.error is not None for one in projects)
    return EnvironmentReview(
        where=where,
        stacks=tuple(one for one in stacks if one.changed or one.error is not None),
        projects=len(projects),
        changed=sum(one.changed and one.error is None for one in projects),
        failed=failed,
        shared=any(one.changed for one in stacks if one.place.kind != "project"),
    )
