"""Row filters and column masks that wait for a function, where no plan has changes and so no review tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh.commands.stack_plans import PlannedStack
from mesh.mesh import MeshDeployment
from mesh.review.mesh_index import policies_by_stack
from mesh.review.sentence import plain
from mesh.review.waiting_policies import function_makers, left_out, waiting_change
from mesh.terraform.policies import TYPE


def waiting_policies(planned: Iterable[PlannedStack], deployed: MeshDeployment) -> Iterator[str]:
    """Yields lines about policies that are not in force, or in force otherwise than declared.

    Args:
        planned: stacks whose plans have no changes.
        deployed: the mesh in its environment.

    Raises:
        OutsideError: a state cannot be read.
    """
    policies, makers = policies_by_stack([deployed]), function_makers(deployed.deployments)
    for one in planned:
        declared = policies.get(one.name, ())
        held = one.terraform.state().held if declared else {}
        known = [(policy, held.get(f"{TYPE}.{policy.id}")) for policy in declared]
        if absent := [policy for policy, attributes in known if not attributes]:
            found = left_out(one.name, absent, makers)
            yield "; ".join(plain(text) for text in (found.sentence, *found.details))
        for policy, attributes in known:
            if attributes and (change := waiting_change(one.name, policy, attributes, {}, makers)):
                yield f"waits: {plain(change.sentence)}; the first deployment afterwards changes it"
