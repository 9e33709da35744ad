"""Who gains and loses what, and what that opens further down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mesh.review.access import access_changes
from mesh.review.mesh_index import Known
from mesh.review.plan import read_plans
from mesh.review.sentence import plain


def told(folder: Path, *resources: dict[str, Any], drift: list[dict[str, Any]] | None = None) -> list[str]:
    """The sentences about a plan."""
    file = folder / "stack.json"
    file.write_text(json.dumps({"resource_changes": resources, "resource_drift": drift or []}))
    known = Known(principals={"1234": "sp-acme"})
    changes = access_changes(read_plans([file]), known)
    return [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]


def grants(name: str, before: dict[str, list[str]], after: dict[str, list[str]], **on: str) -> dict[str, Any]:
    """A change of grants."""
    blocks = [
        [{"principal": who, "privileges": what} for who, what in one.items()] for one in (before, after)
    ]
    change = {
        "actions": ["update"],
        "before": {**on, "grant": blocks[0]},
        "after": {**on, "grant": blocks[1]},
    }
    return {"address": f"databricks_grants.{name}", "type": "databricks_grants", "change": change}


def there(type: str, **arguments: str) -> dict[str, Any]:
    """Something that stays as it is."""
    address = f"{type}.{'_'.join(arguments.values())}"
    return {
        "address": address,
        "type": type,
        "change": {"actions": ["no-op"], "before": arguments, "after": arguments},
    }


SCHEMA = there("databricks_schema", catalog_name="main", name="sales")
VOLUME = there("databricks_volume", catalog_name="main", schema_name="sales", name="drop")
READS = ["USE_CATALOG", "USE_SCHEMA", "SELECT"]


def test_rights_on_a_catalog_reach_what_lies_in_it(tmp_path: Path) -> None:
    change = grants("main", {}, {"analysts": [*READS, "READ_VOLUME"]}, catalog="main")

    assert told(tmp_path, change, SCHEMA, VOLUME) == [
        "`analysts` gains `READ_VOLUME`, `SELECT`, `USE_CATALOG`, `USE_SCHEMA` on catalog `main`",
        "  `analysts` can now read 1 schema in `main`: `sales`",
        "  `analysts` can now read files in 1 volume in `main`: `sales.drop`",
    ]


def test_rights_without_the_way_there_reach_nothing(tmp_path: Path) -> None:
    change = grants("main", {}, {"analysts": ["SELECT", "USE_SCHEMA"]}, catalog="main")

    assert told(tmp_path, change, SCHEMA) == ["`analysts` gains `SELECT`, `USE_SCHEMA` on catalog `main`"]


def test_the_last_right_on_the_way_opens_it(tmp_path: Path) -> None:
    catalog = grants("main", {"analysts": []}, {"analysts": ["USE_CATALOG"]}, catalog="main")
    schema = grants(
        "sales",
        {"analysts": ["SELECT", "USE_SCHEMA"]},
        {"analysts": ["SELECT", "USE_SCHEMA"]},
        schema="main.sales",
    )

    assert told(tmp_path, catalog, schema, SCHEMA) == [
        "`analysts` gains `USE_CATALOG` on catalog `main`",
        "  `analysts` can now read 1 schema in `main`: `sales`",
    ]  # fmt: skip


def test_all_privileges_hold_every_right(tmp_path: Path) -> None:
    change = grants("main", {"analysts": ["ALL_PRIVILEGES"]}, {}, catalog="main")

    assert told(tmp_path, change, SCHEMA) == [
        "`analysts` loses `ALL_PRIVILEGES` on catalog `main`",
        "  `analysts` can no longer read and change 1 schema in `main`: `sales`",
    ]


def test_privileges_in_the_spelling_of_the_api_are_the_same(tmp_path: Path) -> None:
    change = grants("main", {"a": ["USE CATALOG"]}, {"a": ["USE_CATALOG"]}, catalog="main")

    assert told(tmp_path, change) == []


def test_what_no_state_knew_was_granted_by_hand(tmp_path: Path) -> None:
    change = grants("sales", {"a": ["SELECT"], "b": ["SELECT"]}, {}, schema="main.sales")
    drift = grants("sales", {"a": ["SELECT"]}, {"a": ["SELECT"], "b": ["SELECT"]}, schema="main.sales")

    assert told(tmp_path, change, drift=[drift]) == [
        "`a` loses `SELECT` on schema `main.sales`",
        "`b` loses `SELECT` on schema `main.sales`",
        "  granted by hand, not in the mesh: `SELECT`; an apply takes it away",
    ]


def test_a_single_grant_is_told_like_all_of_them(tmp_path: Path) -> None:
    after = {"catalog": "main", "principal": "analysts", "privileges": ["BROWSE"]}
    change = {"actions": ["create"], "before": None, "after": after}

    assert told(
        tmp_path, {"address": "databricks_grant.a", "type": "databricks_grant", "change": change}
    ) == ["`analysts` gains `BROWSE` on catalog `main`"]


def test_permissions_name_the_object_by_its_id_and_principals_by_their_names(tmp_path: Path) -> None:
    job = there("databricks_job", id="7", name="nightly")
    levels = [
        {"job_id": "7", "access_control": [{"service_principal_name": "1234", "permission_level": level}]}
        for level in ("CAN_VIEW", "CAN_MANAGE")
    ]
    change = {"actions": ["update"], "before": levels[0], "after": levels[1]}
    permissions = {"address": "databricks_permissions.x", "type": "databricks_permissions", "change": change}

    assert told(tmp_path, job, permissions) == [
        "`sp-acme` gains `CAN_MANAGE` and loses `CAN_VIEW` on job `nightly`"
    ]


def test_members_of_groups_are_told(tmp_path: Path) -> None:
    group = there("databricks_group", id="1", display_name="students")
    user = there("databricks_user", id="2", user_name="ada@acme.example")
    change = {"actions": ["create"], "before": None, "after": {"group_id": "1", "member_id": "2"}}
    member = {"address": "databricks_group_member.x", "type": "databricks_group_member", "change": change}

    assert told(tmp_path, group, user, member) == ["`ada@acme.example` gains `MEMBER` on group `students`"]


def test_what_is_granted_on_something_newer_than_this_is_told_all_the_same(tmp_path: Path) -> None:
    change = grants("x", {}, {"a": ["select"]}, moon_base="tranquility")

    assert told(tmp_path, change) == ["`a` gains `SELECT` on moon base `tranquility`"]
