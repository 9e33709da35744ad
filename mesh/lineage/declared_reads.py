"""Holds what code reads against what flows declare, what others write, and what is granted.

All findings are warnings: the code is read and not run, so that a mesh without findings stays deployable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.foundation import Foundation
from mesh.documents.canonical_form import principal_key
from mesh.finding import Finding, nearest
from mesh.lineage.lineage import Lineage
from mesh.lineage.table import Place, Table
from mesh.lineage.task_lineage import TaskLineage
from mesh.mesh import MeshDeployment
from mesh.model.consumer import ContractRead
from mesh.model.flow import Flow
from mesh.model.grant import Grant
from mesh.model.naming import stored_name
from mesh.model.path import by_ending

# Databricks documentation, "Unity Catalog privileges and securable objects": what allows to read a table
_READING = frozenset({"SELECT", "ALL_PRIVILEGES"})


def lineage_warnings(deployed: MeshDeployment, lineage: Lineage) -> list[Finding]:
    """Returns warnings about reads in code, in the order of files.

    Args:
        deployed: the mesh in an environment.
        lineage: its lineage.
    """
    checks = _Checks(deployed, lineage)
    found = [
        *checks.undeclared(),
        *checks.unused(),
        *checks.without_grant(),
        *checks.not_accepted(),
        *checks.unwritten_tables(),
        *checks.unwritten_columns(),
    ]
    return sorted(set(found))


@dataclass(frozen=True)
class _Checks:
    deployed: MeshDeployment
    lineage: Lineage

    @cached_property
    def flows(self) -> Mapping[str, tuple[Flow, FlowDeployment, Deployment]]:
        """Each flow as declared and as deployed, by its path."""
        return {
            flow.path: (flow, built, deployment)
            for scope, deployment in zip(self.deployed.scopes, self.deployed.deployments, strict=True)
            for flow, built in zip(scope.project.flows, deployment.flows, strict=True)
        }

    @cached_property
    def tasks(self) -> Mapping[str, list[TaskLineage]]:
        """The tasks of each flow."""
        found: dict[str, list[TaskLineage]] = {}
        for task in self.lineage.tasks:
            found.setdefault(task.flow, []).append(task)
        return found

    def declared(self, flow: Flow) -> dict[str, str]:
        """The paths of the flows that `reads` names, by alias."""
        return {alias: self.endings[read.flow.strip("/")][0] for alias, read in flow.declared.reads.items()}

    @cached_property
    def endings(self) -> Mapping[str, Sequence[str]]:
        """The paths of flows, by each of their endings."""
        return by_ending(self.flows)

    def foreign(self, task: TaskLineage) -> Iterator[tuple[Table, tuple[str, ...]]]:
        """The tables of other projects that a task reads, each with the flows of its schema."""
        _, _, own = self.flows[task.flow]
        for table in sorted(task.read):
            owners = self.lineage.owners.get(table.schema_name, ())
            if owners and all(self.flows[one][2] is not own for one in owners):
                yield table, owners

    def undeclared(self) -> Iterator[Finding]:
        """Reads of another project's data that `reads` does not name."""
        for task in self.lineage.tasks:
            flow, _, _ = self.flows[task.flow]
            declared = set(self.declared(flow).values())
            for table, owners in self.foreign(task):
                if declared.isdisjoint(owners):
                    owner = self.lineage.owner(table) or owners[0]
                    message = f"reads `{table.name}` of flow {owner}, which {flow.file} does not declare"
                    remedy = f"add `reads: {{{owner.rpartition('/')[2]}: {owner}}}` there"
                    yield _at(_first(task, table), f"{message} ({remedy})", "undeclared-read")

    def unused(self) -> Iterator[Finding]:
        """Flows in `reads` whose data no code reads; nothing is said if code hides what it reads."""
        for flow, _, _ in self.flows.values():
            tasks = self.tasks.get(flow.path, [])
            if not tasks or any(task.hides for task in tasks):
                continue
            schemas = {read.table.schema_name for task in tasks for read in task.reads}
            for alias, path in self.declared(flow).items():
                _, built, _ = self.flows[path]
                names = {f"{built.catalog}.{schema}" for schema in built.schema_names}
                if schemas.isdisjoint(names):
                    message = f"no code of this flow reads data of {path} (remove `{alias}` from `reads`)"
                    found = flow.document.finding("unused-read", ("reads", alias), message)
                    yield found.as_warning

    def without_grant(self) -> Iterator[Finding]:
        """Reads of another project's data that no grant of the mesh allows."""
        seen: set[tuple[str, str]] = set()
        for task in self.lineage.tasks:
            for table, owners in self.foreign(task):
                principals = self._principals(task)
                if any((task.flow, owner) in self._not_accepted for owner in owners):
                    continue  # reported where the contract is read
                key = (task.flow, table.schema_name)
                if key in seen or not principals or self._may_read(table.schema_name, table.name, principals):
                    continue
                seen.add(key)
                who = " or ".join(f"`{one}`" for one in principals)
                owner = self.lineage.owner(table) or table.schema_name
                message = f"reads `{table.name}` of flow {owner}, and no grant lets {who} read it"
                remedy = f"ask its owner for `{{principal: {principals[-1]}, role: reader}}` in its grants"
                yield _at(_first(task, table), f"{message} ({remedy})", "ungranted-read")

    def not_accepted(self) -> Iterator[Finding]:
        """Reads of contracts that `consumers` of the provider does not accept, and no grant allows."""
        for one in self._not_accepted.values():
            project = f"{one.reader.domain}/{one.reader.project}"
            who = " or ".join(f"`{principal}`" for principal in one.principals)
            message = f"{one.provider.path} does not let {who} of {project} read its tables"
            remedy = f"ask its owner for `consumers: [{project}]` in {one.provider.file}"
            at = ("reads", one.alias)
            found = one.reader.document.finding("read-not-accepted", at, f"{message} ({remedy})")
            yield found.as_warning

    @cached_property
    def _not_accepted(self) -> Mapping[tuple[str, str], ContractRead]:
        """These reads, by reader and provider."""
        orgs = {scope.org.name: scope.org for scope in self.deployed.scopes}.values()
        found = {}
        for one in (read for org in orgs for reads in org.contract_reads.values() for read in reads):
            flow, built, _ = self.flows[one.provider.path]
            schemas = dict(zip(flow.schemas, built.schema_names, strict=True))
            granted = all(
                self._may_read(f"{built.catalog}.{schemas[schema]}", stored_name(table), one.principals)
                for schema, table in one.tables
            )
            if one.accepted is None and one.principals and not granted:
                found[one.reader.path, one.provider.path] = one
        return found

    def _principals(self, task: TaskLineage) -> tuple[str, ...]:
        """The principals that a task may run as: `run_as` of its job, and the group that owns its project."""
        _, built, deployment = self.flows[task.flow]
        settings = [job.settings for job in built.jobs] + [one.settings for one in built.pipelines]
        run_as = (name for one in settings for name in (one.get("run_as") or {}).values())
        owner = [deployment.owner] if deployment.owner else []
        return tuple(dict.fromkeys([*map(str, run_as), *owner]))

    def _may_read(self, schema: str, table: str, principals: Iterable[str]) -> bool:
        wanted = {principal_key(one) for one in principals}
        grants, owners = self._access.get(schema, ([], []))
        grants = [*grants, *self._on_tables.get(f"{schema}.{table}", ())]
        if not wanted.isdisjoint(principal_key(one) for one in owners if one):
            return True
        return any(
            principal_key(one.principal) in wanted and not _READING.isdisjoint(one.privileges)
            for one in grants
        )

    @cached_property
    def _on_tables(self) -> Mapping[str, Sequence[Grant]]:
        """The grants on single tables."""
        return {one.full_name: one.grants for each in self.deployed.deployments for one in each.tables}

    @cached_property
    def _access(self) -> Mapping[str, tuple[list[Grant], list[str | None]]]:
        """The grants on each schema and its catalog, and their owners."""
        catalogs = {
            catalog.name: catalog
            for one in self.deployed.foundations
            if isinstance(one, Foundation)
            for catalog in one.catalogs
        }
        found = {}
        for deployment in self.deployed.deployments:
            for schema in deployment.schemas:
                catalog = catalogs.get(schema.catalog)
                grants = [*schema.grants, *(catalog.grants if catalog else ())]
                found[schema.full_name] = (grants, [schema.owner, catalog.owner if catalog else None])
        return found

    def unwritten_tables(self) -> Iterator[Finding]:
        """Reads of tables that no code of their flow writes."""
        for task in self.lineage.tasks:
            for table in sorted({one.table for one in task.reads}):
                owners = self.lineage.owners.get(table.schema_name, ())
                makers = [one for owner in owners for one in self.tasks.get(owner, ())]
                if table in self.lineage.writers or not makers or any(one.hides for one in makers):
                    continue
                names = {one.name for one in self.lineage.writers if one.schema_name == table.schema_name}
                message = f"no code of flow {owners[0]} writes table `{table.name}`"
                hint = nearest(table.name, names, "tables")
                yield _at(_first(task, table), f"{message} ({hint})", "unwritten-table")

    def unwritten_columns(self) -> Iterator[Finding]:
        """Columns that code names, and that no table that it reads there has."""
        for task in self.lineage.tasks:
            for gap in task.gaps:
                if gap.hides == "column":
                    remedy = "correct the name, or the code that writes the table"
                    yield _at(gap.place, f"{gap.why}; {remedy}", "unwritten-column")


def _first(task: TaskLineage, table: Table) -> Place:
    return min(task.places(table))


def _at(place: Place, message: str, code: str) -> Finding:
    """A warning at a line of code."""
    where = "" if place.cell is None else f" (in line {place.line} of cell {place.cell})"
    line = 1 if place.cell is not None else place.line
    return Finding(place.file, line, 1, code, f"{message}{where}", severity="warning")
