"""Environments: the workspaces that an org is deployed to, and their settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.documents.document import Document
from mesh.finding import Finding, nearest
from mesh.model.backend import Backend, BackendFile
from mesh.model.level import Name
from mesh.model.principal import Principals, check_run_as
from mesh.model.workspace_address import AddressError, workspace_address

EMBEDDED = "local"  # the value of `workspace` for the workspace on this machine

Mode = Literal["development", "production"]
CodeSource = Literal["git", "workspace"]


def address(text: str) -> str:
    """Returns the workspace's address in lower case, with its scheme and without a trailing `/`.

    Raises:
        FieldError: the text is not an address.
    """
    if text == EMBEDDED:
        return text
    try:
        return workspace_address(text)
    except AddressError as error:
        remedy = (
            f"write `{error.written}`" if error.written else f"write its address, https://…, or `{EMBEDDED}`"
        )
        raise FieldError("bad-workspace", f"{error} ({remedy})") from None


def workspace_folder(text: str) -> str:
    """Returns the folder as the Workspace API spells it: without `/Workspace` and without a trailing `/`.

    Raises:
        FieldError: the text is not the absolute path of a folder.
    """
    parts = PurePosixPath(text).parts
    if not text.startswith("/") or ".." in parts:
        message = f"`{text[:60]}` is not a folder of a workspace (write its path, /Users/… or another one)"
        raise FieldError("bad-workspace-folder", message)
    folder = "/" + "/".join(parts[2:] if parts[1:2] == ("Workspace",) else parts[1:])
    if folder == "/":
        raise FieldError("bad-workspace-folder", f"`{text}` is the whole workspace (name a folder in it)")
    return folder


class RunAs(CheckedModel):
    """The principal that jobs run as; Databricks Jobs API, `run_as`."""

    service_principal_name: Annotated[str, Field(min_length=1)] | None = None
    """A service principal's application id."""

    user_name: Annotated[str, Field(min_length=1)] | None = None
    """A user's e-mail."""

    @property
    def principal(self) -> str | None:
        """The principal's name in grants."""
        return self.service_principal_name or self.user_name


class EnvironmentFile(CheckedModel):
    """An environment in org.yml; the key is its name. It never holds credentials."""

    workspace: Annotated[str, AfterValidator(address)] | None = None
    """The workspace's address, or `local` for this machine; by default DATABRICKS_HOST."""

    metastore: Name | None = None
    """The metastore of its catalogs; environments may share a metastore."""

    mode: Mode | None = None
    """`production` or `development`; by default `production` for the environment prod only."""

    code: CodeSource | None = None
    """The source of notebooks: `git` at the source commit, or files in the `workspace`."""

    branch: Annotated[str, Field(min_length=1)] | None = None
    """The only branch that may be deployed."""

    run_as: RunAs | None = None
    """The principal that jobs run as; in production a service principal."""

    folder: Annotated[str, AfterValidator(workspace_folder)] | None = None
    """The workspace folder of uploaded files; by default the home of the service principal in production."""

    backend: BackendFile | None = None
    """The Terraform backend: its name and its arguments."""


class MetastoreFile(CheckedModel):
    """A metastore in org.yml; the key is its name."""

    backend: BackendFile | None = None
    """The backend for the state of its catalogs; by default that of its environments."""


@dataclass(frozen=True)
class Environment:
    """An environment and its settings.

    Args:
        name: the value of MESH_ENV, and of `{env}` in naming templates.
        workspace: the workspace's address; None means DATABRICKS_HOST.
        embedded: True if the workspace runs on this machine.
        metastore: the metastore of its catalogs; environments may share a metastore.
        mode: `development` pauses schedules and sends no e-mail; `production` is protected.
        code: the source of notebooks.
        branch: the only branch that may be deployed; None allows any.
        run_as: the principal that jobs run as; None means the deployer.
        folder: the workspace folder of the files that shared deployments upload; None means a default.
        backend: the backend, without a deployment's state key.
    """

    name: str
    workspace: str | None = None
    embedded: bool = False
    metastore: str = "main"
    mode: Mode = "development"
    code: CodeSource = "git"
    branch: str | None = None
    run_as: RunAs | None = None
    folder: str | None = None
    backend: Backend = Backend("local", {"path": ".mesh/state"})  # noqa: RUF009

    @property
    def production(self) -> bool:
        """True in mode `production`."""
        return self.mode == "production"

    @property
    def runs_as(self) -> str | None:
        """The principal that jobs run as, as named in org.yml; None means the deployer."""
        return self.run_as.principal if self.run_as else None

    @property
    def protected(self) -> bool:
        """True if Terraform refuses to destroy objects that are not personal."""
        return self.production or not self.embedded


# The state of the embedded workspace is deleted together with it.
_LOCAL = Environment(
    "local",
    embedded=True,
    metastore="local",
    code="workspace",
    backend=Backend("local", {"path": ".mesh/local/state"}),
)
BUILT_IN_ENVIRONMENTS: Mapping[str, Environment] = {
    "local": _LOCAL,
    "dev": Environment("dev"),
    "test": Environment("test"),
    "prod": Environment("prod", mode="production"),
}


def environments(
    declared: Mapping[str, EnvironmentFile], backends: Mapping[str, Backend]
) -> dict[str, Environment]:
    """Returns the declared environments and `local`; without declarations, the built-in environments.

    Args:
        declared: by name.
        backends: the declared backends, by environment.
    """
    if not declared:
        return dict(BUILT_IN_ENVIRONMENTS)
    named = {"local": EnvironmentFile(workspace=EMBEDDED)} | dict(declared)
    return {name: _environment(name, file, backends.get(name)) for name, file in named.items()}


def owning_environment(sharing: Sequence[Environment]) -> Environment:
    """Returns the environment whose rules apply to shared objects: the first with the most protection.

    Production without `run_as` cannot be deployed, so it counts as development.

    Args:
        sharing: the environments that share the objects, in declared order.
    """
    return max(sharing, key=lambda one: (one.production and one.run_as is not None, one.protected))


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
        folder=declared.folder,
        backend=backend or usual.backend,
    )


def _mode(name: str, declared: EnvironmentFile) -> Mode:
    return declared.mode or ("production" if name == "prod" else "development")


def check_environments(
    declared: Mapping[str, EnvironmentFile], principals: Principals, document: Document
) -> Iterator[Finding]:
    """Checks an org's environments, apart from the types of their fields."""
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
    """Checks that environments name a listed metastore, if the org lists any."""
    for name, file in used.items():
        if declared and file.metastore and file.metastore not in declared:
            near = nearest(file.metastore, declared, "metastores")
            message = f"metastore `{file.metastore}` is not declared ({near})"
            yield document.finding("unknown-metastore", ("environments", name, "metastore"), message)
