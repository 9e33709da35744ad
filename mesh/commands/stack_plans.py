"""Plans stacks side by side, and decides which of them can only be planned after others are deployed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mesh.deployment.deployment import Deployment
from mesh.deployment.stack_order import FoundationStack, Stack, depends_on
from mesh.errors import OutsideError
from mesh.review.plan import ResourceChange, StackPlan, stack_plan
from mesh.review.sentence import counted
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.plan import PLANNED, Plan, count_text
from mesh.terraform.progress import Progress
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import Reporter

# Data sources whose objects have another resource type
_LOOKED_UP: Mapping[str, str] = {
    "databricks_sql_warehouse": "databricks_sql_endpoint",
    "databricks_pipelines": "databricks_pipeline",
}


@dataclass(frozen=True)
class PlannedStack:
    """A stack with its plan, which Terraform has saved in the stack's folder.

    Args:
        stack: the stack.
        terraform: Terraform in the stack's folder.
        plan: the plan.
        review: the plan as a review reads it.
        kept: the addresses of undeclared resources that the plan keeps in the state.
    """

    stack: Stack
    terraform: Terraform
    plan: Plan
    review: StackPlan
    kept: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.stack.stack

    @property
    def applicable(self) -> bool:
        """True if the plan changes a resource or an output."""
        return self.plan.error is None and (bool(self.changes) or self.plan.text is not None)

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """The resources that the plan changes."""
        return self.review.changes


@dataclass(frozen=True)
class Planner:
    """Plans stacks side by side.

    Args:
        target: the mesh in its environment.
        progress: receives what happens.
        parallelism: the number of stacks at a time.
    """

    target: Target
    progress: Progress
    parallelism: int

    def plan(
        self, stacks: Sequence[Stack], *, destroy: bool = False, keep: Collection[str] = ()
    ) -> dict[str, PlannedStack]:
        """Plans stacks; a stack that cannot be planned has the error in its plan.

        Args:
            stacks: the stacks.
            destroy: True to plan the destruction of everything in their states.
            keep: the names of stacks that keep what they no longer declare.

        Raises:
            StoppedError: the user interrupted.
        """
        by_name = {stack.stack: stack for stack in stacks}

        def work(name: str) -> StackTask[tuple[Plan, tuple[str, ...]]]:
            terraform = self.target.terraform(by_name[name])

            def planned(reporter: Reporter) -> tuple[Plan, tuple[str, ...]]:
                plan = terraform.plan(destroy=destroy, reporter=reporter)
                if name not in keep:
                    return plan, ()
                return without_undeclared(terraform, plan, reporter)

            # what it looks up may be in the plan of another stack
            early = any(other in by_name for other in depends_on(by_name[name]))
            return StackTask(
                name,
                planned,
                summary=lambda result: "not yet" if early and result[0].error else summary(result[0]),
                prepare=terraform.prepare,
            )

        with self.target.one_moment():
            results = run_stacks("plan", [work(name) for name in by_name], self.progress, self.parallelism)
        if results.stopped:
            raise StoppedError("planning was interrupted; nothing was changed")
        plans = {name: results.done.get(name, (Plan((), ""), ())) for name in by_name}
        for name, error in results.failed.items():
            plans[name] = Plan((), str(error)), ()
        return self._with_unchanged(
            {
                name: PlannedStack(
                    by_name[name],
                    self.target.terraform(by_name[name]),
                    plan,
                    _review(name, plan, limited=bool(kept)),
                    kept,
                )
                for name, (plan, kept) in plans.items()
            }
        )

    def _with_unchanged(self, planned: Mapping[str, PlannedStack]) -> dict[str, PlannedStack]:
        """Reads the plans without changes, too, where a review of the other plans needs them."""
        if not any(one.changes or one.plan.error for one in planned.values()):
            return {**planned}
        result = {}
        for name, one in planned.items():
            if one.plan.error is None and one.plan.text is None:
                if one.kept:  # its plan was discarded, because it destroys what is kept
                    declared = sorted(_declared(one.terraform))
                    text = one.terraform.show() if declared and one.terraform.plan(declared) else None
                else:
                    text = one.terraform.show()
                one = replace(one, review=_review(name, Plan((), text=text), limited=bool(one.kept)))
            result[name] = one
        return result


def _review(name: str, plan: Plan, *, limited: bool) -> StackPlan:
    if plan.error is None and plan.text is None:
        return StackPlan(name, ())
    review = stack_plan(name, plan.text, plan.error)
    if not limited:
        return review
    # Terraform calls a plan that leaves resources alone incomplete; here it does so on purpose
    return replace(review, remarks=tuple(one for one in review.remarks if one.happens != "incomplete"))


def without_undeclared(terraform: Terraform, plan: Plan, reporter: Reporter) -> tuple[Plan, tuple[str, ...]]:
    """Plans again without the resources that the stack does not declare, if the plan would destroy some.

    Args:
        terraform: Terraform in the stack's folder.
        plan: the whole plan.
        reporter: receives what Terraform does.

    Returns:
        The plan, and the addresses of the undeclared resources that it keeps in the state.
    """
    declared = _declared(terraform)
    undeclared = [
        one.address for one in plan.changes if one.actions == ("delete",) and one.address not in declared
    ]
    if not undeclared:
        return plan, ()
    if len(undeclared) == len(plan.changes) and plan.error is None:
        terraform.discard_plan()
        return Plan(()), tuple(undeclared)
    return terraform.plan(sorted(declared), reporter=reporter), tuple(undeclared)


def _declared(terraform: Terraform) -> set[str]:
    """The addresses of declared resources, with the old and new ones of renamed resources."""
    return {*(resource.address for resource in terraform.resources), *terraform.moved}


def summary(plan: Plan) -> str:
    """The numbers of changes as text, such as `2 to add, 1 to change`; numbers that are 0 are left out."""
    if plan.error is not None:
        return "failed"
    return count_text(plan.changes, PLANNED) or ("to move or import only" if plan.changes else "no changes")


def planned_later(planned: Mapping[str, PlannedStack]) -> frozenset[str]:
    """The stacks that must be planned again after the stacks that they depend on are deployed.

    A stack is planned later in three cases: it cannot be planned yet and depends on a stack that changes; it
    looks up objects that such a stack creates, replaces or destroys; it depends on a stack that is planned
    later.

    Args:
        planned: the plans, each stack after its dependencies.
    """
    later: set[str] = set()
    for name, one in planned.items():
        changing = [planned[other] for other in depends_on(one.stack) if other in planned]
        changing = [other for other in changing if other.changes or other.name in later]
        if not changing:
            continue
        waits = any(other.name in later for other in changing)
        if waits or one.plan.error is not None or _looks_up(one.terraform.config, changing):
            later.add(name)
    return frozenset(later)


def _looks_up(config: Mapping[str, Any], changing: Iterable[PlannedStack]) -> bool:
    """True if a stack looks up a type of object that a plan creates or replaces."""
    types = {_LOOKED_UP.get(kind, kind) for kind in config.get("data", {})}
    return any(
        change.type in types and change.action in ("create", "replace", "delete")
        for one in changing
        for change in one.changes
    )


def needed_foundations(selected: Sequence[Stack], stacks: Sequence[Stack]) -> list[FoundationStack]:
    """The foundations of the selected projects that are not selected themselves.

    Args:
        selected: the selected stacks.
        stacks: all stacks of the environment.
    """
    names = {stack.stack for stack in selected}
    needed = {name for stack in selected for name in depends_on(stack)} - names
    return [stack for stack in stacks if stack.stack in needed and not isinstance(stack, Deployment)]


def refuse_failed_plans(planned: Iterable[PlannedStack], *, shown: bool) -> None:
    """Refuses to go on if stacks could not be planned.

    Args:
        planned: the plans.
        shown: True if a review has shown the errors.

    Raises:
        OutsideError: a stack could not be planned; the message contains the errors unless `shown` is True.
    """
    failed = [one for one in planned if one.plan.error is not None]
    if not failed:
        return
    count = f"{counted(len(failed), 'stack')} could not be planned"
    if shown:
        raise OutsideError(
            f"{count}, see above; nothing was changed: {', '.join(one.name for one in failed)}"
        )
    errors = "\n".join(f"{one.name}: {one.review.error}" for one in failed)
    raise OutsideError(f"{count}; nothing was changed:\n{errors}")
