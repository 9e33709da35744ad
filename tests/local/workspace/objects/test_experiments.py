"""MLflow experiments: create by path, rename, delete, restore."""

import pytest

EXPERIMENTS = "/api/2.0/mlflow/experiments"


@pytest.fixture
def experiment(workspace) -> dict[str, str]:
    """The id of an experiment `/Shared/fares`, as a request field."""
    body = {"name": "/Workspace/Shared/fares", "tags": [{"key": "team", "value": "taxi"}]}
    return {"experiment_id": workspace.post(f"{EXPERIMENTS}/create", body)["experiment_id"]}


def names(workspace, view_type: str) -> list[str]:
    """The names of the experiments."""
    body = {"view_type": view_type}
    return [each["name"] for each in workspace.post(f"{EXPERIMENTS}/search", body)["experiments"]]


def test_an_experiment_is_found_by_path_and_by_id(workspace, experiment):
    by_path = workspace.get(f"{EXPERIMENTS}/get-by-name", experiment_name="/Shared/fares")["experiment"]

    assert by_path == workspace.get(f"{EXPERIMENTS}/get", **experiment)["experiment"]
    assert (by_path["lifecycle_stage"], by_path["tags"]) == ("active", [{"key": "team", "value": "taxi"}])


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("fares", 400, "must be an absolute path"),
        ("/Shared/fares", 409, "Experiment '/Shared/fares' already exists"),
        ("/nowhere/fares", 404, "Parent directory /nowhere does not exist."),
    ],
)
def test_an_invalid_name_is_refused(workspace, experiment, name, status, message):
    assert message in workspace.post(f"{EXPERIMENTS}/create", {"name": name}, status=status)["message"]


def test_a_deleted_experiment_frees_its_name_and_can_be_restored(workspace, experiment):
    workspace.post(f"{EXPERIMENTS}/delete", experiment)
    assert (names(workspace, "ACTIVE_ONLY"), names(workspace, "DELETED_ONLY")) == ([], ["/Shared/fares"])
    workspace.post(f"{EXPERIMENTS}/delete", experiment, status=404)

    workspace.post(f"{EXPERIMENTS}/restore", experiment)
    assert names(workspace, "ACTIVE_ONLY") == ["/Shared/fares"]
    workspace.post(f"{EXPERIMENTS}/restore", experiment, status=400)


def test_a_deleted_experiment_cannot_be_restored_if_its_name_is_taken(workspace, experiment):
    workspace.post(f"{EXPERIMENTS}/delete", experiment)
    workspace.post(f"{EXPERIMENTS}/create", {"name": "/Shared/fares"})

    workspace.post(f"{EXPERIMENTS}/restore", experiment, status=409)


def test_an_experiment_can_be_renamed_and_tagged(workspace, experiment):
    workspace.post(f"{EXPERIMENTS}/update", {**experiment, "new_name": "/Shared/prices"})
    workspace.post(f"{EXPERIMENTS}/set-experiment-tag", {**experiment, "key": "team", "value": "bus"})
    workspace.post(f"{EXPERIMENTS}/set-experiment-tag", {**experiment, "key": "a", "value": "b"})
    workspace.post(f"{EXPERIMENTS}/delete-experiment-tag", {**experiment, "key": "a"})

    renamed = workspace.get(f"{EXPERIMENTS}/get", **experiment)["experiment"]
    assert (renamed["name"], renamed["tags"]) == ("/Shared/prices", [{"key": "team", "value": "bus"}])
