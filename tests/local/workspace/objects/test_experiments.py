"""Experiments: made by path, renamed, deleted and restored."""

import pytest

EXPERIMENTS = "/api/2.0/mlflow/experiments"


@pytest.fixture
def experiment(workspace) -> dict[str, str]:
    """The key of an experiment `/Shared/fares`."""
    body = {"name": "/Workspace/Shared/fares", "tags": [{"key": "team", "value": "taxi"}]}
    return {"experiment_id": workspace.post(f"{EXPERIMENTS}/create", body)["experiment_id"]}


def names(workspace, view_type: str) -> list[str]:
    """The names of the experiments."""
    body = {"view_type": view_type}
    return [each["name"] for each in workspace.post(f"{EXPERIMENTS}/search", body)["experiments"]]


def test_an_experiment_is_found_by_its_path_and_its_number(workspace, experiment):
    found = workspace.get(f"{EXPERIMENTS}/get-by-name", experiment_name="/Shared/fares")["experiment"]

    assert found == workspace.get(f"{EXPERIMENTS}/get", **experiment)["experiment"]
    assert (found["lifecycle_stage"], found["tags"]) == ("active", [{"key": "team", "value": "taxi"}])


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("fares", 400, "must be an absolute path"),
        ("/Shared/fares", 409, "Experiment '/Shared/fares' already exists"),
        ("/nowhere/fares", 404, "Parent directory /nowhere does not exist."),
    ],
)
def test_a_name_that_cannot_be_is_refused(workspace, experiment, name, status, message):
    assert message in workspace.post(f"{EXPERIMENTS}/create", {"name": name}, status=status)["message"]


def test_a_deleted_experiment_frees_its_name_and_can_be_restored(workspace, experiment):
    workspace.post(f"{EXPERIMENTS}/delete", experiment)
    assert (names(workspace, "ACTIVE_ONLY"), names(workspace, "DELETED_ONLY")) == ([], ["/Shared/fares"])
    workspace.post(f"{EXPERIMENTS}/delete", experiment, status=404)

    workspace.post(f"{EXPERIMENTS}/restore", experiment)
    assert names(workspace, "ACTIVE_ONLY") == ["/Shared/fares"]
    workspace.post(f"{EXPERIMENTS}/restore", experiment, status=400)


def test_a_deleted_experiment_is_not_restored_over_another(workspace, experiment):
    workspace.post(f"{EXPERIMENTS}/delete", experiment)
    workspace.post(f"{EXPERIMENTS}/create", {"name": "/Shared/fares"})

    workspace.post(f"{EXPERIMENTS}/restore", experiment, status=409)


def test_permissions_on_an_experiment_that_is_not_there_are_refused(workspace, experiment):
    access = {"access_control_list": [{"group_name": "users", "permission_level": "CAN_READ"}]}
    path = "/api/2.0/permissions/experiments"

    told = workspace.put(f"{path}/{experiment['experiment_id']}", access)
    assert told["access_control_list"][-1]["group_name"] == "users"
    workspace.put(f"{path}/999", access, status=404)
