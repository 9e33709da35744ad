"""A workshop: one class, and all that it gets in one workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mesh.deployment.identity import segment
from mesh.model.backend import Backend
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.student import CATALOG, Student

STACK = "workshop"
ENVIRONMENT = "workshop"  # what MESH_ENV says
LOCAL_ENVIRONMENT = "workshop-local"
ENVIRONMENTS = (ENVIRONMENT, LOCAL_ENVIRONMENT)
PROPERTY = "datamesh.workshop"  # of schemas and catalogs: the workshop's name
STUDENT_PROPERTY = "datamesh.student"  # of a student's own schema: the address
TAG = "workshop"  # of clusters, jobs and warehouses: the workshop's name
STUDENT_TAG = "student"  # the user of the one that it belongs to

DATA_SCHEMA = "data"
TRIPS_SCHEMA = "taxinyc_trips"
VOLUMES = ("crimes", "nyctaxi")

Users = Literal["existing", "invited"]


@dataclass(frozen=True)
class ServicePrincipal:
    """Who production jobs run as.

    Args:
        application_id: what Databricks knows it by.
        make: whether the workspace gets it; else it is there.
    """

    application_id: str
    make: bool = False


@dataclass(frozen=True)
class Repository:
    """The git repository that students work in.

    Args:
        url: its address, without user and password.
        branch: the branch that theirs begin at.
        provider: its kind, as Databricks names it; None where the address tells.
    """

    url: str
    branch: str
    provider: str | None = None

    @property
    def name(self) -> str:
        """What its Git folder is called."""
        return self.url.rstrip("/").rpartition("/")[2].removesuffix(".git") or "course"


@dataclass(frozen=True)
class Workshop:
    """A workshop as workshop.yml and its roster declare it.

    Args:
        name: its name, which everything that it makes carries.
        description: what it is about.
        workspace: the workspace's address; None leaves it to DATABRICKS_HOST, or is the embedded one.
        embedded: whether the workspace is the one that runs on this machine.
        backend: where state is kept, before the workshop's own key.
        group: the name of the group that all students are in.
        users: whether students are users already, or are invited.
        students: in order of their addresses.
        catalogs: those that it makes, in order of their names.
        existing_catalogs: those that are there, where the group gets rights only.
        service_principal: who production jobs run as; None where nobody deploys production.
        repository: what Git folders are made of; None where there is none.
        warehouse: how large the class's SQL warehouse is.
        limits: what students may start.
        makes_group: whether it makes the group; else it is the account's, and so is who is in it.
    """

    name: str
    description: str | None
    workspace: str | None
    embedded: bool
    backend: Backend
    group: str
    users: Users
    students: tuple[Student, ...]
    catalogs: tuple[str, ...]
    existing_catalogs: tuple[str, ...]
    service_principal: ServicePrincipal | None
    repository: Repository | None
    warehouse: WarehouseFile
    limits: LimitsFile
    makes_group: bool = True

    @property
    def stack(self) -> str:
        """The name of its stack."""
        return STACK

    @property
    def environment(self) -> str:
        """What MESH_ENV says of it."""
        return LOCAL_ENVIRONMENT if self.embedded else ENVIRONMENT

    @property
    def state_key(self) -> str:
        """What tells its state from others."""
        return f"workshop/{segment(self.name)}"

    @property
    def domain_catalogs(self) -> tuple[str, ...]:
        """The catalogs that students deploy to, made here or not."""
        return tuple(sorted({*self.catalogs, *self.existing_catalogs} - {CATALOG}))

    @property
    def data_schema(self) -> str:
        """The full name of the schema that holds the course's data."""
        return f"{CATALOG}.{DATA_SCHEMA}"

    @property
    def properties(self) -> Mapping[str, str]:
        """What its catalogs and schemas say of themselves."""
        return {PROPERTY: self.name}

    @property
    def tags(self) -> Mapping[str, str]:
        """What its clusters, jobs and warehouses say of themselves."""
        return {TAG: self.name}

    @property
    def warehouse_name(self) -> str:
        """What its SQL warehouse is called."""
        return f"workshop-{self.name}"

    def policy_name(self, kind: str) -> str:
        """What one of its cluster policies is called."""
        return f"workshop-{self.name}-{kind}"
