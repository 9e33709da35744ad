"""`mesh drift`: compares states with the workspace."""

from __future__ import annotations

import json

import pytest

from mesh.commands.drift import StackDrift, drift_report, read_drift, refuse_failed
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.terraform.plan import Plan
from mesh.terraform.state import State

JOB = "databricks_job.prep_revenue"


class Stack:
    """Terraform whose state holds one job that was changed by hand."""

    stack = "acme-transport-taxinyc-dev"
    config = {"resource": {"databricks_job": {"prep_revenue": {"name": "revenue"}}}}  # noqa: RUF012

    def __init__(self, held: bool = True, error: str | None = None) -> None:
        self.held = {JOB: {"id": "7"}} if held else {}
        self.error = error
        self.discarded = False

    def state(self) -> State:
        return State(self.held)

    def plan(self, *, refresh_only: bool = False) -> Plan:
        assert refresh_only
        return Plan((), self.error)

    def show(self) -> str:
        change = {"actions": ["update"], "before": {"name": "revenue"}, "after": {"name": "by hand"}}
        drift = {"address": JOB, "mode": "managed", "type": "databricks_job", "name": "a", "change": change}
        return json.dumps({"resource_drift": [drift]})

    def discard_plan(self) -> None:
        self.discarded = True


def test_a_changed_field_of_the_code_is_drift_and_the_plan_is_discarded() -> None:
    stack = Stack()

    drift = read_drift(stack)

    assert drift.plan is not None
    assert [change.address for change in drift.plan.changes] == [JOB]
    assert (drift.note, stack.discarded) == ("", True)


def test_a_stack_without_resources_in_its_state_is_not_deployed() -> None:
    assert read_drift(Stack(held=False)) == StackDrift(Stack.stack, None)


def test_a_stack_that_cannot_be_compared_is_reported_with_the_error(tmp_path) -> None:
    report = drift_report([read_drift(Stack(error="no such host"))], Mesh(tmp_path, ()), "dev")

    with pytest.raises(OutsideError, match=f"^1 stack could not be checked, see above: {Stack.stack}$"):
        refuse_failed(report)


def test_a_report_without_failures_is_not_refused(tmp_path) -> None:
    refuse_failed(drift_report([StackDrift(Stack.stack, None)], Mesh(tmp_path, ()), "dev"))
