"""Plans as files, those of each stack: what `mesh plan` writes, `mesh review` reads and `mesh apply` does."""

from __future__ import annotations

from pathlib import Path

from mesh import production
from mesh.errors import OutsideError
from mesh.git import GitContext
from mesh.saved_plan import Checkout, SavedPlan
from mesh.state import State
from mesh.terraform import Terraform


def keep_plan(terraform: Terraform, out: Path, checkout: Checkout, base: str | None = None) -> bool:
    """Plan one stack into `<stack>.json` and `<stack>.tfplan`, or `<stack>.err`, with `<stack>.origin`.

    Only their owner reads them, since plans hold what states hold.

    Args:
        terraform: Terraform in the stack's folder.
        out: the folder for the files; those of the same stack are replaced.
        checkout: what is checked out.
        base: the commit at which the mesh had the stack, where it has it no more.

    Returns:
        Whether Terraform came to an end.

    Raises:
        OutsideError: the folder cannot be written to.
    """
    print(f"Planning {terraform.stack}", flush=True)
    state, shown = State({}), None
    try:
        # before the plan: what somebody deploys in between is seen as such
        state = terraform.state()
        error = terraform.plan().error
        shown = terraform.show()
        plan = None if error else terraform.planned
    except OutsideError as failure:
        error, plan = str(failure), None
    finally:
        terraform.forget()
    origin = checkout.origin(terraform, state, plan, base)
    SavedPlan(terraform.stack, out, origin).write(plan, shown, error)
    return error is None


def checked_out(env: str, git: GitContext) -> Checkout:
    """What is checked out, as records of plans have it."""
    clean = bool(git.head) and not production.uncommitted(git, "--untracked-files=normal")
    return Checkout(env, git.head, clean)
