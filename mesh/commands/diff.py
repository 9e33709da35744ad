"""`mesh diff`: prints the changes that a deployment would make."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.deployment.stack_order import Stack
from mesh.terraform import cdktf
from mesh.terraform.target import Target


def diff(target: Target, names: Sequence[str]) -> None:
    """Prints the changes that a deployment would make, stack by stack.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: a stack cannot be compared.
    """
    selected = target.select(names)
    target.synthesize()
    print_diff(target, selected)


def print_diff(target: Target, stacks: Sequence[Stack]) -> None:
    """Prints the changes of synthesized stacks."""
    for stack in stacks:
        cdktf.diff(target, stack.stack)
