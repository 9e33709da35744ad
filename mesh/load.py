"""Loads a mesh from the folders `orgs/` or `domains/` below a root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from mesh.deployment.compute_lookup import check_compute
from mesh.deployment.data_objects import check_volumes
from mesh.deployment.flow_references import check_flow_cycles
from mesh.deployment.job_settings import check_settings
from mesh.documents.checked_model import CheckedModel, validate_document
from mesh.documents.document import Document, read
from mesh.documents.override import check_overrides, for_environment, overrides, without_overrides
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding
from mesh.git.root import mesh_root
from mesh.mesh import Mesh
from mesh.model.access import check_access
from mesh.model.backend import Backend, backend
from mesh.model.bundle import FILES as BUNDLE_FILES
from mesh.model.bundle import GUIDE, bundle_finding, check_bundle_references, is_bundle
from mesh.model.code import check_shared_code
from mesh.model.compute import Compute, ComputeFile
from mesh.model.defaults import Defaults, DefaultsFile
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
from mesh.model.domain import Domain, DomainFile
from mesh.model.entry import EntryDeclaration
from mesh.model.environment import EnvironmentFile, MetastoreFile, check_environments, check_metastores
from mesh.model.environment import environments as built_environments
from mesh.model.flow import Flow
from mesh.model.flow_check import check_entries, check_pipeline_schemas, check_runs_as
from mesh.model.flow_file import FlowFile
from mesh.model.job import JobFile
from mesh.model.letter_case import check_letter_case, differ_in_case
from mesh.model.level import SharingLevel, wrong_with_name
from mesh.model.libs import check_libs, libs
from mesh.model.naming import DEFAULT_CONFIG, NamingConfig, find_config, read_config
from mesh.model.org import Org, OrgFile
from mesh.model.pipeline import PipelineFile
from mesh.model.principal import check_principals
from mesh.model.project import Project, ProjectFile, former_levels
from mesh.model.rename import check_flow_renames, check_project_renames
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.model.review_policy import check_policy, declared_policy
from mesh.model.role import check_roles
from mesh.model.rules_file import FILE as RULES_FILE
from mesh.model.rules_file import OWN_RULES, Rules, RulesFile
from mesh.model.source_check import check_sources
from mesh.model.storage import check_storage_credentials

D = TypeVar("D", bound=CheckedModel)

DEPLOYMENT_FILE = "deployment.yml"

_LINK = "is a link, and links to folders are not followed (replace it by the folder)"


def load(root: Path | None = None) -> Mesh:
    """Loads the mesh below `root`.

    Args:
        root: a repository with `orgs/` or `domains/`; by default MESH_ROOT, else found by `mesh_root`.

    Raises:
        MeshError: files have errors; with all findings.
        UsageError: there is no mesh below the root.
    """
    named = os.environ.get("MESH_ROOT")
    root = root.resolve() if root else Path(named).resolve() if named else mesh_root()
    if not (root / "orgs").is_dir() and not (root / "domains").is_dir():
        raise UsageError(
            f"{root} has neither orgs/ nor domains/ (set the mesh's root with --root or MESH_ROOT)"
        )
    reader = _Reader(root)
    mesh = Mesh(root, tuple(reader.orgs()))
    reader.policy(mesh.orgs)
    if reader.findings:
        # other checks across flows need the names of an environment
        cycles = [finding for org in mesh.orgs for finding in check_flow_cycles(org)]
        raise MeshError(sorted({*reader.findings, *cycles}))
    return mesh


@dataclass
class _Reader:
    """Reads level by level and collects findings on the way."""

    root: Path
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._config = cache(self._read_config)

    def orgs(self) -> Iterator[Org]:
        for folder in self._folders(self.root / "orgs"):
            yield self._org(folder, folder.name)
        if (self.root / "domains").is_dir():
            yield self._org(self.root, None)

    def policy(self, orgs: Iterable[Org]) -> None:
        """Checks review.yml, if the file exists."""
        path = self.root / POLICY_FILE
        if not path.exists() and not path.is_symlink():
            return
        policy, document, wrong = declared_policy(path, self.root)
        environments = [one for org in orgs for one in org.environments.values()]
        scopes = {one.name for one in environments} | {f"metastore {one.metastore}" for one in environments}
        self.findings += [*wrong, *check_policy(policy, document, scopes)]

    def _org(self, folder: Path, name: str | None) -> Org:
        document, declared = self._declared(folder / "org.yml", OrgFile)
        domains = tuple(self._domain(path, name) for path in self._folders(folder / "domains"))
        environments, metastores = declared.environments, declared.metastores
        backends = self._backends(document, "environments", environments)
        org = Org(
            name,
            document,
            declared,
            self._compute(folder),
            self._defaults(folder),
            domains,
            built_environments(environments, backends),
            self._backends(document, "metastores", metastores),
            self._rules(folder),
        )
        self.findings += check_environments(environments, org.principals, document)
        self.findings += check_metastores(metastores, environments, document)
        self.findings += check_roles(declared.roles, document)
        self.findings += check_principals(org.principals, document)
        self.findings += check_storage_credentials(declared.storage_credentials, document)
        projects = [project for domain in domains for project in domain.projects]
        flows = [flow for project in projects for flow in project.flows]
        for one in (org, *(org.in_environment(name) for name in sorted({*_overridden_environments(flows)}))):
            self.findings += check_access(one)
            self.findings += check_compute(one)
            self.findings += check_settings(one)
            self.findings += [
                wrong
                for domain in one.domains
                for project in domain.projects
                for flow in project.flows
                for wrong in check_runs_as(flow, one.principals)
            ]
        for flow in flows:
            if flow.overrides:
                self.findings += check_overrides(flow.overrides, org.environments)
        self.findings += check_project_renames(projects)
        self.findings += [wrong for project in projects for wrong in check_volumes(project, org)]
        return org

    def _rules(self, folder: Path) -> Rules:
        own = [path for path in sorted((folder / OWN_RULES).glob("*.py")) if not path.name.startswith("_")]
        files = tuple(path.relative_to(self.root).as_posix() for path in own)
        return Rules(*self._declared(folder / RULES_FILE, RulesFile), files)

    def _backends(
        self, document: Document, field: str, declared: Mapping[str, EnvironmentFile | MetastoreFile]
    ) -> dict[str, Backend]:
        """The declared backends, by name."""
        backends = {}
        for name, one in declared.items():
            if one.backend is not None:
                parsed, wrong = backend(one.backend, document, (field, name, "backend"))
                self.findings += wrong
                if parsed:
                    backends[name] = parsed
        return backends

    def _compute(self, folder: Path) -> Compute:
        document, declared = self._declared(folder / "compute.yml", ComputeFile)
        return Compute(document, declared, (folder / "compute.yml").exists())

    def _defaults(self, folder: Path) -> Defaults:
        return Defaults(*self._declared(folder / "defaults.yml", DefaultsFile))

    def _domain(self, folder: Path, org: str | None) -> Domain:
        document, declared = self._declared(folder / "domain.yml", DomainFile)
        projects = tuple(self._project(path, org, folder.name) for path in self._folders(folder / "projects"))
        return Domain(
            folder.name, document, declared, self._compute(folder), self._defaults(folder), projects
        )

    def _project(self, folder: Path, org: str | None, domain: str) -> Project:
        document, declared = self._declared(folder / "project.yml", ProjectFile)
        former = former_levels(declared, domain, folder.name) if declared.renamed_from else None
        flows = tuple(self._flows(folder, org, domain, former))
        config = find_config(folder, self.root)
        naming = self._config(config) if config else DEFAULT_CONFIG
        self._check_volumes(document, declared, flows)
        project = Project(
            org,
            domain,
            folder.name,
            folder.relative_to(self.root).as_posix(),
            document,
            declared,
            naming,
            self._compute(folder),
            self._defaults(folder),
            flows,
            libs(folder, self.root),
        )
        self.findings += check_libs(folder, self.root)
        self.findings += check_flow_renames(project)
        self.findings += check_letter_case(project)
        return project

    def _flows(
        self, project: Path, org: str | None, domain: str, former: tuple[str, str] | None
    ) -> Iterator[Flow]:
        for folder, folders, files in os.walk(project / "flows"):
            folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
            for link in (Path(folder, name) for name in folders):
                if link.is_symlink():
                    self._complain("link-not-followed", link, _LINK)
            if "deployment.yaml" in files:
                self._complain(
                    "misplaced-file",
                    Path(folder) / "deployment.yaml",
                    f"is not read (rename it to {DEPLOYMENT_FILE})",
                )
            elif DEPLOYMENT_FILE not in files and (
                bundles := [name for name in BUNDLE_FILES if name in files]
            ):
                message = (
                    f"is a file of Databricks' bundles, which is not read ({GUIDE} shows how to write it)"
                )
                self._complain("bundle-file", Path(folder) / bundles[0], message)
            if DEPLOYMENT_FILE in files:
                yield from self._flow(project, Path(folder), org, domain, former)

    def _flow(
        self, project: Path, folder: Path, org: str | None, domain: str, former: tuple[str, str] | None
    ) -> Iterator[Flow]:
        steps = folder.relative_to(project / "flows").parts
        flowtype, *below = ("", *steps) if len(steps) == 1 else steps or ("",)  # brickops' README has both
        if not below:
            self._complain(
                "misplaced-file",
                folder / DEPLOYMENT_FILE,
                "is one level too high (move it to flows/<flow>/ or flows/<flowtype>/<flow>/)",
            )
            return
        for step in steps:
            if wrong := wrong_with_name(step):
                self._complain("bad-name", folder / DEPLOYMENT_FILE, wrong)
        whole, findings = self._document(folder / DEPLOYMENT_FILE)
        levels = (org, domain, project.name, flowtype, below[0], tuple(below[1:]))

        def declaration(document: Document, kind: type[FlowFile], key: str) -> EntryDeclaration:
            if kind is JobFile:
                document = with_tasks(document, key)
            declared, wrong = validate_document(kind, document)
            self.findings += _without_repeated(wrong, findings)
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
                self.findings += _without_repeated(check_lists(document), findings)
            self.findings += _without_repeated(check_entries(flow, self.root), findings)
            self.findings += check_pipeline_schemas(flow)
            return flow

        flow = flow_of(without_overrides(whole))
        by_environment = {name: flow_of(for_environment(whole, name)) for name in overrides(whole)}
        flows = (flow, *by_environment.values())
        entries = [entry for one in flows for entry in one.declared_entries]
        self.findings += check_sources(entries, self.root)
        yield replace(flow, by_environment=by_environment, overrides=whole if by_environment else None)

    def _folders(self, parent: Path) -> Iterator[Path]:
        if not parent.is_dir():
            return
        first: dict[str, str] = {}
        for folder in sorted(parent.iterdir()):
            if folder.name.startswith((".", "__")) or not folder.is_dir():
                continue
            if folder.is_symlink():
                self._complain("link-not-followed", folder, _LINK)
            elif wrong := wrong_with_name(folder.name):
                self._complain("bad-name", folder, wrong)
            elif (twin := first.setdefault(folder.name.lower(), folder.name)) != folder.name:
                other = (parent / twin).relative_to(self.root).as_posix()
                self._complain("differ-in-case", folder, differ_in_case(folder.name, other))
            else:
                yield folder

    def _document(self, path: Path) -> tuple[Document, list[Finding]]:
        if (other := path.with_suffix(".yaml")).exists():
            self._complain("misplaced-file", other, f"is not read (rename it to {path.name})")
        document, findings = read(path, self.root)
        if is_bundle(document):
            findings, document = [bundle_finding(document)], Document(document.file)
        else:
            findings += check_bundle_references(document)
        self.findings += findings
        return document, findings

    def _declared(self, path: Path, kind: type[D]) -> tuple[Document, D]:
        document, findings = self._document(path)
        declared, wrong = validate_document(kind, document)
        self.findings += _without_repeated(wrong, findings)
        if isinstance(declared, SharingLevel):
            self.findings += check_shared_code(declared.code, document, self.root)
        return document, declared

    def _read_config(self, path: Path) -> NamingConfig:
        config, findings = read_config(path, self.root)
        self.findings += findings
        return config

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

    def _complain(self, code: str, path: Path, message: str) -> None:
        self.findings.append(Finding(path.relative_to(self.root).as_posix(), 1, 1, code, message))


def _overridden_environments(flows: Iterable[Flow]) -> Iterator[str]:
    """The environments that deployment files override."""
    return (name for flow in flows for name in flow.by_environment)


def _without_repeated(findings: Iterable[Finding], reported: Iterable[Finding]) -> list[Finding]:
    """Drops findings at positions that already have a finding.

    Values with errors are left out while reading, so later checks would report them as missing, too.
    """
    positions = {(finding.line, finding.column) for finding in reported}
    return [finding for finding in findings if (finding.line, finding.column) not in positions]
