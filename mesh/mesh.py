"""A mesh: all orgs below one root as declared, and their deployments in an environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mesh.deployment.catalog import check_catalogs, check_template
from mesh.deployment.committed_files import CommittedFiles
from mesh.deployment.compute import ComputeObjects, check_one_maker
from mesh.deployment.data_objects import data_names
from mesh.deployment.deployment import Deployment
from mesh.deployment.deployments import MadeDeployments, Names, make_deployments
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.flow_references import check_pipeline_names, check_runs, runnables
from mesh.deployment.foundation import Foundation, check_foundation, foundation
from mesh.deployment.scope import Scope, check_names
from mesh.deployment.workspace_foundation import (
    WorkspaceFoundation,
    check_workspace_foundation,
    workspace_foundation,
)
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.git.checkout import GitContext, read_git, with_defaults
from mesh.kept.collector import without_collector
from mesh.model.contract_reads import OwnedFlow
from mesh.model.environment import Environment
from mesh.model.inputs import project_inputs
from mesh.model.org import Org
from mesh.model.path import by_ending, leads_to
from mesh.model.project import Project


@dataclass(frozen=True)
class Mesh:
    """The mesh as its folders declare it.

    Args:
        root: the folder that holds `orgs/` or `domains/`.
        orgs: in order of their names.
        key: the hash of everything that reading asked, if models are kept: equal keys mean equal meshes.
    """

    root: Path
    orgs: tuple[Org, ...]
    key: str | None = field(default=None, compare=False)

    @property
    def projects(self) -> Iterator[tuple[Org, Project]]:
        """All projects, each with its org."""
        return ((org, project) for org in self.orgs for domain in org.domains for project in domain.projects)

    @property
    def owned_flows(self) -> Iterator[OwnedFlow]:
        """All flows, each with the owner that the nearest level names."""
        return (flow for org in self.orgs for flow in org.owned_flows)

    def in_environment(
        self,
        name: str | None = None,
        git: GitContext | None = None,
        *,
        looking: bool = False,
        files: Files | None = None,
        known: MeshDeployment | None = None,
    ) -> MeshDeployment:
        """Computes the deployments of the mesh in an environment, with all names.

        Args:
            name: the environment; by default MESH_ENV, else `local`.
            git: the checkout; by default the checkout around the mesh's root.
            looking: True for commands that deploy nothing; then uncommitted files are included.
            files: the files of the mesh; by default those below the checkout's root.
            known: the mesh of the working tree in this environment, if this is the mesh at a commit.

        Raises:
            MeshError: names collide, or the mesh has other errors in this environment.
            OutsideError: git lacks a value that the environment needs, such as the branch.
            UsageError: the environment is not defined.
        """
        with without_collector():
            name = name or os.environ.get("MESH_ENV") or "local"
            return self._in_environment(name, git, looking, files, known.made if known else MadeDeployments())

    def _in_environment(
        self, name: str, git: GitContext | None, looking: bool, files: Files | None, known: MadeDeployments
    ) -> MeshDeployment:
        chosen = self._environments(name)
        embedded = _all_embedded(name, chosen)
        context = git or read_git(self.root)
        context = with_defaults(context) if embedded else _complete(context, name)
        context = replace(context, lenient=context.lenient or looking)
        orgs = [org.in_environment(name) for org in self.orgs if org.name in chosen]
        scopes = self._scopes(orgs, chosen, context)
        data = {
            flow.path: data_names(flow, scope.project.naming, scope.context)
            for scope in scopes
            for flow in scope.project.flows
        }
        foundations = {org.name: list(_foundations(org, chosen[org.name])) for org in orgs}
        stacks = {org: [one.stack for one in of_org] for org, of_org in foundations.items()}
        runnable = runnables(scopes)
        names = Names(data, by_ending(data), runnable.by_path, runnable.by_ending)
        there = files or Files(context.root)
        with CommittedFiles(context) as committed:
            made = make_deployments(scopes, stacks, names, committed, there, known)
        built = [made.made[scope.project.path] for scope in scopes]
        deployed = MeshDeployment(
            name,
            embedded,
            context,
            tuple(one for of_org in foundations.values() for one in of_org),
            tuple(one.deployment for one in built),
            tuple(scopes),
            made,
        )
        findings = [finding for one in built for finding in one.findings]
        findings += [finding for scope in scopes for finding in check_names(scope)]
        findings += check_runs(scopes, runnable)
        findings += check_pipeline_names(scopes)
        findings += _check_shared(deployed, self)
        findings += check_one_maker(_computes(deployed))
        for org in orgs:
            findings += check_foundation(org, chosen[org.name])
            findings += check_workspace_foundation(org)
            of_metastores = [one for one in foundations[org.name] if isinstance(one, Foundation)]
            findings += check_catalogs((catalog for one in of_metastores for catalog in one.catalogs), org)
        if findings:
            raise MeshError(sorted(set(findings)))
        return deployed

    def _environments(self, name: str) -> dict[str | None, Environment]:
        """The environment `name` of each org that declares it.

        Raises:
            UsageError: no org declares it.
        """
        chosen = {org.name: org.environments[name] for org in self.orgs if name in org.environments}
        if not chosen:
            known = {one for org in self.orgs for one in org.environments}
            raise UsageError(f"environment `{name}` is not defined ({nearest(name, known, 'environments')})")
        return chosen

    def _scopes(
        self, orgs: Sequence[Org], chosen: Mapping[str | None, Environment], git: GitContext
    ) -> list[Scope]:
        """The projects with flows, each with its environment and source commit."""
        projects = [
            (org, project)
            for org in orgs
            for domain in org.domains
            for project in domain.projects
            if project.flows
        ]
        templates = (check_template(project.naming, chosen[org.name].name) for org, project in projects)
        if findings := [finding for wrong in templates for finding in wrong]:
            raise MeshError(sorted(set(findings)))
        commits = git.source_commits(
            {project.path: project_inputs(org, project) for org, project in projects}
        )
        return [
            Scope(org, project, chosen[org.name], git, commits[project.path]) for org, project in projects
        ]


def _foundations(org: Org, environment: Environment) -> Iterator[Foundation | WorkspaceFoundation]:
    yield foundation(org, environment)
    if in_workspace := workspace_foundation(org, environment):
        yield in_workspace


def _all_embedded(name: str, chosen: Mapping[str | None, Environment]) -> bool:
    """True if an environment is the local workspace; one deployment has one login for all orgs.

    Raises:
        UsageError: it is the local workspace for some orgs only.
    """
    embedded = {environment.embedded for environment in chosen.values()}
    if len(embedded) > 1:
        here = [org or "(no org)" for org, environment in chosen.items() if environment.embedded]
        raise UsageError(
            f"environment `{name}` is the local workspace for {', '.join(here)} only (rename it there)"
        )
    return embedded.pop()


@dataclass(frozen=True)
class MeshDeployment:
    """The deployments of a mesh in one environment, and the foundations that they share.

    Args:
        name: the environment's name; each org declares its other settings.
        embedded: True for the local workspace.
        git: the checkout.
        foundations: the shared stacks of each org.
        deployments: one per project with flows.
        scopes: the scope of each deployment, in the same order.
        made: what the deployments were made of.
    """

    name: str
    embedded: bool
    git: GitContext
    foundations: tuple[Foundation | WorkspaceFoundation, ...]
    deployments: tuple[Deployment, ...]
    scopes: tuple[Scope, ...]
    made: MadeDeployments = field(default_factory=MadeDeployments, compare=False, repr=False)

    @property
    def environments(self) -> list[Environment]:
        """The environment of each org."""
        return [one.environment for one in self.foundations if isinstance(one, Foundation)]

    def flow(self, path: str) -> FlowDeployment:
        """The flow at `path`, which may omit leading levels.

        Raises:
            UsageError: no flow matches, or more than one.
        """
        flows = [flow for deployment in self.deployments for flow in deployment.flows]
        matches = [flow for flow in flows if leads_to(path, flow.path)]
        if not matches:
            raise UsageError(
                f"flow `{path}` is not in the mesh ({nearest(path, [f.path for f in flows], 'flows')})"
            )
        if len(matches) > 1:
            raise UsageError(
                f"flow `{path}` may be {' or '.join(flow.path for flow in matches)} (write a longer path)"
            )
        return matches[0]


def _complete(context: GitContext, env: str) -> GitContext:
    """Returns the context if it has repository, branch and commit.

    Raises:
        OutsideError: some of them are unknown.
    """
    missing = [
        variable
        for variable, value in (("MESH_GIT_URL", context.url), ("MESH_GIT_BRANCH", context.branch))
        if not value
    ]
    if not context.head and not context.commit:
        missing.append("MESH_GIT_COMMIT")
    if missing and context.refused:
        raise OutsideError(f"{env} deploys code from git, and {context.why_no_head}")
    if missing:
        why = (
            "the URL, branch or commit is unknown"
            if context.head
            else f"{context.root} is not a git checkout with a commit"
        )
        raise OutsideError(f"{env} deploys code from git, and {why}: set {', '.join(missing)}")
    return context


def _computes(deployed: MeshDeployment) -> Iterator[tuple[str, Environment, ComputeObjects]]:
    for stack in (*deployed.foundations, *deployed.deployments):
        if not isinstance(stack, Foundation):
            yield stack.stack, stack.environment, stack.compute


def _check_shared(deployed: MeshDeployment, mesh: Mesh) -> Iterator[Finding]:
    """Checks that two states never declare the same object."""
    files = {org.name: org.document.file for org in mesh.orgs} | {
        p.path: p.document.file for _, p in mesh.projects
    }
    owners: dict[str, str] = {}
    for foundation_ in deployed.foundations:
        if not isinstance(foundation_, Foundation):
            continue
        owner = foundation_.org or "the mesh without org"
        for catalog in foundation_.catalogs:
            if (first := owners.setdefault(f"catalog `{catalog.name}`".lower(), owner)) != owner:
                message = f"catalog `{catalog.name}` would be created by {first} and {owner}"
                yield Finding(
                    files[foundation_.org], 1, 1, "made-twice", f"{message} (use `{{org}}` in naming.catalog)"
                )
    for each in deployed.deployments:
        names = [(f"schema `{schema.full_name}`", "naming.db") for schema in each.schemas] + [
            (f"stack `{each.stack}`", "a folder's name")
        ]
        for what, remedy in names:
            if (first := owners.setdefault(what.lower(), each.path)) != each.path:
                yield Finding(
                    files[each.path],
                    1,
                    1,
                    "made-twice",
                    f"{what} would be created by {first} and {each.path} (distinguish them with {remedy})",
                )


def resolve_path(path: str, known: Iterable[str], mesh: Mesh, env: str) -> str:
    """Returns the full path for a path that may omit leading levels.

    Args:
        path: the path from the command line.
        known: the paths to choose from.
        mesh: the whole mesh, to explain why a path is not among them.
        env: the environment of the known paths.

    Raises:
        UsageError: no path matches, or more than one.
    """
    paths = list(known)
    if (whole := path.strip("/")) in paths:
        return whole
    matches = [one for one in paths if leads_to(path, one)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"`{path}` may be {' or '.join(matches)} (write a longer path)")
    if below := [one for one in paths if f"/{whole}/" in f"/{one}/"]:
        raise UsageError(f"`{path}` matches several projects or flows (write one of {', '.join(below)})")
    for org, project in mesh.projects:
        levels = (org.name or "", project.path.rpartition("/")[0], project.path)
        if not any(leads_to(path, one) for one in (*levels, *(flow.path for flow in project.flows))):
            continue
        if not project.flows:
            raise UsageError(f"project `{path}` has no flows, so it is not deployed")
        choices = ", ".join(sorted(org.environments))
        raise UsageError(
            f"`{path}` is not deployed in `{env}` (environments of {org.name or 'the mesh'}: {choices})"
        )
    raise UsageError(f"`{path}` is not in the mesh ({nearest(path, _same_depth(path, paths), 'paths')})")


def _same_depth(path: str, paths: Iterable[str]) -> Iterator[str]:
    """The known paths, cut to the number of levels of `path`, for suggestions."""
    levels = len(path.strip("/").split("/"))
    for one in paths:
        yield "/".join(one.split("/")[-levels:])
