"""`mesh plan`: saves the plans of stacks, for `mesh review` and `mesh apply`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mesh.commands.former_mesh import removed_stacks
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.terraform.orphaned_state import remove_folder
from mesh.terraform.saved_plan import save_plan
from mesh.terraform.target import Target


def plan(target: Target, names: Sequence[str], out: Path, *, mesh: Mesh, base: str | None = None) -> None:
    """Plans stacks one by one and saves the plans.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        out: the folder for the files; files of the same stacks are replaced.
        mesh: the mesh in all environments.
        base: a commit; stacks that were declared there and are no longer declared can be selected, too.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: a stack cannot be planned, or the folder cannot be written.
    """
    commit, removed = removed_stacks(mesh, target.deployed, base) if base else (None, [])
    selected = target.select(names, removed)
    target.synthesize()
    checkout = target.checkout
    failed: list[str] = []
    for stack in selected:
        if stack not in removed:
            saved = save_plan(target.terraform(stack), out, checkout)
        else:
            terraform = target.orphaned(stack)
            try:
                saved = save_plan(terraform, out, checkout, commit)
            finally:
                remove_folder(terraform)
        failed += [] if saved else [stack.stack]
    if failed:
        files = ", ".join(str(out / f"{stack}.err") for stack in failed)
        raise OutsideError(f"{len(failed)} of {len(selected)} stacks could not be planned, see {files}")
