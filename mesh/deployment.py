"""A deployment: one project in one environment for one identity, with all its names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mesh.catalog import catalog_level, catalog_name
from mesh.code import (
    Code,
    GitCode,
    WorkspaceCode,
    check_code,
    check_git_code,
    shared_code,
    workspace_code,
)
from mesh.environment import Environment, state_file
from mesh.errors import OutsideError
from mesh.finding import Finding
from mesh.flow import Flow
from mesh.git import GitContext
from mesh.grant import applicable, merged
from mesh.identity import Identity, name_context, segment
from mesh.job import GitTags, Job, job
from mesh.level import Level
from mesh.naming import RESOURCES, NameContext, name
from mesh.org import Org
from mesh.project import Project
from mesh.schema import DEPLOYMENT_PROPERTY, Schema
from mesh.task import NOTEBOOK_SUFFIXES, notebook
from mesh.volume import Volume

# Databricks documentation, "Names": the longest name that Unity Catalog takes; also what a folder's
# name on disk may have
MAX_NAME = 255

_FIELD_OF = {"user": "username", "branch": "gitbranch", "commit": "gitshortref"}


@dataclass(frozen=True)
class DeployedFlow:
    """A flow as it is deployed.

    Args:
        id: its Terraform name.
        path: where it is in the mesh.
        file: its deployment.yml, from the mesh's root.
        catalog: the name of the catalog that it fills.
        schema_names: the names of all schemas that it fills.
        schemas: those of them that it makes; the parts of one flow share theirs.
        job: None when it has no tasks.
    """

    id: str
    path: str
    file: str
    catalog: str
    schema_names: tuple[str, ...]
    schemas: tuple[Schema, ...]
    job: Job | None


@dataclass(frozen=True)
class Deployment:
    """One project in one environment for one identity: one Terraform state.

    Args:
        org: the org's name; None where `domains/` is at the mesh's root.
        domain: the domain's name.
        project: the project's name.
        path: where the project is in the mesh.
        owner: the group that owns it.
        environment: where it is deployed.
        identity: whose deployment it is.
        stack: its Terraform stack.
        state_key: its own place within the backend.
        state_file: its state, from the mesh's root.
        foundation: the stack that has to be deployed before it.
        code: where its jobs take notebooks from.
        flows: in order of their paths.
        volumes: in order of their names.
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
    state_file: str
    foundation: str
    code: Code
    flows: tuple[DeployedFlow, ...]
    volumes: tuple[Volume, ...]

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """All schemas that it makes."""
        return tuple(schema for flow in self.flows for schema in flow.schemas)


def project_inputs(org: Org, project: Project) -> list[str]:
    """What a project's deployment is made of, from the mesh's root.

    Its folder, the YAML above it, the code that it shares with other projects, and the notebooks
    elsewhere in the repository that its tasks name.
    """
    domain = next(domain for domain in org.domains if domain.name == project.domain)
    above = [
        str(PurePosixPath(level).parent / name)
        for level in (domain.document.file, org.document.file)
        for name in (PurePosixPath(level).name, "compute.yml", "defaults.yml")
    ]
    naming = [project.naming.document.file] if project.naming.document else []
    tasks = ((flow, task) for flow in project.flows for task in flow.declared.tasks or ())
    notebooks = (notebook(task, flow.file) for flow, task in tasks)
    outside = (path for path in notebooks if path and not path.is_relative_to(project.folder))
    elsewhere = sorted({f"{path}{suffix}" for path in outside for suffix in NOTEBOOK_SUFFIXES})
    return [project.folder, *above, *naming, *_shared_code(org, project), *elsewhere]


def _shared_code(org: Org, project: Project) -> list[str]:
    """The files and folders of code that the levels of `project` name, from the mesh's root."""
    domain = next(domain for domain in org.domains if domain.name == project.domain)
    levels = (org, domain, project)
    named = {path for level in levels for path in shared_code(level.declared.code, level.document.file)}
    return sorted(path for path in named if not PurePosixPath(path).is_relative_to(project.folder))


def deployment(
    org: Org, project: Project, environment: Environment, git: GitContext, commit: str, foundation: str
) -> tuple[Deployment, list[Finding]]:
    """The deployment of `project`, and what is wrong with it.

    Args:
        org: the org that the project belongs to.
        project: the project.
        environment: where it is deployed.
        git: the checkout.
        commit: the project's source commit.
        foundation: the stack that has to be deployed before it.
    """
    builder = _Builder(org, project, environment, git, commit)
    built = builder.build(foundation)
    return built, sorted(builder.findings(built))


