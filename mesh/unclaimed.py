"""What a workspace already has under the names that a deployment would use, outside its state.

It is there after a deployment was cut off, when somebody made it by hand, or when another identity's
short name is the same. Terraform would fail at some of it half way, and make the rest twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mesh.deployment import Deployment
from mesh.errors import OutsideError
from mesh.foundation import Foundation


@dataclass(frozen=True)
class Found:
    """Something in the workspace.

    Args:
        id: what Terraform's state would know it by.
        deployment: the state key that it carries, if any.
    """

    id: str
    deployment: str | None = None


class Workspace(Protocol):
    """What has to be looked up in a workspace; each answers with all that has the name."""

    def catalogs(self, name: str) -> list[Found]:
        """The catalog of this name."""

    def schemas(self, full_name: str) -> list[Found]:
        """The schema of this name."""

    def volumes(self, full_name: str) -> list[Found]:
        """The volume of this name."""

    def jobs(self, name: str) -> list[Found]:
        """All jobs of this name; names of jobs are not unique."""

    def cluster_policies(self, name: str) -> list[Found]:
        """The cluster policy of this name."""


@dataclass(frozen=True)
class Unclaimed:
    """One thing that exists outside the state.

    Args:
        address: what Terraform would call it.
        name: what people call it.
        found: what is there.
        state_key: the deployment that would make it.
    """

    address: str
    name: str
    found: Found
    state_key: str

    def __str__(self) -> str:
        kind = self.address.split(".")[0].removeprefix("databricks_").replace("_", " ")
        if self.found.deployment and self.found.deployment != self.state_key:
            return (
                f"{kind} `{self.name}` belongs to the deployment {self.found.deployment}; "
                f"yours, {self.state_key}, gets the same name (deploy as another user or from another branch)"
            )
        where = f"{self.address}, id {self.found.id}"
        return f"{kind} `{self.name}` exists, but not in this deployment's state ({where})"


def unclaimed(
    deployments: Iterable[Deployment], foundations: Iterable[Foundation], workspace: Workspace, root: Path
) -> Iterator[Unclaimed]:
    """All that the workspace has under the names of these stacks, and their states do not.

    Args:
        deployments: projects about to be deployed.
        foundations: foundations about to be deployed.
        workspace: where to look.
        root: the mesh's root, which holds the states.
    """
    for foundation in foundations:
        known = _ids(root / foundation.state_file)
        yield from _outside_state(_in_foundation(foundation, workspace), foundation.state_key, known)
    for deployment in deployments:
        known = _ids(root / deployment.state_file)
        yield from _outside_state(_in_deployment(deployment, workspace), deployment.state_key, known)


Places = Iterator[tuple[str, str, list[Found]]]
Ids = set[tuple[str, str]]


def _outside_state(places: Places, state_key: str, known: Ids) -> Iterator[Unclaimed]:
    for address, name, all_found in places:
        for found in all_found:
            if (address.split(".")[0], found.id) not in known:
                yield Unclaimed(address, name, found, state_key)


def _in_foundation(foundation: Foundation, workspace: Workspace) -> Places:
    for catalog in foundation.catalogs:
        yield f"databricks_catalog.{catalog.id}", catalog.name, workspace.catalogs(catalog.name)
    for policy in foundation.cluster_policies:
        yield f"databricks_cluster_policy.{policy.id}", policy.name, workspace.cluster_policies(policy.name)


def _in_deployment(deployment: Deployment, workspace: Workspace) -> Places:
    full_names = {schema.id: schema.full_name for schema in deployment.schemas}
    for schema, full_name in full_names.items():
        yield f"databricks_schema.{schema}", full_name, workspace.schemas(full_name)
    for volume in deployment.volumes:
        full_name = f"{full_names[volume.schema]}.{volume.name}"
        yield f"databricks_volume.{volume.id}", full_name, workspace.volumes(full_name)
    for job in (flow.job for flow in deployment.flows if flow.job):
        yield f"databricks_job.{job.id}", job.name, workspace.jobs(job.name)


def _ids(state: Path) -> Ids:
    """Type and id of everything that a state holds."""
    if not state.exists():
        return set()
    try:
        resources = json.loads(state.read_text())["resources"]
    except ValueError as error:
        # Terraform writes a local state in place, so being killed in the middle leaves half of it
        backup = state.with_name(f"{state.name}.backup")
        remedy = f"put {backup.name} in its place" if backup.exists() else "remove it"
        raise OutsideError(f"the state {state} was cut off while it was written: {remedy}") from error
    return {(one["type"], str(i["attributes"].get("id"))) for one in resources for i in one["instances"]}
