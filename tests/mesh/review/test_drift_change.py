"""Changes made by hand, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.review.drift_change import drift_change
from mesh.review.drift_plan import StateRefresh
from mesh.review.mesh_index import MeshIndex
from mesh.review.review import all_changes
from tests.support.resource_drift import CODE, JOB, differs, sentences

MEMBER = {"group_id": "g", "member_id": "ola"}


def permitted(level: str) -> dict[str, Any]:
    """Permissions on a folder of the workspace."""
    allowed = [{"group_name": "x", "permission_level": level}]
    return {"directory_path": "/a", "access_control": allowed}


SCHEMA = {"catalog_name": "main", "name": "sales", "owner": "sales-team", "comment": "a"}


@pytest.mark.parametrize(
    ("address", "before", "after", "sentence"),
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
            "`ola` became the owner of schema `main.sales`",
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
            "`ola` lost `MEMBER` on group `g`; the next deployment grants it again",
        ),
        (
            "databricks_permissions.p",
            permitted("CAN_READ"),
            permitted("CAN_RUN"),
            "`x` gained `CAN_RUN` and lost `CAN_READ` on directory `/a`; the next deployment reverts both",
        ),
    ],
)
def test_every_kind_of_change_is_reported_in_the_past_tense(
    address: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, sentence: str
) -> None:
    code = {address: frozenset(before)}

    assert sentence in sentences(differs(address, before, after), code=code)


def test_names_are_kept_apart_from_the_report_s_text() -> None:
    """Text from the workspace is a Name in every sentence."""
    hostile = "`a` <b> @everybody"
    drift = differs("databricks_job.trips", {**JOB, "name": hostile}, None)
    plan = StateRefresh("stack", {"resource_drift": [drift]}, CODE).plan()
    [change] = all_changes([plan], MeshIndex())[0]

    assert [part for part in drift_change(change).sentence if isinstance(part, str)] == [
        "job ",
        " was",
        " deleted",
    ]
