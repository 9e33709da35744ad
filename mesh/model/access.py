"""Resolves which declared grants apply to which securable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.consumer import ContractRead
from mesh.model.domain import Domain
from mesh.model.flow import Flow
from mesh.model.flow_table import FlowTable, default_schema, flow_tables
from mesh.model.grant import (
    Grant,
    GrantFile,
    ScopedGrantFile,
    Securable,
    applicable,
    catalog_only,
    check_grants,
    use_catalog,
    use_schema,
)
from mesh.model.naming import stored_name
from mesh.model.org import Org
from mesh.model.principal import check_named
from mesh.model.project import Project
from mesh.model.role import BUILT_IN_ROLES, expanded

Levels = Sequence[Org | Domain | Project | Flow]


@dataclass(frozen=True)
class GrantList:
    """A list of grants in a file.

    Args:
        document: the file.
        at: the list's position in the file.
        securable: the kind of securable that it is declared on; levels count as catalogs.
        grants: as declared.
        name: the name of the object that it is declared on; None for levels.
    """

    document: Document
    at: Location
    securable: Securable
    grants: Sequence[GrantFile]
    name: str | None = None


class Access:
    """The grants of one org, with roles expanded; service principals are named by their application ids.

    Args:
        org: the org.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    def level(self, level: Org | Domain | Project | Flow) -> list[Grant]:
        """Returns the grants of a level on all data below it."""
        return [
            self._grant(grant, level.document, ("grants", index))
            for index, grant in enumerate(level.declared.grants)
            if not (isinstance(grant, ScopedGrantFile) and (grant.schema_ or grant.volume))
        ]

    def catalog(self, above: Levels, below: Levels) -> Iterator[Grant]:
        """Returns the grants on a catalog.

        Args:
            above: the levels from the org down to the level that owns the catalog.
            below: the levels below.
        """
        for level in above:
            yield from applicable(self.level(level), "catalog")
            yield from use_catalog(self._within(level))
        for level in below:
            yield from catalog_only(self.level(level))
            yield from use_catalog(self._within(level))

    def schema(self, below: Levels, project: Project, flow: Flow, db: str) -> Iterator[Grant]:
        """Returns the grants on a schema itself; grants on its catalog are inherited.

        Args:
            below: the levels below the catalog's level, down to and including the flow.
            project: the project.
            flow: the flow that creates the schema.
            db: the name that the flow declares.
        """
        for level in below:
            yield from applicable(self.level(level), "schema")
        yield from applicable(self._scoped([project, flow], schema=db), "schema")
        for declaration in declarations(project, flow):
            if declaration.securable == "schema" and declaration.name == db:
                yield from applicable(self.declared(declaration), "schema")
        for table in flow_tables(flow, self._org):
            if table.schema == db:
                yield from use_schema(self._of_table(flow, table))
        for declaration in declarations(flow):
            if declaration.securable == "function" and _schema_of(flow, declaration.name) == db:
                yield from use_schema(self.declared(declaration))
        inside = [*_inside(project, db)]
        for declaration in inside:
            yield from use_schema(self.declared(declaration))
        volumes = [one.name for one in inside if one.securable == "volume"]
        for volume in volumes:
            yield from use_schema(self._scoped([project], volume=volume))

    def table(self, flow: Flow, table: FlowTable) -> Iterator[Grant]:
        """Returns the grants on a table itself: declared for it, or for the consumers of a contract."""
        yield from applicable(self._of_table(flow, table), "table")

    def function(self, flow: Flow, name: str) -> Iterator[Grant]:
        """Returns the grants on a function itself."""
        for declaration in declarations(flow):
            if declaration.securable == "function" and declaration.name == name:
                yield from applicable(self.declared(declaration), "function")

    def volume(self, project: Project, name: str) -> Iterator[Grant]:
        """Returns the grants on a volume itself."""
        yield from applicable(self._scoped([project], volume=name), "volume")
        yield from self._own(project, "volume", name)

    def registered_model(self, project: Project, name: str) -> Iterator[Grant]:
        """Returns the grants on a registered model itself."""
        yield from self._own(project, "registered_model", name)

    def declared(self, declaration: GrantList) -> list[Grant]:
        """Returns a list of grants with roles expanded."""
        return [
            self._grant(grant, declaration.document, (*declaration.at, index))
            for index, grant in enumerate(declaration.grants)
        ]

    def _own(self, project: Project, securable: Securable, name: str) -> Iterator[Grant]:
        for declaration in declarations(project):
            if declaration.securable == securable and declaration.name == name:
                yield from applicable(self.declared(declaration), securable)

    def _within(self, level: Org | Domain | Project | Flow) -> Iterator[Grant]:
        """Returns the grants of a project or flow on single schemas, volumes and models."""
        if isinstance(level, Project | Flow):
            yield from self._scoped([level])
            for declaration in declarations(level):
                yield from self.declared(declaration)
        if isinstance(level, Flow):
            yield from (grant for read in self._readers(level) for grant in self._named(read.grants))

    def _of_table(self, flow: Flow, table: FlowTable) -> Iterator[Grant]:
        for declaration in declarations(flow):
            if declaration.securable == "table" and declaration.name == table.declared:
                yield from self.declared(declaration)
        for read in self._readers(flow):
            if table.key in {(schema, stored_name(name)) for schema, name in read.tables}:
                yield from self._named(read.grants)

    def _readers(self, flow: Flow) -> Iterator[ContractRead]:
        """Returns the accepted reads of contracts of a flow."""
        reads = self._org.contract_reads.get(flow.path, ())
        return (one for one in reads if one.accepted is not None)

    def _named(self, grants: Iterator[Grant]) -> Iterator[Grant]:
        names = self._org.principals
        return (replace(one, principal=names.databricks_name(one.principal)) for one in grants)

    def _scoped(
        self, levels: Sequence[Project | Flow], schema: str | None = None, volume: str | None = None
    ) -> Iterator[Grant]:
        """Returns grants limited to the given schema or volume; without either, all limited grants."""
        for level in levels:
            for index, grant in enumerate(level.declared.grants):
                anything = schema is None and volume is None and (grant.schema_ or grant.volume)
                if anything or (schema and grant.schema_ == schema) or (volume and grant.volume == volume):
                    yield self._grant(grant, level.document, ("grants", index))

    def _grant(self, grant: GrantFile, document: Document, at: Location) -> Grant:
        with_role = expanded(grant, self._org.roles, document.position(at))
        principal = self._org.principals.databricks_name(with_role.principal)
        return Grant(principal, with_role.privileges, with_role.origins)


