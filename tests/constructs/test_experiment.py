"""Experiments."""

from __future__ import annotations

from datamesh.experiment import Experiments
from datamesh.flow import Flow
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.job import Job
from mesh.model.experiment import Experiment
from mesh.model.permission import Permission

FOLDER = "/Shared/mesh/experiments/acme-transport-taxinyc-prod"
FARES = Experiment(
    id="ml_fares",
    flow="acme/transport/taxinyc/ml/fares/training",
    folder=FOLDER,
    name=f"{FOLDER}/ml_fares",
    arguments={"tags": [{"key": "team", "value": "taxi"}], "artifact_location": "s3://acme/runs"},
    permissions=(Permission("group_name", "analysts", "CAN_READ"),),
    protected=True,
)


def test_an_experiment_is_in_a_folder_without_recursive_delete(synth) -> None:
    """Tags are set only at creation, because Databricks adds tags later."""
    made = synth(lambda scope: Experiments(scope, [FARES]))["resource"]
    assert made["databricks_directory"] == {"experiments": {"path": FOLDER}}
    assert made["databricks_mlflow_experiment"] == {
        "ml_fares": {
            "name": f"{FOLDER}/ml_fares",
            "tags": [{"key": "team", "value": "taxi"}],
            "artifact_location": "s3://acme/runs",
            "depends_on": ["databricks_directory.experiments"],
            "lifecycle": {"prevent_destroy": True, "ignore_changes": ["tags"]},
        }
    }
    assert made["databricks_permissions"] == {
        "experiment_ml_fares": {
            "experiment_id": "${databricks_mlflow_experiment.ml_fares.id}",
            "access_control": [{"group_name": "analysts", "permission_level": "CAN_READ"}],
        }
    }


def test_the_job_of_a_flow_depends_on_the_flow_s_experiment(synth) -> None:
    """Without experiments, there is no folder."""
    job = Job("ml_fares_training", "fares", {"tasks": [{"task_key": "train"}]})
    path = FARES.flow
    flow = FlowDeployment("ml_fares_training", path, f"{path}/deployment.yml", "acme", (), (), (job,))

    def build(scope, experiments):
        made = Experiments(scope, experiments)
        return Flow(scope, flow, made.of(flow))

    tracked = synth(lambda scope: build(scope, [FARES]))["resource"]
    assert tracked["databricks_job"]["ml_fares_training"]["depends_on"] == [
        "databricks_mlflow_experiment.ml_fares"
    ]
    assert list(synth(lambda scope: build(scope, []))["resource"]) == ["databricks_job"]
