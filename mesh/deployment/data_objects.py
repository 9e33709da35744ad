"""The data of a project: its names, and its schemas, volumes and registered models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mesh.deployment.catalog import catalog_level, catalog_name
from mesh.deployment.discover import domain_tag
from mesh.deployment.scope import Scope
from mesh.finding import Finding
from mesh.model.access import Access, of_run_as
from mesh.model.domain import Domain
from mesh.model.flow import Flow, terraform_name
from mesh.model.grant import merged
from mesh.model.naming import NameContext, NamingConfig, name, stored_name
from mesh.model.org import Org
from mesh.model.project import Project
from mesh.model.registered_model import RegisteredModel
from mesh.model.schema import DEPLOYMENT_PROPERTY, InSchemaFile, Schema
from mesh.model.volume import Volume, VolumeFile

F = TypeVar("F", bound=InSchemaFile)


@dataclass(frozen=True)
class DataNames:
    """The names of a flow's data in Unity Catalog.

    Args:
        catalog: the name of its catalog.
        schemas: the names of its schemas by the names in the flow, in declared order.
        owners: the owners that a job sets on its tables, by the names in the flow.
    """

    catalog: str
    schemas: Mapping[str, str]
    owners: Mapping[str, str] = field(default_factory=dict)

    def parameters(self, prefix: str = "") -> dict[str, str]:
        """Returns the job parameters with the catalog and the first schema."""
        first = [{f"{prefix}schema": schema} for schema in list(self.schemas.values())[:1]]
        return {f"{prefix}catalog": self.catalog} | (first[0] if first else {})


def data_names(flow: Flow, naming: NamingConfig, context: NameContext) -> DataNames:
    """Returns the names of the data of a flow.

    Args:
        flow: the flow.
        naming: its naming templates.
        context: the environment and identity of the deployment.
    """
    schemas = {db: name("db", flow.data_fields, context, naming, db=db) for db in flow.schemas}
    return DataNames(catalog_name(flow, naming, context.env), schemas)


def data_owner(scope: Scope, flow: Flow | None = None) -> str | None:
    """Returns the owner that the nearest level declares; None if the deployment is personal."""
    if not scope.shared:
        return None
    levels: list[Org | Domain | Project | Flow] = [scope.org, scope.domain, scope.project]
    levels += [flow] if flow else []
    return next((level.declared.owner for level in reversed(levels) if level.declared.owner), None)


def schemas(scope: Scope, flow: Flow, names: DataNames) -> list[Schema]:
    """Returns the schemas of a flow in declared order.

    Args:
        scope: the project, its environment and identity.
        flow: the flow.
        names: the names of its data.
    """
    return [_schema(scope, flow, db, names) for db in names.schemas]


def _schema(scope: Scope, flow: Flow, db: str, names: DataNames) -> Schema:
    declared = (flow.declared.schemas or {}).get(db)
    # grants declared at the catalog's level or above are on the catalog, and inherited
    depth = 1 + len(catalog_level(flow, scope.project.naming, scope.environment.name))
    levels: list[Org | Domain | Project | Flow] = [scope.org, scope.domain, scope.project, flow]
    below = levels[depth:]
    owner = data_owner(scope, flow)
    grants = Access(scope.org).schema(below, scope.project, flow, db)
    return Schema(
        id=_schema_id(flow.flowtype, flow.name, db, flow.data_name),
        db=db,
        name=names.schemas[db],
        catalog=names.catalog,
        comment=(declared and declared.comment) or flow.declared.description,
        owner=(declared.owner if declared and declared.owner and scope.shared else None) or owner,
        storage_root=declared.storage_root if declared else None,
        properties={**(declared.properties if declared else {}), DEPLOYMENT_PROPERTY: scope.state_key},
        grants=merged([*grants, *of_run_as(run_as(scope), "schema", shared=scope.shared)]),
        protected=scope.protected,
        formerly=tuple(
            _schema_id(path[0], path[1], db, flow.data_name)
            for path in reversed(flow.former)
            if len(path) > 1
        ),
        domain_tag=domain_tag(scope),
    )


def _schema_id(flowtype: str, flow: str, db: str, usual: str) -> str:
    """Returns the Terraform name of a schema; the default schema has the name of its flow."""
    return terraform_name(flowtype, flow, "" if db == usual else db)


def run_as(scope: Scope) -> str | None:
    """Returns the principal that jobs run as, by its name in grants; None for the deployer."""
    principal = scope.environment.runs_as
    return scope.org.principals.databricks_name(principal) if principal else None


def volumes(scope: Scope, created: Mapping[str, Schema]) -> Iterator[Volume]:
    """Yields the volumes of a project, ordered by name.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    for thing, declared, facts in _in_schemas(scope, created, scope.project.declared.volumes):
        grants = merged(Access(scope.org).volume(scope.project, thing))
        yield Volume(**facts, grants=grants, storage_location=_storage_location(scope, declared))


