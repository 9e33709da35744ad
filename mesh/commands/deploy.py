"""`mesh deploy`: plans stacks, reviews the plans, and applies them after the user's confirmation."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mesh.commands.preflight import Preflight
from mesh.commands.review import ReviewRules
from mesh.commands.stack_applies import Application, apply_stacks, count, done, raise_failures, take_stale
from mesh.commands.stack_plans import (
    PlannedStack,
    Planner,
    needed_foundations,
    planned_later,
    refuse_failed_plans,
)
from mesh.console import confirm, emit, require_terminal
from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation_owner import refusals_of_foundation, require_foundations
from mesh.deployment.stack_order import Stack, depends_on, steps
from mesh.mesh import Mesh
from mesh.review.declarations import declarations
from mesh.review.formats import as_json, table
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import RERUN_HINT
from mesh.terraform.progress import Progress
from mesh.terraform.target import Target

# A first deployment creates dozens of objects: `mesh diff` and --verbose name them
_BRIEF = table.Brevity("created", named=1)


@dataclass(frozen=True)
class DeployOptions:
    """The options of a deployment.

    Args:
        auto_approve: True to deploy without confirmation.
        parallelism: the number of stacks at a time.
        prune: True to destroy what a shared stack no longer declares in this checkout.
        whole: True to list every new object and its users in the review; otherwise many objects are counted.
    """

    auto_approve: bool = False
    parallelism: int = PARALLELISM
    prune: bool = False
    whole: bool = False


def deploy(
    target: Target,
    names: Sequence[str],
    rules: ReviewRules,
    progress: Progress,
    *,
    mesh: Mesh,
    options: DeployOptions,
) -> bool:
    """Deploys stacks: each after the stacks that it depends on, independent stacks side by side.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks. Foundations that selected projects need
            are deployed with them.
        rules: the rules of the review.
        progress: receives what happens.
        mesh: the mesh in all environments.
        options: the options.

    Returns:
        False if the policy refuses the plans of a round; a message names the stacks of earlier rounds, which
        are deployed.

    Raises:
        UsageError: a name matches no stack, or there is no terminal to confirm on.
        OutsideError: a check fails, data would be lost, or a stack could not be planned or deployed.
    """
    selected = target.select(names)
    require_terminal(options.auto_approve)
    needed = needed_foundations(selected, target.stacks)
    git = target.deployed.git
    if names:
        require_foundations(selected, git)  # they are selected by name
    production.require_deployable([stack.environment for stack in selected], git)
    others = [
        stack
        for stack in (*needed, *selected)
        if not isinstance(stack, Deployment) and refusals_of_foundation(stack, git)
    ]
    preflight = Preflight(target)
    preflight.warn_about_code(selected)
    preflight.refuse_other_user(selected)
    preflight.require_used_objects(others, selected)
    target.synthesize()
    # other deployments hold objects of these, for example a workshop on this machine
    foreign = preflight.with_unmanaged([stack for stack in needed if stack not in others])
    preflight.require_used_objects([one for one in foreign if not isinstance(one, Deployment)], selected)
    left = [*others, *foreign]
    stacks = [stack for step in steps([*needed, *selected]) for stack in step if stack not in left]
    preflight.refuse_unmanaged([stack for stack in stacks if stack not in needed])
    deployment = _Deployment(target, rules, progress, mesh, options, frozenset(one.stack for one in needed))
    try:
        return deployment.run(stacks)
    finally:
        for stack in stacks:
            target.terraform(stack).discard_plan()


@dataclass
class _Deployment:
    """A deployment in rounds: a stack is planned when the objects that it looks up exist."""

    target: Target
    rules: ReviewRules
    progress: Progress
    mesh: Mesh
    options: DeployOptions
    needed: frozenset[str]
    warned: bool = False
    deployed: list[str] = field(default_factory=list)

    def run(self, stacks: Sequence[Stack]) -> bool:
        """Deploys stacks; False if the policy refuses the plans of a round."""
        started, changed, unchanged = time.monotonic(), list[PlannedStack](), 0
        left = [*stacks]
        while left:
            planned = self._plan(left)
            later = planned_later(planned)
            now = [one for one in planned.values() if one.name not in later]
            changing = [one for one in now if one.applicable]
            if not self._allowed(planned, later):
                return False
            if changing and not self._confirmed(changing, later):
                return True
            again = self._apply(changing)
            changed += [one for one in changing if one.name not in again]
            self.deployed = [one.name for one in changed]
            unchanged += len(now) - len(changing)
            left = [one.stack for one in planned.values() if one.name in later | again]
        seconds = time.monotonic() - started
        emit(_result(changed, unchanged, seconds))
        self.progress.publish(
            {"event": "result", "deployed": [one.name for one in changed], "seconds": round(seconds, 1)}
        )
        if hint := _next(changed, embedded=self.target.deployed.embedded):
            emit(hint)
        return True

    def _plan(self, stacks: Sequence[Stack]) -> dict[str, PlannedStack]:
        planner = Planner(self.target, self.progress, self.options.parallelism)
        shared = () if self.options.prune else [one.stack for one in stacks if _keeps_undeclared(one)]
        return planner.plan(stacks, keep=shared)

    def _allowed(self, planned: Mapping[str, PlannedStack], later: Collection[str]) -> bool:
        """Shows the review, and refuses what must not happen."""
        now = [one for one in planned.values() if one.name not in later]
        preflight = Preflight(self.target)
        if not self.warned:
            stacks, plans = [one.stack for one in now], {one.name: one.review for one in now}
            preflight.warn_about_changes_by_hand(stacks, plans)
            self.warned = True
        for one in now:
            for line in _notes(one, self.needed):
                emit(line)
        if not any(one.changes or one.plan.error is not None for one in now):
            return True
        review = self.rules.review([one.review for one in now], self.mesh)
        emit(table.text(review, table.WHOLE if self.options.whole else _BRIEF), end="")
        self.progress.publish({"event": "review", "review": as_json.as_json(review)})
        for name in sorted(later):
            emit(f"later: {name} is planned when the stacks that it needs are deployed")
        if "data-loss" not in self.rules.approved:
            preflight.refuse_data_loss(planned.values(), later)
        refuse_failed_plans(now, shown=True)
        if review.refused and self.deployed:
            emit(f"deployed before: {', '.join(self.deployed)}")
        return not review.refused

    def _confirmed(self, changing: Sequence[PlannedStack], later: Collection[str]) -> bool:
        if self.options.auto_approve:
            return True
        count = f"{len(changing)} stack{'' if len(changing) == 1 else 's'}"
        then = f", then plan {len(later)} more" if later else ""
        return confirm(f"Deploy {count} ({_totals(changing)}){then}?")

    def _apply(self, changing: Sequence[PlannedStack]) -> frozenset[str]:
        """Applies plans; returns the stacks that somebody else has deployed since they were planned."""
        applications = [
            Application(one.terraform, one.changes, frozenset(depends_on(one.stack))) for one in changing
        ]
        if not applications:
            return frozenset()
        results = apply_stacks(applications, self.progress, self.options.parallelism)
        again = take_stale(results)
        for name in sorted(again):
            emit(
                f"again: {name} is planned again, because its state or that of a stack that it needs changed"
            )
        places = declarations([self.target.deployed])
        raise_failures(results, places, "not all stacks are deployed:", RERUN_HINT)
        return again


def _keeps_undeclared(stack: Stack) -> bool:
    """True for a stack that several branches share, and that no production environment uses."""
    return not isinstance(stack, Deployment) and not stack.owning_environment.production


def _notes(one: PlannedStack, needed: frozenset[str]) -> Iterator[str]:
    if one.name in needed and one.changes:
        yield f"needs: {one.name}, {_totals([one])}"
    if one.kept:
        some = ", ".join(one.kept[:3]) + (f" and {len(one.kept) - 3} more" if len(one.kept) > 3 else "")
        yield (
            f"kept: {some} of {one.name}, which this checkout does not declare "
            "(`mesh deploy --prune` destroys it, with its data)"
        )


def _totals(changing: Sequence[PlannedStack]) -> str:
    """`12 to add, 1 to change`; numbers that are 0 are left out."""
    sums = [sum(column) for column in zip(*(count(one.changes) for one in changing), strict=True)]
    labels = ("to add", "to change", "to destroy")
    named = [f"{number} {label}" for number, label in zip(sums, labels, strict=True) if number]
    return ", ".join(named) or "moves or imports only"


def _result(changed: Sequence[PlannedStack], unchanged: int, seconds: float) -> str:
    if not changed:
        return f"Nothing to change: {_stacks(unchanged)} up to date, checked in {seconds:.1f} s."
    rest = f"; {unchanged} without changes" if unchanged else ""
    changes = [change for one in changed for change in one.changes]
    return f"Deployed {_stacks(len(changed))} in {seconds:.1f} s: {done(changes)}{rest}."


def _stacks(count: int) -> str:
    return f"{count} stack{'' if count == 1 else 's'}"


def _next(changed: Sequence[PlannedStack], *, embedded: bool) -> str:
    """What to do next: run a flow that was created, on the workspace of this machine."""
    if not embedded:
        return ""
    for one in changed:
        if isinstance(one.stack, Deployment):
            created = {change.address for change in one.changes if change.action == "create"}
            for flow in one.stack.flows:
                if any(f"databricks_job.{job.id}" in created for job in flow.all_jobs):
                    return f"Run it: `mesh local run {flow.path}`"
    return ""
