"""`mesh plan`: saves the plans of stacks, for `mesh review` and `mesh apply`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mesh.commands.former_mesh import removed_stacks
from mesh.commands.stack_plans import summary
from mesh.deployment.stack_order import Stack
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.terraform.orphaned_state import remove_folder
from mesh.terraform.plan import Plan
from mesh.terraform.progress import Progress
from mesh.terraform.saved_plan import save_plan
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.target import Target
from mesh.terraform.terraform_command import Reporter


def plan(
    target: Target,
    names: Sequence[str],
    out: Path,
    progress: Progress,
    *,
    mesh: Mesh,
    parallelism: int,
    base: str | None = None,
) -> None:
    """Plans stacks side by side and saves the plans.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        out: the folder for the files; files of the same stacks are replaced.
        progress: receives what happens.
        mesh: the mesh in all environments.
        parallelism: the number of stacks at a time.
        base: a commit; stacks that were declared there and are no longer declared can be selected, too.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: a stack cannot be planned, or the folder cannot be written.
    """
    commit, removed = removed_stacks(mesh, target.deployed, base) if base else (None, [])
    selected = target.select(names, removed)
    target.synthesize([stack for stack in selected if stack not in removed])
    checkout = target.checkout

    def work(stack: Stack, reporter: Reporter) -> Plan:
        if stack not in removed:
            return save_plan(target.terraform(stack), out, checkout, reporter=reporter)
        terraform = target.orphaned(stack)
        try:
            return save_plan(terraform, out, checkout, commit, reporter)
        finally:
            remove_folder(terraform)

    def prepare(stack: Stack) -> None:
        if stack not in removed:
            target.terraform(stack).prepare()

    tasks = [
        StackTask(stack.stack, partial(work, stack), summary=summary, prepare=partial(prepare, stack))
        for stack in selected
    ]
    with target.one_moment():
        results = run_stacks("plan", tasks, progress, parallelism)
    results.require_all()  # the folder cannot be written, or the user interrupted
    failed = [name for name, plan in results.done.items() if plan.error is not None]
    if failed:
        files = ", ".join(str(out / f"{stack}.err") for stack in failed)
        raise OutsideError(f"{len(failed)} of {len(selected)} stacks could not be planned, see {files}")
