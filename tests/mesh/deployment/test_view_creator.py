"""The program that creates views, with a fake for Unity Catalog and for Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.deployment.view_creator import NotCreated, create

SCHEMAS = {"": ("main", "sales"), "raw": ("main", "raw")}
VALUES = {"geo_catalog": "ge`o", "geo_schema": "it's"}
PIECES = [
    "SELECT * FROM trips JOIN ",
    {"name": [{"value": "geo_catalog"}, ".", {"value": "geo_schema"}, ".zones"]},
    " WHERE s = ",
    {"value": "geo_schema"},
]
QUERY = r"SELECT * FROM trips JOIN `ge``o`.`it's`.`zones` WHERE s = 'it\'s'"
DEAR = {"schema": "", "name": "dear", "shown": "dear", "query": PIECES}
LATER = {"schema": "raw", "name": "a", "shown": "raw.a", "query": ["SELECT * FROM main.sales.dear"]}
USE = "USE `main`.`sales`"


def run(found: Mapping[str, Any], views: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """The statements that make views, and the lines that are told; the last one is a failure, if any."""
    there: dict[str, Any] = dict(found)
    statements: list[str] = []
    lines: list[str] = []

    def sql(statement: str) -> None:
        if "dear" in statement.partition(" AS ")[2] and "main.sales.dear" not in there:
            raise RuntimeError("[TABLE_OR_VIEW_NOT_FOUND] dear\nmore")
        statements.append(statement)
        if "VIEW `main`.`sales`.`dear`" in statement:
            there["main.sales.dear"] = {}

    try:
        create(sql, there.get, views, VALUES.__getitem__, SCHEMAS, lines.append)
    except NotCreated as error:
        lines.append(str(error))
    return statements, lines


@pytest.mark.parametrize(
    ("found", "statements", "lines"),
    [
        (
            {},
            [USE, f"CREATE VIEW `main`.`sales`.`dear` AS {QUERY}"],
            ["  dear is created", "1 set, 0 as declared"],
        ),
        (
            {"main.sales.dear": {"table_type": "VIEW", "view_definition": "SELECT 1"}},
            [USE, f"ALTER VIEW `main`.`sales`.`dear` AS {QUERY}"],
            ["  dear is changed", "1 set, 0 as declared"],
        ),
        (
            {"main.sales.dear": {"table_type": "VIEW", "view_definition": f"{QUERY}\n"}},
            [],
            ["0 set, 1 as declared"],
        ),
        (
            {"main.sales.dear": {"table_type": "MANAGED"}},
            [],
            [
                "0 set, 0 as declared",
                "views are not as declared: dear: it is a table (rename the file, or drop the table)",
            ],
        ),
    ],
)
def test_a_view_is_created_or_altered_if_it_differs(
    found: Mapping[str, Any], statements: list[str], lines: list[str]
) -> None:
    assert run(found, [DEAR]) == (statements, lines)


def test_views_that_read_others_are_created_after_them() -> None:
    statements, lines = run({}, [LATER, DEAR])

    assert [one.partition(" AS ")[0] for one in statements if not one.startswith("USE")] == [
        "CREATE VIEW `main`.`sales`.`dear`",
        "CREATE VIEW `main`.`raw`.`a`",
    ]
    assert lines == ["  dear is created", "  raw.a is created", "2 set, 0 as declared"]


def test_a_view_that_cannot_be_created_is_told_after_all_others() -> None:
    _, lines = run(
        {}, [{**LATER, "query": ["SELECT * FROM dear_trips"]}, {**DEAR, "name": "b", "shown": "b"}]
    )

    assert lines == [
        "  b is created",
        "1 set, 0 as declared",
        "views are not as declared: raw.a: [TABLE_OR_VIEW_NOT_FOUND] dear",
    ]
