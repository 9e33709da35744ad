"""Changes of access to data, jobs and groups."""

from __future__ import annotations

from pathlib import Path

from tests.support.access_plan import grants, sentences, unchanged


def test_both_spellings_of_a_privilege_are_equal(tmp_path: Path) -> None:
    change = grants("main", {"a": ["USE CATALOG"]}, {"a": ["USE_CATALOG"]}, catalog="main")

    assert sentences(tmp_path, change) == []


def test_privileges_outside_the_state_were_granted_by_hand(tmp_path: Path) -> None:
    change = grants("sales", {"a": ["SELECT"], "b": ["SELECT"]}, {}, schema="main.sales")
    drift = grants("sales", {"a": ["SELECT"]}, {"a": ["SELECT"], "b": ["SELECT"]}, schema="main.sales")

    assert sentences(tmp_path, change, drift=[drift]) == [
        "`a` loses `SELECT` on schema `main.sales`",
        "`b` loses `SELECT` on schema `main.sales`",
        "  `SELECT` was granted by hand and is not in the mesh; the deployment revokes it",
    ]


def test_databricks_grant_reads_like_databricks_grants(tmp_path: Path) -> None:
    after = {"catalog": "main", "principal": "analysts", "privileges": ["BROWSE"]}
    change = {"actions": ["create"], "before": None, "after": after}

    assert sentences(
        tmp_path, {"address": "databricks_grant.a", "type": "databricks_grant", "change": change}
    ) == ["`analysts` gains `BROWSE` on catalog `main`"]


def test_permissions_show_names_instead_of_ids(tmp_path: Path) -> None:
    job = unchanged("databricks_job", id="7", name="nightly")
    levels = [
        {"job_id": "7", "access_control": [{"service_principal_name": "1234", "permission_level": level}]}
        for level in ("CAN_VIEW", "CAN_MANAGE")
    ]
    change = {"actions": ["update"], "before": levels[0], "after": levels[1]}
    permissions = {"address": "databricks_permissions.x", "type": "databricks_permissions", "change": change}

    assert sentences(tmp_path, job, permissions) == [
        "`sp-acme` gains `CAN_MANAGE` and loses `CAN_VIEW` on job `nightly`"
    ]


def test_new_members_of_groups_are_reported(tmp_path: Path) -> None:
    group = unchanged("databricks_group", id="1", display_name="students")
    user = unchanged("databricks_user", id="2", user_name="ada@acme.example")
    change = {"actions": ["create"], "before": None, "after": {"group_id": "1", "member_id": "2"}}
    member = {"address": "databricks_group_member.x", "type": "databricks_group_member", "change": change}

    assert sentences(tmp_path, group, user, member) == [
        "`ada@acme.example` gains `MEMBER` on group `students`"
    ]


def test_grants_on_an_unknown_kind_of_securable_are_reported(tmp_path: Path) -> None:
    change = grants("x", {}, {"a": ["select"]}, moon_base="tranquility")

    assert sentences(tmp_path, change) == ["`a` gains `SELECT` on moon base `tranquility`"]
