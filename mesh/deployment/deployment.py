"""A deployment: one project in one environment for one identity, with all its names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mesh.deployment.access_policies import access_policies
from mesh.deployment.code_check import check_jobs_reach, check_pipelines_reach
from mesh.deployment.committed_files import CommittedFiles
from mesh.deployment.compute import NO_COMPUTE, ComputeObjects, check_compute_names, project_compute
from mesh.deployment.compute_lookup import project_reach
from mesh.deployment.data_objects import DataNames, check_twins, registered_models, schemas, volumes
from mesh.deployment.experiments import check_experiments, experiments
from mesh.deployment.flow import FlowDeployment, entry_renames
from mesh.deployment.flow_references import RunnableEntries, entry_name, stacks_run
from mesh.deployment.functions import catalog_functions
from mesh.deployment.generated_tasks import check_generated_tasks, with_generated_notebooks
from mesh.deployment.identity import Identity
from mesh.deployment.job import check_git_source, job, other_repository
from mesh.deployment.job_settings import folder_permissions
from mesh.deployment.library import check_libraries_reach, libraries_to_upload
from mesh.deployment.object_task import check_object_names, check_object_parameters
from mesh.deployment.pipeline import pipeline
from mesh.deployment.run_context import GitTags
from mesh.deployment.scope import Scope
from mesh.deployment.shared_folder import check_shared_folder
from mesh.deployment.table_owners import check_table_owners
from mesh.deployment.tables import tables
from mesh.deployment.terraform_names import check_shared_objects, check_terraform_names
from mesh.files.commit_files import CommitFiles
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.access_policy import AccessPolicy
from mesh.model.backend import Backend
from mesh.model.catalog_function import CatalogFunction
from mesh.model.code import (
    Code,
    FilesBelow,
    GitCode,
    WorkspaceCode,
    at_commit,
    check_code,
    check_git_code,
    workspace_code,
)
from mesh.model.environment import Environment
from mesh.model.experiment import permissions_id as experiment_permissions
from mesh.model.flow import Flow
from mesh.model.inputs import project_inputs, shared_inputs
from mesh.model.libs import LIBS, in_workspace
from mesh.model.project import Project
from mesh.model.registered_model import RegisteredModel
from mesh.model.rename import Rename, chain
from mesh.model.schema import Schema
from mesh.model.table import Table
from mesh.model.task import with_inner
from mesh.model.volume import Volume

# Databricks documentation, "Names": the longest name in Unity Catalog; also the
# limit for the name of a folder on disk
MAX_NAME = 255


@dataclass(frozen=True)
class Deployment:
    """One project in one environment for one identity: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        domain: the domain's name.
        project: the project's name.
        path: the path of the project in the mesh.
        owner: the group that owns it.
        environment: its environment.
        identity: its user, branch and commit.
        stack: the name of its Terraform stack.
        state_key: its key within the backend.
        backend: the backend of its state.
        foundations: the stacks to deploy before it.
        code: the source of its notebooks.
        uploads: the files that it uploads: all its code, or the files that jobs cannot read from git.
        libs: the workspace folder of the code that its flows share; None if there is none.
        inputs: its input paths, relative to the mesh's root.
        flows: in order of their paths.
        volumes: in order of their names.
        registered_models: in order of their names.
        tables: the tables of its code that have tags or grants of their own, in order of their flows.
        functions: the functions of its files, and of its code if they have grants of their own, likewise.
        policies: the row filters and column masks on its schemas, in order of their flows.
        compute: the compute that it creates.
        runs: the stacks of other projects whose jobs its jobs run, also deployed before it.
    """

    org: str | None
    domain: str
    project: str
    path: str
    owner: str | None
    environment: Environment
    identity: Identity
    stack: str
    state_key: str
    backend: Backend
    foundations: tuple[str, ...]
    code: Code
    uploads: WorkspaceCode | None
    libs: str | None
    inputs: tuple[str, ...]
    flows: tuple[FlowDeployment, ...]
    volumes: tuple[Volume, ...]
    registered_models: tuple[RegisteredModel, ...]
    tables: tuple[Table, ...] = ()
    functions: tuple[CatalogFunction, ...] = ()
    policies: tuple[AccessPolicy, ...] = ()
    compute: ComputeObjects = NO_COMPUTE
    runs: tuple[str, ...] = ()

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """All schemas that it creates."""
        return tuple(schema for flow in self.flows for schema in flow.schemas)

    @property
    def renames(self) -> tuple[Rename, ...]:
        """The former Terraform names of its resources, for states that still use them."""
        renames: list[Rename] = []
        for flow in self.flows:
            renames += flow.renames
            for schema in flow.schemas:
                for kind in ("schema", "grants"):
                    renames += chain(kind, [*schema.formerly, schema.id])
                tags = [f"{id}_domain" for id in (*schema.formerly, schema.id)]
                renames += chain("entity_tag_assignment", tags) if schema.domain_tag else ()
            if flow.experiment:
                ids = [*flow.experiment.formerly, flow.experiment.id]
                renames += chain("mlflow_experiment", ids)
                renames += chain("permissions", [experiment_permissions(id) for id in ids])
        for table in self.tables:
            ids = [*table.formerly, table.id]
            renames += chain("grants", ids)
            for tag in table.assigned_tags:
                renames += chain("entity_tag_assignment", [f"{id}{tag.suffix}" for id in ids])
        for function in (one for one in self.functions if one.grants):
            renames += chain("grants", [*function.formerly, function.id])
        for policy in self.policies:
            renames += chain("policy_info", [*policy.formerly, policy.id])
        for securable, objects in (("volume", self.volumes), ("registered_model", self.registered_models)):
            for data_object in objects:
                for kind in (securable, "grants"):
                    renames += chain(kind, [*data_object.formerly, data_object.id])
        return tuple(renames)


def deployment(
    scope: Scope,
    foundations: Sequence[str],
    data: Mapping[str, DataNames],
    endings: Mapping[str, Sequence[str]],
    runnable: RunnableEntries,
    committed: CommittedFiles,
    files: Files,
) -> tuple[Deployment, list[Finding]]:
    """Returns the deployment of a project, and its findings.

    Args:
        scope: the project, its environment and identity.
        foundations: the stacks to deploy before it.
        data: the data names of every flow of the mesh, by path of the flow.
        endings: these paths by each of their endings, such as `prep/revenue`.
        runnable: the jobs and pipelines of every flow of the mesh, by their paths.
        committed: the files of the mesh at source commits.
        files: the files of the mesh now.
    """
    builder = _Builder(scope, data, endings, runnable, committed, files)
    built = builder.build(foundations)
    return built, sorted(builder.findings(built))


class _Builder:
    """Builds the deployment of one project."""

    def __init__(
        self,
        scope: Scope,
        data: Mapping[str, DataNames],
        endings: Mapping[str, Sequence[str]],
        runnable: RunnableEntries,
        committed: CommittedFiles,
        files: Files,
    ) -> None:
        self.scope = scope
        self.files = files
        self.data = data
        self.endings = endings
        self.runnable = runnable
        self.uploads = self._uploads(committed)
        self.code = self._code()
        self.libs = self._libs()
        self.experiments = experiments(scope)
        self._creators: dict[str, tuple[Flow, str]] = {}
        self._conflicts: list[Finding] = []

    def build(self, foundations: Sequence[str]) -> Deployment:
        scope, project = self.scope, self.scope.project
        flows = tuple(self._flow(flow) for flow in project.flows)
        created = {schema.db: schema for flow in flows for schema in flow.schemas}
        levels = (project, scope.domain, scope.org)
        return Deployment(
            org=scope.org.name,
            domain=project.domain,
            project=project.name,
            path=project.path,
            owner=next((level.declared.owner for level in levels if level.declared.owner), None),
            environment=scope.environment,
            identity=scope.identity,
            stack=scope.stack,
            state_key=scope.state_key,
            backend=scope.environment.backend.at(scope.state_key),
            foundations=tuple(foundations),
            code=self.code,
            uploads=self.uploads,
            libs=self.libs,
            inputs=tuple(project_inputs(scope.org, project)),
            flows=flows,
            volumes=tuple(volumes(scope, created)),
            registered_models=tuple(registered_models(scope, created)),
            tables=tuple(tables(scope, created)),
            functions=tuple(catalog_functions(scope, created)),
            policies=tuple(access_policies(scope, created)),
            compute=project_compute(scope),
            runs=stacks_run(scope, self.runnable),
        )

    def findings(self, built: Deployment) -> Iterator[Finding]:
        """Yields findings that need the resolved names."""
        project, root = self.scope.project, self.scope.git.root
        yield from self._conflicts
        yield from check_terraform_names(built.flows)
        yield from check_experiments(project)
        yield from check_object_names(project.flows, self.data)
        yield from check_shared_objects(built.tables, built.functions, project.flows)
        yield from check_twins(built.volumes, "volumes", self.scope)
        yield from check_twins(built.registered_models, "registered_models", self.scope)
        yield from check_compute_names(project_reach(self.scope).layers[-1:])
        yield from check_shared_folder(self.scope, self.uploads)
        yield from check_libraries_reach(project, self.uploads, self.files)
        if self.uploads:
            yield from check_code(self.uploads, root)
            yield from check_pipelines_reach(project, self.uploads, self.files)
        if isinstance(self.code, WorkspaceCode):
            yield from check_jobs_reach(project, self.code, root)
        else:
            inputs = project_inputs(self.scope.org, project)
            yield from check_git_code(inputs, project.document.file, self.files)
            yield from self._check_git_source(self.code)
        for entry in (each for flow in project.flows for each in flow.jobs):
            yield from check_git_source(entry, self.code)
            yield from check_generated_tasks(entry)
            yield from check_table_owners(self.scope, entry)
        longest = max((*(name for flow in built.flows for name in flow.schema_names), built.stack), key=len)
        if len(longest) > MAX_NAME:
            message = f"name `{longest[:60]}…` has {len(longest)} characters, {MAX_NAME} at most"
            remedy = "shorten a folder or the branch"
            yield Finding(project.document.file, 1, 1, "name-too-long", f"{message} ({remedy})")

    def _code(self) -> Code:
        scope = self.scope
        if scope.environment.code == "workspace" and self.uploads:
            return self.uploads
        return GitCode(scope.git.url or "", scope.commit, scope.git.prefix)

    def _uploads(self, committed: CommittedFiles) -> WorkspaceCode | None:
        """Returns the uploads: from the working tree, or from the source commit if jobs run from git."""
        scope = self.scope
        if scope.environment.code == "workspace":
            return self._with_generated(self._workspace_code())
        folders = _not_from_git(scope.project)
        libraries = libraries_to_upload(scope.project, self.files)
        if not folders and not libraries:
            place = f"{scope.upload_home}/{scope.folder_name(scope.project.path)}"
            only = self._with_generated(WorkspaceCode(place, (), folder_permissions(scope), scope.commit))
            return only if only.files else None
        files = committed.files(scope.commit, folders or [scope.project.folder])
        code = self._workspace_code([*folders, *libraries], files)
        return self._with_generated(replace(code, commit=scope.commit if files else None))

    def _with_generated(self, code: WorkspaceCode) -> WorkspaceCode:
        return with_generated_notebooks(code, self.scope.project, self.scope.git.root)

    def _workspace_code(
        self, own: Sequence[str] | None = None, files: FilesBelow | None = None
    ) -> WorkspaceCode:
        scope = self.scope
        naming = scope.project.naming.document  # brickops reads it beside the notebooks
        shared = [*([naming.file] if naming else []), *shared_inputs(scope.org, scope.project)]
        place = f"{scope.upload_home}/{scope.folder_name(scope.project.path)}"
        if files is None and isinstance(self.files, CommitFiles):
            files = partial(at_commit, self.files)
        code = workspace_code(scope.git.root, scope.project.folder, place, shared, own, files)
        return replace(code, permissions=folder_permissions(scope))

    def _libs(self) -> str | None:
        project = self.scope.project
        return in_workspace(self.uploads.folder, project.libs) if self.uploads and project.libs else None

    def _flow(self, flow: Flow) -> FlowDeployment:
        scope, names = self.scope, self.data[flow.path]
        created = [schema for schema in schemas(scope, flow, names) if self._creates(flow, schema)]
        git = GitTags(scope.git.url or "", scope.git.branch or "", scope.commit)
        read = self._read(flow)
        data = (one.parameters(f"{alias}_").items() for alias, one in read.items())
        shared = dict(pair for each in data for pair in each) | ({LIBS: self.libs} if self.libs else {})
        experiment = self.experiments.get((flow.flowtype, flow.name))
        parameters = names.parameters() | (experiment.parameters if experiment else {}) | shared
        if len(read) == len(flow.declared.reads):  # otherwise another finding tells why
            self._conflicts += check_object_parameters(flow, parameters)
        jobs = (
            job(
                entry,
                entry_name(entry, scope),
                scope,
                git,
                self.code,
                parameters,
                self.runnable,
                self.uploads,
                names,
                read,
            )
            for entry in flow.jobs
        )
        pipelines = (
            pipeline(entry, entry_name(entry, scope), scope, git, self.uploads, names, shared)
            for entry in flow.pipelines
            if self.uploads
        )
        return FlowDeployment(
            id=flow.id,
            path=flow.path,
            file=flow.file,
            catalog=names.catalog,
            schema_names=tuple(names.schemas.values()),
            schemas=tuple(created),
            jobs=tuple(jobs),
            pipelines=tuple(pipelines),
            renames=tuple(entry_renames(flow)),
            experiment=experiment if experiment and experiment.flow == flow.path else None,
        )

    def _read(self, flow: Flow) -> dict[str, DataNames]:
        """Returns the names of the data that a flow reads, by their names in `reads`."""
        found: dict[str, DataNames] = {}
        for alias, read in flow.declared.reads.items():
            path = read.flow
            matches = self.endings.get(path.strip("/"), ())
            if len(matches) == 1:
                found[alias] = self.data[matches[0]]
                continue
            if matches:
                message = f"flow `{path}` matches several flows (write a longer path: {', '.join(matches)})"
            else:
                message = f"flow `{path}` is not in the mesh ({nearest(path, self.data, 'flows')})"
            self._conflicts.append(flow.document.finding("unknown-flow", ("reads", alias), message))
        return found

    def _creates(self, flow: Flow, schema: Schema) -> bool:
        """Returns True if `flow` is the first with `schema`; only parts of one flow may share a schema."""
        first, id = self._creators.setdefault(schema.full_name, (flow, schema.id))
        if (first.flowtype, first.name, id) != (flow.flowtype, flow.name, schema.id):
            message = f"schema `{schema.full_name}` is also created by {first.file}"
            remedy = "(choose another name in `schemas`)"
            self._conflicts.append(
                flow.document.finding("schema-made-twice", ("schemas",), f"{message} {remedy}")
            )
        return first is flow and id == schema.id

    def _check_git_source(self, code: GitCode) -> Iterator[Finding]:
        """Reports tasks whose file is outside the git_source of their job."""
        for entry in (entry for flow in self.scope.project.flows for entry in flow.jobs):
            if not (url := other_repository(entry, code)):
                continue
            for run in (file for task in with_inner(entry.tasks) for file in task.files):
                if run.path:
                    message = f"{run.what} `{run.path}` is not in the git_source of its job, `{url}`"
                    remedy = "(set `source: GIT` and its path there, or remove git_source)"
                    yield entry.document.finding("not-in-git-source", run.at, f"{message} {remedy}")


def _not_from_git(project: Project) -> list[str]:
    """Returns the folders to upload even if jobs run from git."""
    libs = [project.libs] if project.libs else []
    return [*libs, *(flow.folder.as_posix() for flow in project.flows if flow.pipelines)]
