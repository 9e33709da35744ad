"""What an org's projects share in one workspace, deployed before them.

Environments on one metastore have workspaces of their own, so this is not part of the metastore's state.
"""

from __future__ import annotations

from dataclasses import dataclass

from mesh.backend import Backend
from mesh.cluster_policy import ClusterPolicy
from mesh.environment import Environment
from mesh.identifier import identifier
from mesh.identity import segment
from mesh.org import Org
from mesh.principal import (
    Group,
    ServicePrincipal,
    User,
    made_groups,
    made_service_principals,
    made_users,
)


@dataclass(frozen=True)
class WorkspaceFoundation:
    """One org in one workspace: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        environment: whose workspace it is.
        stack: its Terraform stack.
        state_key: its own place within the backend.
        backend: where its state is.
        groups: those that are made there, in order of their names.
        users: those that are made there, in order of their e-mails.
        service_principals: those that are made there, in order of their names.
        cluster_policies: in order of their names.
    """

    org: str | None
    environment: Environment
    stack: str
    state_key: str
    backend: Backend
    groups: tuple[Group, ...]
    users: tuple[User, ...]
    service_principals: tuple[ServicePrincipal, ...]
    cluster_policies: tuple[ClusterPolicy, ...]


def workspace_foundation(org: Org, environment: Environment) -> WorkspaceFoundation | None:
    """What the projects of `org` share in the workspace of `environment`; None where no file says any.

    Args:
        org: the org.
        environment: one of its environments.
    """
    if not _declares(org):
        return None
    home = _home(org, environment)
    levels = [level for level in (org.name, "workspace", home.name) if level]
    state_key = "/".join(map(segment, levels))
    return WorkspaceFoundation(
        org=org.name,
        environment=environment,
        stack="-".join(levels),
        state_key=state_key,
        backend=home.backend.at(state_key),
        groups=made_groups(org.principals),
        users=made_users(org.principals),
        service_principals=made_service_principals(org.principals),
        cluster_policies=tuple(
            ClusterPolicy(
                id=identifier(name),
                name=name,
                definition=declared.definition,
                description=declared.description,
                max_clusters_per_user=declared.max_clusters_per_user,
            )
            for name, declared in sorted(org.compute.declared.cluster_policies.items())
        ),
    )


def _declares(org: Org) -> bool:
    """Whether files say what is shared; one that says no more, but is there, still empties the state."""
    listed = org.document.data.keys() & {"groups", "users", "service_principals"}
    return bool(listed or org.compute.present or any(domain.compute.present for domain in org.domains))


def _home(org: Org, environment: Environment) -> Environment:
    """The environment that names the state of a workspace: the first of those that share it."""
    if not environment.embedded and environment.workspace is None:
        return environment
    same = (environment.embedded, environment.workspace)
    return next(one for one in org.environments.values() if (one.embedded, one.workspace) == same)
