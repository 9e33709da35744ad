"""workshop.yml: what a workshop is made of, and where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from mesh.deployment.catalog import catalog_name
from mesh.documents.declared import Declared, Wrong, declare
from mesh.documents.document import Document, Location, read
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding, nearest
from mesh.git.checkout import public_url, read_git
from mesh.load import load
from mesh.model.backend import Backend, BackendFile, backend
from mesh.model.environment import BUILT_IN, EMBEDDED, Environment, address
from mesh.model.level import Name
from mesh.model.principal import APPLICATION_ID
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.roster import Roster, read_roster
from mesh.workshop.student import CATALOG
from mesh.workshop.workshop import Repository, ServicePrincipal, Users, Workshop

FILE = "course/workshop.yml"
_ROSTER = "roster.csv"


def _https(url: str) -> str:
    if not url.startswith("https://") or public_url(url) != url:
        raise Wrong("bad-repository", f"`{url[:60]}` is no repository (write https://…, without a password)")
    return url


class RepositoryFile(Declared):
    """The git repository that students work in."""

    url: Annotated[str, AfterValidator(_https)] | None = None
    """Its address; by default the one that this checkout is from."""

    branch: Annotated[str, Field(min_length=1)] = "main"
    """The branch that those of the students begin at."""

    provider: str | None = None
    """Its kind, such as `gitHubEnterprise`, where the address does not tell it."""


class WorkshopFile(Declared):
    """What workshop.yml may say."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,23}$")] = ""
    """What it is called; everything that it makes carries this."""

    description: str | None = None
    """What it is about."""

    workspace: Annotated[str, AfterValidator(address)] | None = None
    """The workspace's address, `local` for the one on this machine; by default DATABRICKS_HOST."""

    backend: BackendFile | None = None
    """Where Terraform keeps state: the backend's name and its arguments."""

    roster: Annotated[str, Field(min_length=1)] = _ROSTER
    """The file that lists the students, from the folder of this one: CSV, or a list in YAML."""

    users: Users = "existing"
    """Whether students are users of the workspace already, or are invited to it."""

    group: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The group that all students are in; by default it is called like the workshop."""

    existing_group: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """A group of the account that they are in already, instead: who is in it, the account says."""

    projects: tuple[str, ...] = ()
    """The projects that students deploy, as `mesh ls` says them; their catalogs are made."""

    environments: tuple[Name, ...] = ("dev", "prod")
    """The environments that students deploy them to, which decide on the names of catalogs."""

    catalogs: tuple[Name, ...] = ()
    """More catalogs to make."""

    existing_catalogs: tuple[Name, ...] = ()
    """Those of all these catalogs that are there already: the class gets its rights in them, no more."""

    service_principal: Annotated[str, Field(pattern=APPLICATION_ID.pattern)] | None = None
    """The application id of the service principal that production runs as."""

    repository: RepositoryFile = Field(default_factory=RepositoryFile)
    """The git repository that students work in."""

    warehouse: WarehouseFile = Field(default_factory=WarehouseFile)
    """The class's SQL warehouse."""

    limits: LimitsFile = Field(default_factory=LimitsFile)
    """What students may start at most."""


def read_workshop(root: Path, *, local: bool = False) -> Workshop:
    """The workshop of a repository.

    Args:
        root: the mesh's root.
        local: whether it is rehearsed in the workspace on this machine, wherever it is for.

    Raises:
        MeshError: with everything that is wrong in its file, its roster, and the mesh that it names.
        UsageError: there is none.
    """
    root = root.resolve()
    path = root / FILE
    if not path.exists():
        raise UsageError(f"{root} holds no {FILE} (docs/workshop.md says what to write)")
    document, findings = read(path, root)
    declared, wrong = declare(WorkshopFile, document)
    findings += wrong
    if "name" not in document.data:
        findings.append(document.finding("missing-field", (), "`name` is missing (add it)"))
    if declared.group and declared.existing_group:
        message = "`group` is made, and `existing_group` is there already (keep one)"
        findings.append(document.finding("two-groups", ("existing_group",), message))
    kept, wrong = _backend(declared, document)
    findings += wrong
    roster, wrong = _roster(declared, document, root)
    findings += wrong
    catalogs, wrong = _catalogs(declared, document, root)
    findings += wrong
    if findings:
        raise MeshError(sorted(set(findings)))
    return _workshop(declared, kept, roster, catalogs, root, local=local)


