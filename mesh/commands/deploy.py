"""`mesh deploy`: plans stacks, reviews the plans, and applies them after the user's confirmation."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from mesh.commands.beside import beside
from mesh.commands.preflight import Preflight
from mesh.commands.review import ReviewRules
from mesh.commands.stack_applies import Application, apply_stacks, done, raise_failures, take_stale
from mesh.commands.stack_plans import (
    PlannedStack,
    Planner,
    needed_foundations,
    planned_later,
    refuse_failed_plans,
)
from mesh.commands.waiting_policies import waiting_policies
from mesh.console import confirm, emit, require_terminal
from mesh.deployment import production
from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation_owner import refusals_of_foundation, require_foundations
from mesh.deployment.stack_order import FoundationStack, Stack, depends_on, in_order
from mesh.mesh import Mesh
from mesh.review.declarations import declarations
from mesh.review.formats import as_json, table
from mesh.review.plan import ResourceChange
from mesh.review.sentence import counted
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import RERUN_HINT, StoppedError
from mesh.terraform.plan import PLANNED, count_text
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
        by_name: True if somebody named the stacks; then a foundation that may not be deployed is an error.
    """

    auto_approve: bool = False
    parallelism: int = PARALLELISM
    prune: bool = False
    whole: bool = False
    by_name: bool = True


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
    if names and options.by_name:
        require_foundations(selected, git)  # they are selected by name
    production.require_deployable([stack.environment for stack in selected], git)
    refused = [
        stack
        for stack in (*needed, *selected)
        if not isinstance(stack, Deployment) and refusals_of_foundation(stack, git)
    ]
    preflight = Preflight(target)
    preflight.warn_about_code(selected)
    managed = [stack for stack in selected if stack not in refused]
    deployment = _Deployment(target, rules, progress, mesh, options, frozenset(one.stack for one in needed))
    foreign: list[FoundationStack] = []
    # answers of the workspace on this machine come while Terraform plans, unless they say what is deployed
    if target.deployed.embedded and not needed and not refused:
        preflight.log_in()
        target.synthesize(selected)
        deployment.checks = [partial(preflight.refuse_other_user, selected)]
        deployment.checks += [partial(preflight.refuse_unmanaged, managed)]
    else:
        preflight.refuse_other_user(selected)
        target.synthesize([*needed, *selected])
        # other deployments hold objects of these, for example a workshop on this machine
        foreign = preflight.with_unmanaged([one for one in needed if one not in refused])
        preflight.require_used_objects([*refused, *foreign], selected)
        preflight.refuse_unmanaged(managed)
    stacks = [stack for stack in in_order([*needed, *selected]) if stack not in (*refused, *foreign)]
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
    deployed: list[PlannedStack] = field(default_factory=list)
    checks: Sequence[Callable[[], None]] = ()

    def run(self, stacks: Sequence[Stack]) -> bool:
        """Deploys stacks; False if the policy refuses the plans of a round."""
        started, unchanged, left = time.monotonic(), 0, stacks
        while left:
            planned = self._plan(left)
            later = planned_later(planned)
            now = [one for one in planned.values() if one.name not in later]
            changing = [one for one in now if one.applicable]
            if not self._allowed(planned, later):
                return False
            if changing and not self._confirmed(changing, later):
                return True
            again = self._apply(changing, later)
            self.deployed += [one for one in changing if one.name not in again]
            unchanged += len(now) - len(changing)
            left = [one.stack for one in planned.values() if one.name in later | again]
        if self.target.deployed.embedded:
            # lazy: other deployments do without the packages of the local workspace
            from mesh.commands.local_run.checkout_files import record_deployed

            record_deployed(self.target.root, stacks, lambda one: self.target.terraform(one).config)
        seconds = time.monotonic() - started
        emit(_result(self.deployed, unchanged, seconds))
        self.progress.publish(
            {"event": "result", "deployed": [one.name for one in self.deployed], "seconds": round(seconds, 1)}
        )
        created = {one.type for one in _changes(self.deployed) if one.action == "create"}
        if self.target.deployed.embedded and "databricks_job" in created:
            emit("Run a flow: `mesh local run <flow>`; `mesh ls` lists them")
        return True

    def _plan(self, stacks: Sequence[Stack]) -> dict[str, PlannedStack]:
        planner = Planner(self.target, self.progress, self.options.parallelism)
        shared = () if self.options.prune else [one.stack for one in stacks if _keeps_undeclared(one)]
        checks, self.checks = self.checks, ()
        with beside(checks):
            return planner.plan(stacks, keep=shared)

    def _allowed(self, planned: Mapping[str, PlannedStack], later: Collection[str]) -> bool:
        """Shows the review, and refuses what must not happen."""
        now = [one for one in planned.values() if one.name not in later]
        preflight = Preflight(self.target)
        preflight.warn_about_changes_by_hand(
            [one.stack for one in now], {one.name: one.review for one in now}
        )
        for one in now:
            for line in _notes(one, self.needed):
                emit(line)
        if not any(one.changes or one.plan.error is not None for one in now):
            for line in waiting_policies(now, self.target.deployed):
                emit(line)
            return True
        review = self.rules.review([one.review for one in now], self.mesh)
        emit(table.text(review, table.WHOLE if self.options.whole else _BRIEF), end="")
        self.progress.publish({"event": "review", "review": as_json.as_json(review)})
        for name in sorted(later):
            emit(f"later: {name} is planned when the stacks that it needs are deployed")
        preflight.warn_about_full_catalogs(now)
        if "data-loss" not in self.rules.approved:
            preflight.refuse_data_loss(planned.values(), later)
        refuse_failed_plans(now, shown=True)
        if review.refused and self.deployed:
            emit(f"deployed before: {', '.join(one.name for one in self.deployed)}")
        return not review.refused

    def _confirmed(self, changing: Sequence[PlannedStack], later: Collection[str]) -> bool:
        if self.options.auto_approve:
            return True
        then = f", then plan {len(later)} more" if later else ""
        return confirm(f"Deploy {counted(len(changing), 'stack')} ({_totals(changing)}){then}?")

    def _apply(self, changing: Sequence[PlannedStack], later: Collection[str]) -> frozenset[str]:
        """Applies plans; returns the stacks that somebody else has deployed since they were planned."""
        applications = [
            Application(one.terraform, one.changes, frozenset(depends_on(one.stack)), one.plan.file_hash)
            for one in changing
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
        if results.stopped and (rest := sorted({*later, *again})):
            raise StoppedError(f"interrupted; not planned: {', '.join(rest)}\n{RERUN_HINT}")
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
    """The numbers of changes as text, such as `12 to add, 1 to change`."""
    return count_text(_changes(changing), PLANNED) or "moves or imports only"


def _changes(stacks: Sequence[PlannedStack]) -> list[ResourceChange]:
    return [change for one in stacks for change in one.changes]


def _result(changed: Sequence[PlannedStack], unchanged: int, seconds: float) -> str:
    if not changed:
        return f"Nothing to change: {counted(unchanged, 'stack')} up to date, checked in {seconds:.1f} s."
    rest = f"; {unchanged} without changes" if unchanged else ""
    return f"Deployed {counted(len(changed), 'stack')} in {seconds:.1f} s: {done(_changes(changed))}{rest}."
