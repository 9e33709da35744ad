"""`mesh diff`: plans stacks and prints the review of the plans."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.commands.review import ReviewRules
from mesh.commands.stack_plans import Planner, planned_later, refuse_failed_plans
from mesh.commands.waiting_policies import waiting_policies
from mesh.console import emit
from mesh.deployment.stack_order import in_order
from mesh.mesh import Mesh
from mesh.review.formats import table
from mesh.review.sentence import counted
from mesh.terraform.progress import Progress
from mesh.terraform.target import Target


def diff(
    target: Target,
    names: Sequence[str],
    rules: ReviewRules,
    progress: Progress,
    *,
    mesh: Mesh,
    parallelism: int,
) -> None:
    """Prints the changes that a deployment would make, in the words of a review.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        rules: the rules of the review.
        progress: receives what happens.
        mesh: the mesh in all environments.
        parallelism: the number of stacks at a time.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: a stack cannot be planned.
    """
    selected = in_order(target.select(names))
    target.synthesize(selected)
    try:
        plans = Planner(target, progress, parallelism).plan(selected)
        later = planned_later(plans)
        planned = [one for one in plans.values() if one.name not in later]
        if any(one.changes or one.plan.error is not None for one in planned):
            emit(table.text(rules.review([one.review for one in planned], mesh)), end="")
        else:
            for line in waiting_policies(planned, target.deployed):
                emit(line)
            emit(f"No changes: {counted(len(planned), 'stack')} up to date.")
        for name in sorted(later):
            emit(f"later: {name} can be planned when the stacks that it needs are deployed")
        refuse_failed_plans(planned, shown=True)
    finally:
        for stack in selected:
            target.terraform(stack).discard_plan()
