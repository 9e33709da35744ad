"""What of all that differs from the last deployment somebody has done, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.review.drift import EnvironmentDrift
from mesh.review.drift_change import happened
from mesh.review.drift_plan import Attributes, Refreshed, declared
from mesh.review.mesh_index import Known
from mesh.review.review import all_changes
from mesh.review.sentence import plain

JOB = {"id": "7", "name": "trips", "updated_at": 1}
CODE = {"databricks_job.trips": frozenset({"name", "tags", "git_source"})}


def differs(
    address: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """What Terraform finds of a resource."""
    actions = ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after, **more}
    return {"address": address, "type": address.partition(".")[0], "change": change}


def sentences(*drift: dict[str, Any], code: Attributes = CODE, then: Any = None) -> list[str]:
    """What is said of it."""
    plan = Refreshed("stack", {"resource_drift": list(drift)}, code).plan(then)
    ruled, others = all_changes([plan], Known())
    return [
        line
        for one in map(happened, (*ruled, *others))
        for line in (plain(one.sentence), *(f"  {plain(detail)}" for detail in one.details))
    ]


def test_what_the_code_sets_is_drift() -> None:
    renamed = differs("databricks_job.trips", JOB, {**JOB, "name": "mine", "updated_at": 2})

    assert sentences(renamed) == ["job `trips` was changed", "  is called `mine`"]


def test_what_changes_by_itself_is_none() -> None:
    later = differs("databricks_job.trips", JOB, {**JOB, "updated_at": 2})
    plan = Refreshed("stack", {"resource_drift": [later]}, CODE)

    assert plan.unsure
    assert plan.plan().changes == ()
    # Terraform would leave it so, or does not know yet
    assert sentences(later, then=_next(JOB, JOB)) == []
    assert sentences(later, then=_next(JOB, {**JOB, "updated_at": None}, updated_at=True)) == []


def test_what_terraform_would_take_back_is_drift_whoever_sets_it() -> None:
    paused = [{"quartz_cron_expression": "0 0 6 * * ?", "pause_status": "PAUSED"}]
    given = differs("databricks_job.trips", {**JOB, "schedule": []}, {**JOB, "schedule": paused})
    taken_back = _next({**JOB, "schedule": paused}, {**JOB, "schedule": []})

    assert sentences(given) == []
    assert sentences(given, then=taken_back) == [
        "job `trips` was changed",
        "  runs `every day at 06:00, but paused` instead of `never on its own`",
    ]


def _next(before: Mapping[str, Any], after: Mapping[str, Any], **unknown: bool) -> dict[str, Any]:
    return {"resource_changes": [differs("databricks_job.trips", before, after, after_unknown=unknown)]}


def test_a_rename_in_the_code_and_the_order_of_keys_are_none() -> None:
    policy = {"name": "small", "definition": '{"a": {"type": "fixed"}, "b": {"type": "fixed"}}'}
    other = {"name": "small", "definition": '{"b": {"type": "fixed"}, "a": {"type": "fixed"}}'}
    code = {"databricks_cluster_policy.small": frozenset(policy)}
    moved = differs("databricks_cluster_policy.small", policy, policy)
    moved = {**moved, "previous_address": "databricks_cluster_policy.tiny"}

    assert sentences(moved, differs("databricks_cluster_policy.small", policy, other), code=code) == []


def test_of_what_the_code_has_no_more_the_attributes_of_its_like_count() -> None:
    gone = differs("databricks_job.gone", JOB, {**JOB, "name": "mine", "updated_at": 2})

    assert sentences(gone) == ["job `trips` was changed", "  is called `mine`"]
    assert sentences(gone, code={}) == []


def test_sensitive_values_are_masked() -> None:
    before, after = ({**JOB, "tags": {"password": value, "a": "1"}} for value in ("old", "new"))
    marked = differs("databricks_job.trips", before, after, after_sensitive={"tags": {"a": True}})

    assert sentences(marked) == [
        "job `trips` was changed",
        "  `tags.password`: `(sensitive)` instead of `(sensitive)`",
    ]
    whole = differs("databricks_job.trips", before, after, after_sensitive={"tags": True})
    assert sentences(whole)[1:] == ["  `tags`: `(sensitive)` instead of `(sensitive)`"]


def test_a_job_that_was_moved_to_another_commit_says_so() -> None:
    commits = ({**JOB, "git_source": [{"commit": commit * 40}]} for commit in "ab")

    assert sentences(differs("databricks_job.trips", *commits)) == [
        "job `trips` was moved to commit `bbbbbbbb`"
    ]
    untagged = differs("databricks_job.trips", {**JOB, "tags": {"git_branch": "main"}}, {**JOB, "tags": {}})
    assert sentences(untagged) == [
        "job `trips` was changed",
        "  in what tells of its commit: tags or parameters",
    ]


MEMBER = {"group_id": "g", "member_id": "ola"}


def permitted(level: str) -> dict[str, Any]:
    """Permissions on a folder of the workspace."""
    allowed = [{"group_name": "x", "permission_level": level}]
    return {"directory_path": "/a", "access_control": allowed}


SCHEMA = {"catalog_name": "main", "name": "sales", "owner": "sales-team", "comment": "a"}


@pytest.mark.parametrize(
    ("address", "before", "after", "said"),
    [
        (
            "databricks_schema.s",
            SCHEMA,
            {**SCHEMA, "name": "rent"},
            "schema `main.sales` was renamed to `main.rent`",
        ),
        (
            "databricks_schema.s",
            SCHEMA,
            {**SCHEMA, "owner": "ola"},
            "`ola` became owner of schema `main.sales`",
        ),
        (
            "databricks_schema.s",
            SCHEMA,
            {**SCHEMA, "comment": "b"},
            "`schema` `s` was changed (`comment`)",
        ),
        ("databricks_cluster.c", {"cluster_name": "big"}, None, "cluster `big` was deleted"),
        ("databricks_notebook.n", {"path": "/a"}, None, "`notebook` `n` was deleted"),
        (
            "databricks_group_member.m",
            MEMBER,
            None,
            "`ola` lost `MEMBER` on group `g`; the next deployment gives it back",
        ),
        (
            "databricks_permissions.p",
            permitted("CAN_READ"),
            permitted("CAN_RUN"),
            "`x` gained `CAN_RUN` and lost `CAN_READ` on directory `/a`; the next deployment undoes both",
        ),
    ],
)
def test_every_kind_of_change_is_said_as_what_has_happened(
    address: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, said: str
) -> None:
    code = {address: frozenset(before)}

    assert said in sentences(differs(address, before, after), code=code)


def test_what_the_code_sets_is_read_from_it() -> None:
    code = {"resource": {"databricks_job": {"trips": {"name": "trips", "tags": {}}}}}

    assert declared(code) == {"databricks_job.trips": frozenset({"name", "tags"})}
    assert declared({}) == {}


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"projects": 98, "changed": 1}, "1 project, 97 as deployed"),
        ({"projects": 3, "changed": 0, "absent": 2}, "nothing, 1 as deployed, 2 not deployed"),
        (
            {"projects": 4, "changed": 2, "shared": True, "failed": 1},
            "2 projects, what projects share, 1 as deployed, 1 failed",
        ),
        ({"projects": 0}, "nothing"),
    ],
)
def test_a_line_sums_up_an_environment(counts: dict[str, Any], line: str) -> None:
    none: dict[str, Any] = {"projects": 0, "changed": 0, "failed": 0, "shared": False}

    assert EnvironmentDrift("prod", (), **{**none, **counts}).summary == line


def test_names_stay_names() -> None:
    """Each kind of change keeps what people write apart from what is said of it."""
    hostile = "`a` <b> @everybody"
    drift = differs("databricks_job.trips", {**JOB, "name": hostile}, None)
    plan = Refreshed("stack", {"resource_drift": [drift]}, CODE).plan()
    [change] = all_changes([plan], Known())[0]

    assert [part for part in happened(change).sentence if isinstance(part, str)] == [
        "job ",
        " was",
        " deleted",
    ]
