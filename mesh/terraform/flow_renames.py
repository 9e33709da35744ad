"""Flows that a project's plan removes and adds, and the evidence that a removed flow was renamed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.git.renames import FileRenames
from mesh.model.flow import terraform_name
from mesh.terraform.plan import PlannedChange
from mesh.terraform.rename_evidence import RUNS, Folder, RenameEvidence, file_paths, find_renames

FlowKey = tuple[str, str]  # flowtype, "" for none, and name
# in a path of git or of a workspace: the folder of a flow, relative to the mesh's root
_IN_FLOW = re.compile(r"(?:^|/)((?:orgs/[^/]+/)?domains/[^/]+/projects/[^/]+/flows/([^/]+)/([^/]+))/.")
_WITHOUT_TYPE = re.compile(
    r"(?:^|/)((?:orgs/[^/]+/)?domains/[^/]+/projects/[^/]+/flows/([^/]+))/deployment\.yml$"
)


@dataclass(frozen=True)
class FlowRenames:
    """The flows that a plan removes and adds.

    Args:
        folder: the project's folder, relative to the mesh's root.
        declared: the declared flows, each with its parts.
        removed: the folders of removed flows.
        added: the folders of added flows.
        evidence: the renames with evidence, by the former folder.
    """

    folder: str
    declared: Mapping[FlowKey, Sequence[FlowDeployment]]
    removed: Mapping[FlowKey, Folder]
    added: Mapping[FlowKey, Folder]
    evidence: Mapping[str, RenameEvidence]

    def remedy(self, id: str) -> str:
        """How to keep the data of a flow that is no longer declared.

        Args:
            id: the Terraform name of a schema or an experiment of the flow.
        """
        key = owner_of(id, self.removed) or _guess(id)
        restore = f"restore {self.folder}/flows/{_path(key)}"
        if not self.added:
            return restore
        former = self.removed.get(key)
        if former and (proof := self.evidence.get(former.path)):
            new = next(one for one, added in self.added.items() if added.path == proof.path)
            return f"{proof}: {renamed_from(key, new, self.declared[new])}; if it was not renamed, {restore}"
        value = key[1] if {flowtype for flowtype, _ in self.added} == {key[0]} else _path(key)
        return (
            f"if it was renamed, set `renamed_from: {value}` in the new flow's deployment.yml; "
            f"if it shall stay, {restore}"
        )


def renamed_from(old: FlowKey, new: FlowKey, parts: Sequence[FlowDeployment]) -> str:
    """The lines that keep the data of a renamed flow, and the files that need them.

    Args:
        old: the former flow.
        new: the new flow.
        parts: the parts of the new flow.
    """
    files: dict[str, list[str]] = {}
    for flow in parts:
        # a value with a flowtype is the whole path, with the part
        part = flow.path.partition(f"/{_path(new)}/")[2]
        value = old[1] if old[0] == new[0] else "/".join(filter(None, (*old, part)))
        files.setdefault(value, []).append(flow.file)
    return " and ".join(f"add `renamed_from: {value}` to {' and '.join(own)}" for value, own in files.items())


def flow_renames(
    changes: Sequence[PlannedChange],
    deployment: Deployment,
    files: FileRenames,
    former_folder: str | None = None,
) -> FlowRenames:
    """The flows that a plan removes and adds.

    Args:
        changes: the changes of the plan; for a renamed project, the changes of the old and the new plan.
        deployment: the project's deployment.
        files: the renames of files since the removed flows were deployed.
        former_folder: the former folder of the project; None if it has not changed.
    """
    folder, declared = project_folder(deployment), declared_flows(deployment)
    former = dict(_removed(changes, former_folder or folder, files))
    removed = {key: one for key, one in former.items() if key not in declared}
    added = {
        key: Folder.planned(f"{folder}/flows/{_path(key)}", created, changes)
        for key, parts in declared.items()
        if key not in former and (created := _created(changes, parts)) is not None
    }
    evidence = find_renames([*removed.values()], [*added.values()], files)
    return FlowRenames(folder, declared, removed, added, evidence)


def project_folder(deployment: Deployment) -> str:
    """The project's folder, relative to the mesh's root."""
    return deployment.flows[0].file.partition("/flows/")[0]


def declared_flows(deployment: Deployment) -> dict[FlowKey, list[FlowDeployment]]:
    """The flows of a deployment, each with its parts."""
    flows: dict[FlowKey, list[FlowDeployment]] = {}
    for flow in deployment.flows:
        first, *rest = flow.path.removeprefix(f"{deployment.path}/").split("/")
        flowtype, name = (first, rest[0]) if rest else ("", first)
        flows.setdefault((flowtype, name), []).append(flow)
    return flows


def owner_of(id: str, flows: Iterable[FlowKey]) -> FlowKey | None:
    """The flow of a schema or experiment, by its Terraform name; of several matches, the longest name."""
    owners = [key for key in flows if f"{id}_".startswith(f"{terraform_name(*key)}_")]
    return max(owners, key=lambda key: len(terraform_name(*key)), default=None)


def _guess(id: str) -> FlowKey:
    """The flow of a schema, where only the schema is known."""
    flowtype, _, name = id.partition("_")
    return (flowtype, name) if name else ("", id)


def _path(key: FlowKey) -> str:
    """The path of a flow below `flows/`."""
    return "/".join(filter(None, key))


def _removed(
    changes: Sequence[PlannedChange], folder: str, files: FileRenames
) -> Iterator[tuple[FlowKey, Folder]]:
    """Flows whose jobs and pipelines are destroyed, and flows whose deployment.yml is gone."""
    runs = [change for change in changes if change.type in RUNS and change.actions == ("delete",)]
    gone = (path for path in files.removed if path.startswith(f"{folder}/flows/"))
    deployed = (path for run in runs for path in file_paths(run.before))
    paths = chain(deployed, (path for path in gone if path.endswith("/deployment.yml")))
    folders: dict[FlowKey, str] = {}
    for path, key in _flow_folders(paths):
        folders.setdefault(key, path)
    owners = [(owner_of(run.address.partition(".")[2], folders), run) for run in runs]
    for key, path in folders.items():
        yield key, Folder.planned(path, (run for owner, run in owners if owner == key), changes)


def _flow_folders(paths: Iterable[str]) -> Iterator[tuple[str, FlowKey]]:
    for path in paths:
        if found := _IN_FLOW.search(path):
            yield found[1], (found[2], found[3])
        elif found := _WITHOUT_TYPE.search(path):
            yield found[1], ("", found[2])


def _created(changes: Iterable[PlannedChange], parts: Sequence[FlowDeployment]) -> list[PlannedChange] | None:
    """The jobs and pipelines of a flow that a plan creates; None if the flow has a past.

    That is if anything of it exists already, or if it declares `renamed_from`.
    """
    created = {change.address: change for change in changes if change.actions == ("create",)}
    addresses: list[str] = []
    for flow in parts:
        addresses += [f"databricks_schema.{schema.id}" for schema in flow.schemas]
        addresses += [f"databricks_job.{job.id}" for job in flow.all_jobs]
        addresses += [f"databricks_pipeline.{one.id}" for one in flow.pipelines]
    if any(flow.renames for flow in parts) or not addresses or not created.keys() >= set(addresses):
        return None
    return [created[address] for address in addresses if created[address].type in RUNS]
