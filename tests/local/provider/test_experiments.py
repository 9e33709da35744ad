"""MLflow experiments against a fake workspace."""

import pytest

from local.provider.api import ApiError
from tests.support.rest_api import FakeRestApi, resource

API = "/api/2.0/mlflow/experiments"
TYPE = "databricks_mlflow_experiment"


def test_a_created_experiment_has_its_id() -> None:
    workspace = FakeRestApi({f"POST {API}/create": {"experiment_id": 5}})
    experiment, context = resource(TYPE, workspace)
    assert experiment.create(context, {"name": "/Shared/e", "experiment_id": "9"}) == "5"
    assert workspace.sent(f"POST {API}/create") == {"name": "/Shared/e"}


def test_the_configured_spelling_of_the_path_is_kept() -> None:
    workspace = FakeRestApi({f"GET {API}/get": {"experiment": {"name": "/Shared/e"}}})
    experiment, context = resource(TYPE, workspace)
    assert experiment.read(context, "5", {"name": "/Workspace/Shared/e"})["name"] == "/Workspace/Shared/e"
    assert experiment.read(context, "5", {"name": "/Workspace/Shared/x"})["name"] == "/Shared/e"


def test_a_deleted_experiment_does_not_exist() -> None:
    answer = {"experiment": {"name": "/Shared/e", "lifecycle_stage": "deleted"}}
    experiment, context = resource(TYPE, FakeRestApi({f"GET {API}/get": answer}))
    with pytest.raises(ApiError, match="experiment 5 is deleted") as raised:
        experiment.read(context, "5", {})
    assert raised.value.not_found


def test_a_change_sends_name_description_and_the_tags_that_differ() -> None:
    workspace = FakeRestApi(
        {
            f"POST {API}/update": {},
            f"POST {API}/delete-experiment-tag": {},
            f"POST {API}/set-experiment-tag": {},
        }
    )
    experiment, context = resource(TYPE, workspace)
    prior = {"tags": [{"key": "old", "value": "1"}, {"key": "same", "value": "2"}]}
    planned = {"name": "/e", "tags": [{"key": "same", "value": "2"}, {"key": "new", "value": None}]}
    experiment.update(context, "5", planned, prior)
    assert workspace.bodies == [
        {"experiment_id": "5", "new_name": "/e", "description": ""},
        {"experiment_id": "5", "key": "old"},
        {"experiment_id": "5", "key": "new", "value": ""},
    ]
