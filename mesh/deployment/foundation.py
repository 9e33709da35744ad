"""The foundation of an org on one metastore, deployed before its projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.deployment.catalog import Catalog, catalogs
from mesh.deployment.discover import check_discover, discover_domains
from mesh.deployment.identity import segment
from mesh.finding import Finding
from mesh.model.access import Access, GrantList, of_run_as
from mesh.model.backend import Backend
from mesh.model.discover import DiscoverDomain
from mesh.model.environment import Environment, owning_environment
from mesh.model.grant import applicable, merged
from mesh.model.naming import identifier
from mesh.model.org import Org
from mesh.model.storage import ExternalLocation, StorageCredential, cloud


@dataclass(frozen=True)
class Foundation:
    """One org on one metastore: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        environment: the environment whose workspace it is deployed through.
        stack: its Terraform stack.
        state_key: its key within the backend.
        backend: the backend of its state.
        catalogs: in order of their names.
        storage_credentials: in order of their names.
        external_locations: in order of their names.
        managed_by: principals that may manage its objects besides the owners; if empty, the deployer.
        owning_environment: the environment whose rules apply to it, whichever environment deploys it.
        discover: the domains of Databricks' own catalogue, if it holds them.
    """

    org: str | None
    environment: Environment
    stack: str
    state_key: str
    backend: Backend
    catalogs: tuple[Catalog, ...]
    storage_credentials: tuple[StorageCredential, ...]
    external_locations: tuple[ExternalLocation, ...]
    managed_by: tuple[str, ...]
    owning_environment: Environment
    discover: tuple[DiscoverDomain, ...] = ()


def sharing(org: Org, environment: Environment) -> list[Environment]:
    """Returns the environments of an org on the metastore of `environment`."""
    return [other for other in org.environments.values() if other.metastore == environment.metastore]


def foundation(org: Org, environment: Environment) -> Foundation:
    """Returns the foundation of an org on the metastore of `environment`.

    All environments of the metastore give the same result, except for the workspace.
    """
    metastore = environment.metastore
    levels = [level for level in (org.name, "foundation", metastore) if level]
    state_key = "/".join(map(segment, levels))
    environments = sharing(org, environment)
    protected = any(one.protected for one in environments)
    production = [one.runs_as for one in environments if one.production and one.runs_as]
    managers = tuple(sorted({org.principals.databricks_name(principal) for principal in production}))
    backend = org.metastore_backends.get(metastore, environment.backend)
    return Foundation(
        org=org.name,
        environment=environment,
        stack="-".join(levels),
        state_key=state_key,
        backend=backend.at(state_key),
        catalogs=catalogs(org, environments, state_key),
        storage_credentials=tuple(_storage_credentials(org, managers, protected)),
        external_locations=tuple(_external_locations(org, managers, protected)),
        managed_by=managers,
        owning_environment=owning_environment(environments),
        discover=discover_domains(org, environment),
    )


def check_foundation(org: Org, environment: Environment) -> Iterator[Finding]:
    """Reports different backends of a metastore that declares none, and domains that would be refused."""
    yield from check_discover(org, environment)
    metastore = environment.metastore
    backends = {one.name: one.backend for one in sharing(org, environment)}
    first, *others = backends.values()
    if metastore not in org.metastore_backends and any(other != first for other in others):
        message = f"{', '.join(backends)} share metastore `{metastore}`, but have different backends"
        remedy = f"set the backend of its catalogs: `metastores: {{{metastore}: {{backend: …}}}}`"
        yield org.document.finding(
            "metastore-without-backend", ("metastores", metastore), f"{message} ({remedy})"
        )


def _storage_credentials(org: Org, managers: tuple[str, ...], protected: bool) -> Iterator[StorageCredential]:
    for name, declared in sorted(org.declared.storage_credentials.items()):
        at = ("storage_credentials", name, "grants")
        granted = Access(org).declared(GrantList(org.document, at, "storage_credential", declared.grants))
        kept = [grant for one in managers for grant in of_run_as(one, "storage_credential", shared=True)]
        kind = cloud(declared)
        yield StorageCredential(
            id=identifier(name),
            name=name,
            cloud=kind,
            identity=getattr(declared, kind),
            comment=declared.comment,
            owner=declared.owner or org.declared.owner,
            read_only=declared.read_only,
            grants=merged([*applicable(granted, "storage_credential"), *kept]),
            protected=protected,
        )


def _external_locations(org: Org, managers: tuple[str, ...], protected: bool) -> Iterator[ExternalLocation]:
    for name, declared in sorted(org.declared.external_locations.items()):
        at = ("external_locations", name, "grants")
        granted = Access(org).declared(GrantList(org.document, at, "external_location", declared.grants))
        kept = [grant for one in managers for grant in of_run_as(one, "external_location", shared=True)]
        credential = declared.storage_credential
        yield ExternalLocation(
            id=identifier(name),
            name=name,
            url=declared.url,
            storage_credential=credential,
            credential_id=identifier(credential) if credential in org.declared.storage_credentials else None,
            comment=declared.comment,
            owner=declared.owner or org.declared.owner,
            read_only=declared.read_only,
            grants=merged([*applicable(granted, "external_location"), *kept]),
            protected=protected,
        )
