"""An index of the mesh for reviews: readers of schemas, origins of grants, names of principals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.git.renames import RenamesSince, no_renames
from mesh.lineage.lineage import mesh_lineage
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.access_policy import AccessPolicy
from mesh.model.grant import Grant
from mesh.model.role import BUILT_IN_ROLES, RoleFile
from mesh.review.removed_projects import ProjectRename

SecurableKey = tuple[str, str]  # an argument of `databricks_grants`, and the full name

CodeReaders = Callable[[], Mapping[str, Mapping[str, tuple[str, ...]]]]
"""Returns the flows whose code reads a table, by schema and table; code is read at the first call only."""


@dataclass(frozen=True)
class MeshIndex:
    """What a review looks up in the mesh, for the environments of its plans.

    Args:
        readers: flows that read a schema, by the schema's full name.
        code_readers: flows whose code reads a table.
        writers: the flow that fills a schema, by the schema's full name.
        origins: the declarations of a grant, by securable and principal.
        roles: roles by name.
        principals: names of service principals, by application id.
        jobs: the flow of a job or pipeline, by the name of the job or pipeline.
        deployments: deployments by stack.
        policies: the declared row filters and column masks, by stack.
        production: the production environments.
        run_as: the principals that jobs run as, by environment.
        remedies: for stacks that the mesh no longer declares, how to keep their data.
        project_renames: the renamed projects, by the stack that the mesh no longer declares.
        catalog_remedies: how to keep catalogs whose projects were renamed, by name.
        renames: the renames of files since a commit.
        contents: what the workspace says about data that will be destroyed, by type and full name.
        existing_grants: the workspace's grants that no state contains, by securable.
        now: the moment after which the next runs of schedules count; None takes that of each plan.
    """

    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    code_readers: CodeReaders = field(default=lambda: {}, compare=False)
    writers: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[tuple[SecurableKey, str], tuple[str, ...]] = field(default_factory=dict)
    roles: Mapping[str, RoleFile] = field(default_factory=lambda: dict(BUILT_IN_ROLES))
    principals: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[str, str] = field(default_factory=dict)
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    policies: Mapping[str, tuple[AccessPolicy, ...]] = field(default_factory=dict)
    production: frozenset[str] = frozenset({"prod"})
    run_as: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)
    project_renames: Mapping[str, ProjectRename] = field(default_factory=dict)
    catalog_remedies: Mapping[str, str] = field(default_factory=dict)
    renames: RenamesSince = no_renames
    contents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    existing_grants: Mapping[SecurableKey, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    now: datetime | None = None

    def display_name(self, principal: object) -> str:
        """The name of a principal: a service principal's name instead of its application id."""
        return self.principals.get(str(principal), str(principal))


def index_mesh(mesh: Mesh | None, environments: Iterable[str]) -> tuple[MeshIndex, list[str]]:
    """The index of a mesh, and notes on environments that cannot be read.

    Args:
        mesh: the mesh; None where it cannot be read.
        environments: the environments of the plans.
    """
    if mesh is None:
        return MeshIndex(), []
    deployed, notes = [], []
    for name in environments:
        try:
            deployed.append(mesh.in_environment(name))
        except (MeshError, OutsideError, UsageError) as error:
            first = str(error).split("\n")[0]
            notes.append(f"the declarations for {name}: {first}")
    readers: dict[str, dict[str, None]] = {}
    writers: dict[str, str] = {}
    jobs: dict[str, str] = {}
    origins: dict[tuple[SecurableKey, str], tuple[str, ...]] = {}
    for one in deployed:
        for reader, schema in _reads(one):
            readers.setdefault(schema, {})[reader] = None
        for flow in (flow for deployment in one.deployments for flow in deployment.flows):
            for schema in flow.schema_names:
                writers.setdefault(f"{flow.catalog}.{schema}", flow.path)
            jobs |= {job.name: flow.path for job in flow.all_jobs}
            jobs |= {pipeline.name: flow.path for pipeline in flow.pipelines}
        for securable, grant in _grants(one):
            origins[securable, grant.principal] = grant.origins
    principals = {
        principal.application_id: name
        for org in mesh.orgs
        for name, principal in org.declared.service_principals.items()
        if principal.application_id
    }
    index = MeshIndex(
        readers={schema: tuple(flows) for schema, flows in readers.items()},
        code_readers=cache(lambda: _code_readers(deployed)),
        writers=writers,
        origins=origins,
        roles={**BUILT_IN_ROLES, **{name: role for org in mesh.orgs for name, role in org.roles.items()}},
        principals=principals,
        jobs=jobs,
        deployments={deployment.stack: deployment for one in deployed for deployment in one.deployments},
        policies=policies_by_stack(deployed),
        production=frozenset(
            name
            for org in mesh.orgs
            for name, environment in org.environments.items()
            if environment.production
        ),
        run_as={one.name: frozenset(_run_as(mesh, one.name)) for one in deployed},
    )
    return index, notes