def of_run_as(principal: str | None, securable: Securable, *, shared: bool) -> Iterator[Grant]:
    """Returns the grants that the jobs' principal needs on deployed objects.

    In a shared deployment this principal is also the next deployer, so it gets the privileges of an owner.

    Args:
        principal: the principal's name in grants; None if jobs run as the deployer.
        securable: the kind of securable.
        shared: True if the deployment is not personal.
    """
    if principal:
        role = BUILT_IN_ROLES["owner" if shared else "writer"]
        yield from applicable([Grant(principal, role.privileges, ("run_as",))], securable)


def declarations(*levels: Project | Flow) -> Iterator[GrantList]:
    """Returns the lists of grants on schemas, tables, functions, volumes and models of projects and flows."""
    for level in levels:
        if isinstance(level, Flow):
            for name, schema in (level.declared.schemas or {}).items():
                at = ("schemas", name, "grants")
                yield GrantList(level.document, at, "schema", schema.grants, name)
            for name, table in level.declared.tables.items():
                at = ("tables", name, "grants")
                yield GrantList(level.document, at, "table", table.grants, name)
            for name, function in level.declared.functions.items():
                at = ("functions", name, "grants")
                yield GrantList(level.document, at, "function", function.grants, name)
        else:
            for name, volume in level.declared.volumes.items():
                at = ("volumes", name, "grants")
                yield GrantList(level.document, at, "volume", volume.grants, name)
            for name, model in level.declared.registered_models.items():
                at = ("registered_models", name, "grants")
                yield GrantList(level.document, at, "registered_model", model.grants, name)


