"""`mesh validate`: warnings about files without errors."""

from __future__ import annotations

from datetime import datetime

from mesh.finding import Finding
from mesh.mesh import Mesh
from mesh.model.contract_mentions import contract_warnings
from mesh.model.inputs import shared_inputs
from mesh.model.schedule import schedule_warnings


def warnings(mesh: Mesh, now: datetime) -> list[Finding]:
    """The warnings about all files, whichever environment they are about.

    Args:
        mesh: the mesh.
        now: the moment from which runs of schedules count.
    """
    found = {
        finding
        for _, project in mesh.projects
        for flow in project.flows
        for each in (flow, *flow.by_environment.values())
        for entry in each.declared_entries
        for finding in schedule_warnings(entry, now)
    }
    for org, project in mesh.projects:
        shared = [*([project.libs] if project.libs else []), *shared_inputs(org, project)]
        for flow in project.flows:
            found.update(contract_warnings(flow, shared, mesh.root))
    return sorted(found)
