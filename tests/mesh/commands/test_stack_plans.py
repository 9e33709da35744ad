"""Plans of stacks: what is kept, what is planned later, and what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.stack_plans import (
    Planner,
    needed_foundations,
    planned_later,
    refuse_failed_plans,
    summary,
    without_undeclared,
)
from mesh.errors import OutsideError
from mesh.terraform.plan import DeclaredResource, Plan, read_change
from mesh.terraform.terraform_command import SILENT
from tests.mesh.commands.conftest import change
from tests.mesh.terraform.conftest import declare

POLICY = change("databricks_cluster_policy.small", "create")


@pytest.fixture
def planner(target, events) -> Planner:
    return Planner(target, events, 1)


def test_a_plan_with_undeclared_resources_only_is_no_plan_where_they_are_kept(target, planner) -> None:
    foundation = target.stacks[0].stack
    target.fakes[foundation].entries = [change("databricks_catalog.other", "delete")]

    one = planner.plan(target.stacks[:1], keep=[foundation])[foundation]

    assert (one.changes, one.kept) == ((), ("databricks_catalog.other",))


def test_a_plan_that_was_discarded_is_no_failure_where_another_stack_changes(
    target, planner, monkeypatch
) -> None:
    """The whole plan destroys what is kept, so a review reads a plan of what is declared."""
    foundation, costs = (stack.stack for stack in target.stacks[:2])
    fake = target.fakes[foundation]
    fake.entries = [change("databricks_catalog.other", "delete")]
    fake.resources = (DeclaredResource("databricks_catalog.acme", {}),)
    target.fakes[costs].entries = [POLICY]
    monkeypatch.setattr(fake, "show", lambda: fake._text([]) if len(target.calls[-1]) > 2 else None)

    planned = planner.plan(target.stacks[:2], keep=[foundation])

    assert target.calls[-1] == ("plan", foundation, "databricks_catalog.acme")
    assert (planned[foundation].review.error, planned[foundation].applicable) == (None, False)


def test_a_renamed_resource_is_not_undeclared(target, planner) -> None:
    foundation = target.stacks[0].stack
    fake = target.fakes[foundation]
    fake.moved = ("databricks_catalog.old", "databricks_catalog.new")
    fake.resources = (DeclaredResource("databricks_catalog.new", {}),)
    fake.entries = [change("databricks_catalog.old", "delete")]

    one = planner.plan(target.stacks[:1], keep=[foundation])[foundation]

    assert ([change.address for change in one.changes], one.kept) == (["databricks_catalog.old"], ())


def test_a_failure_to_start_is_the_error_of_the_plan(target, planner, monkeypatch) -> None:
    foundation = target.stacks[0].stack

    def fail(*_: object, **__: object) -> Plan:
        raise OutsideError("no backend")

    monkeypatch.setattr(target.fakes[foundation], "plan", fail)

    planned = planner.plan(target.stacks[:1])

    assert planned[foundation].review.error == "no backend"
    with pytest.raises(OutsideError, match="no backend"):
        refuse_failed_plans(planned.values(), shown=False)


def test_a_lookup_of_another_type_does_not_wait(target, planner) -> None:
    foundation, _, taxi = (stack.stack for stack in target.stacks)
    target.fakes[foundation].entries = [POLICY]
    target.fakes[taxi].config = {"data": {"databricks_group": {"team": {}}}}

    assert planned_later(planner.plan(target.stacks)) == frozenset()


def test_only_foundations_of_the_selected_projects_are_needed(target) -> None:
    foundation, costs, _ = target.stacks

    assert needed_foundations([costs], target.stacks) == [foundation]
    assert needed_foundations([foundation, costs], target.stacks) == []


def test_a_summary_leaves_out_what_is_not_changed() -> None:
    replaced = read_change(change("databricks_job.a", "delete", "create"))

    assert summary(Plan((read_change(POLICY), replaced))) == "2 to add, 1 to destroy"
    assert summary(Plan(())) == "no changes"
    assert summary(Plan((), "no")) == "failed"


def test_terraform_changes_what_is_declared_and_leaves_the_rest(tmp_path: Path) -> None:
    before = declare(tmp_path, "acme-foundation-local", a={"input": "1"}, of_another_branch={"input": "1"})
    before.plan()
    before.apply()
    terraform = declare(tmp_path, "acme-foundation-local", a={"input": "2"})
    whole = terraform.plan()

    plan, kept = without_undeclared(terraform, whole, SILENT)
    terraform.apply()

    assert kept == ("terraform_data.of_another_branch",)
    assert [change.address for change in plan.changes] == ["terraform_data.a"]
    assert set(terraform.state().held) == {"terraform_data.a", "terraform_data.of_another_branch"}
