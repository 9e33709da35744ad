"""What an org's projects share on one metastore, deployed before them."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.catalog import Catalog, catalogs
from mesh.cluster_policy import ClusterPolicy
from mesh.environment import BUILT_IN, Environment, state_file
from mesh.identifier import identifier
from mesh.identity import segment
from mesh.org import Org


@dataclass(frozen=True)
class Foundation:
    """One org on one metastore: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        stack: its Terraform stack.
        state_key: its own place within the backend.
        state_file: its state, from the mesh's root.
        catalogs: in order of their names.
        cluster_policies: in order of their names.
    """

    org: str | None
    stack: str
    state_key: str
    state_file: str
    catalogs: tuple[Catalog, ...]
    cluster_policies: tuple[ClusterPolicy, ...]


def foundation(org: Org, environment: Environment) -> Foundation:
    """What the projects of `org` share on the metastore of `environment`.

    It is the same whichever of the metastore's environments asks.
    """
    sharing = [other for other in BUILT_IN.values() if other.metastore == environment.metastore]
    levels = [level for level in (org.name, "foundation", environment.metastore) if level]
    state_key = "/".join(map(segment, levels))
    return Foundation(
        org=org.name,
        stack="-".join(levels),
        state_key=state_key,
        state_file=state_file(environment, state_key),
        catalogs=catalogs(org, [other.name for other in sharing], protected=environment.protected),
        cluster_policies=tuple(
            ClusterPolicy(
                id=identifier(name),
                name=name,
                definition=declared.definition,
                description=declared.description,
                max_clusters_per_user=declared.max_clusters_per_user,
            )
            for name, declared in sorted(org.compute.cluster_policies.items())
        ),
    )
