"""`mesh drift`: compares states with the workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mesh.commands.drift import StackDrift, drift_report, read_drift, refuse_failed
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.terraform.plan import Plan
from mesh.terraform.state import State
from mesh.terraform.terraform_command import SILENT, Reporter

JOB = "databricks_job.prep_revenue"


class Stack:
    """Terraform whose state holds one job that was changed by hand."""

    stack = "acme-transport-taxinyc-dev"
    config = {"resource": {"databricks_job": {"prep_revenue": {"name": "revenue"}}}}  # noqa: RUF012

    def __init__(self, held: bool = True, error: str | None = None) -> None:
        self.held = {JOB: {"id": "7"}} if held else {}
        self.error = error
        self.discarded = False
        self.refreshed = True

    def state(self) -> State:
        return State(self.held)

    def plan(self, *, refresh_only: bool = False, reporter: Reporter = SILENT) -> Plan:
        self.refreshed = refresh_only
        return Plan((), self.error)

    def show(self) -> str:
        if not self.refreshed:
            update = {"address": JOB, "type": "databricks_job", "change": {"actions": ["update"]}}
            return json.dumps({"resource_changes": [update]})
        change = {"actions": ["update"], "before": {"name": "revenue"}, "after": {"name": "by hand"}}
        drift = {"address": JOB, "mode": "managed", "type": "databricks_job", "name": "a", "change": change}
        return json.dumps({"resource_drift": [drift]})

    def discard_plan(self) -> None:
        self.discarded = True


class Workspace:
    """A workspace that answers every request in the same way."""

    def __init__(self, answer: Mapping[str, Any] | None = None, refuses: str = "") -> None:
        self.answer = answer
        self.refuses = refuses

    def user(self) -> str:
        if self.refuses:
            raise OutsideError(self.refuses)
        return "ola@acme.example"

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        return self.answer


def test_a_changed_field_of_the_code_is_drift_and_the_plan_is_discarded() -> None:
    stack = Stack()

    drift = read_drift(stack, Workspace)

    assert drift.plan is not None
    assert [change.address for change in drift.plan.changes] == [JOB]
    assert (drift.note, stack.discarded) == ("", True)
    assert drift.updated_next == {JOB}


def test_the_objects_of_the_state_are_read_from_the_workspace() -> None:
    drift = read_drift(Stack(), lambda: Workspace({"settings": {"description": "by hand"}}))

    assert drift.look is not None
    [job] = drift.look.live.objects
    assert (job.address, job.settings) == (JOB, {"description": "by hand"})
    assert (drift.look.user, drift.look.declared) == ("ola@acme.example", {JOB: {"name"}})


def test_a_workspace_that_refuses_the_login_is_a_note_beside_what_terraform_shows() -> None:
    drift = read_drift(Stack(), lambda: Workspace(refuses="the workspace refuses: no"))

    assert drift.plan is not None
    assert len(drift.plan.changes) == 1
    assert drift.look is None
    assert drift.note.endswith("that only the workspace shows: the workspace refuses: no")


def test_a_stack_without_resources_in_its_state_is_not_deployed() -> None:
    assert read_drift(Stack(held=False), Workspace) == StackDrift(Stack.stack, None)


def test_a_stack_that_cannot_be_compared_is_reported_with_the_error(tmp_path) -> None:
    report = drift_report([read_drift(Stack(error="no such host"), Workspace)], Mesh(tmp_path, ()), "dev")

    with pytest.raises(OutsideError, match=f"^1 stack could not be checked, see above: {Stack.stack}$"):
        refuse_failed(report)


def test_a_report_without_failures_is_not_refused(tmp_path) -> None:
    refuse_failed(drift_report([StackDrift(Stack.stack, None)], Mesh(tmp_path, ()), "dev"))
