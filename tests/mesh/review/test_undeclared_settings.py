"""Settings that the workspace holds and the mesh does not declare, from literal answers of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.review.undeclared_settings import DeclaredObject, undeclared_settings
from mesh.terraform.live_objects import LiveObject

JOB = "databricks_job.a"
HOURLY = {"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}
# What the API returns for a job that was created with a name and a task
NEW_JOB = {
    "name": "revenue",
    "format": "MULTI_TASK",
    "max_concurrent_runs": 1,
    "timeout_seconds": 0,
    "email_notifications": {},
    "webhook_notifications": {},
    "queue": {"enabled": False},
    "run_as": {"user_name": "ola"},
    "tasks": [{"task_key": "a"}],
}


def found(
    live: LiveObject, declared: str = "name", held: Mapping[str, Any] | None = None, refreshed: str = ""
) -> list[tuple[str, str | None, str | None]]:
    """The edits: path, before, after."""
    known = DeclaredObject(frozenset(declared.split()), held or {}, frozenset(refreshed.split()))
    change = undeclared_settings(live, known)
    return [(one.path, one.before, one.after) for one in change.edits] if change else []


def job(**settings: Any) -> LiveObject:
    """A job with some settings more."""
    return LiveObject(JOB, {**NEW_JOB, **settings}, creator="ola", runs_as="ola")


def test_the_apis_defaults_are_no_change() -> None:
    assert found(job(), "name task") == []


@pytest.mark.parametrize(
    ("settings", "edit"),
    [
        ({"description": "x"}, ("description", None, "x")),
        ({"schedule": HOURLY}, ("schedule.quartz_cron_expression", None, "0 0 * * * ?")),
        ({"continuous": {"pause_status": "PAUSED"}}, ("continuous.pause_status", None, "PAUSED")),
        ({"trigger": {"file_arrival": {"url": "s3://x"}}}, ("trigger.file_arrival.url", None, "s3://x")),
        ({"email_notifications": {"on_start": ["x"]}}, ("email_notifications.on_start", None, '["x"]')),
        (
            {"webhook_notifications": {"on_start": [{"id": "w"}]}},
            ("webhook_notifications.on_start.id", None, "w"),
        ),
        ({"timeout_seconds": 7}, ("timeout_seconds", None, "7")),
        ({"max_concurrent_runs": 3}, ("max_concurrent_runs", "1", "3")),
        ({"queue": {"enabled": True}}, ("queue.enabled", "false", "true")),
        ({"health": {"rules": [{"metric": "M"}]}}, ("health.rules.metric", None, "M")),
        (
            {"notification_settings": {"no_alert_for_skipped_runs": True}},
            ("notification_settings.no_alert_for_skipped_runs", None, "true"),
        ),
        ({"tags": {"by": "hand"}}, ("tags.by", None, "hand")),
        ({"parameters": [{"name": "p", "default": "1"}]}, ("parameter[p].default", None, "1")),
    ],
)
def test_each_setting_of_a_job_that_somebody_added_is_a_change(
    settings: dict[str, Any], edit: tuple[str, str | None, str | None]
) -> None:
    assert edit in found(job(**settings), "name task")


def test_another_principal_that_a_job_runs_as_is_a_change() -> None:
    live = LiveObject(JOB, {"name": "a"}, creator="ola", runs_as="ada")

    assert found(live) == [("run_as.user_name", "ola", "ada")]


def test_what_the_refresh_reports_is_not_reported_twice() -> None:
    assert found(job(description="x"), "name task", refreshed="description") == []


def test_a_declared_setting_that_somebody_removed_is_a_change() -> None:
    held = {"schedule": [HOURLY], "description": "x", "max_concurrent_runs": 1}

    assert found(job(), "name task schedule description max_concurrent_runs", held) == [
        ("description", "x", None),
        ("schedule.quartz_cron_expression", "0 0 * * * ?", None),
        ("schedule.timezone_id", "UTC", None),
        ("schedule.pause_status", "UNPAUSED", None),
    ]


def test_a_declared_zero_hides_another_value_from_the_provider() -> None:
    live = LiveObject("databricks_instance_pool.warm", {"min_idle_instances": 2})

    assert found(live, "min_idle_instances", {"min_idle_instances": 0}) == [("min_idle_instances", "0", "2")]


def test_a_declared_setting_with_another_value_is_left_to_the_refresh() -> None:
    assert found(job(description="x"), "name task description", {"description": "y"}) == []


def test_the_value_that_the_workspace_chose_at_creation_is_no_change() -> None:
    live = LiveObject("databricks_sql_endpoint.w", {"warehouse_type": "PRO", "enable_photon": True})

    assert found(live, "name") == []
    assert found(live, "name", {"warehouse_type": "PRO"}) == []
    assert found(live, "name", {"warehouse_type": "CLASSIC"}) == [("warehouse_type", "CLASSIC", "PRO")]


def test_the_default_counts_even_if_a_deployment_wrote_the_new_value_into_the_state() -> None:
    live = LiveObject("databricks_catalog.c", {"isolation_mode": "ISOLATED"})

    assert found(live, "name", {"isolation_mode": "ISOLATED"}) == [("isolation_mode", "OPEN", "ISOLATED")]


@pytest.mark.parametrize("type", ["catalog", "schema", "volume", "registered_model"])
def test_an_owner_that_is_not_the_creator_is_a_change(type: str) -> None:
    live = LiveObject(f"databricks_{type}.a", {"owner": "ada"}, creator="ola")

    assert found(live) == [("owner", "ola", "ada")]
    assert found(LiveObject(live.address, {"owner": "ola"}, creator="ola")) == []
    assert found(live, "name owner", {"owner": "ada"}) == []


def test_tags_of_mlflow_are_no_change_of_an_experiment() -> None:
    tags = [{"key": "mlflow.ownerId", "value": "1"}, {"key": "by", "value": "hand"}]
    live = LiveObject("databricks_mlflow_experiment.e", {"tags": tags})

    assert found(live) == [("tags[by].value", None, "hand")]


def test_what_a_policy_sets_is_no_change_of_a_cluster() -> None:
    settings = {"spark_conf": {"x": "1", "y": "2"}, "custom_tags": {"team": "taxi"}}
    rules = frozenset({"spark_conf.x", "custom_tags.team"})

    assert found(LiveObject("databricks_cluster.c", settings, preset=rules)) == [("spark_conf.y", None, "2")]


def test_photon_of_a_serverless_pipeline_is_no_change() -> None:
    live = LiveObject("databricks_pipeline.p", {"serverless": True, "photon": True})

    assert found(live, "serverless", {"serverless": True}) == []


def test_values_that_look_like_a_secret_are_masked() -> None:
    [(_, before, after)] = found(
        LiveObject("databricks_cluster.c", {"spark_env_vars": {"DB_PASSWORD": "hunter2"}})
    )

    assert (before, after) == (None, "(sensitive)")


def test_the_description_of_an_experiment_is_a_tag_of_mlflow_that_is_deployed() -> None:
    note = {"key": "mlflow.note.content", "value": "learns"}
    live = LiveObject(
        "databricks_mlflow_experiment.e", {"tags": [note, {"key": "mlflow.ownerId", "value": "1"}]}
    )

    assert found(live, "tags", {"tags": [note]}) == []
    assert found(LiveObject(live.address, {"name": "e"}), "tags", {"tags": [note]}) == [
        ("tags[mlflow.note.content].value", "learns", None)
    ]
