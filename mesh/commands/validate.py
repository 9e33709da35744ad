"""`mesh validate`: warnings about files without errors, and what the rules of the orgs find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mesh.documents.unknown_value import unknown_values
from mesh.finding import Finding
from mesh.lineage.contract_mentions import contract_warnings
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.access_policy_check import policy_warnings
from mesh.model.inputs import shared_inputs
from mesh.model.schedule import schedule_warnings
from mesh.model.table_description_check import description_warnings
from mesh.rules.check import check_rules


@dataclass(frozen=True)
class Validation:
    """What `mesh validate` finds in files that can be deployed.

    Args:
        findings: of schedules and rules, in order of their positions.
        not_run: the files of own rules that were not run.
    """

    findings: tuple[Finding, ...]
    not_run: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse the mesh."""
        return [one for one in self.findings if one.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """The other findings."""
        return [one for one in self.findings if one.severity == "warning"]


def validation(mesh: Mesh, deployed: MeshDeployment, now: datetime, *, run_own: bool) -> Validation:
    """Checks schedules, and the rules of the orgs.

    Args:
        mesh: the mesh, without errors.
        deployed: the mesh in an environment, for the rules.
        now: the moment from which runs of schedules count, and which ends waivers.
        run_own: True to run the own rules of the orgs, which is to run their code.
    """
    report = check_rules(mesh, deployed, now.date(), run_own=run_own)
    return Validation(tuple(sorted({*warnings(mesh, deployed, now), *report.findings})), report.not_run)


def warnings(mesh: Mesh, deployed: MeshDeployment, now: datetime) -> list[Finding]:
    """The warnings about all files: schedules and unknown values, and what code reads in one environment.

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
        for finding in (
            *schedule_warnings(entry, now),
            *unknown_values(entry.declared.passed, entry.declared.shape(), entry.document),
        )
    }
    for org, project in mesh.projects:
        shared = [*([project.libs] if project.libs else []), *shared_inputs(org, project)]
        for flow in project.flows:
            found.update(contract_warnings(flow, shared, mesh.root))
            for each in (flow, *flow.by_environment.values()):
                found.update((*description_warnings(each), *policy_warnings(each)))
    return sorted({*found, *lineage_warnings(deployed, mesh_lineage(deployed))})
