"""`mesh validate`: warnings about files without errors."""

from __future__ import annotations

from datetime import datetime

from mesh.finding import Finding
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.schedule import schedule_warnings


def warnings(mesh: Mesh, deployed: MeshDeployment, now: datetime) -> list[Finding]:
    """The warnings about all files: schedules of every environment, and what code reads in one.

    Args:
        mesh: the mesh.
        deployed: the mesh in the environment that is checked.
        now: the moment from which runs of schedules count.
    """
    from mesh.lineage.declared_reads import lineage_warnings
    from mesh.lineage.lineage import mesh_lineage

    found = {
        finding
        for _, project in mesh.projects
        for flow in project.flows
        for each in (flow, *flow.by_environment.values())
        for entry in each.declared_entries
        for finding in schedule_warnings(entry, now)
    }
    return sorted({*found, *lineage_warnings(deployed, mesh_lineage(deployed))})
