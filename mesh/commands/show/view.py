"""`mesh show`: the facts of a whole deployment, and the origin of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.job_settings import Setting, Settings
from mesh.deployment.scope import Scope
from mesh.git.checkout import GitContext, read_git
from mesh.model.code import WorkspaceCode
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.domain import Domain
from mesh.model.flow import Flow
from mesh.model.naming import Resource
from mesh.model.org import Org
from mesh.model.permission import Permission
from mesh.model.project import Project

_VARIABLES = {
    "user": "MESH_USER",
    "url": "MESH_GIT_URL",
    "branch": "MESH_GIT_BRANCH",
    "commit": "MESH_GIT_COMMIT",
}


@dataclass(frozen=True)
class DeploymentView:
    """A deployment of a project, with the origins of its values.

    Args:
        scope: the project with its environment and checkout.
        deployment: the deployment.
        foundations: the foundations that the project shares with others.
        environ: the environment variables, for MESH_USER and MESH_GIT_*.
    """

    scope: Scope
    deployment: Deployment
    foundations: tuple[Foundation, ...]
    environ: Mapping[str, str]

    @property
    def where(self) -> list[Facts]:
        """The facts of all flows of a project: environment, deployment and code."""
        return [
            Facts("environment", list(self._environment())),
            Facts("deployment", list(self._deployment())),
            Facts("code", list(self._code())),
        ]

    def in_org(self, *field: str) -> str:
        """The position in org.yml that sets a field of the environment."""
        org, environment = self.scope.org, self.scope.environment.name
        declared = org.declared.environments.get(environment)
        if declared is None or (field and field[0] not in declared.model_fields_set):
            return BUILT_IN_ORIGIN
        return org.document.position(("environments", environment, *field))

    @property
    def mode(self) -> str:
        """The environment's mode as an origin, for values that depend on the mode."""
        return f"mode {self.scope.environment.mode}, {self.in_org('mode')}"

    def from_git(self, fact: str) -> str:
        """The origin of a fact of git.

        Args:
            fact: `user`, `url`, `branch` or `commit`.
        """
        if self.environ.get(_VARIABLES[fact]):
            return _VARIABLES[fact]
        known = self._git.head if fact == "commit" else getattr(self._git, fact)
        return "git" if known else BUILT_IN_ORIGIN

    @cached_property
    def _git(self) -> GitContext:
        return read_git(self.scope.git.root, {})

    def template(self, resource: Resource) -> tuple[str, str]:
        """A naming template, and its position."""
        naming, env = self.scope.project.naming, self.scope.environment.name
        by_env = naming.templates.get(resource)
        place = BUILT_IN_ORIGIN
        if naming.document and by_env and resource in (naming.document.data.get("naming") or {}):
            place = naming.document.position(("naming", resource, env if env in by_env else "other"))
        return naming.template(resource, env), place

    def _environment(self) -> Iterator[Fact]:
        environment = self.scope.environment
        yield Fact("name", environment.name, self.in_org())
        yield Fact("mode", environment.mode, self.in_org("mode"))
        workspace = "this machine" if environment.embedded else environment.workspace
        yield Fact("workspace", workspace or "from DATABRICKS_HOST", self.in_org("workspace"))
        yield Fact("metastore", environment.metastore, self.in_org("metastore"))
        if environment.branch:
            yield Fact("branch", environment.branch, self.in_org("branch"))

    def _deployment(self) -> Iterator[Fact | Facts]:
        one, scope = self.deployment, self.scope
        naming = scope.project.naming.document
        identity = {field: value for field, value in asdict(one.identity).items() if value}
        if identity:
            facts = [Fact(field, value, self.from_git(field)) for field, value in identity.items()]
            yield Facts("identity", facts)
        else:
            place = naming.position(("naming",)) if naming else BUILT_IN_ORIGIN
            yield Fact("identity", "shared: names contain no user, branch or commit", place)
        yield Fact("stack", one.stack, BUILT_IN_ORIGIN)
        yield Facts("state", list(self._state()))
        if one.foundations:
            yield Fact("after", [*one.foundations, *one.runs], BUILT_IN_ORIGIN)

    def _state(self) -> Iterator[Fact | Facts]:
        project, one = self.scope.project, self.deployment
        renamed = project.declared.renamed_from and project.document.position(("renamed_from",))
        yield Fact("key", one.state_key, f"renamed_from, {renamed}" if renamed else BUILT_IN_ORIGIN)
        yield Fact("backend", one.backend.kind, self.in_org("backend", one.backend.kind))
        yield Facts("arguments", list(self._arguments()))

    def _arguments(self) -> Iterator[Fact]:
        """The arguments of the backend: declared, or derived from the key."""
        backend = self.deployment.backend
        declared = self.scope.environment.backend.arguments
        for argument, value in backend.arguments.items():
            place = self.in_org("backend", backend.kind, argument)
            yield Fact(argument, value, place if value == declared.get(argument) else f"key, {place}")

    def _code(self) -> Iterator[Fact | Facts]:
        code = self.deployment.code
        yield Fact("source_commit", self.scope.commit, self.from_git("commit"))
        if isinstance(code, WorkspaceCode):
            yield Fact("taken_from", f"workspace files in {code.folder}", self.in_org("code"))
        else:
            yield Fact("taken_from", f"git {code.url} at {code.commit}", self.in_org("code"))
        uploads = self.deployment.uploads
        if uploads and uploads is not code:
            at = f"at {uploads.commit}" if uploads.commit else "from the working tree, not committed"
            yield Fact("uploaded", f"workspace files in {uploads.folder} {at}", BUILT_IN_ORIGIN)
        if uploads:
            yield Fact("files", len(uploads.files), self.scope.project.folder)
            yield Facts("permissions", list(permission_facts(uploads.permissions)))

    @property
    def levels(self) -> tuple[Org, Domain, Project]:
        """The levels of the project, from the org down."""
        return self.scope.org, self.scope.domain, self.scope.project

    def nearest(self, field: str, levels: Sequence[Org | Domain | Project | Flow]) -> str:
        """The position of `field` in the lowest of `levels` that sets it."""
        setting = [level for level in levels if getattr(level.declared, field)]
        return setting[-1].document.position((field,)) if setting else BUILT_IN_ORIGIN


