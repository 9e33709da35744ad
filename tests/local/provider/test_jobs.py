"""Jobs against a fake workspace."""

from typing import Any

import pytest

from local.provider.api import ApiError
from local.provider.jobs import guessed_provider
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, error_response, resource

JOBS = "/api/2.2/jobs"
NEW = Known({}, created=True)


def created(**planned: Any) -> dict[str, Any]:
    """Return the body that creates a job."""
    workspace = FakeRestApi({f"POST {JOBS}/create": {"job_id": 7}})
    job, context = resource("databricks_job", workspace)
    assert job.create(context, {"name": "j", "task": [{"task_key": "a"}], **planned}) == "7"
    body: dict[str, Any] = workspace.sent(f"POST {JOBS}/create")
    return body


def test_tasks_dependencies_and_webhooks_are_sorted_at_the_creation() -> None:
    hooks = [{"on_failure": [{"id": "2"}, {"id": "1"}]}]
    tasks = [
        {
            "task_key": "b",
            "depends_on": [{"task_key": "z"}, {"task_key": "a"}],
            "webhook_notifications": hooks,
        },
        {"task_key": "B"},
    ]
    body = created(task=tasks, webhook_notifications=hooks)
    sorted_hooks = {"on_failure": [{"id": "1"}, {"id": "2"}]}
    assert [task["task_key"] for task in body["tasks"]] == ["B", "b"]
    assert body["tasks"][1]["depends_on"] == [{"task_key": "a"}, {"task_key": "z"}]
    assert body["webhook_notifications"] == body["tasks"][1]["webhook_notifications"] == sorted_hooks


def test_a_job_without_a_queue_has_none() -> None:
    assert created()["queue"] == {"enabled": False}
    assert created(queue=[{"enabled": True}])["queue"] == {"enabled": True}


def test_a_job_without_tasks_uses_the_version_of_the_api_that_has_none() -> None:
    single = {"name": "j", "existing_cluster_id": "c", "max_retries": 1}
    old = "/api/2.0/jobs"
    workspace = FakeRestApi(
        {
            f"POST {old}/create": {"job_id": 7},
            f"POST {old}/reset": {},
            f"GET {old}/get": {"settings": {**single, "format": "MULTI_TASK"}},
        }
    )
    job, context = resource("databricks_job", workspace)
    assert job.create(context, single) == "7"
    job.update(context, "7", single, single)
    assert workspace.sent(f"POST {old}/create") == single
    assert workspace.sent(f"POST {old}/reset") == {"job_id": 7, "new_settings": single}
    read = job.read(context, "7", Known(single, created=True, applied=True))
    assert (read["max_retries"], read["format"]) == (1, "MULTI_TASK")


def test_the_settings_of_a_single_task_are_lost_once_the_format_is_known() -> None:
    state = {"name": "j", "format": "MULTI_TASK", "existing_cluster_id": "c", "max_retries": 1}
    workspace = FakeRestApi({f"GET {JOBS}/get": {"settings": state}, f"POST {JOBS}/reset": {}})
    job, context = resource("databricks_job", workspace)
    read = job.read(context, "7", Known(state))
    assert "existing_cluster_id" not in read
    assert read["max_retries"] == 0
    job.update(context, "7", state, state)
    settings = {"name": "j", "format": "MULTI_TASK", "queue": {"enabled": False}}
    assert workspace.sent(f"POST {JOBS}/reset") == {"job_id": 7, "new_settings": settings}


def test_a_new_cluster_always_has_its_number_of_workers() -> None:
    task = {"task_key": "a", "new_cluster": [{"spark_version": "16", "num_workers": 0}]}
    assert created(task=[task])["tasks"][0]["new_cluster"] == {"spark_version": "16", "num_workers": 0}


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://github.com/a/b", "gitHub"),
        ("https://gitlab.com/a/b", "gitLab"),
        ("https://dev.azure.com/a/b", "azureDevOpsServices"),
        ("https://bitbucket.org/a/b", "bitbucketCloud"),
        ("https://git-codecommit.eu-north-1.amazonaws.com/v1", "awsCodeCommit"),
    ],
)
def test_the_git_provider_is_derived_from_the_url(url: str, provider: str) -> None:
    assert guessed_provider(url, "git_source") == provider


def test_an_unknown_git_server_is_refused() -> None:
    with pytest.raises(ApiError, match="git_source has no provider, and it cannot be derived from "):
        created(git_source=[{"url": "https://git.acme.example/a", "branch": "main"}])


