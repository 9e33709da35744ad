"""A flow: a folder with a deployment.yml and the code that its jobs and pipelines run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath

from mesh.documents.document import Document
from mesh.model.flow_file import FlowFile
from mesh.model.pipeline import PipelineFile
from mesh.model.task import Task, declared_tasks


@dataclass(frozen=True)
class EntryDeclaration:
    """The declaration of one job or pipeline in a deployment.yml.

    Args:
        document: the entry's section of the file, merged with the fields that all entries share.
        declared: its fields.
    """

    document: Document
    declared: FlowFile


@dataclass(frozen=True)
class Flow:
    """A flow as its folder declares it.

    Args:
        org: the org's name; None where `domains/` is at the root.
        domain: the domain's name.
        project: the project's name.
        flowtype: the folder's name, such as `prep` or `ml`.
        name: the flow's name.
        part: the subfolders of the flow's folder, such as `training` in `ml/taximodel/training`.
        document: its deployment.yml.
        declared: the fields of that file.
        former_project: the former domain and project that its data is named after; None if never renamed.
        otherwise: the flow by environment, for environments with overrides in deployment.yml.
        overrides: its deployment.yml as written, if it has overrides for environments.
        listed_jobs: the jobs in `jobs`, by their names.
        listed_pipelines: the pipelines in `pipelines`, by their names.
        entry: the name of the list entry that this object stands for; "" for the whole flow.
    """

    org: str | None
    domain: str
    project: str
    flowtype: str
    name: str
    part: tuple[str, ...]
    document: Document
    declared: FlowFile
    former_project: tuple[str, str] | None = None
    otherwise: Mapping[str, Flow] = field(default_factory=dict)
    overrides: Document | None = None
    listed_jobs: Mapping[str, EntryDeclaration] = field(default_factory=dict)
    listed_pipelines: Mapping[str, EntryDeclaration] = field(default_factory=dict)
    entry: str | None = None

    def in_environment(self, name: str) -> Flow:
        """The flow as it is declared for one environment."""
        return self.otherwise.get(name, self)

    @cached_property
    def jobs(self) -> tuple[Flow, ...]:
        """One object per job: the flow with the fields of that job. Jobs without tasks are left out."""
        made = self._listed(self.listed_jobs) if self.listed_jobs else (self,)
        return tuple(job for job in made if job.tasks)

    @cached_property
    def pipelines(self) -> tuple[Flow, ...]:
        """One object per pipeline: the flow with the fields of that pipeline."""
        if self.listed_pipelines:
            return self._listed(self.listed_pipelines)
        return (self,) if isinstance(self.declared, PipelineFile) else ()

    @property
    def entries(self) -> tuple[Flow, ...]:
        """Returns one object per job and pipeline; the flow itself if it has none."""
        return (*self.jobs, *self.pipelines) or (self,)

    def _listed(self, entries: Mapping[str, EntryDeclaration]) -> tuple[Flow, ...]:
        return tuple(
            replace(
                self,
                document=one.document,
                declared=one.declared,
                listed_jobs={},
                listed_pipelines={},
                entry=name,
            )
            for name, one in entries.items()
        )

    @property
    def entry_path(self) -> str:
        """The path of the job or pipeline in the mesh."""
        return f"{self.path}/{self.entry}" if self.entry else self.path

    @property
    def entry_id(self) -> str:
        """The Terraform name of its job or pipeline."""
        return "_".join(part for part in (self.id, self.entry) if part)

    @property
    def file(self) -> str:
        """The path of its deployment.yml, relative to the mesh's root."""
        return self.document.file

    @property
    def path(self) -> str:
        """The path in the mesh, for example `acme/transport/taxinyc/prep/revenue`."""
        levels = (self.org, self.domain, self.project, self.flowtype, self.name, *self.part)
        return "/".join(level for level in levels if level)

    @property
    def path_in_project(self) -> str:
        """The path in its project, for example `prep/revenue`."""
        return "/".join((self.flowtype, self.name, *self.part))

    @property
    def id(self) -> str:
        """Its Terraform name, for example `prep_revenue`."""
        return "_".join((self.flowtype, self.name, *self.part))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of its job; empty if it has no job."""
        return declared_tasks(self.declared.passed, self.file)

    @property
    def job_clusters(self) -> dict[str, int]:
        """The index of each job cluster that the flow declares, by key."""
        listed = self.declared.passed.get("job_clusters")
        entries = enumerate(listed if isinstance(listed, list) else [])
        keys = ((one.get("job_cluster_key") if isinstance(one, Mapping) else None, at) for at, one in entries)
        return {key: at for key, at in keys if isinstance(key, str)}

    @property
    def schemas(self) -> tuple[str, ...]:
        """The names of the schemas that it fills, before the naming template."""
        if self.declared.schemas is not None:
            return tuple(self.declared.schemas)
        named = [one.declared.passed.get("schema") for one in self.pipelines]
        own = self.jobs or None in named or (self.document.data and not named)
        usual = [self.data_name] if own else []
        return tuple(dict.fromkeys([*usual, *(one for one in named if isinstance(one, str))]))

    @property
    def former(self) -> tuple[tuple[str, ...], ...]:
        """The former paths in its project, newest first, for example `(("prep", "income"),)`."""
        steps = (tuple(old.split("/")) for old in self.declared.renamed_from)
        return tuple(path if len(path) > 1 else (self.flowtype, *path, *self.part) for path in steps)

    @property
    def data_name(self) -> str:
        """The name that its data keeps: the oldest name."""
        return self.former[-1][1] if self.former else self.name

    @property
    def name_fields(self) -> Mapping[str, str | None]:
        """The fields of its path for naming templates; brickops' `parsepath`."""
        return {
            "org": self.org,
            "domain": self.domain,
            "project": self.project,
            "activity": "flows",
            "flowtype": self.flowtype,
            "flow": self.name,
            "file": "/" + self.file,
        }

    @property
    def data_fields(self) -> Mapping[str, str | None]:
        """The fields for names of catalogs and schemas: `name_fields` with the oldest names."""
        domain, project = self.former_project or (self.domain, self.project)
        flowtype = self.former[-1][0] if self.former else self.flowtype
        return {
            **self.name_fields,
            "domain": domain,
            "project": project,
            "flowtype": flowtype,
            "flow": self.data_name,
        }

    @property
    def folder(self) -> PurePosixPath:
        """Its folder, from the mesh's root."""
        return PurePosixPath(self.file).parent
