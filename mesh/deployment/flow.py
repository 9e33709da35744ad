"""A flow in a deployment: its schemas, jobs and pipelines with their names and settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.deployment.job import Job
from mesh.deployment.pipeline import Pipeline, permissions_id
from mesh.model.entry import EntryKind, entry_id
from mesh.model.experiment import Experiment
from mesh.model.flow import Flow, terraform_name
from mesh.model.rename import Rename, chain
from mesh.model.schema import Schema


@dataclass(frozen=True)
class FlowDeployment:
    """A flow in a deployment, with all its names.

    Args:
        id: its Terraform name.
        path: its path in the mesh.
        file: its deployment.yml, relative to the mesh's root.
        catalog: the name of its catalog.
        schema_names: the names of all its schemas.
        schemas: the schemas that it creates; subfolders of one flow share a schema.
        jobs: its jobs, without the jobs that start a pipeline on a schedule; empty if it has no tasks.
        pipelines: in declared order.
        renames: former Terraform names of its jobs and pipelines.
        experiment: the experiment that it declares; subfolders of one flow share it.
    """

    id: str
    path: str
    file: str
    catalog: str
    schema_names: tuple[str, ...]
    schemas: tuple[Schema, ...]
    jobs: tuple[Job, ...]
    pipelines: tuple[Pipeline, ...] = ()
    renames: tuple[Rename, ...] = ()
    experiment: Experiment | None = None

    @property
    def job(self) -> Job | None:
        """The first job; None if the flow has no tasks."""
        return self.jobs[0] if self.jobs else None

    @property
    def all_jobs(self) -> tuple[Job, ...]:
        """Its jobs, and the jobs that start its pipelines."""
        return (*self.jobs, *(pipeline.schedule for pipeline in self.pipelines if pipeline.schedule))


def entry_renames(flow: Flow) -> Iterator[Rename]:
    """Yields the former Terraform names of a flow's jobs and pipelines, for states that still use them."""
    flow_ids = [*(terraform_name(*path) for path in reversed(flow.former)), flow.id]
    entries: list[tuple[EntryKind, str | None]] = [(entry.kind, entry.name) for entry in flow.entries]
    for kind, name in entries or [("job", None)]:  # a flow without a job may have had one before
        ids = [entry_id(id, name) for id in flow_ids]
        yield from chain("job", ids)  # of a pipeline: the job of its schedule
        yield from chain("permissions", ids)
        if kind == "pipeline":
            yield from chain("pipeline", ids)
            yield from chain("permissions", [permissions_id(id) for id in ids])
