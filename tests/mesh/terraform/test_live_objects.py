"""Objects of a state, read from the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

from mesh.errors import OutsideError
from mesh.terraform.live_objects import LiveObject, read_live_objects

JOB, SCHEMA, GROUP = "databricks_job.a", "databricks_schema.a", "databricks_group.g"
HELD: Mapping[str, Mapping[str, Any]] = {
    JOB: {"id": "7"},
    SCHEMA: {"id": "main.sales"},
    GROUP: {"id": "g1"},
    "databricks_notebook.n": {"id": "/n"},
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "/api/2.2/jobs/get?job_id=7": {
        "creator_user_name": "ola",
        "run_as_user_name": "ada",
        "settings": {"name": "a"},
    },
    "/api/2.0/permissions/jobs/7": {
        "access_control_list": [
            {"user_name": "ola", "all_permissions": [{"permission_level": "IS_OWNER", "inherited": False}]},
            {
                "group_name": "admins",
                "all_permissions": [{"permission_level": "CAN_MANAGE", "inherited": True}],
            },
        ]
    },
    "/api/2.1/unity-catalog/schemas/main.sales": {"name": "sales", "created_by": "ola"},
    "/api/2.1/unity-catalog/permissions/schema/main.sales": {
        "privilege_assignments": [{"principal": "students", "privileges": ["USE_SCHEMA", "SELECT"]}]
    },
    "/api/2.0/preview/scim/v2/Groups/g1": {"members": [{"value": "1", "display": "Ada"}, {"value": "2"}]},
}


def ask(path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The answer of a workspace."""
    return ANSWERS.get("?".join([path, *(f"{name}={value}" for name, value in query.items())]))


def test_settings_grants_permissions_and_members_are_read() -> None:
    live = read_live_objects(HELD, ask)

    assert live.notes == ()
    assert {one.address: one for one in live.objects} == {
        JOB: LiveObject(JOB, {"name": "a"}, creator="ola", runs_as="ada", permissions={"ola": ("IS_OWNER",)}),
        SCHEMA: LiveObject(
            SCHEMA,
            {"name": "sales", "created_by": "ola"},
            creator="ola",
            grants={"students": ("SELECT", "USE_SCHEMA")},
        ),
        GROUP: LiveObject(
            GROUP,
            {"members": [{"value": "1", "display": "Ada"}, {"value": "2"}]},
            members={"1": "Ada", "2": "2"},
        ),
    }


def test_access_that_terraform_manages_completely_is_not_read() -> None:
    managed = {
        "databricks_grants.a": {"id": "schema/main.sales", "schema": "main.sales"},
        "databricks_permissions.a": {"id": "/jobs/7", "job_id": "7"},
    }

    live = {one.address: one for one in read_live_objects({**HELD, **managed}, ask).objects}

    assert (live[SCHEMA].grants, live[JOB].permissions) == ({}, {})


def test_the_rules_of_a_clusters_policy_are_read() -> None:
    answers = {
        "/api/2.1/clusters/get": {"cluster_name": "shared"},
        "/api/2.0/policies/clusters/get": {"definition": '{"spark_conf.x": {"type": "fixed"}}'},
    }
    held = {"databricks_cluster.shared": {"id": "c", "policy_id": "p"}}

    [cluster] = read_live_objects(held, lambda path, query: answers.get(path)).objects

    assert cluster.preset == {"spark_conf.x"}


def test_a_read_that_is_refused_is_reported_and_does_not_hide_the_others() -> None:
    def refuse(path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        if "jobs" in path:
            raise OutsideError("the workspace refuses: no (the login needs the right to read it)\nmore")
        return ask(path, query)

    live = read_live_objects(HELD, refuse)

    assert {one.address for one in live.objects} == {SCHEMA, GROUP}
    assert live.notes == (
        f"settings of {JOB}: the workspace refuses: no (the login needs the right to read it)",
        f"permissions of {JOB}: the workspace refuses: no (the login needs the right to read it)",
    )


def test_a_read_that_hangs_is_reported_after_the_time_limit() -> None:
    done = Event()

    def hang(path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        if "Groups" in path:
            done.wait()
        return ask(path, query)

    try:
        live = read_live_objects(HELD, hang, seconds=0.5)
    finally:
        done.set()

    assert live.notes == (f"settings of {GROUP}: no answer in 0.5 seconds",)
    assert {one.address for one in live.objects} == {JOB, SCHEMA}


def test_an_object_that_was_deleted_is_left_to_the_refresh() -> None:
    assert read_live_objects(HELD, lambda path, query: None).objects == ()