def test_a_git_source_without_a_reference_is_refused() -> None:
    with pytest.raises(ApiError, match="none of branch, commit and tag"):
        created(git_source=[{"url": "https://github.com/acme/mesh"}])


def test_mounts_and_the_token_of_a_new_cluster_are_not_sent() -> None:
    cluster = {
        "num_workers": 1,
        "idempotency_token": "t",
        "cluster_mount_info": [{"local_mount_dir_path": "/m"}],
    }
    body = created(task=[{"task_key": "a", "new_cluster": [cluster]}])
    assert body["tasks"][0]["new_cluster"] == {"num_workers": 1}


@pytest.mark.parametrize(
    ("planned", "why"),
    [
        ({"always_running": True, "max_concurrent_runs": 2}, "always_running needs max_concurrent_runs = 1"),
        ({"control_run_state": True}, "control_run_state needs continuous"),
        (
            {"control_run_state": True, "continuous": [{}], "max_concurrent_runs": 2},
            "control_run_state needs max_concurrent_runs = 1",
        ),
        ({"control_run_state": True, "continuous": [{}], "max_concurrent_runs": 1}, ""),
        ({"always_running": False, "max_concurrent_runs": 2}, ""),
    ],
)
def test_flags_that_do_not_fit_a_job_are_refused_with_the_plan(planned: dict[str, Any], why: str) -> None:
    job, _ = resource("databricks_job", FakeRestApi({}))
    assert job.refusal(planned) == why


def test_a_change_replaces_all_settings_in_the_order_of_the_configuration() -> None:
    workspace = FakeRestApi({f"POST {JOBS}/reset": {}})
    job, context = resource("databricks_job", workspace)
    planned = {"name": "j", "task": [{"task_key": "t"}, {"task_key": "a"}], "always_running": False}
    assert job.update(context, "7", planned, {}) == "7"
    assert workspace.sent(f"POST {JOBS}/reset") == {
        "job_id": 7,
        "new_settings": {
            "name": "j",
            "tasks": [{"task_key": "t"}, {"task_key": "a"}],
            "queue": {"enabled": False},
        },
    }


def read(settings: dict[str, Any], known: Known = NEW, **answer: Any) -> dict[str, Any]:
    """Return what a read of a job sets."""
    workspace = FakeRestApi({f"GET {JOBS}/get": {"job_id": 7, "settings": settings, **answer}})
    job, context = resource("databricks_job", workspace)
    return job.read(context, "7", known)


def test_tasks_are_sorted_when_they_are_read() -> None:
    state = read({"name": "j", "tasks": [{"task_key": "t"}, {"task_key": "a"}]})
    assert (state["name"], state["url"]) == ("j", "http://127.0.0.1:1/#job/7")
    assert state["task"] == [{"task_key": "a"}, {"task_key": "t"}]


def test_settings_added_by_hand_are_not_read_where_nothing_is_declared() -> None:
    added = {"name": "j", "description": "theirs", "schedule": {"timezone_id": "UTC"}, "timeout_seconds": 3}
    state = read(added, Known({"format": "MULTI_TASK", "description": None, "schedule": []}))
    assert {"description", "schedule", "timeout_seconds"} & state.keys() == set()
    assert read(added, Known({"format": "MULTI_TASK", "description": "mine"}))["description"] == "theirs"


def test_the_identity_of_a_job_is_a_user_or_a_service_principal() -> None:
    uuid = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
    assert read({}, run_as_user_name="ada@x.no")["run_as"] == [{"user_name": "ada@x.no"}]
    assert read({}, run_as_user_name=uuid)["run_as"] == [{"service_principal_name": uuid}]


def test_only_jobs_of_exactly_the_same_name_are_namesakes() -> None:
    jobs = [{"job_id": 3, "settings": {"name": "j"}}, {"job_id": 4, "settings": {"name": "J"}}]
    job, context = resource("databricks_job", FakeRestApi({f"GET {JOBS}/list": {"jobs": jobs}}))
    assert job.namesakes(context, {"name": "j"}) == ["3"]
    assert job.namesakes(context, {}) == []


def test_an_error_of_the_workspace_is_raised() -> None:
    workspace = FakeRestApi({f"POST {JOBS}/reset": error_response(400, "INVALID", "bad cron")})
    job, context = resource("databricks_job", workspace)
    with pytest.raises(ApiError, match="bad cron"):
        job.update(context, "7", {"name": "j", "format": "MULTI_TASK"}, {})
