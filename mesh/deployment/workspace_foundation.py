"""The foundation of an org in one workspace, deployed before its projects.

Environments on one metastore may have different workspaces, so its state is separate from the metastore's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.deployment.compute import NO_COMPUTE, ComputeObjects, check_compute_names, workspace_compute
from mesh.deployment.compute_lookup import workspace_layers
from mesh.deployment.identity import segment
from mesh.finding import Finding
from mesh.model.backend import Backend
from mesh.model.environment import Environment, owning_environment
from mesh.model.org import Org
from mesh.model.principal import (
    Group,
    ServicePrincipal,
    User,
    created_groups,
    created_service_principals,
    created_users,
)


@dataclass(frozen=True)
class WorkspaceFoundation:
    """One org in one workspace: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        environment: the environment of the workspace.
        stack: its Terraform stack.
        state_key: its key within the backend.
        backend: the backend of its state.
        groups: the groups that it creates, ordered by name.
        users: the users that it creates, ordered by e-mail.
        service_principals: the service principals that it creates, ordered by name.
        owning_environment: the environment whose rules apply to it, whichever environment deploys it.
        compute: the compute that the org and its domains share.
    """

    org: str | None
    environment: Environment
    stack: str
    state_key: str
    backend: Backend
    groups: tuple[Group, ...]
    users: tuple[User, ...]
    service_principals: tuple[ServicePrincipal, ...]
    owning_environment: Environment
    compute: ComputeObjects = NO_COMPUTE


def workspace_foundation(org: Org, environment: Environment) -> WorkspaceFoundation | None:
    """Returns the foundation of an org in the workspace of `environment`; None if no file declares objects.

    Args:
        org: the org.
        environment: one of its environments.
    """
    if not _declares(org):
        return None
    sharing = _sharing(org, environment)
    home = sharing[0]  # the first environment in the workspace names the state
    levels = [level for level in (org.name, "workspace", home.name) if level]
    state_key = "/".join(map(segment, levels))
    return WorkspaceFoundation(
        org=org.name,
        environment=environment,
        stack="-".join(levels),
        state_key=state_key,
        backend=home.backend.at(state_key),
        groups=created_groups(org.principals),
        users=created_users(org.principals),
        service_principals=created_service_principals(org.principals),
        owning_environment=owning_environment(sharing),
        compute=workspace_compute(org, sharing),
    )


def check_workspace_foundation(org: Org) -> Iterator[Finding]:
    """Reports errors in the names of the compute of an org and its domains."""
    yield from check_compute_names(layers[-1] for layers in workspace_layers(org))


def _declares(org: Org) -> bool:
    """Counts emptied files: the stack must still destroy what they declared."""
    listed = org.document.data.keys() & {"groups", "users", "service_principals"}
    return bool(listed or org.compute.present or any(domain.compute.present for domain in org.domains))


def _sharing(org: Org, environment: Environment) -> list[Environment]:
    """The environments of `org` with the same workspace address; an environment without address is alone."""
    if not environment.embedded and environment.workspace is None:
        return [environment]
    same = (environment.embedded, environment.workspace)
    return [one for one in org.environments.values() if (one.embedded, one.workspace) == same]
