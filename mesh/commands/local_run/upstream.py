"""The flows that a flow reads from, in the order in which they run."""

from __future__ import annotations

from mesh.mesh import MeshDeployment


def flows_read(deployed: MeshDeployment, path: str) -> tuple[str, ...]:
    """Returns the paths of the flows that a flow reads.

    Args:
        deployed: the mesh in an environment.
        path: the whole path of the flow.
    """
    flows = (flow for scope in deployed.scopes for flow in scope.project.flows)
    declared = next(flow.declared.reads for flow in flows if flow.path == path)
    return tuple(deployed.flow(read.flow).path for read in declared.values())


def with_upstream(deployed: MeshDeployment, path: str) -> list[str]:
    """Returns the paths of a flow and of all flows that it reads, directly or not.

    Each is after those that it reads. Flows that read each other are in the order in which they are found.

    Args:
        deployed: the mesh in an environment.
        path: the flow's path, which may omit leading levels.

    Raises:
        UsageError: there is no such flow.
    """
    order: list[str] = []
    entered: set[str] = set()

    def enter(one: str) -> None:
        if one in entered:
            return
        entered.add(one)
        for read in flows_read(deployed, one):
            enter(read)
        order.append(one)

    enter(deployed.flow(path).path)
    return order
