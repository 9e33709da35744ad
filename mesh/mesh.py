"""A mesh: all orgs below one root, and what they become in an environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mesh.catalog import check_template
from mesh.deployment import DeployedFlow, Deployment, deployment, project_inputs
from mesh.environment import Environment, environment
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding, nearest
from mesh.foundation import Foundation, foundation
from mesh.git import GitContext, offline, read_git
from mesh.org import Org
from mesh.project import Project


def leads_to(wanted: str, path: str) -> bool:
    """Whether `wanted` means `path`; it may leave out levels at its beginning."""
    return f"/{path}".endswith(f"/{wanted.strip('/')}")


@dataclass(frozen=True)
class Mesh:
    """The mesh as its folders declare it.

    Args:
        root: the folder that holds `orgs/` or `domains/`.
        orgs: in order of their names.
    """

    root: Path
    orgs: tuple[Org, ...]

    @property
    def projects(self) -> Iterator[tuple[Org, Project]]:
        """All projects, each with its org."""
        return ((org, project) for org in self.orgs for domain in org.domains for project in domain.projects)

    def in_environment(self, name: str | None = None, git: GitContext | None = None) -> DeployedMesh:
        """What the mesh becomes in an environment, with all names.

        Args:
            name: the environment; by default MESH_ENV, else `local`.
            git: the checkout; by default the one around the mesh's root.

        Raises:
            MeshError: with everything that only the names show to be wrong.
            OutsideError: git does not know what the environment needs.
            UsageError: there is no such environment.
        """
        chosen = environment(name or os.environ.get("MESH_ENV") or "local")
        context = git or read_git(self.root)
        context = offline(context) if chosen.embedded else _complete(context, chosen)
        if findings := [f for _, p in self.projects for f in check_template(p.naming, chosen.name)]:
            raise MeshError(sorted(set(findings)))
        commits = context.source_commits(
            {p.path: project_inputs(org, p) for org, p in self.projects if p.flows}
        )
        foundations = {org.name: foundation(org, chosen) for org in self.orgs}
        built = [
            deployment(org, project, chosen, context, commits[project.path], foundations[org.name].stack)
            for org, project in self.projects
            if project.flows
        ]
        deployed = DeployedMesh(chosen, tuple(foundations.values()), tuple(one for one, _ in built))
        findings = [finding for _, wrong in built for finding in wrong] + list(_check_shared(deployed, self))
        if findings:
            raise MeshError(sorted(set(findings)))
        return deployed


@dataclass(frozen=True)
class DeployedMesh:
    """A mesh in an environment.

    Args:
        environment: where.
        foundations: what the projects of each org share.
        deployments: one per project with flows.
    """

    environment: Environment
    foundations: tuple[Foundation, ...]
    deployments: tuple[Deployment, ...]

    def flow(self, path: str) -> DeployedFlow:
        """The flow at `path`, which may leave out levels at its beginning.

        Raises:
            UsageError: there is none, or more than one.
        """
        flows = [flow for deployment in self.deployments for flow in deployment.flows]
        found = [flow for flow in flows if leads_to(path, flow.path)]
        if not found:
            raise UsageError(
                f"flow `{path}` is not in the mesh ({nearest(path, [f.path for f in flows], 'flows')})"
            )
        if len(found) > 1:
            raise UsageError(
                f"flow `{path}` may be {' or '.join(flow.path for flow in found)} (write more of it)"
            )
        return found[0]


def _complete(context: GitContext, chosen: Environment) -> GitContext:
    """The context, when it holds what deployed code is traced back by."""
    missing = [
        variable
        for variable, value in (("MESH_GIT_URL", context.url), ("MESH_GIT_BRANCH", context.branch))
        if not value
    ]
    if not context.head and not context.commit:
        missing.append("MESH_GIT_COMMIT")
    if missing:
        why = "this checkout does not tell where" if context.head else f"{context.root} is no git checkout"
        raise OutsideError(f"{chosen.name} deploys code from git, and {why}: set {', '.join(missing)}")
    return context


def _check_shared(deployed: DeployedMesh, mesh: Mesh) -> Iterator[Finding]:
    """Two states never hold the same thing."""
    files = {org.name: org.document.file for org in mesh.orgs} | {
        p.path: p.document.file for _, p in mesh.projects
    }
    owners: dict[str, str] = {}
    for foundation_ in deployed.foundations:
        who = foundation_.org or "the mesh without org"
        for catalog in foundation_.catalogs:
            if (first := owners.setdefault(f"catalog `{catalog.name}`", who)) != who:
                message = f"catalog `{catalog.name}` would be made by {first} and {who}"
                yield Finding(
                    files[foundation_.org], 1, 1, "made-twice", f"{message} (use `{{org}}` in naming.catalog)"
                )
    for one in deployed.deployments:
        names = [(f"schema `{schema.full_name}`", "naming.db") for schema in one.schemas] + [
            (f"stack `{one.stack}`", "a folder's name")
        ]
        for what, remedy in names:
            if (first := owners.setdefault(what, one.path)) != one.path:
                yield Finding(
                    files[one.path],
                    1,
                    1,
                    "made-twice",
                    f"{what} would be made by {first} and {one.path} (tell them apart in {remedy})",
                )
