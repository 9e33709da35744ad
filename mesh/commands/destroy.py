"""`mesh destroy`: destroys stacks with their data, after the user's confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.console import confirm, require_terminal
from mesh.deployment.stack_order import lacks_dependants, steps
from mesh.terraform import cdktf
from mesh.terraform.target import Target


def destroy(target: Target, names: Sequence[str], *, auto_approve: bool) -> None:
    """Destroys stacks, foundations last.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        auto_approve: True to destroy without confirmation.

    Raises:
        UsageError: a name matches no stack, or there is no terminal to confirm on.
        OutsideError: a stack cannot be destroyed.
    """
    selected = target.select(names)
    require_terminal(auto_approve)
    if not auto_approve and not confirm(
        f"Destroy {', '.join(stack.stack for stack in selected)} with all data?"
    ):
        return
    ordered = [stack.stack for step in steps(selected) for stack in step][::-1]
    # cdktf does not finish a destroy of several stacks while other stacks depend on them
    partial = lacks_dependants(selected, target.stacks)
    for stacks in [[stack] for stack in ordered] if partial else [ordered]:
        cdktf.destroy(target, stacks, partial=partial)
