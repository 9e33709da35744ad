"""The effect of the next deployment on a change by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.declarations import Declaration
from mesh.review.drift_effect import access_effect, ignored_effect, settings_effect
from mesh.review.plan import ResourceChange, resource_change
from mesh.review.sentence import plain

PLACE = Declaration(None, origin="orgs/acme/deployment.yml:3")


def change(type: str, before: dict[str, Any], after: dict[str, Any]) -> ResourceChange:
    """A changed object."""
    return resource_change(
        {
            "address": f"{type}.a",
            "type": type,
            "change": {"actions": ["update"], "before": before, "after": after},
        }
    )


def effect(one: ResourceChange, *fields: str, updated: bool = False) -> tuple[str, list[str]]:
    """The effect, and the sentences."""
    next_deployment, sentences = settings_effect(one, fields, PLACE, updated)
    return next_deployment, [plain(sentence) for sentence in sentences]


def test_a_setting_of_a_job_stays_until_a_deployment_updates_the_job() -> None:
    one = change("databricks_job", {}, {"parameter": [{"name": "a", "default": "1"}]})

    assert effect(one, "parameter") == (
        "leaves",
        [
            "read from the workspace: Terraform does not compare `parameter`; the next deployment leaves it, "
            "unless it updates the job for another reason",
            "to keep it, declare `parameters` in `orgs/acme/deployment.yml:3`; to undo it, reset it in the "
            "workspace, or declare it, deploy, remove the declaration and deploy again: two "
            "deployments",
        ],
    )
    assert effect(one, "parameter", updated=True) == (
        "reverts",
        ["the next deployment reverts it, because it updates the job anyway"],
    )


def test_no_deployment_removes_a_comment() -> None:
    one = change("databricks_schema", {}, {"comment": "x"})

    expected = [
        "read from the workspace: Terraform does not compare `comment`; no deployment removes it",
        "to keep it, declare `comment` in `orgs/acme/deployment.yml:3`; to undo it, reset it in the workspace, "
        "or declare it, deploy, remove the declaration and deploy again: two deployments",
    ]
    assert effect(one, "comment") == ("leaves", expected)
    assert effect(one, "comment", updated=True) == ("leaves", expected)


TWO_DEPLOYMENTS = "deploy, remove the declaration and deploy again: two deployments"


@pytest.mark.parametrize("type", ["databricks_external_location", "databricks_storage_credential"])
def test_two_deployments_do_not_remove_the_comment_of_a_location(type: str) -> None:
    """The provider sends no empty comment of these types."""
    _, sentences = effect(change(type, {}, {"comment": "x"}), "comment")

    assert sentences[0].endswith("does not compare `comment`; no deployment removes it")
    assert sentences[1].endswith("; to undo it, reset it in the workspace")


def test_two_deployments_do_not_remove_the_emails_of_a_job() -> None:
    """The provider leaves a list with an empty address."""
    one = change("databricks_job", {}, {"email_notifications": [{"on_failure": ["x@acme.example"]}]})

    _, sentences = effect(one, "email_notifications")

    assert sentences[1].endswith("; to undo it, reset it in the workspace")


def test_the_settings_that_two_deployments_remove_are_named_among_others() -> None:
    after = {
        "email_notifications": [{"on_failure": ["x@acme.example"]}],
        "schedule": [{"timezone_id": "UTC"}],
    }

    _, sentences = effect(change("databricks_job", {}, after), "email_notifications", "schedule")

    assert sentences[1].endswith(f"reset it in the workspace, or declare `schedule`, {TWO_DEPLOYMENTS}")


@pytest.mark.parametrize(
    ("type", "setting", "value"),
    [
        ("databricks_job", "schedule", [{"timezone_id": "UTC"}]),
        ("databricks_job", "trigger", [{"pause_status": "PAUSED"}]),
        ("databricks_job", "timeout_seconds", 60),
        ("databricks_pipeline", "notification", [{"alerts": ["on-update-failure"]}]),
        ("databricks_cluster", "spark_conf", {"a": "b"}),
        ("databricks_cluster_policy", "max_clusters_per_user", 3),
        ("databricks_catalog", "comment", "x"),
        ("databricks_volume", "comment", "x"),
        ("databricks_registered_model", "comment", "x"),
    ],
)
def test_two_deployments_remove_what_the_provider_removes(type: str, setting: str, value: object) -> None:
    """Each was added by hand, declared and removed again with the real provider 1.99.0."""
    _, sentences = effect(change(type, {}, {setting: value}), setting)

    assert sentences[1].endswith(f"or declare it, {TWO_DEPLOYMENTS}")


def test_an_update_keeps_the_queue_of_a_job_because_the_state_holds_it() -> None:
    one = change("databricks_job", {}, {"queue": [{"enabled": True}], "description": "x"})

    next_deployment, sentences = effect(one, "description", "queue", updated=True)

    assert next_deployment == "leaves"
    assert sentences[0].endswith("does not compare `queue`; no deployment removes it")
    assert sentences[-1] == "the next deployment reverts `description`, because it updates the job anyway"


def test_a_setting_without_a_field_in_the_mesh_is_reset_in_the_workspace() -> None:
    one = change("databricks_schema", {}, {"enable_predictive_optimization": "DISABLE"})

    assert effect(one, "enable_predictive_optimization")[1][1] == (
        "the mesh has no field for it; to undo it, reset it in the workspace"
    )


def test_a_removed_setting_is_not_restored_until_a_deployment_updates_the_object() -> None:
    one = change("databricks_schema", {"comment": "x"}, {"comment": None})

    assert effect(one, "comment") == (
        "leaves",
        [
            "read from the workspace: Terraform does not notice that `comment` is missing; the next deployment "
            "does not restore it, unless it updates the schema for another reason than its owner; to restore it, "
            "set it in the workspace",
            "declared in `orgs/acme/deployment.yml:3`",
        ],
    )
    assert effect(one, "comment", updated=True)[0] == "reverts"


def test_no_deployment_revokes_access_where_the_mesh_declares_none() -> None:
    assert [plain(one) for one in access_effect("grants", ["SELECT", "MODIFY"], PLACE)] == [
        "read from the workspace: Terraform does not compare grants, because the mesh declares none on it; "
        "no deployment revokes them until the mesh declares grants on it",
        "to keep them, declare grants in `orgs/acme/deployment.yml:3`; to undo it, revoke them in the workspace",
    ]
    assert "only the members that the mesh declares" in plain(access_effect("members", ["MEMBER"], None)[0])


def test_a_change_that_terraform_ignores_is_reset_in_the_workspace() -> None:
    assert [plain(one) for one in ignored_effect()] == [
        "no deployment reverts it; to undo it, reset it in the workspace"
    ]
