"""Changes made by hand: which changes count as drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.review.drift_plan import (
    StateRefresh,
    declared_attributes,
    owner_updates,
    updated_addresses,
)
from tests.support.resource_drift import CODE, JOB, differs, sentences


def test_a_declared_attribute_counts_as_drift() -> None:
    renamed = differs("databricks_job.trips", JOB, {**JOB, "name": "mine", "updated_at": 2})

    assert sentences(renamed) == ["job `trips` was changed", "  was renamed to `mine`"]


def test_a_deposed_object_that_is_gone_is_no_drift() -> None:
    renamed = differs("databricks_job.trips", JOB, {**JOB, "name": "mine", "updated_at": 2})
    gone = {**differs("databricks_job.trips", JOB, None), "deposed": "0a1b"}

    assert sentences(renamed, gone) == ["job `trips` was changed", "  was renamed to `mine`"]


def test_an_undeclared_attribute_that_terraform_keeps_is_no_drift() -> None:
    later = differs("databricks_job.trips", JOB, {**JOB, "updated_at": 2})
    plan = StateRefresh("stack", {"resource_drift": [later]}, CODE)

    assert plan.needs_plan
    assert plan.plan().changes == ()
    # the next plan keeps the attribute, or does not know its value yet
    assert sentences(later, then=_next(JOB, JOB)) == []
    assert sentences(later, then=_next(JOB, {**JOB, "updated_at": None}, updated_at=True)) == []


def test_an_undeclared_attribute_that_terraform_reverts_is_drift() -> None:
    paused = [{"quartz_cron_expression": "0 0 6 * * ?", "pause_status": "PAUSED"}]
    given = differs("databricks_job.trips", {**JOB, "schedule": []}, {**JOB, "schedule": paused})
    reverted = _next({**JOB, "schedule": paused}, {**JOB, "schedule": []})

    assert sentences(given) == []
    assert sentences(given, then=reverted) == [
        "job `trips` was changed",
        "  runs `every day at 06:00 (paused)`; had no schedule",
    ]


def _next(before: Mapping[str, Any], after: Mapping[str, Any], **unknown: bool) -> dict[str, Any]:
    return {"resource_changes": [differs("databricks_job.trips", before, after, after_unknown=unknown)]}


def test_a_new_address_and_the_order_of_json_keys_are_no_drift() -> None:
    policy = {"name": "small", "definition": '{"a": {"type": "fixed"}, "b": {"type": "fixed"}}'}
    other = {"name": "small", "definition": '{"b": {"type": "fixed"}, "a": {"type": "fixed"}}'}
    code = {"databricks_cluster_policy.small": frozenset(policy)}
    moved = differs("databricks_cluster_policy.small", policy, policy)
    moved = {**moved, "previous_address": "databricks_cluster_policy.tiny"}

    assert sentences(moved, differs("databricks_cluster_policy.small", policy, other), code=code) == []


def test_a_resource_that_is_no_longer_declared_uses_the_attributes_of_its_type() -> None:
    removed = differs("databricks_job.old", JOB, {**JOB, "name": "mine", "updated_at": 2})

    assert sentences(removed) == ["job `trips` was changed", "  was renamed to `mine`"]
    assert sentences(removed, code={}) == []


def test_sensitive_values_are_masked() -> None:
    before, after = ({**JOB, "tags": {"password": value, "a": "1"}} for value in ("old", "new"))
    marked = differs("databricks_job.trips", before, after, after_sensitive={"tags": {"a": True}})

    assert sentences(marked) == [
        "job `trips` was changed",
        "  `tags.password`: `(sensitive)` instead of `(sensitive)`",
    ]
    whole = differs("databricks_job.trips", before, after, after_sensitive={"tags": True})
    assert sentences(whole)[1:] == ["  `tags`: `(sensitive)` instead of `(sensitive)`"]


def test_a_job_that_only_has_another_commit_is_reported_as_moved() -> None:
    commits = ({**JOB, "git_source": [{"commit": commit * 40}]} for commit in "ab")

    assert sentences(differs("databricks_job.trips", *commits)) == [
        "job `trips` was moved to commit `bbbbbbbb`"
    ]
    untagged = differs("databricks_job.trips", {**JOB, "tags": {"git_branch": "main"}}, {**JOB, "tags": {}})
    assert sentences(untagged) == [
        "job `trips` was changed",
        "  only tags or parameters that name its commit differ",
    ]


def test_declared_attributes_come_from_terraform_json() -> None:
    code = {"resource": {"databricks_job": {"trips": {"name": "trips", "tags": {}}}}}

    assert declared_attributes(code) == {"databricks_job.trips": frozenset({"name", "tags"})}
    assert declared_attributes({}) == {}


def test_a_plan_updates_resources_in_place_or_replaces_them() -> None:
    actions = {"a": ["update"], "b": ["delete", "create"], "c": ["no-op"], "d": ["delete"]}
    changes = [{"address": address, "change": {"actions": one}} for address, one in actions.items()]

    assert updated_addresses({"resource_changes": changes}) == {"a", "b"}


def test_an_update_of_the_owner_alone_is_known() -> None:
    """The provider sends only the owner, so that a comment that somebody removed stays removed."""

    def updated(address: str, *attributes: str, unknown: bool = False) -> dict[str, Any]:
        before = {"owner": "a", "comment": "x", "name": "n"}
        after = {**before, **dict.fromkeys(attributes, "new")}
        later = {"name": unknown, "owner": False}
        change = {"actions": ["update"], "before": before, "after": after, "after_unknown": later}
        return {"address": address, "change": change}

    changes = [
        updated("owner", "owner"),
        updated("both", "owner", "comment"),
        updated("later", "owner", unknown=True),
        {"address": "kept", "change": {"actions": ["no-op"]}},
    ]

    assert owner_updates({"resource_changes": changes}) == {"owner"}
