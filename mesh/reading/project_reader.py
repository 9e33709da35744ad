"""Reads a project: its own files and its flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document
from mesh.documents.override import for_environment, overrides, without_overrides
from mesh.files.files import FOLDER, Files
from mesh.finding import Finding
from mesh.model.access_policy_check import check_access_policies
from mesh.model.bundle import FILES as BUNDLE_FILES
from mesh.model.bundle import GUIDE
from mesh.model.deployment_file import (
    JOBS,
    LISTS,
    PIPELINES,
    check_lists,
    is_pipeline,
    listed,
    with_tasks,
    without_lists,
)
from mesh.model.entry import EntryDeclaration
from mesh.model.flow import Flow
from mesh.model.flow_check import check_entries, check_pipeline_schemas
from mesh.model.flow_file import FlowFile
from mesh.model.flow_table import check_tables
from mesh.model.function import flow_functions
from mesh.model.job import JobFile
from mesh.model.letter_case import check_letter_case
from mesh.model.level import wrong_with_name
from mesh.model.libs import check_libs, libs
from mesh.model.naming import DEFAULT_CONFIG
from mesh.model.pipeline import PipelineFile
from mesh.model.project import Project, ProjectFile, former_levels
from mesh.model.provided import flow_contracts
from mesh.model.quality import flow_quality
from mesh.model.rename import check_flow_renames
from mesh.model.source_check import check_sources
from mesh.model.sql_object import parameters
from mesh.model.table_description_check import check_descriptions
from mesh.model.view import flow_views
from mesh.reading.level_reader import LINKED, LevelReader, without_repeated

DEPLOYMENT_FILE = "deployment.yml"


@dataclass(frozen=True)
class ReadProject:
    """A project as it was read.

    Args:
        project: with the built-in naming templates; a file of templates is read apart, for all its projects.
        findings: of its own files.
    """

    project: Project
    findings: tuple[Finding, ...]


def read_project(files: Files, folder: str, org: str | None, domain: str) -> ReadProject:
    """Reads a project. The result depends on `files` only as far as it asks them.

    Args:
        files: the files of the mesh.
        folder: the project's folder, from the mesh's root.
        org: the name of its org.
        domain: the name of its domain.
    """
    reader = _ProjectReader(files, folder=folder, org=org, domain=domain)
    return ReadProject(reader.project(), tuple(reader.findings))


@dataclass
class _ProjectReader(LevelReader):
    folder: str = ""
    org: str | None = None
    domain: str = ""

    def project(self) -> Project:
        name = self.folder.rpartition("/")[2]
        document, declared = self.declared(f"{self.folder}/project.yml", ProjectFile)
        former = former_levels(declared, self.domain, name) if declared.renamed_from else None
        flows = tuple(self._flows(name, former))
        self._check_volumes(document, declared, flows)
        project = Project(
            self.org,
            self.domain,
            name,
            self.folder,
            document,
            declared,
            DEFAULT_CONFIG,
            self.compute(f"{self.folder}/"),
            self.defaults(f"{self.folder}/"),
            flows,
            libs(self.folder, self.files),
        )
        self.findings += check_libs(self.folder, self.files)
        self.findings += check_flow_renames(project)
        self.findings += check_letter_case(project)
        return project

    def _flows(self, project: str, former: tuple[str, str] | None) -> Iterator[Flow]:
        waiting: list[tuple[str, ...]] = [()]
        while waiting:
            steps = waiting.pop()
            folder = "/".join((self.folder, "flows", *steps))
            names = self.files.names(folder)
            below = []
            for name in names:
                path = f"{folder}/{name}"
                if name.startswith((".", "__")) or self.files.kind(path) != FOLDER:
                    continue
                if self.files.is_link(path):
                    self.complain("link-not-followed", path, LINKED)
                else:
                    below.append((*steps, name))
            waiting += reversed(below)
            present = {name for name in names if self.files.kind(f"{folder}/{name}") != FOLDER}
            self._check_names(folder, present)
            if DEPLOYMENT_FILE in present:
                yield from self._flow(project, folder, steps, former)

    def _check_names(self, folder: str, names: set[str]) -> None:
        """Reports files that somebody may take for a deployment.yml."""
        if "deployment.yaml" in names:
            message = f"is not read (rename it to {DEPLOYMENT_FILE})"
            self.complain("misplaced-file", f"{folder}/deployment.yaml", message)
        elif DEPLOYMENT_FILE not in names and (bundles := [name for name in BUNDLE_FILES if name in names]):
            remedy = f"`mesh import bundle` writes it as flows, see {GUIDE}"
            message = f"is a file of Databricks' bundles, which is not read ({remedy})"
            self.complain("bundle-file", f"{folder}/{bundles[0]}", message)

    def _flow(
        self, project: str, folder: str, steps: tuple[str, ...], former: tuple[str, str] | None
    ) -> Iterator[Flow]:
        flowtype, *below = ("", *steps) if len(steps) == 1 else steps or ("",)  # brickops' README has both
        file = f"{folder}/{DEPLOYMENT_FILE}"
        if not below:
            message = "is one level too high (move it to flows/<flow>/ or flows/<flowtype>/<flow>/)"
            self.complain("misplaced-file", file, message)
            return
        for step in steps:
            if wrong := wrong_with_name(step):
                self.complain("bad-name", file, wrong)
        whole, findings = self.document(file)
        levels = (self.org, self.domain, project, flowtype, below[0], tuple(below[1:]))

        def declaration(document: Document, kind: type[FlowFile], key: str) -> EntryDeclaration:
            if kind is JobFile:
                document = with_tasks(document, key)
            declared, wrong = validate_document(kind, document)
            self.findings += without_repeated(wrong, findings)
            return EntryDeclaration(document, declared)

        def declarations(document: Document, field: str, kind: type[FlowFile]) -> dict[str, EntryDeclaration]:
            return {name: declaration(entry, kind, name) for name, entry in listed(document, field).items()}

        def flow_of(document: Document) -> Flow:
            kind = PipelineFile if is_pipeline(document) else JobFile
            shared = declaration(without_lists(document), kind, below[-1])
            flow = Flow(*levels, shared.document, shared.declared, former)
            if any(name in document.data for name in LISTS):
                jobs = declarations(document, JOBS, JobFile)
                pipelines = declarations(document, PIPELINES, PipelineFile)
                flow = replace(flow, listed_jobs=jobs, listed_pipelines=pipelines)
                self.findings += without_repeated(check_lists(document), findings)
            self.findings += without_repeated(check_entries(flow, self.files), findings)
            self.findings += check_pipeline_schemas(flow)
            self.findings += check_tables(flow)
            self.findings += check_access_policies(flow)
            return flow

        flow = flow_of(without_overrides(whole))
        by_environment = {name: flow_of(for_environment(whole, name)) for name in overrides(whole)}
        flows = (flow, *by_environment.values())
        entries = [entry for one in flows for entry in one.declared_entries]
        self.findings += check_sources(entries, self.files)
        contracts, unreadable = flow_contracts(flow, self.files)
        quality, unfit = flow_quality(folder, flow.schemas, self.files)
        given = parameters(flow.declared.reads)
        views, unclear = flow_views(folder, flow.schemas, given, self.files)
        functions, unsound = flow_functions(folder, flow.schemas, given, self.files)
        self.findings += [*unreadable, *unfit, *unclear, *unsound]
        flow, *others = (
            replace(one, contracts=contracts, quality=quality, views=views, functions=functions)
            for one in flows
        )
        for one in (flow, *others):
            self.findings += check_descriptions(one)
        yield replace(
            flow,
            by_environment=dict(zip(by_environment, others, strict=True)),
            overrides=whole if by_environment else None,
        )

    def _check_volumes(self, document: Document, declared: ProjectFile, flows: tuple[Flow, ...]) -> None:
        schemas = {db for flow in flows for db in flow.schemas}
        kinds = (("volumes", declared.volumes), ("registered_models", declared.registered_models))
        for field_name, objects in kinds:
            for name, data_object in objects.items():
                if data_object.schema_ not in schemas:
                    kind = field_name.removesuffix("s").replace("_", " ")
                    choices = ", ".join(sorted(schemas)) or "none yet"
                    message = (
                        f"schema `{data_object.schema_}` of {kind} `{name}` belongs to no flow "
                        f"(schemas: {choices})"
                    )
                    at = (field_name, name, "schema")
                    self.findings.append(document.finding("unknown-schema", at, message))
