"""Environments: where an org is deployed, and what holds there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document
from mesh.finding import Finding, nearest
from mesh.model.backend import Backend, BackendFile
from mesh.model.level import Name
from mesh.model.principal import Principals, check_run_as

EMBEDDED = "local"  # what `workspace` says for the workspace that runs on this machine

Mode = Literal["development", "production"]
CodeSource = Literal["git", "workspace"]


def address(text: str) -> str:
    """The workspace's address as a file may write it.

    Raises:
        Wrong: it is none.
    """
    if text != EMBEDDED and not (text.startswith("https://") and "@" not in text):
        remedy = f"write its address, https://…, or `{EMBEDDED}`"
        raise FieldError("bad-workspace", f"`{text}` is no workspace ({remedy})")
    return text.rstrip("/")


class RunAs(CheckedModel):
    """Who jobs run as; Databricks Jobs API, `run_as`."""

    service_principal_name: Annotated[str, Field(min_length=1)] | None = None
    """A service principal's application id."""

    user_name: Annotated[str, Field(min_length=1)] | None = None
    """A user's e-mail."""

    @property
    def principal(self) -> str | None:
        """As grants name it."""
        return self.service_principal_name or self.user_name


class EnvironmentFile(CheckedModel):
    """An environment as org.yml declares it, under its name. How to log in is never part of it."""

    workspace: Annotated[str, AfterValidator(address)] | None = None
    """The workspace's address, `local` for the one on this machine; by default DATABRICKS_HOST."""

    metastore: Name | None = None
    """The metastore that its catalogs live in; environments may share one."""

    mode: Mode | None = None
    """`production` for the environment called prod, else `development`."""

    code: CodeSource | None = None
    """Where jobs take notebooks from: `git` at the source commit, or files put into the `workspace`."""

    branch: Annotated[str, Field(min_length=1)] | None = None
    """The only branch that production is deployed from."""

    run_as: RunAs | None = None
    """Who jobs run as; in production a service principal."""

    backend: BackendFile | None = None
    """Where Terraform keeps state: the backend's name and its arguments."""


class MetastoreFile(CheckedModel):
    """A metastore as org.yml declares it, under its name."""

    backend: BackendFile | None = None
    """Where the state of its catalogs is kept; by default where its environments keep theirs."""


@dataclass(frozen=True)
class Environment:
    """An environment and its settings.

    Args:
        name: what MESH_ENV says, and `{env}` in naming templates.
        workspace: the workspace's address; None leaves it to DATABRICKS_HOST.
        embedded: whether the workspace is the one that runs on this machine.
        metastore: the metastore that its catalogs live in; environments may share one.
        mode: in `development`, schedules rest and nobody is mailed; `production` is protected.
        code: where jobs take notebooks from.
        branch: the only branch that it is deployed from; None allows any.
        run_as: who jobs run as; None leaves it to the one who deploys.
        backend: where state is kept, before a deployment's own key.
    """

    name: str
    workspace: str | None = None
    embedded: bool = False
    metastore: str = "main"
    mode: Mode = "development"
    code: CodeSource = "git"
    branch: str | None = None
    run_as: RunAs | None = None
    backend: Backend = Backend("local", {"path": ".mesh/state"})  # noqa: RUF009

    @property
    def production(self) -> bool:
        """Whether it is what everybody relies on."""
        return self.mode == "production"

    @property
    def runs_as(self) -> str | None:
        """The principal that jobs run as, as org.yml names it; None where it is the one who deploys."""
        return self.run_as.principal if self.run_as else None

    @property
    def protected(self) -> bool:
        """Whether Terraform refuses to destroy what is nobody's own there."""
        return self.production or not self.embedded


# The embedded workspace's states go with it.
_LOCAL = Environment(
    "local",
    embedded=True,
    metastore="local",
    code="workspace",
    backend=Backend("local", {"path": ".mesh/local/state"}),
)
BUILT_IN: Mapping[str, Environment] = {
    "local": _LOCAL,
    "dev": Environment("dev"),
    "test": Environment("test"),
    "prod": Environment("prod", mode="production"),
}


def environments(
    declared: Mapping[str, EnvironmentFile], backends: Mapping[str, Backend]
) -> dict[str, Environment]:
    """The environments of an org: those that it declares, and `local`; without any, the built-in ones.

    Args:
        declared: by name.
        backends: those of them that say where state is kept.
    """
    if not declared:
        return dict(BUILT_IN)
    named = {"local": EnvironmentFile(workspace=EMBEDDED)} | dict(declared)
    return {name: _environment(name, file, backends.get(name)) for name, file in named.items()}


def _environment(name: str, declared: EnvironmentFile, backend: Backend | None) -> Environment:
    embedded = declared.workspace == EMBEDDED or (name == "local" and declared.workspace is None)
    usual = _LOCAL if embedded else Environment(name)
    return Environment(
        name=name,
        workspace=None if embedded else declared.workspace,
        embedded=embedded,
        metastore=declared.metastore or usual.metastore,
        mode=_mode(name, declared),
        code=declared.code or usual.code,
        branch=declared.branch,
        run_as=declared.run_as,
        backend=backend or usual.backend,
    )


def _mode(name: str, declared: EnvironmentFile) -> Mode:
    return declared.mode or ("production" if name == "prod" else "development")


def check_environments(
    declared: Mapping[str, EnvironmentFile], principals: Principals, document: Document
) -> Iterator[Finding]:
    """What is wrong with an org's environments, apart from their fields."""
    for name, file in declared.items():
        at = ("environments", name)
        if _mode(name, file) == "production" and not (file.run_as and file.run_as.service_principal_name):
            message = f"`{name}` is production without a service principal"
            remedy = "add `run_as: {service_principal_name: …}`, an application id"
            yield document.finding("production-without-run-as", (*at, "run_as"), f"{message} ({remedy})")
        if file.run_as and file.run_as.service_principal_name and file.run_as.user_name:
            message = f"`{name}` runs as a service principal and as a user (keep one)"
            yield document.finding("two-run-as", (*at, "run_as"), message)
        if file.run_as and file.run_as.service_principal_name:
            named = [(file.run_as.service_principal_name, (*at, "run_as", "service_principal_name"))]
            yield from check_run_as(principals, named, document)


def check_metastores(
    declared: Mapping[str, MetastoreFile], used: Mapping[str, EnvironmentFile], document: Document
) -> Iterator[Finding]:
    """Where an org lists its metastores, its environments name one of them."""
    for name, file in used.items():
        if declared and file.metastore and file.metastore not in declared:
            near = nearest(file.metastore, declared, "metastores")
            message = f"metastore `{file.metastore}` is not declared ({near})"
            yield document.finding("unknown-metastore", ("environments", name, "metastore"), message)
