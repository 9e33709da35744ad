"""Jobs, pipelines, clusters, policies, pools and SQL warehouses against a fake workspace."""

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import IncompleteCreation
from tests.support.rest_api import FakeRestApi, error_response, resource

JOBS = "/api/2.2/jobs"
CLUSTERS = "/api/2.1/clusters"
LIBRARIES = "/api/2.0/libraries"


def test_a_change_of_a_job_replaces_all_settings() -> None:
    workspace = FakeRestApi({f"POST {JOBS}/reset": {}})
    job, context = resource("databricks_job", workspace)
    planned = {"name": "j", "task": [{"task_key": "t"}], "always_running": False}
    assert job.update(context, "7", planned, {}) == "7"
    assert workspace.sent(f"POST {JOBS}/reset") == {
        "job_id": 7,
        "new_settings": {"name": "j", "tasks": [{"task_key": "t"}]},
    }


def test_the_settings_of_a_job_are_read() -> None:
    answer = {"job_id": 7, "settings": {"name": "j", "tasks": [{"task_key": "t"}]}}
    job, context = resource("databricks_job", FakeRestApi({f"GET {JOBS}/get": answer}))
    state = job.read(context, "7", {})
    assert (state["id"], state["name"], state["url"]) == ("7", "j", "http://127.0.0.1:1/#job/7")
    assert state["task"] == [{"task_key": "t"}]


def test_only_jobs_of_exactly_the_same_name_are_namesakes() -> None:
    jobs = [{"job_id": 3, "settings": {"name": "j"}}, {"job_id": 4, "settings": {"name": "J"}}]
    job, context = resource("databricks_job", FakeRestApi({f"GET {JOBS}/list": {"jobs": jobs}}))
    assert job.namesakes(context, {"name": "j"}) == ["3"]
    assert job.namesakes(context, {}) == []


def test_the_state_of_a_pipeline_is_read_beside_its_settings() -> None:
    answer = {"spec": {"name": "p", "clusters": [{"label": "default"}]}, "state": "IDLE"}
    pipeline, context = resource("databricks_pipeline", FakeRestApi({"GET /api/2.0/pipelines/p1": answer}))
    state = pipeline.read(context, "p1", {})
    assert (state["name"], state["state"], state["cluster"]) == ("p", "IDLE", [{"label": "default"}])


def test_a_cluster_installs_its_libraries_is_pinned_and_is_running() -> None:
    workspace = FakeRestApi(
        {
            f"POST {CLUSTERS}/create": {"cluster_id": "c"},
            f"POST {LIBRARIES}/install": {},
            f"POST {CLUSTERS}/pin": {},
            f"GET {CLUSTERS}/get": {"state": "RUNNING"},
        }
    )
    cluster, context = resource("databricks_cluster", workspace)
    planned = {"cluster_name": "n", "is_pinned": True, "library": [{"jar": "/x.jar"}]}
    assert cluster.create(context, planned) == "c"
    assert workspace.calls == list(workspace.answers)
    assert workspace.sent(f"POST {CLUSTERS}/create") == {"cluster_name": "n"}
    assert workspace.sent(f"POST {LIBRARIES}/install")["libraries"] == [{"jar": "/x.jar"}]


def test_a_change_of_a_cluster_uninstalls_and_unpins_what_is_no_longer_set() -> None:
    workspace = FakeRestApi(
        {
            f"POST {CLUSTERS}/edit": {},
            f"POST {LIBRARIES}/uninstall": {},
            f"POST {CLUSTERS}/unpin": {},
        }
    )
    cluster, context = resource("databricks_cluster", workspace)
    prior = {"is_pinned": True, "library": [{"jar": "/x.jar"}]}
    cluster.update(context, "c", {"no_wait": True}, prior)
    assert workspace.calls == list(workspace.answers)


def test_a_cluster_that_fails_to_start_keeps_its_id() -> None:
    workspace = FakeRestApi(
        {f"POST {CLUSTERS}/create": {"cluster_id": "c"}, f"GET {CLUSTERS}/get": {"state": "ERROR"}}
    )
    cluster, context = resource("databricks_cluster", workspace)
    with pytest.raises(IncompleteCreation, match="cluster c is ERROR") as raised:
        cluster.create(context, {})
    assert raised.value.resource_id == "c"


def test_a_policy_returns_its_id_as_an_attribute() -> None:
    path = "/api/2.0/policies/clusters/get"
    policy, context = resource("databricks_cluster_policy", FakeRestApi({f"GET {path}": {"name": "p"}}))
    state = policy.read(context, "1", {})
    assert (state["id"], state["policy_id"], state["name"]) == ("1", "1", "p")


def test_a_change_of_a_warehouse_sends_all_settings() -> None:
    path = "/api/2.0/sql/warehouses/w/edit"
    workspace = FakeRestApi({f"POST {path}": {}})
    warehouse, context = resource("databricks_sql_endpoint", workspace)
    warehouse.update(context, "w", {"name": "n", "cluster_size": "Small", "no_wait": True}, {"name": "n"})
    assert workspace.sent(f"POST {path}") == {"name": "n", "cluster_size": "Small"}


def test_an_error_of_the_workspace_is_raised() -> None:
    workspace = FakeRestApi({f"POST {JOBS}/reset": error_response(400, "INVALID", "bad cron")})
    job, context = resource("databricks_job", workspace)
    with pytest.raises(ApiError, match="bad cron"):
        job.update(context, "7", {"name": "j"}, {})
