"""`mesh apply`: reviews saved plans again, then applies them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mesh.commands.former_mesh import removed_stacks
from mesh.commands.preflight import Preflight
from mesh.commands.stack_applies import Application, apply_stacks, raise_failures, take_stale
from mesh.console import confirm, emit, require_terminal, visible
from mesh.deployment import production
from mesh.deployment.foundation_owner import require_foundations
from mesh.deployment.stack_order import Stack, with_removed
from mesh.errors import OutsideError, UsageError
from mesh.mesh import Mesh
from mesh.review.declarations import Declaration, ResourceKey, declarations
from mesh.review.formats import table
from mesh.review.plan import StackPlan, stack_plan
from mesh.review.review import Review
from mesh.terraform import PARALLELISM
from mesh.terraform.orphaned_state import remove_folder
from mesh.terraform.progress import Progress
from mesh.terraform.saved_plan import ORIGIN, Checkout, SavedPlan, saved_plans
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform


@dataclass(frozen=True)
class ApplyOptions:
    """The options of an apply.

    Args:
        auto_approve: True to apply without confirmation.
        parallelism: the number of stacks at a time.
    """

    auto_approve: bool = False
    parallelism: int = PARALLELISM


def apply(
    target: Target,
    paths: Sequence[Path],
    reviewer: Callable[[Sequence[StackPlan]], Review],
    *,
    mesh: Mesh,
    options: ApplyOptions,
    progress: Progress,
) -> bool:
    """Applies saved plans: first of stacks that are no longer declared, then of foundations and projects.

    Args:
        target: the mesh in its environment.
        paths: the files of the plans, or folders of these files.
        reviewer: reviews the plans.
        mesh: the mesh in all environments.
        options: the options.
        progress: receives what happens.

    Returns:
        False if the policy refuses the plans; then nothing is changed.

    Raises:
        UsageError: a plan does not exist, or there is no terminal to confirm on.
        OutsideError: a plan is outdated, a check fails, or an apply fails.
    """
    checkout = target.checkout
    declared = {stack.stack: stack for stack in target.stacks}
    plans = {plan.stack: plan for plan in plans_of_environment(saved_plans(paths), checkout, declared)}
    require_terminal(options.auto_approve, look="mesh review")
    bases = dict.fromkeys(plan.base for plan in plans.values() if plan.base)
    former = {
        stack.stack: stack for base in bases for stack in removed_stacks(mesh, target.deployed, base)[1]
    }
    selected = [stack for name, stack in declared.items() if name in plans and not plans[name].base]
    removed = [stack for name, stack in former.items() if name in plans and plans[name].base]
    production.require_deployable([stack.environment for stack in (*selected, *removed)], target.deployed.git)
    require_foundations(selected, target.deployed.git)
    preflight = Preflight(target)
    preflight.warn_about_code(selected)
    preflight.refuse_other_user([*selected, *removed])
    target.synthesize(selected)
    orphaned = {stack.stack: target.orphaned(stack) for stack in removed}
    terraforms = {stack.stack: target.terraform(stack) for stack in selected} | orphaned
    try:
        refuse_outdated(plans.values(), terraforms, checkout)
        preflight.refuse_unmanaged(selected)
        applications = list(_applications(plans, terraforms, with_removed(selected, removed)))

        def reviewed(plans: Sequence[StackPlan]) -> Review:
            preflight.warn_about_changes_by_hand(selected, {plan.stack: plan for plan in plans})
            return reviewer(plans)

        declined = False

        def confirmed(question: str) -> bool:
            nonlocal declined
            declined = not (options.auto_approve or confirm(question))
            return not declined

        places = declarations([target.deployed])
        applied = Applier(reviewed, confirmed, checkout, progress, options.parallelism, places).apply(
            applications
        )
        if applied and not declined and target.deployed.embedded:
            # lazy: other deployments do without the packages of the local workspace
            from mesh.commands.local_run.checkout_files import record_deployed

            record_deployed(target.root, selected, lambda stack: target.terraform(stack).config)
        return applied
    finally:
        for terraform in orphaned.values():
            remove_folder(terraform)


def _applications(
    plans: Mapping[str, SavedPlan],
    terraforms: Mapping[str, Terraform],
    ordered: Iterable[tuple[Stack, frozenset[str]]],
) -> Iterator[PlanApplication]:
    for stack, after in ordered:
        yield PlanApplication(plans[stack.stack], terraforms[stack.stack], after)


@dataclass(frozen=True)
class PlanApplication:
    """A saved plan that is about to be applied.

    Args:
        saved: the plan's files.
        terraform: Terraform in the stack's folder, which was synthesized from this checkout.
        after: the stacks that must be applied before this stack.
    """

    saved: SavedPlan
    terraform: Terraform
    after: frozenset[str] = frozenset()

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.saved.stack

    @property
    def reviewed(self) -> str | None:
        """The hash of the plan that is reviewed."""
        return self.saved.origin.plan if self.saved.origin else None


def plans_of_environment(
    saved: Iterable[SavedPlan], checkout: Checkout, stacks: Collection[str]
) -> list[SavedPlan]:
    """Returns the plans for the checkout's environment; prints which plans are skipped.

    Args:
        saved: the plans.
        checkout: the checkout with its environment.
        stacks: the names of the stacks in this environment.

    Raises:
        UsageError: there is no plan for the environment.
    """
    own: list[SavedPlan] = []
    for plan in saved:
        env = plan.origin.env if plan.origin else None
        if env == checkout.env or (env is None and plan.stack in stacks):
            own.append(plan)
        else:
            which = f"which is for {visible(env)}" if env else "which names no environment"
            emit(f"skipped: the plan of {visible(plan.stack)}, {which}")
    if not own:
        raise UsageError(
            f"there is no plan for {checkout.env} here (`mesh plan --env {checkout.env} --out DIR`)"
        )
    return own


def refuse_outdated(
    saved: Iterable[SavedPlan], terraforms: Mapping[str, Terraform], checkout: Checkout
) -> None:
    """Refuses plans that differ from the plans that this checkout would make now.

    Args:
        saved: the plans.
        terraforms: Terraform for each stack that is declared or was declared at a plan's base, by name.
        checkout: the checkout.

    Raises:
        OutsideError: a plan is outdated; the message lists every reason.
    """
    reasons = [(one, why) for one in saved for why in _refusals(one, terraforms.get(one.stack), checkout)]
    if reasons:
        lines = "\n".join(f"  {visible(f'{one.stack}: {why}')}" for one, why in reasons)
        raise OutsideError(
            f"these plans are not applied:\n{lines}\nnothing was changed; plan and review again: "
            + _plan_commands((one for one, _ in reasons), checkout.env)
        )


def _refusals(saved: SavedPlan, terraform: Terraform | None, checkout: Checkout) -> Iterator[str]:
    """Yields the reasons why a plan must not be applied."""
    try:
        saved.plan()
    except OutsideError as error:
        yield str(error)
        return
    if terraform is None:
        reason = "it was planned as removed, but is declared" if saved.base else "it is not declared"
        yield f"{reason} in this checkout, {checkout.where}"
        return
    yield from saved.outdated(terraform, checkout)


def read_plan_changes(applications: Iterable[PlanApplication]) -> list[StackPlan]:
    """Reads the changes from Terraform's own plans; the saved JSON may have been edited."""
    plans: list[StackPlan] = []
    for application in applications:
        application.terraform.load_plan(application.saved.plan())
        plans.append(stack_plan(application.stack, application.terraform.show(), None))
    return plans


