"""Who deploys a project, where, and from which commit: the facts that all its names depend on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mesh.deployment.identity import Identity, name_context, segment
from mesh.errors import OutsideError
from mesh.finding import Finding
from mesh.git.checkout import GitContext
from mesh.model.domain import Domain
from mesh.model.environment import Environment
from mesh.model.naming import CONFIG_FILE, IDENTITY_FIELDS, RESOURCES, NameContext, NamingConfig
from mesh.model.org import Org
from mesh.model.project import Project

_FIELD_OF = {"user": "username", "branch": "gitbranch", "commit": "gitshortref"}
_VARIABLE = {
    "user": "MESH_USER (or `git config user.email`)",
    "branch": "MESH_GIT_BRANCH",
    "commit": "MESH_GIT_COMMIT",
}


@dataclass(frozen=True)
class Scope:
    """One project in one environment for one identity, before anything is named.

    Args:
        org: the org that the project belongs to.
        project: the project.
        environment: where it is deployed.
        git: the checkout.
        commit: the project's source commit.
    """

    org: Org
    project: Project
    environment: Environment
    git: GitContext
    commit: str

    @cached_property
    def domain(self) -> Domain:
        """The domain that the project belongs to."""
        return next(domain for domain in self.org.domains if domain.name == self.project.domain)

    @cached_property
    def identity(self) -> Identity:
        """Whose deployment it is: the facts that the naming templates use.

        Raises:
            OutsideError: a fact that they use is not known.
        """
        facts = {"user": self.git.user, "branch": self.git.branch, "commit": self.commit}
        naming, env = self.project.naming, self.environment.name
        used = {field for resource in RESOURCES for field in naming.fields(resource, env)}
        chosen = {fact: value for fact, value in facts.items() if _FIELD_OF[fact] in used}
        for fact, value in chosen.items():
            if not value:
                raise OutsideError(f"names in {env} need the {fact}: set {_VARIABLE[fact]}")
        return Identity(**chosen)

    @cached_property
    def context(self) -> NameContext:
        """The short forms that naming templates use."""
        git = self.git
        return name_context(self.environment.name, git.user or "", git.branch or "", self.commit)

    @cached_property
    def stack(self) -> str:
        """Its Terraform stack."""
        return "-".join([*self.project.path.split("/"), self.environment.name, *self.identity.short_key])

    @cached_property
    def state_key(self) -> str:
        """Its own place within the backend; a renamed project keeps the one that it had."""
        levels = [*self.project.former_path.split("/"), self.environment.name]
        return "/".join([*map(segment, levels), *self.identity.key])

    @property
    def home(self) -> str:
        """The folder of the workspace below which it puts things: of its user, else everybody's."""
        return f"/Users/{self.identity.user}/mesh" if self.identity.user else "/Shared/mesh"

    def folder_name(self, project: str) -> str:
        """What a folder of its own is called, below its home.

        Args:
            project: where the project is, or was, in the mesh.
        """
        in_home = replace(self.identity, user=None).short_key
        return "-".join([*project.split("/"), self.environment.name, *in_home])

    @property
    def shared(self) -> bool:
        """Whether it is nobody's own."""
        return not self.identity.key

    @property
    def protected(self) -> bool:
        """Whether Terraform refuses to destroy its data."""
        return self.environment.production or (self.environment.protected and self.shared)


def check_names(scope: Scope) -> Iterator[Finding]:
    """Production is everybody's; where an org says development, everybody's names there are his own."""
    env, naming = scope.environment.name, scope.project.naming
    if scope.environment.production:
        yield from _check_production(env, naming)
    said = scope.org.declared.environments.get(env)
    if not said or said.mode != "development" or "username" in naming.fields("db", env):
        return
    message = f"`{env}` is for development, but its schemas are called alike for everybody"
    remedy = "use `{username}` in naming.db, or leave `mode` out for a deployment that all share"
    at = ("environments", env, "mode")
    yield scope.org.document.finding("names-not-user-scoped", at, f"{message} ({remedy})")


def _check_production(env: str, naming: NamingConfig) -> Iterator[Finding]:
    personal = [one for one in RESOURCES if naming.fields(one, env) & set(IDENTITY_FIELDS)]
    if not personal:
        return
    message = f"`{env}` is production, but who deploys, or from which commit, is part of names there"
    remedy = f"say `{env}:` beside `prod:` and `other:` in {', '.join(f'naming.{one}' for one in personal)}"
    if naming.document:
        yield naming.document.finding("production-names-personal", ("naming",), f"{message} ({remedy})")
    else:
        yield Finding(CONFIG_FILE, 1, 1, "production-names-personal", f"{message} ({remedy})")
