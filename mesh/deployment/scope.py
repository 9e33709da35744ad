"""The scope of a deployment: project, environment and identity, which determine all names."""

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
from mesh.model.naming import CONFIG_FILE, IDENTITY_FIELDS, RESOURCES, NameContext, NamingConfig, Resource
from mesh.model.org import Org
from mesh.model.project import Project

_FIELD_OF = {"user": "username", "branch": "gitbranch", "commit": "gitshortref"}
_OF_DATA: tuple[Resource, ...] = ("catalog", "db")
_VARIABLE = {
    "user": "MESH_USER (or `git config user.email`)",
    "branch": "MESH_GIT_BRANCH",
    "commit": "MESH_GIT_COMMIT",
}


@dataclass(frozen=True)
class Scope:
    """One project in one environment for one identity, without resolved names.

    Args:
        org: the org that the project belongs to.
        project: the project.
        environment: the environment.
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
        """The fields of the identity that the naming templates use.

        Raises:
            OutsideError: a field that they use is unknown.
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
        """The name of its Terraform stack."""
        return "-".join([*self.project.path.split("/"), self.environment.name, *self.identity.short_key])

    @cached_property
    def state_key(self) -> str:
        """Its key within the backend; a renamed project keeps its former key."""
        levels = [*self.project.former_path.split("/"), self.environment.name]
        return "/".join([*map(segment, levels), *self.identity.key])

    @property
    def home(self) -> str:
        """The workspace folder of its experiments: in the user's home if personal, else shared."""
        return f"/Users/{self.identity.user}/mesh" if self.identity.user else "/Shared/mesh"

    @property
    def upload_home(self) -> str:
        """The workspace folder of uploaded files; in production nobody else may write there.

        Runs of experiments are data and stay in `home`.
        """
        environment = self.environment
        if self.identity.user:
            return self.home
        if environment.folder:
            return environment.folder
        run_as = environment.run_as
        if environment.production and run_as and run_as.service_principal_name:
            principal = self.org.principals.databricks_name(run_as.service_principal_name)
            return f"/Users/{principal}/mesh"
        return self.home

    def folder_name(self, project: str) -> str:
        """Returns the name of its folder below its home.

        Args:
            project: the current or former path of the project in the mesh.
        """
        in_home = replace(self.identity, user=None).short_key
        return "-".join([*project.split("/"), self.environment.name, *in_home])

    @property
    def shared(self) -> bool:
        """True if the deployment is not personal."""
        return not self.identity.fields

    @property
    def protected(self) -> bool:
        """True if Terraform refuses to destroy its data."""
        return self.environment.production or (self.environment.protected and self.shared)


def check_names(scope: Scope) -> Iterator[Finding]:
    """Reports personal names in production, and shared schema names in development."""
    env, naming = scope.environment.name, scope.project.naming
    if scope.environment.production:
        yield from _check_production(env, naming)
    yield from _check_flow_types(scope)
    declared = scope.org.declared.environments.get(env)
    if not declared or declared.mode != "development" or "username" in naming.fields("db", env):
        return
    message = f"`{env}` is for development, but all users get the same schema names"
    remedy = "use `{username}` in naming.db, or remove `mode` for a shared deployment"
    at = ("environments", env, "mode")
    yield scope.org.document.finding("names-not-user-scoped", at, f"{message} ({remedy})")


def _check_flow_types(scope: Scope) -> Iterator[Finding]:
    """Reports flows without a flow type whose notebooks would compute other names of their data.

    Source: brickops' `parsepath`, which reads `{flowtype}` and `{flow}` from the two folders below `flows/`.
    """
    naming, env = scope.project.naming, scope.environment.name
    used = {field: kind for kind in _OF_DATA for field in naming.fields(kind, env) & {"flowtype", "flow"}}
    if not used or naming.path_regexp:
        return
    field, resource = sorted(used.items())[0]
    for flow in scope.project.flows:
        if not flow.flowtype and flow.schemas:
            message = f"naming.{resource} uses `{{{field}}}`, which brickops misreads in flows/{flow.name}/"
            remedy = f"move the flow to flows/<flowtype>/{flow.name}/, or use other fields"
            yield flow.document.finding("flow-without-type", (), f"{message} ({remedy})")


def _check_production(env: str, naming: NamingConfig) -> Iterator[Finding]:
    personal = [resource for resource in RESOURCES if naming.fields(resource, env) & set(IDENTITY_FIELDS)]
    if not personal:
        return
    message = f"`{env}` is production, but names there contain user, branch or commit"
    templates = ", ".join(f"naming.{resource}" for resource in personal)
    remedy = f"set `{env}:` beside `prod:` and `other:` in {templates}"
    if naming.document:
        yield naming.document.finding("production-names-personal", ("naming",), f"{message} ({remedy})")
    else:
        yield Finding(CONFIG_FILE, 1, 1, "production-names-personal", f"{message} ({remedy})")
