"""What a map tells about a flow: owner, jobs and pipelines with schedules, schemas, who may read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mesh.commands.map.live import LastRun, Live, LiveTable
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.scope import Scope
from mesh.model.contract_reads import ContractReads
from mesh.model.defaults import CONTEXT_TAGS
from mesh.model.flow import Flow
from mesh.model.grant import Grant, merged
from mesh.model.schedule import schedules
from mesh.model.schema import Schema
from mesh.model.table import Table
from mesh.quartz.description import in_words
from mesh.review.sentence import counted

# Databricks documentation, "Unity Catalog privileges and securable objects": these include reading tables
_READS = {"SELECT", "ALL_PRIVILEGES"}
_TRIGGERS = ("file_arrival", "table_update", "periodic")


@dataclass(frozen=True)
class Runnable:
    """A job or pipeline.

    Args:
        kind: `job` or `pipeline`.
        name: its name in the workspace.
        schedules: when it runs, in words; empty if nothing starts it.
        last_run: its last run; None if no workspace was asked, or it never ran.
    """

    kind: str
    name: str
    schedules: tuple[str, ...]
    last_run: LastRun | None = None


@dataclass(frozen=True)
class Access:
    """A principal's privileges on the data of a flow.

    Args:
        principal: a group's name, a user's e-mail, or a service principal's name or application id.
        privileges: on the schema or its catalog, in order.
        reads: True if they include reading tables.
        runs_jobs: True if it has them only because the jobs run as this principal.
        tables: the names of single tables that it may read, if it may not read them all.
    """

    principal: str
    privileges: tuple[str, ...]
    reads: bool
    runs_jobs: bool
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What a map tells about a flow.

    Args:
        description: its purpose.
        owner: the group that owns it; None if no level declares an owner.
        file: its deployment.yml, relative to the mesh's root.
        runnables: its jobs and pipelines.
        schemas: catalog and schema of its data.
        access: one per principal that has privileges on these schemas.
        tags: the tags of its jobs and pipelines, without those that identify the deployment.
        contracts: the contracts that it provides, with status and readers.
        relies_on: the contracts that it reads.
        tables: the tables in its schemas, if a workspace was asked.
    """

    description: str | None
    owner: str | None
    file: str
    runnables: tuple[Runnable, ...]
    schemas: tuple[str, ...]
    access: tuple[Access, ...]
    tags: tuple[tuple[str, str], ...]
    contracts: tuple[str, ...] = ()
    relies_on: tuple[str, ...] = ()
    tables: tuple[LiveTable, ...] = ()


class Grants:
    """The grants on catalogs, which their schemas inherit.

    Args:
        foundations: the foundations that create the catalogs.
    """

    def __init__(self, foundations: Iterable[Foundation]) -> None:
        self._of_catalog = {catalog.name: catalog.grants for one in foundations for catalog in one.catalogs}

    def on(self, catalog: str, schemas: Iterable[Schema]) -> tuple[Grant, ...]:
        """The grants on schemas, own and inherited, one per principal."""
        own = [grant for schema in schemas for grant in schema.grants]
        return merged([*self._of_catalog.get(catalog, ()), *own])


def flow_facts(
    flow: FlowDeployment,
    declared: Flow,
    scope: Scope,
    created: Mapping[str, Schema],
    tables: Sequence[Table],
    grants: Grants,
    reads: ContractReads,
    live: Live,
) -> Facts:
    """The facts of a flow.

    Args:
        flow: the flow in its deployment.
        declared: the flow as declared.
        scope: its project and environment.
        created: the schemas that the project creates, by full name.
        tables: the tables of the project with grants of their own.
        grants: the grants on catalogs.
        reads: who reads which contract.
        live: what the workspace tells.
    """
    levels = (declared, scope.project, scope.domain, scope.org)
    names = tuple(f"{flow.catalog}.{name}" for name in flow.schema_names)
    on_data = grants.on(flow.catalog, (created[name] for name in names if name in created))
    principals = scope.org.principals
    known = {principals.databricks_name(name): name for name in principals.service_principals}
    settings = [job.settings for job in flow.jobs] + [one.settings for one in flow.pipelines]
    tags = {(key, str(value)) for fields in settings for key, value in fields.get("tags", {}).items()}
    return Facts(
        description=declared.declared.description,
        owner=next((level.declared.owner for level in levels if level.declared.owner), None),
        file=flow.file,
        runnables=tuple(
            replace(one, last_run=live.last_run(one.name, declared.folder.as_posix()))
            for one in _runnables(flow)
        ),
        schemas=names,
        access=tuple(
            _access(one, known, [table for table in tables if table.schema_name in names]) for one in on_data
        ),
        tags=tuple(sorted(tag for tag in tags if tag[0] not in (*CONTEXT_TAGS, "pipeline_env"))),
        contracts=tuple(_contracts(declared, reads)),
        relies_on=tuple(
            f"{one.contract} {one.version} of {one.flow}"
            for one in declared.declared.reads.values()
            if one.contract
        ),
        tables=tuple(table for name in names for table in live.tables_in(name)),
    )


def _access(grant: Grant, known: Mapping[str, str], tables: Iterable[Table]) -> Access:
    """The access of a principal to data; every grant on a table comes with one on its schema."""
    reads_all = not _READS.isdisjoint(grant.privileges)
    single = () if reads_all else tuple(table.name for table in tables if _reads(grant.principal, table))
    return Access(
        known.get(grant.principal, grant.principal),
        grant.privileges,
        reads_all or bool(single),
        set(grant.origins) == {"run_as"},
        single,
    )


def _reads(principal: str, table: Table) -> bool:
    """True if a principal may read a table by a grant on it."""
    return any(one.principal == principal and not _READS.isdisjoint(one.privileges) for one in table.grants)


def _contracts(flow: Flow, reads: ContractReads) -> Iterator[str]:
    for one in flow.contracts:
        readers = len(reads.readers(flow.path, one.name, one.version.major))
        yield f"{one.name} {one.version}, {one.status}, {counted(readers, 'reader')}"


def _runnables(flow: FlowDeployment) -> Iterator[Runnable]:
    for job in flow.jobs:
        yield Runnable("job", job.name, tuple(_starts(job.settings)))
    for pipeline in flow.pipelines:
        job_settings = [pipeline.schedule.settings] if pipeline.schedule else []
        starts = [start for fields in (pipeline.settings, *job_settings) for start in _starts(fields)]
        yield Runnable("pipeline", pipeline.name, tuple(starts))


def _starts(settings: Mapping[str, object]) -> Iterator[str]:
    """What starts a job or pipeline, in words."""
    for one in schedules(settings):
        paused = ", paused" if one.paused else ""
        yield f"{in_words(one.expression)} ({one.zone}{paused})"
    if settings.get("continuous"):
        yield "continuously"
    trigger = settings.get("trigger")
    if isinstance(trigger, Mapping):
        yield from (kind.replace("_", " ") for kind in _TRIGGERS if trigger.get(kind))
