"""The deployment of a class, with a fake Terraform and a fake workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from mesh.errors import OutsideError, UsageError
from mesh.model.backend import Backend
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.progress import Lines
from mesh.terraform.state import State
from mesh.terraform.terraform_command import Reporter
from mesh.terraform.workspace import ExistingObject
from mesh.workshop import deploy
from mesh.workshop.deploy import Deployer
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.student import Student
from mesh.workshop.workshop import Repository, Workshop

ADA = Student("ada@example.com", "Ada", None, "feat-gh1000-oslo")
WORKSHOP = Workshop(
    name="spring",
    description=None,
    workspace="https://x.example.com",
    embedded=False,
    backend=Backend("local", {"path": ".mesh/state"}),
    group="students",
    users="existing",
    students=(ADA,),
    catalogs=("training",),
    existing_catalogs=(),
    service_principal=None,
    repository=None,
    warehouse=WarehouseFile(),
    limits=LimitsFile(),
)
CREATED = PlannedChange("databricks_group.students", ("create",), {}, {})
CATALOG = DeclaredResource("databricks_catalog.training", {"name": "training"})


@dataclass
class FakeRuntime:
    """A runtime, its Terraform and its workspace in one.

    Args:
        changes: the planned changes.
        existing: the objects in the workspace, by type and name.
        calls: the methods that were called, in order.
    """

    changes: tuple[PlannedChange, ...] = (CREATED,)
    error: str | None = None
    existing: Mapping[tuple[str, str], ExistingObject] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    local_state = None
    resources = (CATALOG,)

    def __call__(self, *arguments: object) -> FakeRuntime:
        return self

    def terraform(self, stack: str) -> FakeRuntime:
        return self

    def workspace(self, host: str | None) -> FakeRuntime:
        return self

    def synthesize(self, stacks: Sequence[Any]) -> None:
        self.calls.append("synthesize")

    def state(self) -> State:
        return State({})

    def find(self, type: str, name: str) -> list[ExistingObject]:
        found = self.existing.get((type, name))
        return [found] if found else []

    def holds(self, type: str, name: str) -> str:
        return "3 tables"

    def plan(self, reporter: Reporter) -> Plan:
        self.calls.append("plan")
        return Plan(self.changes, self.error, file_hash="of the plan")

    def apply(self, reporter: Reporter, reviewed: str | None) -> None:
        assert reviewed == "of the plan"
        self.calls.append("apply")

    def discard_plan(self) -> None:
        self.calls.append("discard")


def deployer(
    monkeypatch: pytest.MonkeyPatch, runtime: FakeRuntime, workshop: Workshop = WORKSHOP
) -> Deployer:
    monkeypatch.setattr(deploy, "Runtime", runtime)
    return Deployer(workshop, Path.cwd(), Lines())


def branches(monkeypatch: pytest.MonkeyPatch, missing: Any) -> None:
    """Replaces the branches in the remote: a list of missing students, or an error."""

    class FakeBranches:
        def __init__(self, *arguments: object) -> None:
            pass

        def missing(self) -> list[Student]:
            if isinstance(missing, Exception):
                raise missing
            found: list[Student] = missing
            return found

    monkeypatch.setattr(deploy, "Branches", FakeBranches)


def test_changes_are_printed_and_applied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = FakeRuntime()

    deployer(monkeypatch, runtime).deploy(auto_approve=True)

    assert runtime.calls == ["synthesize", "plan", "apply", "discard"]
    assert [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")] == [
        "Planning 1 stack",
        "+ the class: group",
        "Applying 1 stack",
        "workshop spring with 1 student is deployed.",
    ]


def test_without_changes_nothing_is_applied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = FakeRuntime(changes=())

    deployer(monkeypatch, runtime).deploy(auto_approve=True)

    assert runtime.calls == ["synthesize", "plan", "discard"]
    assert "is up to date: nothing to change." in capsys.readouterr().out


def test_a_diff_applies_nothing_and_reports_data_losses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {"catalog_name": "training", "name": "ada"}
    runtime = FakeRuntime(changes=(PlannedChange(f"databricks_schema.{ADA.id}", ("delete",), before, {}),))

    deployer(monkeypatch, runtime).diff()

    assert runtime.calls == ["synthesize", "plan", "discard"]
    assert "! schema training.ada is destroyed: 3 tables" in capsys.readouterr().out


def test_a_failed_plan_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(error="prevent_destroy")

    with pytest.raises(OutsideError, match="prevent_destroy"):
        deployer(monkeypatch, runtime).deploy(auto_approve=True)

    assert runtime.calls == ["synthesize", "plan", "discard"]


@pytest.mark.parametrize(
    ("embedded", "remedy"),
    [
        (False, r": name it in `existing_catalogs` in workshop\.yml\n.*`mesh workshop adopt`"),
        (True, "\n.*`mesh workshop adopt`.*a rehearsal needs its own workspace"),
    ],
)
def test_objects_outside_the_state_are_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, embedded: bool, remedy: str
) -> None:
    runtime = FakeRuntime(existing={("databricks_catalog", "training"): ExistingObject("training")})

    with pytest.raises(OutsideError, match=rf"`training` exists already \(id training\){remedy}"):
        deployer(monkeypatch, runtime, replace(WORKSHOP, embedded=embedded)).deploy(auto_approve=True)

    assert runtime.calls == ["synthesize"]


@pytest.mark.parametrize(
    ("repository", "why"),
    [
        (None, "this checkout has no `origin`"),
        (Repository("/srv/git/mesh.git", "main"), "Databricks cannot clone /srv/git/mesh.git"),
    ],
)
@pytest.mark.parametrize("embedded", [False, True])
def test_a_class_without_git_folders_is_deployed_with_a_warning(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    repository: Repository | None,
    why: str,
    embedded: bool,
) -> None:
    runtime = FakeRuntime()

    deployer(monkeypatch, runtime, replace(WORKSHOP, repository=repository, embedded=embedded)).deploy(
        auto_approve=True
    )

    assert capsys.readouterr().err.splitlines() == [
        f"Warning: students get no Git folders: {why} (set `repository: {{url: https://…}}` in workshop.yml)"
    ]
    assert "apply" in runtime.calls


def test_missing_branches_are_refused_with_the_command_that_creates_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = FakeRuntime()
    branches(monkeypatch, [ADA])
    workshop = replace(WORKSHOP, repository=Repository("https://git.example.com/mesh", "main"))

    with pytest.raises(OutsideError, match=r"1 of 1 students' branches .*mesh workshop branches --push"):
        deployer(monkeypatch, runtime, workshop).deploy(auto_approve=True)

    assert runtime.calls == []


def test_unknown_branches_are_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = FakeRuntime()
    branches(monkeypatch, OutsideError("no route"))
    workshop = replace(WORKSHOP, repository=Repository("https://git.example.com/mesh", "main"))

    deployer(monkeypatch, runtime, workshop).deploy(auto_approve=True)

    assert "Warning: the branches could not be checked: no route" in capsys.readouterr().err
    assert "apply" in runtime.calls


def test_without_a_terminal_a_confirmation_is_needed_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime()

    with pytest.raises(UsageError):
        deployer(monkeypatch, runtime).deploy(auto_approve=False)

    assert runtime.calls == []
