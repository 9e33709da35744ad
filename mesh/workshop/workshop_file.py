"""workshop.yml: the declaration of a workshop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh.deployment.catalog import catalog_name
from mesh.deployment.job import git_provider
from mesh.documents.checked_model import CheckedModel, FieldError, validate_document
from mesh.documents.document import Document, Location, read
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding, nearest
from mesh.git.checkout import public_url, read_git
from mesh.load import load
from mesh.model.backend import Backend, BackendFile, backend
from mesh.model.environment import BUILT_IN_ENVIRONMENTS, EMBEDDED, Environment, address
from mesh.model.level import Name
from mesh.model.naming import stored_name
from mesh.model.principal import APPLICATION_ID
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.roster import Roster, read_roster
from mesh.workshop.student import CATALOG
from mesh.workshop.workshop import Repository, ServicePrincipal, UserProvisioning, Workshop

FILE = "course/workshop.yml"
_ROSTER = "roster.csv"

CatalogName = Annotated[Name, AfterValidator(stored_name)]
"""The name of a catalog, in lower case as Unity Catalog stores it."""


def _https(url: str) -> str:
    if not url.startswith("https://") or public_url(url) != url:
        raise FieldError(
            "bad-repository",
            f"`{url[:60]}` is not a repository's address (write https://…, without a password)",
        )
    return url


# Databricks REST API, "Repos", `provider`
GitProvider = Literal[
    "awsCodeCommit",
    "azureDevOpsServices",
    "bitbucketCloud",
    "bitbucketServer",
    "gitHub",
    "gitHubEnterprise",
    "gitLab",
    "gitLabEnterpriseEdition",
]


class RepositoryFile(CheckedModel):
    """The git repository that students work in."""

    url: Annotated[str, AfterValidator(_https)] | None = None
    """The repository's address; by default the `origin` of this checkout."""

    branch: Annotated[str, Field(min_length=1)] = "main"
    """The branch at which the students' branches begin."""

    provider: GitProvider | None = None
    """The Git provider, such as `gitHubEnterprise`; by default derived from the address."""


class WorkshopFile(CheckedModel):
    """The content of workshop.yml."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,23}$")] = ""
    """The workshop's name, which is part of the name or tags of all its objects."""

    description: str | None = None
    """The workshop's description."""

    workspace: Annotated[str, AfterValidator(address)] | None = None
    """The workspace's address, or `local` for the local workspace; by default DATABRICKS_HOST."""

    backend: BackendFile | None = None
    """The Terraform backend: its name and its arguments."""

    roster: Annotated[str, Field(min_length=1)] = _ROSTER
    """The file with the students, relative to this file's folder: CSV, or a list in YAML."""

    users: UserProvisioning = "existing"
    """`existing` if students are users of the workspace already, `invited` to invite them."""

    group: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The name of the group of all students; by default `workshop-` and the workshop's name."""

    existing_group: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """An existing group of the account, instead of `group`; its members are not changed."""

    projects: tuple[str, ...] = ()
    """The projects that students deploy, by the paths in `mesh ls`; their catalogs are created."""

    environments: tuple[Name, ...] = ("dev", "prod")
    """The environments that students deploy to; the catalog names depend on them."""

    catalogs: tuple[CatalogName, ...] = ()
    """Additional catalogs to create."""

    existing_catalogs: tuple[CatalogName, ...] = ()
    """Catalogs that exist already: the class only gets privileges on them."""

    service_principal: Annotated[str, Field(pattern=APPLICATION_ID.pattern)] | None = None
    """The application id of the service principal that production runs as."""

    repository: RepositoryFile = Field(default_factory=RepositoryFile)
    """The git repository that students work in."""

    warehouse: WarehouseFile = Field(default_factory=WarehouseFile)
    """The class's SQL warehouse."""

    limits: LimitsFile = Field(default_factory=LimitsFile)
    """The limits of the compute that students may start."""


