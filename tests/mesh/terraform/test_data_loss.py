"""Data that a plan would lose is reported with its contents and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from mesh.errors import OutsideError
from mesh.terraform.data_loss import find_losses, holds_data, plan_data_changes, refuse_data_loss
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.state import State
from tests.mesh.conftest import PROJECT, Deployed
from tests.support.data_losses import (
    INCOME_FILE,
    RENAMED,
    STACK,
    Full,
    job,
    moved,
    pipeline,
    remedies,
    said,
    schema,
)


def test_a_destroyed_pipeline_loses_its_tables(deployed: Deployed) -> None:
    (deployment,) = deployed(RENAMED).deployments
    changes = [pipeline("prep_revenue_raw", "revenue", "delete")]
    contents = {"prep_revenue_raw_dlt": "3 tables"}

    (loss,) = find_losses(STACK, changes, Full(contents), deployment)

    assert str(loss) == (
        "pipeline `prep_revenue_raw_dlt` (3 tables) would be destroyed "
        f"({STACK}: databricks_pipeline.prep_revenue_raw)"
    )
    assert loss.remedy == f"restore pipeline `prep_revenue_raw_dlt` in its deployment.yml in {PROJECT}"


def test_a_renamed_flow_keeps_its_pipeline_and_schema_with_one_line(deployed: Deployed) -> None:
    changes = [
        schema("prep_income", "income", "create"),
        job("prep_income", "create"),
        schema("prep_turnover", "turnover", "delete"),
        pipeline("prep_turnover", "turnover", "delete"),
    ]
    remedy = said("prep/turnover", "prep/income", "turnover", INCOME_FILE)
    assert remedies(deployed, changes, RENAMED, moved("prep/turnover", INCOME_FILE)) == [remedy, remedy]


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_a_new_name_at_the_same_address_comes_from_the_template(
    deployed: Deployed, actions: tuple[str, ...]
) -> None:
    change = schema("prep_revenue", "revenue", *actions, because=("name",))
    (deployment,) = deployed({}).deployments
    (loss,) = find_losses(STACK, [change], Full({"acme.revenue": "empty"}), deployment)
    assert str(loss) == (
        f"schema `acme.revenue` (empty) would be destroyed and recreated ({STACK}: databricks_schema.prep_revenue)"
    )
    assert (
        loss.remedy
        == "restore the folder or the template in `.brickopscfg/config.yml` that its name comes from"
    )


def test_a_changed_immutable_field_is_reported_with_its_old_value(deployed: Deployed) -> None:
    before = {"catalog_name": "acme", "name": "revenue", "storage_root": "s3://old"}
    change = PlannedChange(
        "databricks_schema.prep_revenue", ("delete", "create"), before, {}, ("storage_root",)
    )
    assert remedies(deployed, [change], {}) == [
        "restore `storage_root: s3://old`, which cannot be changed later"
    ]


def test_a_catalog_belongs_to_no_project() -> None:
    change = PlannedChange("databricks_catalog.acme", ("delete",), {"name": "acme"}, {})
    (loss,) = find_losses("acme-foundation-main", [change], Full(), None)
    assert str(loss) == (
        "catalog `acme` (contents unknown) would be destroyed (acme-foundation-main: databricks_catalog.acme)"
    )
    assert loss.remedy == (
        "if a domain or project was renamed, set `renamed_from: <old domain>/<old project>` in the "
        "project.yml of each project with data in it; if it shall stay, restore the folder or the template "
        "in `.brickopscfg/config.yml` that its name comes from"
    )


def test_jobs_and_changes_in_place_lose_no_data(deployed: Deployed) -> None:
    changes = [job("prep_revenue", "delete"), schema("prep_revenue", "revenue", "update")]
    (deployment,) = deployed({}).deployments
    refuse_data_loss(find_losses(STACK, changes, Full(), deployment))
    assert list(find_losses(STACK, changes, Full(), deployment)) == []


def test_a_state_without_data_is_not_planned() -> None:
    assert not holds_data(State({"databricks_job.a": {}}))
    assert holds_data(State({"databricks_volume.a": {}}))


@dataclass
class Planner:
    """A fake Terraform that returns these plans in order, and records its calls."""

    plans: list[Plan]
    asked: list[list[str]] = field(default_factory=list)
    resources: tuple[DeclaredResource, ...] = (
        DeclaredResource("databricks_schema.new", {}),
        DeclaredResource("databricks_job.new", {}),
    )
    moved: tuple[str, ...] = ("databricks_job.old", "databricks_job.new")

    def plan(self, targets: Sequence[str] = ()) -> Plan:
        self.asked.append(list(targets))
        return self.plans.pop(0)

    def state(self) -> State:
        return State({"databricks_schema.old": {}, "databricks_job.old": {}})


LOSS = schema("old", "old", "delete")


def test_objects_are_named_if_prevent_destroy_stops_the_plan() -> None:
    assert plan_data_changes(Planner([Plan((LOSS,), "Instance cannot be destroyed")])) == (LOSS,)


def test_after_an_unrelated_error_only_data_is_planned() -> None:
    """A lookup may need an object of the same deployment; both addresses of a rename are planned together."""
    terraform = Planner([Plan((), "no such cluster"), Plan((LOSS,))])
    assert plan_data_changes(terraform) == (LOSS,)
    assert terraform.asked == [
        [],
        ["databricks_schema.old", "databricks_schema.new", "databricks_job.old", "databricks_job.new"],
    ]


def test_a_stack_that_cannot_be_planned_is_refused() -> None:
    with pytest.raises(OutsideError, match="the backend does not answer"):
        plan_data_changes(Planner([Plan((), "?"), Plan((), "the backend does not answer")]))