def registered_models(scope: Scope, created: Mapping[str, Schema]) -> Iterator[RegisteredModel]:
    """Yields the registered models of a project, ordered by name.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    for thing, _, facts in _in_schemas(scope, created, scope.project.declared.registered_models):
        grants = merged(Access(scope.org).registered_model(scope.project, thing))
        yield RegisteredModel(**facts, grants=grants)


def _in_schemas(
    scope: Scope, created: Mapping[str, Schema], things: Mapping[str, F]
) -> Iterator[tuple[str, F, dict[str, Any]]]:
    """Yields each object in a schema, with the fields that it takes from the schema."""
    for thing, declared in sorted(things.items()):
        if schema := created.get(
            declared.schema_
        ):  # missing if another flow has a schema of that name, which is a finding
            yield (
                thing,
                declared,
                {
                    "id": f"{schema.id}_{thing}",
                    "name": stored_name(thing),
                    "catalog": schema.catalog,
                    "schema": schema.id,
                    "schema_name": schema.name,
                    "comment": declared.comment,
                    "owner": (declared.owner if scope.shared else None) or schema.owner,
                    "protected": scope.protected,
                    "formerly": tuple(f"{former}_{thing}" for former in schema.formerly),
                },
            )


def _storage_location(scope: Scope, declared: VolumeFile) -> str | None:
    """Returns the location of an external volume; the suffix outside production prevents overlaps."""
    if declared.storage_location:
        return declared.storage_location
    if not declared.external_location:
        return None
    location = scope.org.declared.external_locations[declared.external_location]
    shared_production = scope.shared and scope.environment.production
    own = () if shared_production else (scope.environment.name, *scope.identity.short_key)
    return "/".join([location.url.rstrip("/"), *own, *filter(None, [declared.path])])


def check_volumes(project: Project, org: Org) -> Iterator[Finding]:
    """Reports invalid locations of a project's volumes."""
    document = project.document
    locations = org.declared.external_locations
    for volume, declared in project.declared.volumes.items():
        at = ("volumes", volume)
        if declared.storage_location and declared.external_location:
            message = f"volume `{volume}` has storage_location and external_location (keep one)"
            yield document.finding("two-locations", at, message)
        if declared.path and not declared.external_location:
            message = f"volume `{volume}` has a path, but no external_location (add it)"
            yield document.finding("path-without-location", (*at, "path"), message)
        if declared.external_location and declared.external_location not in locations:
            known = ", ".join(sorted(locations)) or "none yet"
            message = f"external location `{declared.external_location}` is not in org.yml"
            yield document.finding(
                "unknown-external-location", (*at, "external_location"), f"{message} (locations: {known})"
            )


def check_twins(things: Sequence[Volume | RegisteredModel], field: str, scope: Scope) -> Iterator[Finding]:
    """Reports volumes or models with equal Terraform names, or names that differ only in case.

    Args:
        things: all volumes, or all registered models.
        field: the field of project.yml that declares them.
        scope: the project, its environment and identity.
    """
    kind = field.removesuffix("s").replace("_", " ")
    ids: dict[str, Volume | RegisteredModel] = {}
    names: dict[str, Volume | RegisteredModel] = {}
    for thing in things:
        name = thing.declared_name
        at, document = (field, name), scope.project.document
        if (twin := ids.setdefault(thing.id, thing)) is not thing:
            message = f"{kind} `{name}` has the same Terraform name as `{twin.declared_name}`, `{thing.id}`"
            yield document.finding("same-terraform-name", at, f"{message} (rename one)")
        if (twin := names.setdefault(thing.full_name, thing)) is not thing:
            message = f"{kind} `{name}` equals `{twin.declared_name}` in Unity Catalog, which ignores case"
            yield document.finding("one-name-twice", at, f"{message} (rename one)")
