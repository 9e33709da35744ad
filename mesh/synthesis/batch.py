"""The work of one process that writes Terraform code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mesh.deployment.stack_order import Stack
from mesh.workshop.workshop import Workshop

AnyStack = Stack | Workshop

_SMALLEST = 4  # the part of the largest batch for which starting another process is worth it


@dataclass(frozen=True)
class Batch:
    """Stacks that one process writes; pickled, it is the process's standard input.

    Args:
        root: the mesh's root.
        output: the folder that gets `stacks/<name>/cdk.tf.json` for each of them.
        stacks: the stacks.
        refusals: the reasons against the deployment of foundations, by the stack's name.
        size: the characters of the fingerprints of the stacks.
    """

    root: Path
    output: Path
    stacks: Sequence[AnyStack]
    refusals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    size: int = 0


def batches(sizes: Sequence[int], processes: int, largest: int) -> list[list[int]]:
    """Distributes work of different sizes over processes.

    Args:
        sizes: the size of each piece of work.
        processes: the number of processes that run at once.
        largest: the size of a batch from which work is divided further.

    Returns:
        the positions of the pieces in each batch, in order; no batch is empty.
    """
    total = sum(sizes)
    useful = -(-total // (largest // _SMALLEST))
    count = max(min(processes, useful), -(-total // largest))
    if count > processes:  # a round of all processes takes as long as a round of one
        count = -(-count // processes) * processes
    count = min(len(sizes), count)
    held: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    # the largest first, each to the process with the least work
    for position in sorted(range(len(sizes)), key=lambda one: -sizes[one]):
        least = loads.index(min(loads))
        held[least].append(position)
        loads[least] += sizes[position]
    return [sorted(one) for one in held if one]
