"""Data that a plan would lose is reported with its contents and a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from mesh.errors import OutsideError
from mesh.git.renames import FileRenames, RenamesSince, no_renames
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
    remedy = said("prep/turnover", "prep/income", "turnover", INCOME_FILE)
    assert remedies(deployed, changes, RENAMED, moved("prep/turnover", INCOME_FILE)) == [remedy, remedy]


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
        refuse_data_loss(
            find_losses(STACK, changes, Full(contents), deployment, moved("prep/turnover", INCOME_FILE))
        )
    assert str(caught.value) == "\n".join(
        [
            "this would lose data:",
            f"  schema `acme.turnover` (12 tables, 1 volume) would be destroyed ({STACK}: databricks_schema.prep_turnover)",
            f"  volume `acme.turnover.raw` (1,000 or more files) would be destroyed ({STACK}: databricks_volume.prep_turnover_raw)",
            "nothing was changed; to keep it:",
            f"  {said('prep/turnover', 'prep/income', 'turnover', INCOME_FILE)}",
            "to lose it on purpose, drop it in the workspace first",
        ]
    )


def remedies(
    deployed: Deployed,
    changes: Sequence[PlannedChange],
    files: Mapping[str, str],
    renames: RenamesSince = no_renames,
) -> list[str]:
    """The remedies for a plan of a mesh of these files."""
    (deployment,) = deployed(files).deployments
    return [loss.remedy for loss in find_losses(STACK, changes, Full(), deployment, renames)]


def moved(former: str, *files: str, alike: int = 96) -> RenamesSince:
    """Git sees the deployment.yml of a former flow renamed to these files."""
    old = [f"{PROJECT}/flows/{former}/{file.rpartition('/flows/')[2].split('/', 2)[2]}" for file in files]
    seen = FileRenames(
        dict.fromkeys(old, "a"),
        dict.fromkeys(files, "b"),
        dict.fromkeys(zip(old, files, strict=True), alike),
    )
    return lambda commit: seen


def said(former: str, new: str, value: str, *files: str) -> str:
    """The remedy for a renamed flow."""
    lines = " and ".join(files)
    return (
        f"git sees {former}/… renamed to {new}/… (96 % alike): add `renamed_from: {value}` to {lines}; "
        f"if it was not renamed, restore {PROJECT}/flows/{former}"
    )


INCOME_FILE = f"{INCOME}/deployment.yml"


def test_the_remedy_names_a_flow_of_another_type_by_its_path(deployed: Deployed) -> None:
    changes = [
        schema("prep_income", "income", "create"),
        job("prep_income", "create"),
        schema("ml_turnover", "turnover", "delete"),
    ]
    assert remedies(deployed, changes, RENAMED, moved("ml/turnover", INCOME_FILE)) == [
        said("ml/turnover", "prep/income", "ml/turnover", INCOME_FILE)
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
        remedies(deployed, changes, files, moved("prep/turnover", INCOME_FILE))
        == [said("prep/turnover", "prep/income", "turnover", INCOME_FILE)] * 2
    )


def test_the_remedy_finds_a_renamed_flow_whose_schema_keeps_its_name(deployed: Deployed) -> None:
    """The schema of the new flow has the name of the old flow."""
    files = {**RENAMED, f"{INCOME}/deployment.yml": f"{TASKS}\nschemas: [turnover]"}
    changes = [
        schema("prep_income_turnover", "turnover", "create"),
        job("prep_income", "create"),
        schema("prep_turnover", "turnover", "delete"),
    ]
    assert remedies(deployed, changes, files, moved("prep/turnover", INCOME_FILE)) == [
        said("prep/turnover", "prep/income", "turnover", INCOME_FILE)
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
    lines = [f"{part}/deployment.yml" for part in parts]
    assert remedies(deployed, changes, files, moved("ml/oldmodel", *lines)) == [
        said("ml/oldmodel", "ml/model", "oldmodel", *lines)
    ]


def test_the_remedy_for_a_removed_flow_is_to_restore_it(deployed: Deployed) -> None:
    assert remedies(deployed, [schema("prep_turnover", "turnover", "delete")], {}) == [
        f"restore {PROJECT}/flows/prep/turnover"
    ]


def test_without_evidence_both_ways_are_described_and_no_file_is_named(deployed: Deployed) -> None:
    """However similar the names are."""
    changes = [
        schema("prep_income", "income", "create"),
        job("prep_income", "create"),
        schema("prep_incomes", "incomes", "delete"),
    ]
    assert remedies(deployed, changes, RENAMED) == [
        "if it was renamed, set `renamed_from: incomes` in the new flow's deployment.yml; "
        f"if it shall stay, restore {PROJECT}/flows/prep/incomes"
    ]


def test_a_schema_is_of_the_removed_flow_with_the_longer_name(deployed: Deployed) -> None:
    """Not of a declared flow whose name begins the same."""
    gone = FileRenames({f"{PROJECT}/flows/prep/revenue_old/deployment.yml": "a"})
    changes = [schema("prep_revenue_old", "revenue_old", "delete")]
    assert remedies(deployed, changes, {}, lambda commit: gone) == [
        f"restore {PROJECT}/flows/prep/revenue_old"
    ]


def test_the_schema_with_the_name_of_its_flow_is_restored_in_its_file(deployed: Deployed) -> None:
    """The flow now lists other schemas."""
    files = {f"{FLOW}/deployment.yml": f"{TASKS}\nschemas: [raw]"}
    assert remedies(deployed, files=files, changes=[schema("prep_revenue", "revenue", "delete")]) == [
        f"restore its schema in `schemas` of {FLOW}/deployment.yml"
    ]


def test_renames_are_looked_up_since_the_commit_that_the_plan_destroys(deployed: Deployed) -> None:
    asked: list[str | None] = []

    def renames(commit: str | None) -> FileRenames:
        asked.append(commit)
        return FileRenames()

    def tagged(id: str, commit: str, *actions: str) -> PlannedChange:
        return PlannedChange(f"databricks_job.{id}", actions, {"tags": {"git_commit": commit}}, {})

    changes = [
        tagged("prep_revenue", "new", "update"),
        tagged("prep_turnover", "old", "delete"),
        schema("prep_turnover", "turnover", "delete"),
    ]
    remedies(deployed, changes, {}, renames)
    assert asked == ["old"]


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
    new = f"{PROJECT}/flows/ml/models"
    files = {f"{new}/deployment.yml": TASKS, f"{new}/a.py": ""}
    assert remedies(deployed, changes, files, moved("ml/model", f"{new}/deployment.yml")) == [
        said("ml/model", "ml/models", "model", f"{new}/deployment.yml")
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
