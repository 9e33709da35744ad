"""The file and line that declare a Terraform resource, by stack and address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.scope import Scope
from mesh.documents.document import Document, Location
from mesh.mesh import MeshDeployment
from mesh.model.compute_object import ComputeObject
from mesh.model.org import Org

ResourceKey = tuple[str, str]  # stack and Terraform address

_COMPUTE = {
    "cluster_policies": "databricks_cluster_policy",
    "instance_pools": "databricks_instance_pool",
    "clusters": "databricks_cluster",
    "sql_warehouses": "databricks_sql_endpoint",
}


@dataclass(frozen=True)
class Declaration:
    """Where a file declares a resource.

    Args:
        document: the file.
        at: the place of the resource in it.
        origin: the position where no document is known, as `file:line`.
    """

    document: Document | None = field(repr=False, compare=False)
    at: Location = ()
    origin: str = ""

    def position(self, name: str = "") -> str:
        """The position of the declaration, or of one of its fields if the file sets it, as `file:line`."""
        if self.document is None:
            return self.origin
        return self.document.position((*self.at, name) if name else self.at)


def declarations(deployed: Iterable[MeshDeployment]) -> dict[ResourceKey, Declaration]:
    """The declaration of each resource that a file declares.

    Args:
        deployed: the mesh in the environments of a report.
    """
    found: dict[ResourceKey, Declaration] = {}
    for one in deployed:
        orgs = {scope.org.name: scope.org for scope in one.scopes}
        for deployment, scope in zip(one.deployments, one.scopes, strict=True):
            resources = (*_of_flows(deployment, scope), *_of_project(deployment, scope))
            found |= {(deployment.stack, address): place for address, place in resources}
        for foundation in one.foundations:
            if isinstance(foundation, Foundation):
                resources = tuple(_of_foundation(foundation, orgs.get(foundation.org)))
            else:
                org = orgs.get(foundation.org)
                groups = [
                    (f"databricks_group.{group.id}", Declaration(org.document, ("groups", group.name)))
                    for group in (foundation.groups if org else ())
                    if org
                ]
                resources = (*groups, *_of_compute(vars(foundation.compute)))
            found |= {(foundation.stack, address): place for address, place in resources}
    return found


def _of_flows(deployment: Deployment, scope: Scope) -> Iterator[tuple[str, Declaration]]:
    """Jobs, pipelines, schemas and experiments: declared by the deployment.yml of a flow."""
    declared = {flow.path: flow for flow in scope.project.flows}
    for flow in deployment.flows:
        source = declared.get(flow.path)
        if source is None:
            continue
        entries = {entry.id: entry for entry in source.entries}
        for kind, ids in (
            ("job", [job.id for job in flow.all_jobs]),
            ("pipeline", [pipeline.id for pipeline in flow.pipelines]),
        ):
            for id in ids:
                yield f"databricks_{kind}.{id}", Declaration(entries.get(id, source).document)
        for schema in flow.schemas:
            yield f"databricks_schema.{schema.id}", Declaration(source.document, ("schemas", schema.db))
        if flow.experiment and flow.experiment.flow == flow.path:
            place = Declaration(source.document, ("experiment",))
            yield f"databricks_mlflow_experiment.{flow.experiment.id}", place
    yield "databricks_directory.code", Declaration(scope.project.document)
    yield "databricks_directory.experiments", Declaration(scope.project.document)


def _of_project(deployment: Deployment, scope: Scope) -> Iterator[tuple[str, Declaration]]:
    """Volumes and models, which project.yml declares, grants on tables and functions, and compute."""
    document = scope.project.document
    for volume in deployment.volumes:
        yield f"databricks_volume.{volume.id}", Declaration(document, ("volumes", volume.name))
    for model in deployment.registered_models:
        place = Declaration(document, ("registered_models", model.name))
        yield f"databricks_registered_model.{model.id}", place
    flows = {flow.path: flow for flow in scope.project.flows}
    for table in deployment.tables:
        at = ("tables", table.declared) if table.declared else ("consumers",)
        yield f"databricks_grants.{table.id}", Declaration(flows[table.flow].document, at)
    for function in deployment.functions:
        at = ("functions", function.declared or "")
        yield f"databricks_grants.{function.id}", Declaration(flows[function.flow].document, at)
    for policy in deployment.policies:
        at = ("policies", policy.name)
        yield f"databricks_policy_info.{policy.id}", Declaration(flows[policy.flow].document, at)
    yield from _of_compute(vars(deployment.compute))


def _of_compute(sections: Mapping[str, Iterable[ComputeObject]]) -> Iterator[tuple[str, Declaration]]:
    for section, type in _COMPUTE.items():
        for one in sections.get(section, ()):
            yield f"{type}.{one.id}", Declaration(None, origin=one.origin)


def _of_foundation(foundation: Foundation, org: Org | None) -> Iterator[tuple[str, Declaration]]:
    """Catalogs, storage credentials, external locations and domains of Databricks' catalogue."""
    if org is None:
        return
    levels: dict[tuple[str, ...], Document] = {(): org.document}
    for domain in org.domains:
        levels[domain.name,] = domain.document
        levels |= {(domain.name, project.name): project.document for project in domain.projects}
    for catalog in foundation.catalogs:
        document = levels.get(catalog.level, org.document)
        yield f"databricks_catalog.{catalog.id}", Declaration(document, ("catalog",))
        for policy in catalog.policies:
            place = Declaration(document, ("catalog", "policies", policy.name))
            yield f"databricks_policy_info.{policy.id}", place
    for one in foundation.discover:
        place = Declaration(levels[one.level], ("discover",))
        yield from ((f"databricks_{kind}.{one.id}", place) for kind in ("domain", "tag_policy"))
    for type, section, things in (
        ("databricks_storage_credential", "storage_credentials", foundation.storage_credentials),
        ("databricks_external_location", "external_locations", foundation.external_locations),
    ):
        for thing in things:
            yield f"{type}.{thing.id}", Declaration(org.document, (section, thing.name))
