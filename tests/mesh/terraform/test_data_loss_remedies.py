"""The remedies for planned losses of data: keep it under its new name, or restore what declares it."""

from __future__ import annotations

import pytest

from mesh.errors import OutsideError
from mesh.git.renames import FileRenames
from mesh.terraform.data_loss import find_losses, refuse_data_loss
from mesh.terraform.plan import PlannedChange
from tests.mesh.conftest import FLOW, PROJECT, Deployed
from tests.support.data_losses import (
    INCOME,
    INCOME_FILE,
    RENAMED,
    STACK,
    TASKS,
    Full,
    job,
    moved,
    remedies,
    said,
    schema,
    volume,
)


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
