"""The program that creates views and functions, with a fake for Unity Catalog and for Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.deployment.object_creator import NotCreated, create, mark

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
        if "dear" in statement.partition(" AS ")[2] and "tables/main.sales.dear" not in there:
            raise RuntimeError("[TABLE_OR_VIEW_NOT_FOUND] dear\nmore")
        statements.append(statement)
        if "VIEW `main`.`sales`.`dear`" in statement:
            there["tables/main.sales.dear"] = {}
        if statement.startswith("CREATE OR REPLACE FUNCTION"):
            there["permissions/function/main.sales.hidden"] = {}

    def api(method: str, path: str, body: Any = None) -> Any:
        if method == "PATCH":
            statements.append(f"{path} {body}")
        return there.get(path)

    try:
        create(sql, api, views, VALUES.__getitem__, SCHEMAS, lines.append)
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
            {"tables/main.sales.dear": {"table_type": "VIEW", "view_definition": "SELECT 1"}},
            [USE, f"ALTER VIEW `main`.`sales`.`dear` AS {QUERY}"],
            ["  dear is changed", "1 set, 0 as declared"],
        ),
        (
            {"tables/main.sales.dear": {"table_type": "VIEW", "view_definition": f"{QUERY}\n"}},
            [],
            ["0 set, 1 as declared"],
        ),
        (
            {"tables/main.sales.dear": {"table_type": "MANAGED"}},
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


HIDDEN = {
    "schema": "",
    "name": "hidden",
    "shown": "hidden",
    "head": "(x INT) RETURNS INT COMMENT 'Hides ",
    "body": ["' ", "RETURN ", {"value": "geo_schema"}],
}
MARK = mark("(x INT) RETURNS INT COMMENT 'Hides ' RETURN 'it\\'s'")
STATEMENT = f"FUNCTION `main`.`sales`.`hidden`(x INT) RETURNS INT COMMENT 'Hides {MARK}' RETURN 'it\\'s'"
GRANTS = {
    "privilege_assignments": [
        {"principal": "a", "privileges": ["EXECUTE", "MANAGE"]},
        {"principal": "b", "privileges": ["EXECUTE"]},
        {"principal_id": 7, "privileges": ["EXECUTE"]},  # deleted
    ]
}
PERMISSIONS = "permissions/function/main.sales.hidden"


@pytest.mark.parametrize(
    ("found", "statements", "told"),
    [
        ({}, [USE, f"CREATE {STATEMENT}"], "  hidden is created"),
        (
            {"functions/main.sales.hidden": {"comment": "Hides"}},
            [USE, f"CREATE OR REPLACE {STATEMENT}"],
            "  hidden is changed",
        ),
        (
            {
                "functions/main.sales.hidden": {"comment": "Hides (mesh 0)"},
                "permissions/function/main.sales.hidden": GRANTS,
            },
            [
                USE,
                f"CREATE OR REPLACE {STATEMENT}",
                f"{PERMISSIONS} {{'changes': [{{'principal': 'a', 'add': ['EXECUTE', 'MANAGE']}}]}}",
                f"{PERMISSIONS} {{'changes': [{{'principal': 'b', 'add': ['EXECUTE']}}]}}",
            ],
            "  hidden is changed",
        ),
        ({"functions/main.sales.hidden": {"comment": f"Hides {MARK}"}}, [], "0 set, 1 as declared"),
    ],
)
def test_a_function_is_replaced_if_it_differs_and_gets_back_lost_privileges(
    found: Mapping[str, Any], statements: list[str], told: str
) -> None:
    made, lines = run(found, [HIDDEN])

    assert made == statements
    assert lines[0] == told


@pytest.mark.parametrize(
    ("busy", "told"),
    [
        (1, ["  other is created", "  hidden is changed", "2 set, 0 as declared"]),
        (
            2,
            [
                "  other is created",
                "1 set, 0 as declared",
                "functions are not as declared: hidden: it is changed, which removed "
                "EXECUTE, MANAGE of a (busy): grant these again",
            ],
        ),
    ],
)
def test_privileges_that_cannot_be_given_back_are_tried_again_and_told(busy: int, told: list[str]) -> None:
    there: dict[str, Any] = {"functions/main.sales.hidden": {}, PERMISSIONS: GRANTS}
    given: list[str] = []
    failures = iter(range(busy))

    def sql(statement: str) -> None:
        if "`hidden`" in statement:
            there["functions/main.sales.hidden"] = {"comment": f"Hides {MARK}"}
            there[PERMISSIONS] = {}

    def api(method: str, path: str, body: Any = None) -> Any:
        if method == "PATCH":
            [change] = body["changes"]
            if change["principal"] == "a" and next(failures, None) is not None:
                raise RuntimeError("busy")
            given.append(change["principal"])
        return there.get(path)

    lines: list[str] = []
    other = {**HIDDEN, "name": "other", "shown": "other"}
    try:
        create(sql, api, [HIDDEN, other], VALUES.__getitem__, SCHEMAS, lines.append)
    except NotCreated as error:
        lines.append(str(error))

    assert lines == told
    assert "b" in given
    assert ("a" in given) == (busy == 1)


def test_a_mark_is_of_the_statement_with_the_values_of_the_environment() -> None:
    assert mark("a") == mark("a") != mark("b")
    assert len(mark("a")) == len("(mesh )") + 16
