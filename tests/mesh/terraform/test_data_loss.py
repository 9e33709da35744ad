"""Data that a plan would lose is reported with its contents and a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from mesh.errors import OutsideError
from mesh.terraform.data_loss import find_losses, holds_data, plan_data_changes, refuse_data_loss
from mesh.terraform.plan import DeclaredResource, Plan, PlannedChange
from mesh.terraform.state import State
from mesh.terraform.workspace import ExistingObject
from tests.mesh.conftest import FLOW, PROJECT, Deployed

STACK = "acme-transport-taxinyc-prod"
INCOME = f"{PROJECT}/flows/prep/income"
TASKS = "tasks: [{task_key: a, serverless: true}]"
RENAMED = {f"{INCOME}/deployment.yml": TASKS, f"{INCOME}/a.py": ""}


@dataclass(frozen=True)
class Full:
    """A fake workspace that reports contents."""

    contents: Mapping[str, str] = field(default_factory=dict)

    def find(self, type: str, name: str) -> list[ExistingObject]:
        return []

    def holds(self, type: str, full_name: str) -> str:
        return self.contents.get(full_name, "")


def schema(id: str, name: str, *actions: str, because: tuple[str, ...] = ()) -> PlannedChange:
    """A planned change of a schema."""
    before = {"catalog_name": "acme", "name": name} if actions != ("create",) else {}
    return PlannedChange(f"databricks_schema.{id}", actions, before, {}, because)


def volume(id: str, name: str, schema_name: str, *actions: str) -> PlannedChange:
    """A planned change of a volume."""
    before = {"catalog_name": "acme", "schema_name": schema_name, "name": name}
    return PlannedChange(f"databricks_volume.{id}", actions, before, {})


def job(id: str, *actions: str) -> PlannedChange:
    """A planned change of a job."""
    return PlannedChange(f"databricks_job.{id}", actions, {}, {})


def pipeline(id: str, schema_name: str, *actions: str) -> PlannedChange:
    """A planned change of a pipeline."""
    before = {"catalog": "acme", "schema": schema_name, "name": f"{id}_dlt"}
    return PlannedChange(f"databricks_pipeline.{id}", actions, before, {})


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
    said = f"if it was renamed, add `renamed_from: turnover` to {INCOME}/deployment.yml"
    assert remedies(deployed, changes, RENAMED) == [said, said]


def test_the_remedy_for_a_renamed_flow_is_renamed_from(deployed: Deployed) -> None:
    changes = [
        schema("prep_income", "income", "create"),
        job("prep_income", "create"),
        schema("prep_turnover", "turnover", "delete"),
        volume("prep_turnover_raw", "raw", "turnover", "delete"),
        job("prep_turnover", "delete"),
    ]
    (deployment,) = deployed(RENAMED).deployments
    contents = {"acme.turnover": "12 tables, 1 volume", "acme.turnover.raw": "1,000 or more files"}
    with pytest.raises(OutsideError) as caught:
        refuse_data_loss(find_losses(STACK, changes, Full(contents), deployment))
    assert str(caught.value) == "\n".join(
        [
            "this would lose data:",
            f"  schema `acme.turnover` (12 tables, 1 volume) would be destroyed ({STACK}: databricks_schema.prep_turnover)",
            f"  volume `acme.turnover.raw` (1,000 or more files) would be destroyed ({STACK}: databricks_volume.prep_turnover_raw)",
            "nothing was changed; to keep it:",
            f"  if it was renamed, add `renamed_from: turnover` to {INCOME}/deployment.yml",
            "to lose it on purpose, drop it in the workspace first",
        ]
    )


def remedies(deployed: Deployed, changes: Sequence[PlannedChange], files: Mapping[str, str]) -> list[str]:
    """The remedies for a plan of a mesh of these files."""
    (deployment,) = deployed(files).deployments
    return [loss.remedy for loss in find_losses(STACK, changes, Full(), deployment)]


def test_the_remedy_names_a_flow_of_another_type_by_its_path(deployed: Deployed) -> None:
    changes = [
        schema("prep_income", "income", "create"),
        job("prep_income", "create"),
        schema("ml_turnover", "turnover", "delete"),
    ]
    assert remedies(deployed, changes, RENAMED) == [
        f"if it was renamed, add `renamed_from: ml/turnover` to {INCOME}/deployment.yml"
    ]


def test_several_schemas_of_one_flow_have_one_remedy(deployed: Deployed) -> None:
    files = {**RENAMED, f"{INCOME}/deployment.yml": f"{TASKS}\nschemas: [raw, clean]"}
    changes = [
        schema("prep_income_raw", "raw2", "create"),
        schema("prep_income_clean", "clean2", "create"),
        job("prep_income", "create"),
        schema("prep_turnover_raw", "raw", "delete"),
        schema("prep_turnover_clean", "clean", "delete"),
    ]
    assert (
        remedies(deployed, changes, files)
        == [f"if it was renamed, add `renamed_from: turnover` to {INCOME}/deployment.yml"] * 2
    )


def test_the_remedy_finds_a_renamed_flow_whose_schema_keeps_its_name(deployed: Deployed) -> None:
    """The schema of the new flow has the name of the old flow."""
    files = {**RENAMED, f"{INCOME}/deployment.yml": f"{TASKS}\nschemas: [turnover]"}
    changes = [
        schema("prep_income_turnover", "turnover", "create"),
        job("prep_income", "create"),
        schema("prep_turnover", "turnover", "delete"),
    ]
    assert remedies(deployed, changes, files) == [
        f"if it was renamed, add `renamed_from: turnover` to {INCOME}/deployment.yml"
    ]


def test_the_remedy_names_all_renamed_parts_of_a_flow(deployed: Deployed) -> None:
    parts = [f"{PROJECT}/flows/ml/model/{part}" for part in ("inference", "training")]
    files = {
        f"{part}/{file}": text for part in parts for file, text in (("deployment.yml", TASKS), ("a.py", ""))
    }
    changes = [
        schema("ml_model", "model", "create"),
        job("ml_model_inference", "create"),
        job("ml_model_training", "create"),
        schema("ml_oldmodel", "oldmodel", "delete"),
    ]
    assert remedies(deployed, changes, files) == [
        f"if it was renamed, add `renamed_from: oldmodel` to {parts[0]}/deployment.yml and {parts[1]}/deployment.yml"
    ]


def test_the_remedy_for_a_removed_flow_is_to_restore_it(deployed: Deployed) -> None:
    assert remedies(deployed, [schema("prep_turnover", "turnover", "delete")], {}) == [
        f"restore {PROJECT}/flows/prep/turnover"
    ]


def test_an_earlier_flow_is_not_taken_for_the_renamed_one(deployed: Deployed) -> None:
    """It only writes to one more schema."""
    files = {f"{FLOW}/deployment.yml": f"{TASKS}\nschemas: [revenue, more]"}
    changes = [
        schema("prep_revenue_more", "more", "create"),
        schema("prep_turnover", "turnover", "delete"),
    ]
    assert remedies(deployed, changes, files) == [f"restore {PROJECT}/flows/prep/turnover"]


def test_the_remedy_for_a_removed_schema_is_to_restore_it(deployed: Deployed) -> None:
    assert remedies(deployed, [schema("prep_revenue_raw", "raw", "delete")], {}) == [
        f"restore `raw` in `schemas` of {FLOW}/deployment.yml"
    ]


def test_the_remedy_for_a_removed_volume_or_model_is_to_restore_it(
    deployed: Deployed,
) -> None:
    changes = [
        volume("prep_revenue_raw", "raw", "revenue", "delete"),
        PlannedChange(
            "databricks_registered_model.prep_revenue_tips",
            ("delete",),
            {"catalog_name": "acme", "schema_name": "revenue", "name": "tips"},
            {},
        ),
    ]
    assert remedies(deployed, changes, {}) == [
        f"restore `raw` in `volumes` of {PROJECT}/project.yml",
        f"restore `tips` in `registered_models` of {PROJECT}/project.yml",
    ]


EXPERIMENT = PlannedChange(
    "databricks_mlflow_experiment.ml_model", ("delete",), {"name": "/Shared/mesh/experiments/x/ml_model"}, {}
)


def test_the_remedy_for_a_removed_experiment_is_to_restore_it(deployed: Deployed) -> None:
    parts = [f"{PROJECT}/flows/ml/model/{part}" for part in ("inference", "training")]
    files = {
        f"{part}/{file}": text for part in parts for file, text in (("deployment.yml", TASKS), ("a.py", ""))
    }
    (deployment,) = deployed(files).deployments
    (loss,) = find_losses(
        STACK, [EXPERIMENT], Full({"/Shared/mesh/experiments/x/ml_model": "12 runs"}), deployment
    )
    assert str(loss) == (
        "experiment `/Shared/mesh/experiments/x/ml_model` (12 runs) would be destroyed "
        f"({STACK}: databricks_mlflow_experiment.ml_model)"
    )
    assert loss.remedy == f"restore `experiment` in {parts[0]}/deployment.yml or {parts[1]}/deployment.yml"


def test_an_experiment_has_the_remedy_of_its_flow(deployed: Deployed) -> None:
    """Renamed or removed."""
    assert remedies(deployed, [EXPERIMENT], {}) == [f"restore {PROJECT}/flows/ml/model"]
    changes = [schema("ml_models", "models", "create"), job("ml_models", "create"), EXPERIMENT]
    files = {
        f"{PROJECT}/flows/ml/models/{name}": text for name, text in (("deployment.yml", TASKS), ("a.py", ""))
    }
    assert remedies(deployed, changes, files) == [
        f"if it was renamed, add `renamed_from: model` to {PROJECT}/flows/ml/models/deployment.yml"
    ]


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
        "restore the folder or the template in `.brickopscfg/config.yml` that its name comes from; "
        "if a domain or project was renamed, add `renamed_from: <old domain>/<old project>` "
        "to each project.yml in it"
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