def _workshop(
    declared: WorkshopFile,
    kept: Backend | None,
    roster: Roster,
    catalogs: frozenset[str],
    root: Path,
    *,
    local: bool,
) -> Workshop:
    embedded = local or declared.workspace == EMBEDDED
    usual: Environment = BUILT_IN["local" if embedded else "dev"]
    principal, there = declared.service_principal, {*declared.existing_catalogs}
    if local:
        # a rehearsal is kept with the workspace that it is in, where nobody is and nothing is yet
        kept, there = None, set()
    return Workshop(
        name=declared.name,
        description=declared.description,
        workspace=None if embedded else declared.workspace,
        embedded=embedded,
        backend=kept or usual.backend,
        group=declared.existing_group or declared.group or f"workshop-{declared.name}",
        users="invited" if local else declared.users,
        students=roster.students,
        catalogs=tuple(sorted({CATALOG, *catalogs, *declared.existing_catalogs} - there)),
        existing_catalogs=tuple(sorted(there)),
        service_principal=ServicePrincipal(principal, make=local) if principal else None,
        repository=_repository(declared.repository, root, embedded=embedded),
        warehouse=declared.warehouse,
        limits=declared.limits,
        makes_group=local or not declared.existing_group,
    )


def _backend(declared: WorkshopFile, document: Document) -> tuple[Backend | None, list[Finding]]:
    return backend(declared.backend, document, ("backend",)) if declared.backend is not None else (None, [])


def _roster(declared: WorkshopFile, document: Document, root: Path) -> tuple[Roster, list[Finding]]:
    named = PurePosixPath(declared.roster)
    if named.is_absolute() or ".." in named.parts or "\0" in declared.roster:
        message = f"roster `{declared.roster[:60]}` would be outside the folder (put it beside this file)"
        return Roster(declared.roster), [document.finding("roster-outside", ("roster",), message)]
    path = root / PurePosixPath(FILE).parent / named
    if not path.exists():
        message = f"roster `{declared.roster[:60]}` is not there (write it: email,name,team)"
        return Roster(declared.roster), [document.finding("no-roster", ("roster",), message)]
    return read_roster(path, root)


def _repository(declared: RepositoryFile, root: Path, *, embedded: bool) -> Repository | None:
    url = declared.url or read_git(root, {}).url
    if url is None and embedded:
        url = root.as_uri()
    return Repository(url, declared.branch, declared.provider) if url else None


def _catalogs(declared: WorkshopFile, document: Document, root: Path) -> tuple[frozenset[str], list[Finding]]:
    """The catalogs of the projects, by the naming templates that hold for them, and the others."""
    found, findings = {*declared.catalogs}, []
    known = _projects(root, declared.environments) if declared.projects else {}
    for number, project in enumerate(declared.projects):
        at: Location = ("projects", number)
        if project in known:
            found |= known[project]
        else:
            message = (
                f"project `{project[:60]}` is not in the mesh ({nearest(project[:60], known, 'projects')})"
            )
            findings.append(document.finding("unknown-project", at, message))
    for number, catalog in enumerate(declared.catalogs):
        if catalog in declared.existing_catalogs:
            message = f"catalog `{catalog}` is to be made, and there already (name it once)"
            findings.append(document.finding("one-name-twice", ("catalogs", number), message))
    return frozenset(found), findings


def _projects(root: Path, environments: tuple[str, ...]) -> Mapping[str, set[str]]:
    """The catalogs of every project of the mesh, by its path."""
    return {
        project.path: {
            catalog_name(flow, project.naming, env)
            for env in environments
            for flow in project.flows
            if flow.schemas
        }
        for _, project in load(root).projects
    }
