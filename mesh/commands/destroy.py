"""`mesh destroy`: destroys stacks with their data, after the user's confirmation."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from mesh.commands.review import ReviewRules
from mesh.commands.stack_applies import Application, apply_stacks, raise_failures
from mesh.commands.stack_plans import PlannedStack, Planner, refuse_failed_plans
from mesh.console import confirm, emit, require_terminal
from mesh.deployment.foundation_owner import require_foundations
from mesh.deployment.stack_order import depends_on, in_order
from mesh.mesh import Mesh
from mesh.review.declarations import declarations
from mesh.review.formats import table
from mesh.review.sentence import counted
from mesh.terraform.interrupt import RERUN_HINT
from mesh.terraform.progress import Progress
from mesh.terraform.target import Target


def destroy(
    target: Target,
    names: Sequence[str],
    rules: ReviewRules,
    progress: Progress,
    *,
    mesh: Mesh,
    auto_approve: bool,
    parallelism: int,
) -> None:
    """Destroys stacks, foundations last.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        rules: the rules of the review, which shows what is destroyed; its policy is not applied.
        progress: receives what happens.
        mesh: the mesh in all environments.
        auto_approve: True to destroy without confirmation.
        parallelism: the number of stacks at a time.

    Raises:
        UsageError: a name matches no stack, or there is no terminal to confirm on.
        OutsideError: a stack cannot be destroyed.
    """
    selected = in_order(target.select(names))
    require_terminal(auto_approve)
    require_foundations(selected, target.deployed.git)
    target.synthesize(selected)
    try:
        planned = Planner(target, progress, parallelism).plan(selected, destroy=True)
        refuse_failed_plans(planned.values(), shown=False)
        changing = [one for one in planned.values() if one.changes]
        if not changing:
            emit("Nothing to destroy.")
            return
        review = rules.review([one.review for one in planned.values()], mesh)
        emit(table.text(review.without_rulings(), table.Brevity("destroyed")), end="")
        question = f"Destroy {', '.join(one.name for one in changing)} with all data?"
        if auto_approve or confirm(question):
            _destroy(target, changing, progress, parallelism)
    finally:
        for stack in selected:
            target.terraform(stack).discard_plan()


def _destroy(target: Target, changing: Sequence[PlannedStack], progress: Progress, parallelism: int) -> None:
    started = time.monotonic()
    dependants = _dependants(changing)
    applications = [
        Application(one.terraform, one.changes, dependants[one.name], one.plan.file_hash)
        for one in changing[::-1]
    ]
    results = apply_stacks(applications, progress, parallelism, verb="destroy")
    places = declarations([target.deployed])
    raise_failures(results, places, "not all stacks are destroyed:", RERUN_HINT, "destroy")
    number = sum(len(one.changes) for one in changing)
    count = counted(len(changing), "stack")
    emit(f"Destroyed {count} with {number} objects in {time.monotonic() - started:.1f} s.")


def _dependants(changing: Sequence[PlannedStack]) -> Mapping[str, frozenset[str]]:
    """The stacks that must be destroyed before a stack: those that depend on it."""
    return {
        one.name: frozenset(other.name for other in changing if one.name in depends_on(other.stack))
        for one in changing
    }