def _schema_of(flow: Flow, function: str | None) -> str | None:
    """Returns the schema of a function that deployment.yml names."""
    return flow.declared.functions[function or ""].schema_ or default_schema(flow)


def _inside(project: Project, db: str) -> Iterator[GrantList]:
    """Returns the lists of grants on volumes and models in a schema."""
    for declaration in declarations(project):
        things = (
            project.declared.volumes
            if declaration.securable == "volume"
            else project.declared.registered_models
        )
        if declaration.name and things[declaration.name].schema_ == db:
            yield declaration


def check_access(org: Org) -> Iterator[Finding]:
    """Checks the grants of an org at every level."""
    roles = {name: role.privileges for name, role in org.roles.items()}
    for declaration in grant_lists(org):
        at, document = declaration.at, declaration.document
        yield from check_grants(declaration.grants, roles, declaration.securable, document, at)
        named = [
            (grant.principal, (*at, index, "principal")) for index, grant in enumerate(declaration.grants)
        ]
        yield from check_named(org.principals, named, document, of_data=True)
    for document, at, owner in _owners(org):
        yield from check_named(org.principals, [(owner, (*at, "owner"))], document, of_data=True)
    for domain in org.domains:
        for project in domain.projects:
            schemas = {db for flow in project.flows for db in flow.schemas}
            yield from _check_scopes(project, schemas, set(project.declared.volumes))
            for flow in project.flows:
                yield from _check_scopes(flow, set(flow.schemas), set())


def _owners(org: Org) -> Iterator[tuple[Document, Location, str]]:
    """Returns every owner that a file declares, with its position."""
    levels: list[Org | Domain | Project | Flow] = [org, *org.domains]
    projects = [project for domain in org.domains for project in domain.projects]
    levels += [*projects, *(flow for project in projects for flow in project.flows)]
    for level in levels:
        owned: list[tuple[Location, str | None]] = [((), level.declared.owner)]
        if not isinstance(level, Flow) and level.declared.catalog:
            owned.append((("catalog",), level.declared.catalog.owner))
        for field in (
            "storage_credentials",
            "external_locations",
            "volumes",
            "registered_models",
            "schemas",
            "tables",
        ):
            things = getattr(level.declared, field, None) or {}
            owned += [((field, name), thing.owner) for name, thing in things.items()]
        yield from ((level.document, at, owner) for at, owner in owned if owner)


def _check_scopes(level: Project | Flow, schemas: set[str], volumes: set[str]) -> Iterator[Finding]:
    for index, grant in enumerate(level.declared.grants):
        for field, name, known in (("schema", grant.schema_, schemas), ("volume", grant.volume, volumes)):
            if name is not None and name not in known:
                near = nearest(name, known, f"{field}s") if known else f"there are no {field}s here"
                message = f"{field} `{name}` of a grant is not declared here ({near})"
                yield level.document.finding(f"unknown-{field}", ("grants", index, field), message)


def grant_lists(org: Org) -> Iterator[GrantList]:
    """Returns the lists of grants of an org, at every level."""
    yield GrantList(org.document, ("grants",), "catalog", org.declared.grants)
    for name, credential in org.declared.storage_credentials.items():
        at: Location = ("storage_credentials", name, "grants")
        yield GrantList(org.document, at, "storage_credential", credential.grants)
    for name, location in org.declared.external_locations.items():
        at = ("external_locations", name, "grants")
        yield GrantList(org.document, at, "external_location", location.grants)
    for domain in org.domains:
        yield GrantList(domain.document, ("grants",), "catalog", domain.declared.grants)
        for project in domain.projects:
            yield GrantList(project.document, ("grants",), "catalog", project.declared.grants)
            yield from declarations(project, *project.flows)
            for flow in project.flows:
                yield GrantList(flow.document, ("grants",), "catalog", flow.declared.grants)
