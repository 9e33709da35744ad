"""How to keep the data of projects that the mesh no longer declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.deployment.deployment import Deployment
from mesh.git.renames import RenamesSince
from mesh.review.plan import StackPlan
from mesh.review.stack_location import StackLocation
from mesh.terraform.data_loss import project_file
from mesh.terraform.flow_renames import (
    FlowKey,
    FlowRenames,
    flow_renames,
    owner_of,
    project_folder,
    renamed_from,
)
from mesh.terraform.rename_evidence import (
    Folder,
    RenameEvidence,
    deployed_commit,
    find_renames,
)


@dataclass(frozen=True)
class ProjectRename:
    """A project that was renamed, by the evidence of git or of its tasks.

    Args:
        location: the former location of its stack.
        deployment: the new project's deployment.
        evidence: the evidence.
        flows: the flows that were renamed together with the project.
    """

    location: StackLocation
    deployment: Deployment
    evidence: RenameEvidence
    flows: FlowRenames

    def remedy(self, id: str) -> str:
        """How to keep the data of one object, by its Terraform name."""
        flow = owner_of(id, self.flows.removed)
        lines = [self._line, *self._flow_lines([flow] if flow else [])]
        return f"{'; '.join(lines)}; if it was not renamed, restore {self.location.folder}"

    @property
    def lines(self) -> str:
        """The evidence, and the lines that keep the data of the project and of its renamed flows."""
        return "; ".join([self._line, *self._flow_lines(self.flows.removed)])

    @property
    def _line(self) -> str:
        *_, domain, project = self.location.path.split("/")
        value = project if domain == self.deployment.domain else f"{domain}/{project}"
        return f"{self.evidence}: add `renamed_from: {value}` to {project_file(self.deployment)}"

    def _flow_lines(self, flows: Iterable[FlowKey]) -> Iterator[str]:
        by_path = {folder.path: key for key, folder in self.flows.added.items()}
        for old in flows:
            if proof := self.flows.evidence.get(self.flows.removed[old].path):
                new = by_path[proof.path]
                yield f"{proof}: {renamed_from(old, new, self.flows.declared[new])}"


def project_renames(
    plans: Sequence[StackPlan],
    locations: Mapping[str, StackLocation],
    deployments: Mapping[str, Deployment],
    renames: RenamesSince,
) -> dict[str, ProjectRename]:
    """The renamed projects, by the stack that is no longer declared.

    Args:
        plans: all plans.
        locations: the location of each plan's stack.
        deployments: the declared deployments without `renamed_from`, by stack.
        renames: the renames of files since a commit.
    """
    removed = [plan for plan in plans if locations[plan.stack].removed_project]
    added = [plan for plan in plans if plan.stack in deployments and _is_new(plan)]
    folders = {
        one.stack: Folder.planned(locations[one.stack].folder, one.changes, one.changes) for one in removed
    }
    if removed:
        folders |= {
            one.stack: Folder.planned(project_folder(deployments[one.stack]), one.changes, one.changes)
            for one in added
        }
    found: dict[str, ProjectRename] = {}
    for plan in removed:
        place = locations[plan.stack]
        files = renames(deployed_commit(plan.changes))
        old = [one for one in removed if _same_place(locations[one.stack], place)]
        new = [one for one in added if _same_place(locations[one.stack], place)]
        pairs = find_renames([folders[one.stack] for one in old], [folders[one.stack] for one in new], files)
        if proof := pairs.get(place.folder):
            new_plan = next(one for one in new if project_folder(deployments[one.stack]) == proof.path)
            deployment = deployments[new_plan.stack]
            flows = flow_renames((*plan.changes, *new_plan.changes), deployment, files, place.folder)
            found[plan.stack] = ProjectRename(place, deployment, proof, flows)
    return found


def _is_new(plan: StackPlan) -> bool:
    """True if nothing of the stack exists yet."""
    return bool(plan.resources) and all(one.action == "create" for one in plan.resources)


def _same_place(one: StackLocation, other: StackLocation) -> bool:
    return (one.environment, one.identity) == (other.environment, other.identity)


def catalog_remedies(
    plans: Sequence[StackPlan],
    locations: Mapping[str, StackLocation],
    renames: Mapping[str, ProjectRename],
) -> dict[str, str]:
    """How to keep catalogs, by name; only catalogs for which every removed project with data was renamed."""
    projects: dict[str, dict[str, None]] = {}
    for plan in plans:
        if locations[plan.stack].removed_project:
            for change in plan.changes:
                if change.destroys and (catalog := change.before.get("catalog_name")):
                    projects.setdefault(str(catalog), {})[plan.stack] = None
    return {
        catalog: f"{'; '.join(renames[stack].lines for stack in stacks)}; if it was not renamed, restore "
        + " and ".join(locations[stack].folder for stack in stacks)
        for catalog, stacks in projects.items()
        if stacks.keys() <= renames.keys()
    }
