"""`mesh adopt`: lists, refuses and plans the adoption of existing objects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from mesh.commands.adopt import adopt_workshop, plan_adoption, refuse_others
from mesh.errors import OutsideError
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.state import State, read_state
from mesh.terraform.terraform_command import Reporter
from mesh.terraform.unmanaged import StackOwner, UnmanagedObject
from mesh.terraform.workspace import ExistingObject

CLAIM = StackOwner("acme-transport-taxinyc-prod", "acme/transport/taxinyc/prod")


JOB = DeclaredResource("databricks_job.prep_revenue", {"name": "revenue"})


@dataclass
class Planner:
    """A fake Terraform that returns one plan and records its calls."""

    answer: Plan
    asked: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    stack: str = CLAIM.stack
    applied: int = 0
    errored_state: Path | None = None

    def plan(self, targets: Iterable[str], imports: dict[str, str], *, reporter: Reporter) -> Plan:
        self.asked.append((list(targets), imports))
        return self.answer

    def apply(self, reporter: Reporter, reviewed: str | None) -> None:
        assert reviewed == self.answer.file_hash
        self.applied += 1

    def init(self) -> None: ...

    def state(self) -> State:
        return State({})

    def discard_plan(self) -> None: ...


def thing(objection: str | None = None) -> UnmanagedObject:
    """A job that exists in the workspace."""
    return UnmanagedObject(JOB, "revenue", ExistingObject("7"), CLAIM, objection)


def change(address: str, *actions: str, **attributes: tuple[object, object]) -> PlannedChange:
    """A planned change of a resource, by its attributes before and after."""
    before = {name: values[0] for name, values in attributes.items()}
    after = {name: values[1] for name, values in attributes.items()}
    return PlannedChange(address, actions, before, after, imports=address == JOB.address)


def test_adopted_objects_are_listed_with_id_and_changes() -> None:
    taken = change(
        JOB.address,
        "update",
        max_concurrent_runs=(4, 1),
        description=("", "What taxis earn"),
        tags=({"git_branch": "main"}, {"git_branch": "main", "deployment": "prod", "git_commit": "c" * 40}),
        name=("revenue", "revenue"),
        timeout_seconds=(0, None),
        force_destroy=(None, False),
    )
    terraform = Planner(Plan((taken, change("databricks_notebook.a", "create"))))
    adoption = plan_adoption(terraform, [thing()])
    assert list(adoption.lines()) == [
        "acme-transport-taxinyc-prod:",
        "  job `revenue`, id 7, becomes databricks_job.prep_revenue",
        '    description: "" → "What taxis earn"',
        "    max_concurrent_runs: 4 → 1",
        '    tags: {"git_branch": "main"} → {"deployment": "prod", "git_branch": "main", "git_commit": "…',
        "  databricks_notebook.a is created, because they depend on it",
    ]
    assert terraform.asked == [([JOB.address], {JOB.address: "7"})]


def test_an_object_that_would_be_recreated_is_not_adopted() -> None:
    schema = PlannedChange(
        "databricks_schema.a",
        ("delete", "create"),
        {"storage_root": "s3://old"},
        {"storage_root": None},
        because=("storage_root",),
    )
    gone = change("databricks_volume.b", "delete")
    with pytest.raises(OutsideError) as caught:
        plan_adoption(Planner(Plan((schema, gone))), [thing()])
    assert str(caught.value) == "\n".join(
        [
            "adopting objects into acme-transport-taxinyc-prod would destroy some of them:",
            '  databricks_schema.a would be recreated, because it cannot be changed in place: storage_root: "s3://old" → null',
            "  databricks_volume.b is no longer declared",
            "nothing was changed (declare them as they are in the workspace, or remove them there)",
        ]
    )


def test_the_error_of_a_failed_plan_is_reported() -> None:
    with pytest.raises(OutsideError, match="no such cluster"):
        plan_adoption(Planner(Plan((), "no such cluster")), [thing()])


def test_nothing_is_adopted_if_an_object_belongs_to_another_deployment() -> None:
    refuse_others([thing()])
    with pytest.raises(OutsideError) as caught:
        refuse_others([thing(), thing("(id 7) is of kari@acme.example")])
    assert str(caught.value) == (
        "some objects do not belong to this deployment:\n"
        "  job `revenue` (id 7) is of kari@acme.example\n"
        "nothing was changed"
    )


@dataclass
class Class:
    """A workshop whose state lacks one object."""

    terraform: Planner
    owner: StackOwner = StackOwner("workshop", "workshop/spring")  # noqa: RUF009

    def search(self) -> Class:
        return self

    def objects(self) -> list[UnmanagedObject]:
        return [thing()]


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_objects_of_a_workshop_are_adopted_unless_it_is_a_dry_run(
    dry_run: bool, events, capsys: pytest.CaptureFixture[str]
) -> None:
    terraform = Planner(Plan((change(JOB.address, "update"),), file_hash="of the plan"))

    adopt_workshop(cast(Any, Class(terraform)), events, dry_run=dry_run, auto_approve=True)

    adopted = "Adopted; `mesh workshop deploy` creates the missing resources." in capsys.readouterr().out
    assert (terraform.applied, adopted) == (0 if dry_run else 1, not dry_run)


def test_a_truncated_state_is_restored_before_an_errored_state_is_saved(
    tmp_path: Path, events, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk leaves both, and Terraform cannot save a state over a truncated one."""
    state = tmp_path / "mesh.tfstate"
    state.write_text('{"version": 4, "res')
    state.with_name("mesh.tfstate.backup").write_text('{"version": 4, "resources": []}')

    class FullDisk(Planner):
        def state(self) -> State:
            return read_state(state)

        def push_errored_state(self) -> str:
            json.loads(state.read_text())
            return "saved"

    terraform = FullDisk(Plan((change(JOB.address, "update"),)), errored_state=tmp_path / "errored.tfstate")

    adopt_workshop(cast(Any, Class(terraform)), events, dry_run=False, auto_approve=True)

    told = capsys.readouterr().out.splitlines()
    assert "its backup is restored" in told[0]
    assert told[1] == "saved"