def policies_by_stack(deployed: Iterable[MeshDeployment]) -> dict[str, tuple[AccessPolicy, ...]]:
    """The declared row filters and column masks of each stack."""
    found: dict[str, tuple[AccessPolicy, ...]] = {}
    for one in deployed:
        found |= {deployment.stack: deployment.policies for deployment in one.deployments}
        found |= {
            foundation.stack: tuple(policy for catalog in foundation.catalogs for policy in catalog.policies)
            for foundation in one.foundations
            if isinstance(foundation, Foundation)
        }
    return found


def _code_readers(deployed: Sequence[MeshDeployment]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The flows of other schemas whose code reads a table, by the table's schema and name."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for one in deployed:
        lineage = mesh_lineage(one)
        for table, tasks in lineage.readers.items():
            owners = lineage.owners.get(table.schema_name, ())
            flows = {task.flow: None for task in tasks if task.flow not in owners}
            if flows:
                found.setdefault(table.schema_name, {}).setdefault(table.name, {}).update(flows)
    return {
        schema: {table: tuple(flows) for table, flows in sorted(tables.items())}
        for schema, tables in sorted(found.items())
    }


def _run_as(mesh: Mesh, environment: str) -> Iterator[str]:
    """The principals that jobs run as in an environment, by their Databricks names."""
    for org in mesh.orgs:
        if environment in org.environments and (principal := org.environments[environment].runs_as):
            yield org.principals.databricks_name(principal)


def _reads(deployed: MeshDeployment) -> Iterator[tuple[str, str]]:
    """Pairs of a flow and the full name of a schema that the flow reads."""
    flows = {flow.path: flow for one in deployed.deployments for flow in one.flows}
    for scope in deployed.scopes:
        for flow in scope.project.flows:
            for read in flow.declared.reads.values():
                source = flows[deployed.flow(read.flow).path]
                for schema in source.schema_names:
                    yield flow.path, f"{source.catalog}.{schema}"


def _grants(deployed: MeshDeployment) -> Iterator[tuple[SecurableKey, Grant]]:
    """Every declared grant, with its securable."""
    for foundation in deployed.foundations:
        if isinstance(foundation, Foundation):
            yield from (
                (("catalog", catalog.name), grant)
                for catalog in foundation.catalogs
                for grant in catalog.grants
            )
            for kind, securables in (
                ("external_location", foundation.external_locations),
                ("storage_credential", foundation.storage_credentials),
            ):
                yield from (
                    ((kind, securable.name), grant) for securable in securables for grant in securable.grants
                )
    for deployment in deployed.deployments:
        for schema in deployment.schemas:
            yield from ((("schema", schema.full_name), grant) for grant in schema.grants)
        for table in deployment.tables:
            yield from ((("table", table.full_name), grant) for grant in table.grants)
        for function in deployment.functions:
            yield from ((("function", function.full_name), grant) for grant in function.grants)
        for volume in deployment.volumes:
            yield from ((("volume", volume.full_name), grant) for grant in volume.grants)
        for model in deployment.registered_models:
            yield from ((("model", model.full_name), grant) for grant in model.grants)
