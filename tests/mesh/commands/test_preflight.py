"""The checks before a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mesh.commands.preflight import Preflight
from mesh.commands.stack_plans import PlannedStack
from mesh.errors import OutsideError
from mesh.review.plan import StackPlan, resource_change
from mesh.terraform.plan import Plan, read_change
from mesh.terraform.state import State
from tests.mesh.commands.conftest import FakeTarget, change


def test_the_expected_user_may_deploy(target) -> None:
    Preflight(target).refuse_other_user(target.stacks)


def test_each_stack_searches_for_its_own_deployment(target) -> None:
    foundation, _, taxi = Preflight(target).searches(target.stacks)

    assert (foundation.owner.project_file, foundation.owner.identity.key) == (None, ())
    assert taxi.owner.project_file == "orgs/acme/domains/transport/projects/taxinyc/project.yml"
    assert taxi.owner.identity.user == "ola@acme.example"
    assert taxi.owner.state_key == target.stacks[-1].state_key


def test_existing_objects_are_refused_with_the_command_that_adopts_them(target, monkeypatch) -> None:
    class Search:
        def objects(self) -> list[str]:
            return ["job `revenue` exists"]

    monkeypatch.setattr(Preflight, "searches", lambda self, stacks: [Search()])

    with pytest.raises(OutsideError, match=r"exist already[^`]*\n  job `revenue` exists\n[^`]*`mesh adopt`"):
        Preflight(target).refuse_unmanaged(target.stacks)


def destroying(target, stack) -> PlannedStack:
    """A stack whose plan destroys a schema."""
    entry = change("databricks_schema.prep_old", "delete", before={"catalog_name": "acme"})
    plan = Plan((read_change(entry),))
    terraform = target.terraform(stack)
    return PlannedStack(stack, terraform, plan, StackPlan(stack.stack, ()))


def test_a_personal_deployment_may_lose_its_own_data(target) -> None:
    Preflight(target).refuse_data_loss([destroying(target, target.stacks[-1])])


def test_a_shared_deployment_may_not_lose_data(target) -> None:
    with pytest.raises(OutsideError, match=r"this would lose data:\n  schema `acme.prep_old` \(2 tables\)"):
        Preflight(target).refuse_data_loss([destroying(target, target.stacks[0])])


JOB = "databricks_job.prep_revenue"


class DeployedJob:
    """Terraform whose state holds one job."""

    config = {"resource": {"databricks_job": {"prep_revenue": {"name": "revenue"}}}}  # noqa: RUF012

    def state(self) -> State:
        return State({JOB: {"id": "7", "name": "revenue"}})


class Workspace:
    """A workspace whose job somebody gave a timeout."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses

    def user(self) -> str:
        return "ola@acme.example"

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        if self.refuses:
            raise OutsideError(self.refuses)
        return {"settings": {"name": "revenue", "timeout_seconds": 7}}


@dataclass(frozen=True)
class DeployedTarget(FakeTarget):
    """A target whose stacks are deployed to a workspace.

    Args:
        reached: the workspace.
    """

    reached: Workspace = field(default_factory=Workspace)

    def terraform(self, stack: Any) -> Any:
        return DeployedJob()

    def workspace(self, stack: Any) -> Any:
        return self.reached


def test_a_deployment_warns_about_what_it_leaves(target, capsys) -> None:
    deployed = DeployedTarget(target.deployed, target.root)

    Preflight(deployed).warn_about_changes_by_hand(target.stacks[-1:])

    warned = capsys.readouterr().err
    assert "Warning: job `revenue`" in warned
    assert "`timeout_seconds`: `7` (was not set)" in warned
    assert "the next deployment leaves it, unless it updates the job" in warned


def test_a_deployment_of_a_reviewed_plan_says_what_the_plan_reverts(target, capsys) -> None:
    deployed, stack = DeployedTarget(target.deployed, target.root), target.stacks[-1]
    change = {"actions": ["update"], "before": {"name": "a"}, "after": {"name": "b"}}
    update = resource_change({"address": JOB, "type": "databricks_job", "change": change})

    Preflight(deployed).warn_about_changes_by_hand([stack], {stack.stack: StackPlan(stack.stack, (update,))})

    assert "the next deployment reverts it, because it updates the job anyway" in capsys.readouterr().err


def test_a_workspace_that_refuses_the_read_does_not_stop_the_deployment(target, capsys) -> None:
    deployed = DeployedTarget(target.deployed, target.root, Workspace("the workspace refuses: no"))

    Preflight(deployed).warn_about_changes_by_hand(target.stacks[-1:])

    assert f"Warning: settings of {JOB}: the workspace refuses: no" in capsys.readouterr().err
