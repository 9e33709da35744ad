"""MLflow experiments against a fake workspace."""

from local.provider.difference import Difference
from local.provider.registry import RESOURCE_TYPES
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

API = "/api/2.0/mlflow/experiments"
TYPE = "databricks_mlflow_experiment"


def test_a_created_experiment_has_its_id() -> None:
    workspace = FakeRestApi({f"POST {API}/create": {"experiment_id": 5}})
    experiment, context = resource(TYPE, workspace)
    planned = {"name": "/Shared/e", "experiment_id": "9", "tags": [{"key": "a", "value": "b"}]}
    assert experiment.create(context, planned) == "5"
    assert workspace.sent(f"POST {API}/create") == {
        "name": "/Shared/e",
        "tags": [{"key": "a", "value": "b"}],
    }


def test_the_prefix_of_the_workspace_is_no_change() -> None:
    rule = RESOURCE_TYPES[TYPE].behaviour.suppressed["name"]
    assert rule(("name",), Difference("/Shared/e", "/Workspace/Shared/e/"))
    assert not rule(("name",), Difference("/Shared/e", "/Shared/f"))


def test_an_experiment_is_read_even_if_it_was_deleted() -> None:
    answer = {"experiment": {"name": "/Shared/e", "lifecycle_stage": "deleted"}}
    experiment, context = resource(TYPE, FakeRestApi({f"GET {API}/get": answer}))
    assert experiment.read(context, "5", Known({"name": "/Shared/e"}))["lifecycle_stage"] == "deleted"


def test_a_change_sends_the_name_only() -> None:
    workspace = FakeRestApi({f"POST {API}/update": {}})
    experiment, context = resource(TYPE, workspace)
    experiment.update(context, "5", {"name": "/e", "tags": [{"key": "a"}]}, {})
    assert workspace.bodies == [{"experiment_id": "5", "new_name": "/e"}]
