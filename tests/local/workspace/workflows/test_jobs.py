"""Jobs: settings stay unchanged, names need not be unique, invalid tasks are refused."""

import pytest

JOBS = "/api/2.1/jobs"


def settings(workspace, job_id: int) -> dict:
    """The settings of a job."""
    return workspace.get(f"{JOBS}/get", job_id=job_id)["settings"]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2"])
def test_settings_are_returned_unchanged_in_every_api_version(workspace, version):
    settings = {
        "name": "j",
        "format": "MULTI_TASK",
        "git_source": {"git_url": "https://example.com/r", "git_provider": "gitHub", "git_commit": "abc"},
        "tasks": [
            {
                "task_key": "a",
                "notebook_task": {"notebook_path": "x", "source": "GIT"},
                "new_field": {"b": [1]},
            }
        ],
        "schedule": {"quartz_cron_expression": "27 0 16 ? * Thu", "timezone_id": "Europe/Brussels"},
        "tags": {"team": "taxi"},
    }
    job_id = workspace.post(f"/api/{version}/jobs/create", settings)["job_id"]

    assert workspace.get(f"/api/{version}/jobs/get", job_id=job_id)["settings"] == settings


def test_two_jobs_can_have_the_same_name(workspace):
    ids = [workspace.post(f"{JOBS}/create", {"name": "same"})["job_id"] for _ in range(2)]
    workspace.post(f"{JOBS}/create", {"name": "other"})

    listed = workspace.get(f"{JOBS}/list", name="SAME")["jobs"]
    assert [job["job_id"] for job in listed] == [ids[1], ids[0]]


def test_the_list_has_tasks_only_with_expand_tasks(workspace):
    workspace.post(f"{JOBS}/create", {"name": "j", "tasks": [{"task_key": "a"}]})

    assert "tasks" not in workspace.get(f"{JOBS}/list")["jobs"][0]["settings"]
    expanded = workspace.get(f"{JOBS}/list", expand_tasks="true")["jobs"][0]["settings"]
    assert expanded["tasks"] == [{"task_key": "a"}]


def test_a_long_list_has_pages(workspace):
    ids = [workspace.post(f"{JOBS}/create", {"name": str(i)})["job_id"] for i in range(5)]

    first = workspace.get(f"{JOBS}/list", limit=3)
    second = workspace.get(f"{JOBS}/list", limit=3, page_token=first["next_page_token"])
    assert [job["job_id"] for job in first["jobs"] + second["jobs"]] == ids[::-1]
    assert "next_page_token" not in second


def test_reset_replaces_all_settings(workspace):
    job_id = workspace.post(f"{JOBS}/create", {"name": "j", "tags": {"a": "b"}})["job_id"]
    workspace.post(f"{JOBS}/reset", {"job_id": job_id, "new_settings": {"name": "k"}})

    assert settings(workspace, job_id) == {"name": "k", "format": "MULTI_TASK"}


def test_update_merges_tasks_by_key_and_replaces_other_settings(workspace):
    tasks = [{"task_key": "a", "timeout_seconds": 1}, {"task_key": "b"}]
    job_id = workspace.post(f"{JOBS}/create", {"name": "j", "tags": {"a": "b"}, "tasks": tasks})["job_id"]
    change = {"tasks": [{"task_key": "b", "timeout_seconds": 2}, {"task_key": "c"}]}
    workspace.post(
        f"{JOBS}/update", {"job_id": job_id, "new_settings": change, "fields_to_remove": ["tags", "tasks/a"]}
    )

    assert settings(workspace, job_id) == {
        "name": "j",
        "format": "MULTI_TASK",
        "tasks": [{"task_key": "b", "timeout_seconds": 2}, {"task_key": "c"}],
    }


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{"task_key": "a"}, {"task_key": "a"}], "Duplicate task key(s): a"),
        (
            [{"task_key": "a", "depends_on": [{"task_key": "z"}]}],
            "Task 'a' depends on 'z', but the job has no such task",
        ),
        (
            [
                {"task_key": "a", "depends_on": [{"task_key": "b"}]},
                {"task_key": "b", "depends_on": [{"task_key": "a"}]},
            ],
            "Tasks depend on each other: a -> b -> a",
        ),
        ([{}], "every task needs a task_key"),
    ],
)
def test_an_invalid_task_graph_is_refused(workspace, tasks, message):
    error = workspace.post(f"{JOBS}/create", {"tasks": tasks}, status=400)

    assert error["error_code"] == "INVALID_PARAMETER_VALUE"
    assert error["message"] == message


def test_a_deleted_job_does_not_exist(workspace):
    job_id = workspace.post(f"{JOBS}/create", {"name": "j"})["job_id"]
    workspace.post(f"{JOBS}/delete", {"job_id": job_id})

    assert workspace.get(f"{JOBS}/get", job_id=job_id, status=404)["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    workspace.post(f"{JOBS}/delete", {"job_id": job_id}, status=404)


def test_a_job_has_a_creator_and_a_run_as_user(workspace):
    settings = {"name": "j", "run_as": {"service_principal_name": "5b1e"}, "tags": {"team": "taxi"}}
    job_id = workspace.post("/api/2.2/jobs/create", settings)["job_id"]
    plain = workspace.post("/api/2.2/jobs/create", {"name": "k"})["job_id"]

    job = workspace.get("/api/2.2/jobs/get", job_id=job_id)
    assert (job["creator_user_name"], job["run_as_user_name"]) == ("minilake-user", "5b1e")
    assert settings.items() <= job["settings"].items()
    assert workspace.get("/api/2.2/jobs/get", job_id=plain)["run_as_user_name"] == "minilake-user"
    listed = workspace.get("/api/2.2/jobs/list")["jobs"]
    assert [each["creator_user_name"] for each in listed] == ["minilake-user", "minilake-user"]
    assert listed[1]["settings"]["tags"] == {"team": "taxi"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"run_as": {}}, "run_as needs exactly one of"),
        ({"run_as": {"user_name": "u", "service_principal_name": "s"}}, "run_as needs exactly one of"),
        ({"schedule": {"quartz_cron_expression": "0 5 * * *"}}, "does not have the 6 or 7 fields"),
        (
            {"schedule": {"quartz_cron_expression": "0 0 5 * * ?", "pause_status": "OFF"}},
            "schedule.pause_status 'OFF' is not one of PAUSED, UNPAUSED",
        ),
        (
            {"tasks": [{"task_key": "a", "job_cluster_key": "none"}]},
            "job_cluster_key 'none' of task 'a' is not in job_clusters",
        ),
        ({"continuous": {"x": 1}, "trigger": {"x": 1}}, "not trigger and continuous"),
    ],
)
def test_invalid_settings_are_refused(workspace, settings, message):
    refused = workspace.post("/api/2.2/jobs/create", {"name": "j", **settings}, status=400)

    assert message in refused["message"]
