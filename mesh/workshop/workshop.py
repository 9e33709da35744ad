"""A workshop: one class, and the objects that it gets in one workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mesh.deployment.identity import segment
from mesh.model.backend import Backend
from mesh.model.schema import WORKSHOP_PROPERTY
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.student import CATALOG, Student

STACK = "workshop"
ENVIRONMENT = "workshop"  # the value of MESH_ENV
LOCAL_ENVIRONMENT = "workshop-local"
ENVIRONMENTS = (ENVIRONMENT, LOCAL_ENVIRONMENT)
STUDENT_PROPERTY = "datamesh.student"  # on students' schemas: the student's address
WORKSHOP_TAG = "workshop"  # on clusters, jobs and warehouses: the workshop's name
STUDENT_TAG = "student"  # on clusters of jobs: the student's short user name

DATA_SCHEMA = "data"
TRIPS_SCHEMA = "taxinyc_trips"
VOLUMES = ("crimes", "nyctaxi")

UserProvisioning = Literal["existing", "invited"]


@dataclass(frozen=True)
class ServicePrincipal:
    """The service principal that production jobs run as.

    Args:
        application_id: its application id in Databricks.
        create: whether the workshop creates it; else it exists already.
    """

    application_id: str
    create: bool = False


@dataclass(frozen=True)
class Repository:
    """The git repository that students work in.

    Args:
        url: its address, without user and password.
        branch: the branch at which the students' branches begin.
        provider: the Git provider, as Databricks spells it.
    """

    url: str
    branch: str
    provider: str = "gitHub"

    @property
    def name(self) -> str:
        """The name of its Git folder."""
        return self.url.rstrip("/").rpartition("/")[2].removesuffix(".git") or "course"

    @property
    def is_clonable(self) -> bool:
        """Whether Databricks can clone it: Git folders clone over https only."""
        return self.url.startswith("https://")


@dataclass(frozen=True)
class Workshop:
    """A workshop as declared by workshop.yml and its roster.

    Args:
        name: its name, which is part of the name or tags of all its objects.
        description: its description.
        workspace: the workspace's address; None for DATABRICKS_HOST or the local workspace.
        embedded: whether the workspace is the local workspace.
        backend: the Terraform backend, without the workshop's key.
        group: the name of the group of all students.
        users: whether students are users already, or are invited.
        students: in order of their addresses.
        catalogs: the catalogs that the workshop creates, in order of their names.
        existing_catalogs: existing catalogs, on which the group only gets privileges.
        service_principal: the service principal that production runs as; None without production.
        repository: the repository of the Git folders; None if there is none.
        warehouse: the size of the class's SQL warehouse.
        limits: the limits of the compute that students may start.
        creates_group: whether the workshop creates the group; else it is a group of the account, with its
            members.
    """

    name: str
    description: str | None
    workspace: str | None
    embedded: bool
    backend: Backend
    group: str
    users: UserProvisioning
    students: tuple[Student, ...]
    catalogs: tuple[str, ...]
    existing_catalogs: tuple[str, ...]
    service_principal: ServicePrincipal | None
    repository: Repository | None
    warehouse: WarehouseFile
    limits: LimitsFile
    creates_group: bool = True

    @property
    def stack(self) -> str:
        """The name of its Terraform stack."""
        return STACK

    @property
    def environment(self) -> str:
        """The value of MESH_ENV for the workshop."""
        return LOCAL_ENVIRONMENT if self.embedded else ENVIRONMENT

    @property
    def state_key(self) -> str:
        """The key of its state in the backend."""
        return f"workshop/{segment(self.name)}"

    @property
    def git_folders(self) -> Repository | None:
        """The repository that students' Git folders clone; None if they get no Git folders."""
        return self.repository if self.repository and self.repository.is_clonable else None

    @property
    def domain_catalogs(self) -> tuple[str, ...]:
        """The catalogs that students deploy to, created or existing."""
        return tuple(sorted({*self.catalogs, *self.existing_catalogs} - {CATALOG}))

    @property
    def data_schema(self) -> str:
        """The full name of the schema with the course's data."""
        return f"{CATALOG}.{DATA_SCHEMA}"

    @property
    def properties(self) -> Mapping[str, str]:
        """The properties of its catalogs and schemas."""
        return {WORKSHOP_PROPERTY: self.name}

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of its clusters, jobs and warehouses."""
        return {WORKSHOP_TAG: self.name}

    @property
    def warehouse_name(self) -> str:
        """The name of its SQL warehouse."""
        return f"workshop-{self.name}"

    def policy_name(self, kind: str) -> str:
        """The name of one of its cluster policies."""
        return f"workshop-{self.name}-{kind}"