def read_workshop(root: Path, *, local: bool = False) -> Workshop:
    """Reads the workshop of a repository.

    Args:
        root: the mesh's root.
        local: whether to rehearse it in the local workspace, instead of the declared workspace.

    Raises:
        MeshError: all errors in the file, the roster, and the projects that the file names.
        UsageError: there is no workshop.yml.
    """
    root = root.resolve()
    path = root / FILE
    if not path.exists():
        raise UsageError(f"{root} has no {FILE} (see docs/workshop.md)")
    document, findings = read(path, root)
    declared, wrong = validate_document(WorkshopFile, document)
    findings += wrong
    if "name" not in document.data:
        findings.append(document.finding("missing-field", (), "`name` is missing (add it)"))
    if declared.group and declared.existing_group:
        message = "`group` would be created, but `existing_group` exists already (remove one)"
        findings.append(document.finding("two-groups", ("existing_group",), message))
    state_backend, wrong = _backend(declared, document)
    findings += wrong
    roster, wrong = _roster(declared, document, root)
    findings += wrong
    catalogs, wrong = _catalogs(declared, document, root)
    findings += wrong
    if findings:
        raise MeshError(sorted(set(findings)))
    return _workshop(declared, state_backend, roster, catalogs, root, local=local)


def _workshop(
    declared: WorkshopFile,
    declared_backend: Backend | None,
    roster: Roster,
    catalogs: frozenset[str],
    root: Path,
    *,
    local: bool,
) -> Workshop:
    embedded = local or declared.workspace == EMBEDDED
    defaults: Environment = BUILT_IN_ENVIRONMENTS["local" if embedded else "dev"]
    principal, existing = declared.service_principal, {*declared.existing_catalogs}
    if local:
        # a rehearsal has a local state and a workspace without users and catalogs
        declared_backend, existing = None, set()
    return Workshop(
        name=declared.name,
        description=declared.description,
        workspace=None if embedded else declared.workspace,
        embedded=embedded,
        backend=declared_backend or defaults.backend,
        group=declared.existing_group or declared.group or f"workshop-{declared.name}",
        users="invited" if local else declared.users,
        students=roster.students,
        catalogs=tuple(sorted({CATALOG, *catalogs, *declared.existing_catalogs} - existing)),
        existing_catalogs=tuple(sorted(existing)),
        service_principal=ServicePrincipal(principal, create=local) if principal else None,
        repository=_repository(declared.repository, root),
        warehouse=declared.warehouse,
        limits=declared.limits,
        creates_group=local or not declared.existing_group,
    )


def _backend(declared: WorkshopFile, document: Document) -> tuple[Backend | None, list[Finding]]:
    return backend(declared.backend, document, ("backend",)) if declared.backend is not None else (None, [])


def _roster(declared: WorkshopFile, document: Document, root: Path) -> tuple[Roster, list[Finding]]:
    path = PurePosixPath(declared.roster)
    if path.is_absolute() or ".." in path.parts or "\0" in declared.roster:
        message = f"roster `{declared.roster[:60]}` is outside the folder of this file (move it there)"
        return Roster(declared.roster), [document.finding("roster-outside", ("roster",), message)]
    file = root / PurePosixPath(FILE).parent / path
    if not file.exists():
        message = f"roster `{declared.roster[:60]}` does not exist (create it: email,name,team)"
        return Roster(declared.roster), [document.finding("no-roster", ("roster",), message)]
    return read_roster(file, root)


def _repository(declared: RepositoryFile, root: Path) -> Repository | None:
    url = declared.url or read_git(root, {}).url
    return Repository(url, declared.branch, declared.provider or git_provider(url)) if url else None


def _catalogs(declared: WorkshopFile, document: Document, root: Path) -> tuple[frozenset[str], list[Finding]]:
    """The catalogs of the declared projects, by their naming templates, and the additional catalogs."""
    catalogs, findings = {*declared.catalogs}, []
    by_project = _project_catalogs(root, declared.environments) if declared.projects else {}
    for number, project in enumerate(declared.projects):
        at: Location = ("projects", number)
        if project in by_project:
            catalogs |= by_project[project]
        else:
            hint = nearest(project[:60], by_project, "projects")
            message = f"project `{project[:60]}` is not in the mesh ({hint})"
            findings.append(document.finding("unknown-project", at, message))
    for number, catalog in enumerate(declared.catalogs):
        if catalog in declared.existing_catalogs:
            message = f"catalog `{catalog}` would be created, but exists already (remove it from one list)"
            findings.append(document.finding("one-name-twice", ("catalogs", number), message))
    return frozenset(catalogs), findings


def _project_catalogs(root: Path, environments: tuple[str, ...]) -> Mapping[str, set[str]]:
    """The catalogs of each project of the mesh, by its path."""
    return {
        project.path: {
            catalog_name(flow, project.naming, env)
            for env in environments
            for flow in project.flows
            if flow.schemas
        }
        for _, project in load(root).projects
    }