@dataclass(frozen=True)
class Applier:
    """Reviews saved plans and applies them.

    Args:
        reviewer: reviews the plans.
        confirmed: asks for confirmation before the first change.
        checkout: the checkout.
        progress: receives what happens.
        parallelism: the number of stacks at a time.
        places: the declarations of resources, for errors.
    """

    reviewer: Callable[[Sequence[StackPlan]], Review]
    confirmed: Callable[[str], bool]
    checkout: Checkout
    progress: Progress
    parallelism: int = PARALLELISM
    places: Mapping[ResourceKey, Declaration] = field(default_factory=dict)

    def apply(self, applications: Sequence[PlanApplication]) -> bool:
        """Reviews plans and applies them, each after the stacks that it depends on.

        Args:
            applications: the plans.

        Returns:
            False if the policy refuses the plans; then nothing is changed.

        Raises:
            OutsideError: a plan could not be applied.
        """
        try:
            plans = {plan.stack: plan for plan in read_plan_changes(applications)}
            review = self.reviewer(list(plans.values()))
            emit(table.text(review), end="")
            if review.refused:
                return False
            changing = [one for one in applications if plans[one.stack].changes]
            still = len(applications) - len(changing)
            if not changing:
                emit(f"Nothing to apply: {_plans(still)} without changes.")
            elif not self.confirmed(f"Apply {', '.join(one.stack for one in changing)}?"):
                return True
            else:
                self._apply(changing, plans)
                emit(f"Applied {_plans(len(changing))}" + (f"; {still} without changes." if still else "."))
            for one in applications:
                _discard(one.saved)
            return True
        finally:
            for one in applications:
                one.terraform.discard_plan()

    def _apply(self, changing: Sequence[PlanApplication], plans: Mapping[str, StackPlan]) -> None:
        applications = [
            Application(one.terraform, plans[one.stack].changes, one.after, one.reviewed) for one in changing
        ]
        results = apply_stacks(applications, self.progress, self.parallelism)
        for one in changing:
            if one.stack in results.done:
                _discard(one.saved)
        outdated = [one.saved for one in changing if one.stack in results.failed and _state_changed(one)]
        hints = ["completed changes are in the states; apply the same folder again for the rest"]
        if outdated:
            stale = take_stale(replace(results, left={}))
            foreign = all(one.stack in stale for one in outdated)
            why = "another deployment" if foreign else "the failed apply"
            commands = _plan_commands(outdated, self.checkout.env)
            hints.insert(0, f"{why} changed the state; plan and review again: {commands}")
            if foreign and not results.done and not results.left:
                hints.pop()  # nothing was changed, and nothing is left to apply
        raise_failures(results, self.places, "not all plans are applied:", "\n".join(hints))


def _discard(saved: SavedPlan) -> None:
    """Removes the files of a plan that was applied, unless another command has replaced them since."""
    record = saved.file(ORIGIN)
    if not record.exists() or saved_plans([record]) == [saved]:
        saved.remove()


def _state_changed(application: PlanApplication) -> bool:
    """True if a failed apply wrote the state, which makes its plan outdated."""
    origin = application.saved.origin
    try:
        state = application.terraform.state()
    except OutsideError:
        return True
    return origin is None or (origin.lineage, origin.serial) != (state.lineage, state.serial)


def _plan_commands(saved: Iterable[SavedPlan], env: str) -> str:
    """The commands that plan these stacks again."""
    stacks: dict[str, dict[str, None]] = {}
    for plan in saved:
        base = f" --base {plan.base}" if plan.base else ""
        stacks.setdefault(f"--env {env}{base} --out {plan.folder}", {})[plan.stack] = None
    return ", ".join(f"`mesh plan {visible(' '.join(names))} {options}`" for options, names in stacks.items())


def _plans(count: int) -> str:
    return f"{count} plan{'' if count == 1 else 's'}"
