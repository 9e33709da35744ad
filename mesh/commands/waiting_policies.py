"""Row filters and column masks that wait for a function, where no plan has changes and so no review tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh.commands.stack_plans import PlannedStack
from mesh.mesh import MeshDeployment
from mesh.review.mesh_index import policies_by_stack
from mesh.review.sentence import plain
from mesh.review.waiting_policies import waiting_change
from mesh.terraform.policies import TYPE


def waiting_policies(planned: Iterable[PlannedStack], deployed: MeshDeployment) -> Iterator[str]:
    """Yields a line for each policy that a deployment leaves as it is, although another one is declared.

    Args:
        planned: stacks whose plans have no changes.
        deployed: the mesh in its environment.

    Raises:
        OutsideError: a state cannot be read.
    """
    policies = policies_by_stack([deployed])
    for one in planned:
        declared = policies.get(one.name, ())
        held = one.terraform.state().held if declared else {}
        for policy in declared:
            attributes = held.get(f"{TYPE}.{policy.id}")
            if attributes and (change := waiting_change(one.name, policy, attributes, {})):
                yield f"waits: {plain(change.sentence)}; the first deployment afterwards changes it"