def permission_facts(given: tuple[Permission, ...]) -> Iterator[Fact]:
    """The permissions, by kind and name of principal."""
    for one in given:
        kind = one.kind.removesuffix("_name").replace("_", " ")
        yield Fact(f"{kind} {one.principal}", one.level, "; ".join(one.origins))


def setting_facts(given: Settings) -> Iterator[Fact | Facts]:
    """The settings that levels share, each from the level that sets it."""
    yield setting_fact("max_concurrent_runs", given.max_concurrent_runs)
    if given.timeout_seconds:
        yield setting_fact("timeout_seconds", given.timeout_seconds)
    yield from (setting_fact(field, setting) for field, setting in given.retries.items())
    for name, values in (
        ("tags", given.tags),
        ("parameters", given.parameters),
        ("email_notifications", given.email_notifications),
    ):
        yield Facts(name, [setting_fact(key, setting) for key, setting in values.items()])
    yield Facts("permissions", list(permission_facts(given.permissions)))


def setting_fact(name: str, setting: Setting[Any]) -> Fact:
    """A setting with the level that sets it."""
    return Fact(name, setting.value, setting.origin)


def protection_fact(view: DeploymentView, protected: bool) -> Fact:
    """The fact `prevent_destroy`: true if Terraform refuses to destroy the object."""
    return Fact(
        "prevent_destroy", protected, view.mode if view.scope.environment.production else BUILT_IN_ORIGIN
    )
