"""A flow: a folder with a deployment.yml and the code that its jobs and pipelines run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from mesh.documents.document import Document
from mesh.model.contract import Contract
from mesh.model.entry import Entry, EntryDeclaration
from mesh.model.flow_file import FlowFile
from mesh.model.function import Function
from mesh.model.pipeline import PipelineFile
from mesh.model.quality import Quality
from mesh.model.view import View


@dataclass(frozen=True)
class Flow:
    """A flow as its folder declares it.

    An `Entry` is one of its jobs or pipelines. A `FlowDeployment` is the flow in a deployment.

    Args:
        org: the org's name; None where `domains/` is at the root.
        domain: the domain's name.
        project: the project's name.
        flowtype: the folder's name, such as `prep` or `ml`; "" for a flow directly below `flows/`.
        name: the flow's name.
        part: the subfolders of the flow's folder, such as `training` in `ml/taximodel/training`.
        document: its deployment.yml, without `jobs` and `pipelines`.
        declared: the fields of that document.
        former_project: the former domain and project that its data is named after; None if never renamed.
        by_environment: the flow as declared for each environment that deployment.yml overrides.
        overrides: its deployment.yml as written, if it has overrides for environments.
        listed_jobs: the jobs in `jobs`, by their names.
        listed_pipelines: the pipelines in `pipelines`, by their names.
        contracts: the contracts that it provides, in all environments.
        quality: the rules of its data, in all environments; None without a quality.yml.
        views: the views that its job creates.
        functions: the functions that its job creates, each after those that it calls.
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
    by_environment: Mapping[str, Flow] = field(default_factory=dict)
    overrides: Document | None = None
    listed_jobs: Mapping[str, EntryDeclaration] = field(default_factory=dict)
    listed_pipelines: Mapping[str, EntryDeclaration] = field(default_factory=dict)
    contracts: tuple[Contract, ...] = ()
    quality: Quality | None = None
    views: tuple[View, ...] = ()
    functions: tuple[Function, ...] = ()

    def in_environment(self, name: str) -> Flow:
        """The flow as it is declared for one environment."""
        return self.by_environment.get(name, self)

    @cached_property
    def jobs(self) -> tuple[Entry, ...]:
        """The jobs, in declared order. Jobs without tasks are left out."""
        declared = self._listed(self.listed_jobs) if self.listed_jobs else (self._unlisted,)
        return tuple(job for job in declared if job.tasks)

    @cached_property
    def pipelines(self) -> tuple[Entry, ...]:
        """The pipelines, in declared order."""
        if self.listed_pipelines:
            return self._listed(self.listed_pipelines)
        return (self._unlisted,) if isinstance(self.declared, PipelineFile) else ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The jobs and pipelines; empty if the flow only declares data."""
        return (*self.jobs, *self.pipelines)

    @property
    def declared_entries(self) -> tuple[Entry, ...]:
        """The declared jobs and pipelines, including jobs without tasks; for checks."""
        lists = (self.listed_jobs, self.listed_pipelines)
        return (self._unlisted, *(entry for declarations in lists for entry in self._listed(declarations)))

    @cached_property
    def _unlisted(self) -> Entry:
        """The entry that the fields outside of `jobs` and `pipelines` declare."""
        return Entry(self, None, self.document, self.declared)

    def _listed(self, declarations: Mapping[str, EntryDeclaration]) -> tuple[Entry, ...]:
        return tuple(
            Entry(self, name, declaration.document, declaration.declared)
            for name, declaration in declarations.items()
        )

    @property
    def file(self) -> str:
        """The path of its deployment.yml, relative to the mesh's root."""
        return self.document.file

    @cached_property
    def path(self) -> str:
        """The path in the mesh, for example `acme/transport/taxinyc/prep/revenue`."""
        levels = (self.org, self.domain, self.project, self.flowtype, self.name, *self.part)
        return "/".join(level for level in levels if level)

    @property
    def path_in_project(self) -> str:
        """The path in its project, for example `prep/revenue`."""
        return "/".join(filter(None, (self.flowtype, self.name, *self.part)))

    @cached_property
    def id(self) -> str:
        """Its Terraform name, for example `prep_revenue`."""
        return terraform_name(self.flowtype, self.name, *self.part)

    @cached_property
    def schemas(self) -> tuple[str, ...]:
        """The names of the schemas that it fills, before the naming template."""
        if self.declared.schemas is not None:
            return tuple(self.declared.schemas)
        targets = [pipeline.declared.passed.get("schema") for pipeline in self.pipelines]
        needs_default = self.jobs or None in targets or (self.document.data and not targets)
        default = [self.data_name] if needs_default else []
        return tuple(dict.fromkeys([*default, *(schema for schema in targets if isinstance(schema, str))]))

    @cached_property
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

    @cached_property
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


def terraform_name(*levels: str) -> str:
    """Returns the Terraform name of what belongs to a flow, from its levels; "" for a missing flow type."""
    return "_".join(filter(None, levels))
