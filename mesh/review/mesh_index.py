"""What the mesh knows of the things in plans: who reads them, who was granted what where, what ids mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.mesh import DeployedMesh, Mesh
from mesh.model.grant import Grant
from mesh.model.role import BUILT_IN, RoleFile

Securable = tuple[str, str]  # a kind as `databricks_grants` calls it, and the full name


@dataclass(frozen=True)
class Known:
    """The mesh in the environments of the plans.

    Args:
        readers: by a schema's full name, the flows that read it.
        fillers: by a schema's full name, the flow that fills it.
        origins: by securable and principal, where a grant is said.
        roles: by name.
        principals: by application id, what people call a service principal.
        jobs: by the name of a job or pipeline, the flow that it is of.
        deployments: by stack.
        production: the environments that everybody relies on.
        run_as: by environment, the principals that its jobs run as.
        gone: by stack that the mesh has no more, how to keep what it holds.
        holds: by type and full name, what lies in data that goes, as its workspace says.
        granted: by securable, who has rights there that no state knows, as its workspace says.
    """

    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fillers: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[tuple[Securable, str], tuple[str, ...]] = field(default_factory=dict)
    roles: Mapping[str, RoleFile] = field(default_factory=lambda: dict(BUILT_IN))
    principals: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[str, str] = field(default_factory=dict)
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    production: frozenset[str] = frozenset({"prod"})
    run_as: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    granted: Mapping[Securable, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def called(self, principal: object) -> str:
        """What people call a principal."""
        return self.principals.get(str(principal), str(principal))


def known(mesh: Mesh | None, environments: Iterable[str]) -> tuple[Known, list[str]]:
    """What a mesh knows, and what keeps it from knowing more.

    Args:
        mesh: the mesh; None where it cannot be read.
        environments: those that the plans are for.
    """
    if mesh is None:
        return Known(), []
    deployed, notes = [], []
    for name in environments:
        try:
            deployed.append(mesh.in_environment(name))
        except (MeshError, OutsideError, UsageError) as error:
            first = str(error).split("\n")[0]
            notes.append(f"what the mesh says of {name} is not known: {first}")
    readers: dict[str, dict[str, None]] = {}
    fillers: dict[str, str] = {}
    jobs: dict[str, str] = {}
    origins: dict[tuple[Securable, str], tuple[str, ...]] = {}
    for one in deployed:
        for reader, schema in _reads(one):
            readers.setdefault(schema, {})[reader] = None
        for flow in (flow for made in one.deployments for flow in made.flows):
            for schema in flow.schema_names:
                fillers.setdefault(f"{flow.catalog}.{schema}", flow.path)
            jobs |= {job.name: flow.path for job in flow.all_jobs}
            jobs |= {pipeline.name: flow.path for pipeline in flow.pipelines}
        for securable, grant in _granted(one):
            origins[securable, grant.principal] = grant.origins
    principals = {
        listed.application_id: name
        for org in mesh.orgs
        for name, listed in org.declared.service_principals.items()
        if listed.application_id
    }
    found = Known(
        readers={schema: tuple(flows) for schema, flows in readers.items()},
        fillers=fillers,
        origins=origins,
        roles={**BUILT_IN, **{name: role for org in mesh.orgs for name, role in org.roles.items()}},
        principals=principals,
        jobs=jobs,
        deployments={made.stack: made for one in deployed for made in one.deployments},
        production=frozenset(
            name for org in mesh.orgs for name, one in org.environments.items() if one.production
        ),
        run_as={one.name: frozenset(_run_as(mesh, one.name)) for one in deployed},
    )
    return found, notes


def _run_as(mesh: Mesh, environment: str) -> Iterator[str]:
    """The principals that jobs run as in an environment, as Databricks knows them."""
    for org in mesh.orgs:
        if environment in org.environments and (principal := org.environments[environment].runs_as):
            yield org.principals.known_as(principal)


def _reads(deployed: DeployedMesh) -> Iterator[tuple[str, str]]:
    """Flows, and the schemas that they read."""
    flows = {flow.path: flow for one in deployed.deployments for flow in one.flows}
    for scope in deployed.scopes:
        for flow in scope.project.flows:
            for path in flow.declared.reads.values():
                source = flows[deployed.flow(path).path]
                for schema in source.schema_names:
                    yield flow.path, f"{source.catalog}.{schema}"


def _granted(deployed: DeployedMesh) -> Iterator[tuple[Securable, Grant]]:
    """Every grant that the mesh makes, with its securable."""
    for one in deployed.foundations:
        if isinstance(one, Foundation):
            yield from ((("catalog", made.name), grant) for made in one.catalogs for grant in made.grants)
            for kind, things in (
                ("external_location", one.external_locations),
                ("storage_credential", one.storage_credentials),
            ):
                yield from (((kind, made.name), grant) for made in things for grant in made.grants)
    for deployment in deployed.deployments:
        for schema in deployment.schemas:
            yield from ((("schema", schema.full_name), grant) for grant in schema.grants)
        for volume in deployment.volumes:
            yield from ((("volume", volume.full_name), grant) for grant in volume.grants)
        for model in deployment.registered_models:
            yield from ((("model", model.full_name), grant) for grant in model.grants)
