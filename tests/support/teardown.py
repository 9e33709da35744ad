"""A workshop in a fake workspace with fake Terraform states, for tests of its tear-down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mesh.errors import OutsideError
from mesh.terraform.plan import Plan, PlannedChange
from mesh.terraform.progress import Lines
from mesh.terraform.state import State
from mesh.terraform.terraform_command import SILENT, Reporter
from mesh.workshop.teardown.removals import WorkspaceContents
from mesh.workshop.teardown.report import TeardownReport
from mesh.workshop.teardown.teardown import Teardown
from mesh.workshop.teardown.workspace_object import WorkspaceObject

OLA, KARI, PER, ADMIN = (f"{name}@acme.example" for name in ("ola.nordmann", "kari", "per", "admin"))
TAXI = "acme/transport/taxinyc"
COMMIT = "5bd01c2f" + "0" * 32
TAGS = {"deployment": "dev_x", "git_url": "u", "git_branch": "b", "git_commit": COMMIT}


@dataclass(frozen=True)
class FakeStudent:
    email: str
    branch: str = "feat-gh1-oslo"


@dataclass(frozen=True)
class FakePrincipal:
    application_id: str = "SP-1"


@dataclass(frozen=True)
class FakeWorkshop:
    students: tuple[FakeStudent, ...]
    name: str = "oslo"
    service_principal: FakePrincipal | None = FakePrincipal()
    existing_catalogs: tuple[str, ...] = ("transport",)


@dataclass
class FakeWorkspace:
    """A workspace in memory."""

    objects: list[WorkspaceObject]
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    refused: Collection[str] = ()
    stops_at: str | None = None
    removed: list[str] = field(default_factory=list)

    def read(self, users: Collection[str], catalogs: Collection[str]) -> WorkspaceContents:
        return WorkspaceContents(ADMIN, tuple(self.objects), self.groups, self.unreadable)

    def remove(self, target: WorkspaceObject) -> None:
        if target.id == self.stops_at:
            self.stops_at = None
            raise KeyboardInterrupt
        if target.id in self.refused:
            raise OutsideError("it is in use")
        self.removed.append(target.id)
        self.forget([(target.type, target.id)])

    def forget(self, ids: Collection[tuple[str, str]]) -> None:
        """The objects with these types and ids no longer exist."""
        self.objects = [one for one in self.objects if (one.type, one.id) not in ids]

    def listing(self) -> list[str]:
        return sorted(f"{one.type} {one.id}" for one in self.objects)


@dataclass
class FakeTerraform:
    """Terraform with a state in memory."""

    folder: Path
    workspace: FakeWorkspace
    held: dict[str, Mapping[str, Any]]
    refused: Collection[str] = ()
    planned: tuple[str, ...] = ()

    stack = "workshop"

    def state(self) -> State:
        return State(dict(self.held))

    def init(self) -> None: ...

    def plan(self, targets: Iterable[str] = (), *, reporter: Reporter = SILENT) -> Plan:
        self.planned = tuple(targets) or tuple(self.held)
        return Plan(tuple(PlannedChange(one, ("delete",), {}, {}) for one in self.planned))

    def apply(self, reporter: Reporter = SILENT, reviewed: str | None = None) -> None:
        done = [one for one in self.planned if one not in self.refused]
        self.workspace.forget([(one.partition(".")[0], str(self.held[one].get("id"))) for one in done])
        self.held = {address: one for address, one in self.held.items() if address not in done}
        if self.refused:
            raise OutsideError("terraform apply of workshop failed, see above")

    def discard_plan(self) -> None:
        self.planned = ()


def schema(
    name: str, owner: str | None = None, *, creator: str | None = None, **marks: str
) -> WorkspaceObject:
    marked = {f"datamesh.{key}": value for key, value in marks.items()}
    return WorkspaceObject(
        "databricks_schema", name, name, owner, creator or owner, marked, name.partition(".")[0]
    )


def job(id: str, creator: str | None, place: str | None = None, **facts: Any) -> WorkspaceObject:
    facts.setdefault("tags", TAGS)
    return WorkspaceObject("databricks_job", id, f"job {id}", creator=creator, parent=place, **facts)


def catalog(name: str, **properties: str) -> WorkspaceObject:
    return WorkspaceObject("databricks_catalog", name, name, ADMIN, ADMIN, properties)


def key(email: str, project: str = TAXI, branch: str = "feat-gh1-oslo", commit: str = COMMIT) -> str:
    return f"{project}/dev/{email}/{branch}/{commit}"


HELD: Mapping[str, Mapping[str, Any]] = {
    "databricks_catalog.training": {"id": "training", "name": "training"},
    "databricks_schema.data": {"id": "training.data", "force_destroy": False},
    "databricks_schema.ola": {"id": "training.olanordmann", "force_destroy": True},
    "databricks_grants.training": {"id": "catalog/training", "catalog": "training"},
    "databricks_group.class": {"id": "7", "display_name": "class-oslo"},
    "databricks_user.kari": {"id": "8", "user_name": KARI},
    "databricks_cluster_policy.jobs": {"id": "pol1", "name": "oslo jobs"},
}
MADE = [
    catalog("training"),
    schema("training.data", ADMIN, workshop="oslo"),
    schema("training.olanordmann", ADMIN, workshop="oslo"),
]
GROUPS = {
    OLA: frozenset({"class-oslo", "taxi-team"}),
    KARI: frozenset({"class-oslo"}),
    ADMIN: frozenset({"admins"}),
}


def tear_down(
    tmp_path: Path,
    *objects: WorkspaceObject,
    states: Mapping[str, FakeTerraform] | None = None,
    refused: Collection[str] = (),
    held: Mapping[str, Mapping[str, Any]] = HELD,
    workspace: FakeWorkspace | None = None,
    **facts: Any,
) -> tuple[Teardown, FakeWorkspace]:
    """The tear-down of a workshop with Ola, an existing user, and Kari, whom it invited."""
    contents = workspace or FakeWorkspace([*MADE, *objects], dict(GROUPS))
    workshop = FakeWorkshop((FakeStudent(OLA), FakeStudent(KARI)), **facts)
    terraform = FakeTerraform(tmp_path / "own", contents, dict(held), refused)
    teardown = Teardown(workshop, terraform, (states or {}).get, contents, lambda line: None, Lines())
    return teardown, contents


def done(one: Teardown) -> TeardownReport:
    return one.run(dry_run=False, confirm=lambda: True)


def kept(report: TeardownReport) -> dict[str, str]:
    return {one.label: one.reason for one in report.kept}


def removed(report: TeardownReport) -> dict[str, str]:
    return dict(report.removed)
