"""MLflow experiments of flows."""

from __future__ import annotations

from mesh.documents.document import Document
from mesh.model.experiment import Experiment, ExperimentFile


def test_jobs_get_the_name_of_the_experiment_as_parameter() -> None:
    experiment = Experiment("ml_fare", "ml/fare", "/Shared", "/Shared/fare", {})
    assert experiment.parameters == {"experiment": "/Shared/fare"}


def test_fields_of_the_workspace_are_findings() -> None:
    declared = ExperimentFile.model_validate({"description": "fares", "experiment_id": "1"})
    found = declared.check(Document("deployment.yml"), ("experiment",))
    assert [finding.code for finding in found] == ["unknown-field"]
