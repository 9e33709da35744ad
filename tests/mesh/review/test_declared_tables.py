"""Comments, keys and views in reviews: what changes in the notebooks that set them."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

import pytest

from mesh.deployment.generated_task import notebook_text
from mesh.review.declared_tables import declaration_changes
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.sentence import plain

TRIPS = {
    "schema": "",
    "name": "trips",
    "comment": "Trips",
    "columns": {"fare": "Dollars", "zone": "It's"},
    "primary_key": ["id"],
    "foreign_keys": [{"name": "of", "columns": ["zone"]}],
}


def change(before: Any, after: Any, name: str = "describe_tables", held: str = "TABLES") -> ResourceChange:
    """A change of a generated notebook."""
    values = [
        {
            "path": str(PurePosixPath("/x/flows/prep/trips") / name),
            "content_base64": base64.b64encode(
                notebook_text("a.yml:1", ["table_describer.py"], held, one, "").encode()
            ).decode(),
        }
        for one in (before, after)
    ]
    return ResourceChange("databricks_notebook.a", ("update",), *values, kind="databricks_notebook")


def told(*changes: ResourceChange) -> list[str]:
    """What a review says about changes."""
    return [
        plain(sentence)
        for one in declaration_changes([StackPlan("stack", changes)], MeshIndex())
        for sentence in (one.sentence, *one.details)
    ]


def test_each_comment_and_key_that_changes_is_told() -> None:
    after = {
        **TRIPS,
        "comment": "All trips",
        "columns": {"fare": "Dollars", "tip": "x"},
        "primary_key": ["id", "day"],
    }

    assert told(change([TRIPS], [{**after, "foreign_keys": []}])) == [
        "5 declarations about tables and views of `prep/trips` change: the next run sets it",
        "comment of table `trips` changes",
        "comment of `tip` of table `trips` is new",
        "comment of `zone` of table `trips` is no longer declared",
        "primary key of table `trips` changes",
        "foreign key `of` of table `trips` is no longer declared",
    ]


def test_views_are_told_by_their_names() -> None:
    views = [{"schema": "raw", "name": name, "query": [f"SELECT {name}"]} for name in "abc"]
    after = [{**views[0], "query": ["SELECT 1"]}, views[2], {**views[1], "name": "d"}]

    assert told(change(views, after, "create_views", "VIEWS"))[1:] == [
        "view `raw.a` changes",
        "view `raw.b` is no longer declared, and stays as it is",
        "view `raw.d` is new",
    ]


def test_functions_are_told_by_their_names() -> None:
    made = [{"schema": "", "name": name, "head": "()", "body": [f"RETURN {name}"]} for name in "abc"]
    after = [{**made[0], "head": "(x INT)"}, made[2], {**made[1], "name": "d"}]

    assert told(change(made, after, "create_functions", "FUNCTIONS")) == [
        "3 declarations about functions of `prep/trips` change: the next run sets it",
        "function `a` changes",
        "function `b` is no longer declared, and stays as it is",
        "function `d` is new",
    ]


def test_many_changes_are_counted() -> None:
    many = {**TRIPS, "columns": {f"c{number}": "x" for number in range(100)}}

    assert told(change([{**TRIPS, "columns": {}}], [many]))[-1] == "and 80 more"


@pytest.mark.parametrize(
    "changes",
    [
        change([TRIPS], [TRIPS]),
        change([TRIPS], [{"odd": 1}]),
        change([TRIPS], [], "other"),
        ResourceChange(
            "databricks_notebook.a", ("update",), {}, {"path": "/describe_tables"}, kind="databricks_notebook"
        ),
    ],
)
def test_other_changes_of_notebooks_are_not_told_here(changes: ResourceChange) -> None:
    assert told(changes) == []


def test_an_owner_that_is_no_longer_declared_stays() -> None:
    owned = {"schema": "raw", "name": "zones", "owner": "taxi-team", "comment": "y"}
    former = [{**TRIPS, "owner": "taxi-team"}, {"schema": "raw", "name": "zones", "comment": "x"}]

    assert told(change(former, [TRIPS, owned]))[1:] == [
        "comment of table `raw.zones` changes",
        "owner of table `trips` is no longer declared, and stays",
    ]