class _Builder:
    """Resolves the names of one project, which all depend on the same few facts."""

    def __init__(
        self, org: Org, project: Project, environment: Environment, git: GitContext, commit: str
    ) -> None:
        self.org = org
        self.project = project
        self.environment = environment
        self.git = git
        self.commit = commit
        domain = next(domain for domain in org.domains if domain.name == project.domain)
        self.levels: list[Level] = [org.declared, domain.declared, project.declared]
        self.identity = self._identity()
        self.context = self._context()
        levels = [*project.path.split("/"), environment.name]
        self.stack = "-".join([*levels, *self.identity.short_key])
        self.state_key = "/".join([*map(segment, levels), *self.identity.key])
        self.protected = environment.protected and not self.identity.key
        self.code = self._code()
        self._made: dict[str, Flow] = {}
        self._conflicts: list[Finding] = []

    def build(self, foundation: str) -> Deployment:
        flows = tuple(self._flow(flow) for flow in self.project.flows)
        return Deployment(
            org=self.org.name,
            domain=self.project.domain,
            project=self.project.name,
            path=self.project.path,
            owner=_owner(self.levels),
            environment=self.environment,
            identity=self.identity,
            stack=self.stack,
            state_key=self.state_key,
            state_file=state_file(self.environment, self.state_key),
            foundation=foundation,
            code=self.code,
            flows=flows,
            volumes=tuple(self._volumes(flows)),
        )

    def findings(self, built: Deployment) -> Iterator[Finding]:
        """What only the names show to be wrong."""
        yield from self._conflicts
        yield from _check_ids(built)
        yield from self._check_volumes(built)
        if isinstance(self.code, WorkspaceCode):
            yield from check_code(self.code, self.git.root)
            yield from self._check_reach()
        else:
            inputs = project_inputs(self.org, self.project)
            yield from check_git_code(inputs, self.project.document.file, self.git.root)
        longest = max((*(name for flow in built.flows for name in flow.schema_names), built.stack), key=len)
        if len(longest) > MAX_NAME:
            message = f"name `{longest[:60]}…` has {len(longest)} characters, {MAX_NAME} at most"
            yield Finding(
                self.project.document.file,
                1,
                1,
                "name-too-long",
                f"{message} (shorten a folder or the branch)",
            )

    def _identity(self) -> Identity:
        facts = {"user": self.git.user, "branch": self.git.branch, "commit": self.commit}
        naming, env = self.project.naming, self.environment.name
        used = {field for resource in RESOURCES for field in naming.fields(resource, env)}
        chosen = {fact: value for fact, value in facts.items() if _FIELD_OF[fact] in used}
        for fact, value in chosen.items():
            if not value:
                raise OutsideError(f"names in {self.environment.name} need the {fact}: set {_VARIABLE[fact]}")
        return Identity(**chosen)

    def _context(self) -> NameContext:
        return name_context(self.environment.name, self.git.user or "", self.git.branch or "", self.commit)

    def _code(self) -> Code:
        if self.environment.code == "git":
            return GitCode(self.git.url or "", self.commit, self.git.prefix)
        home = f"/Users/{self.identity.user}" if self.identity.user else "/Shared"
        in_home = replace(self.identity, user=None).short_key
        folder = "-".join([*self.project.path.split("/"), self.environment.name, *in_home])
        naming = self.project.naming.document  # brickops reads it beside the notebooks
        shared = [*([naming.file] if naming else []), *_shared_code(self.org, self.project)]
        return workspace_code(self.git.root, self.project.folder, f"{home}/mesh/{folder}", shared)

    def _flow(self, flow: Flow) -> DeployedFlow:
        naming = self.project.naming
        catalog = catalog_name(flow, naming, self.environment.name)
        schemas = [self._schema(flow, db, catalog) for db in flow.schemas]
        mine = [schema for schema in schemas if self._makes(flow, schema)]
        data = {"catalog": catalog} | ({"schema": schemas[0].name} if schemas else {})
        git = GitTags(self.git.url or "", self.git.branch or "", self.commit)
        job_name = name("job", flow.name_fields, self.context, naming)
        return DeployedFlow(
            id=flow.id,
            path=flow.path,
            file=flow.file,
            catalog=catalog,
            schema_names=tuple(schema.name for schema in schemas),
            schemas=tuple(mine),
            job=job(flow, job_name, self.context, git, self.code, data),
        )

    def _makes(self, flow: Flow, schema: Schema) -> bool:
        """Whether `flow` is the first to fill `schema`; only parts of one flow may share theirs."""
        first = self._made.setdefault(schema.full_name, flow)
        if (first.flowtype, first.name) != (flow.flowtype, flow.name):
            message = f"schema `{schema.full_name}` is made by {first.path_in_project} too"
            remedy = "(name another one in `schemas`)"
            self._conflicts.append(
                flow.document.finding("schema-made-twice", ("schemas",), f"{message} {remedy}")
            )
        return first is flow

    def _schema(self, flow: Flow, db: str, catalog: str) -> Schema:
        naming = self.project.naming
        # what is declared down to the catalog's own level is granted there, and inherited
        granted_above = 1 + len(catalog_level(flow, naming, self.environment.name))
        levels = [*self.levels[granted_above:], flow.declared]
        return Schema(
            id=f"{flow.flowtype}_{flow.name}" if db == flow.name else f"{flow.flowtype}_{flow.name}_{db}",
            db=db,
            name=name("db", flow.name_fields, self.context, naming, db=db),
            catalog=catalog,
            comment=flow.declared.description,
            # whoever deploys for himself owns what he makes; a group owns what everybody relies on
            owner=None if self.identity.key else _owner([*self.levels, flow.declared]),
            properties={DEPLOYMENT_PROPERTY: self.state_key},
            grants=merged(grant for level in levels for grant in applicable(level.grants, "schema")),
            protected=self.protected,
        )

    def _volumes(self, flows: tuple[DeployedFlow, ...]) -> Iterator[Volume]:
        schemas = {schema.db: schema for flow in flows for schema in flow.schemas}
        for volume, declared in sorted(self.project.declared.volumes.items()):
            schema = schemas[declared.schema_]
            yield Volume(
                id=f"{schema.id}_{volume}",
                name=volume,
                catalog=schema.catalog,
                schema=schema.id,
                comment=declared.comment,
                owner=schema.owner,
                protected=self.protected,
            )

    def _check_volumes(self, built: Deployment) -> Iterator[Finding]:
        """Two volumes never share a Terraform name."""
        first: dict[str, Volume] = {}
        for volume in built.volumes:
            if (twin := first.setdefault(volume.id, volume)) is not volume:
                message = (
                    f"volume `{volume.name}` would get the Terraform name of `{twin.name}`, `{volume.id}`"
                )
                yield self.project.document.finding(
                    "same-terraform-name", ("volumes", volume.name), f"{message} (rename one)"
                )

    def _check_reach(self) -> Iterator[Finding]:
        """Only the project's own files, and the code that it shares, are put into the workspace."""
        assert isinstance(self.code, WorkspaceCode)
        there = {file.path for file in self.code.files}
        for flow in self.project.flows:
            for index, task in enumerate(flow.declared.tasks or ()):
                path = notebook(task, flow.file)
                if not path or path.is_relative_to(self.project.folder):
                    continue
                if self.code.notebook_path(path) not in there:
                    remedy = f"(move it to {self.project.folder}, or declare its folder as `code`)"
                    message = f"notebook `{path}` lies outside the project {remedy}"
                    yield flow.document.finding("notebook-outside-project", ("tasks", index), message)


_VARIABLE = {
    "user": "MESH_USER (or `git config user.email`)",
    "branch": "MESH_GIT_BRANCH",
    "commit": "MESH_GIT_COMMIT",
}


def _owner(levels: Sequence[Level]) -> str | None:
    """The owner that the level nearest to the flow names; `levels` begin with the org."""
    return next((level.owner for level in reversed(levels) if level.owner), None)


def _check_ids(built: Deployment) -> Iterator[Finding]:
    """Two things of one kind never share a Terraform name."""
    jobs: dict[str, DeployedFlow] = {}
    schemas: dict[str, DeployedFlow] = {}
    for flow in built.flows:
        for taken, ids in ((jobs, [flow.id]), (schemas, [schema.id for schema in flow.schemas])):
            for used in ids:
                if (first := taken.setdefault(used, flow)) is not flow:
                    yield Finding(
                        flow.file,
                        1,
                        1,
                        "same-terraform-name",
                        f"would get the Terraform name `{used}`, as {first.path} does (rename one)",
                    )
