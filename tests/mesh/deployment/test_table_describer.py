"""The program that sets comments and keys, with a fake for Unity Catalog and for Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.deployment.table_describer import NotDescribed, describe, literal, quoted

SCHEMAS = {"": ("main", "sales"), "zones": ("main", "geo")}
TRIPS: dict[str, Any] = {
    "catalog_name": "main",
    "schema_name": "sales",
    "name": "trips",
    "columns": [{"name": "Zone", "nullable": True}, {"name": "fare", "comment": "Dollars"}],
}
DECLARED: dict[str, Any] = {
    "schema": "",
    "name": "trips",
    "comment": "Trips",
    "columns": {"zone": "Where it began", "fare": "Dollars"},
    "primary_key": ["zone"],
    "foreign_keys": [
        {"name": "of", "columns": ["zone"], "schema": "zones", "table": "zones", "parent_columns": []}
    ],
}
PRIMARY = {"primary_key_constraint": {"name": "trips_pk", "child_columns": ["Zone"]}}
FOREIGN = {
    "foreign_key_constraint": {
        "name": "of",
        "child_columns": ["Zone"],
        "parent_table": "main.geo.zones",
        "parent_columns": ["zone"],
    }
}
ADD_PRIMARY = "ALTER TABLE `main`.`sales`.`trips` ADD CONSTRAINT `trips_pk` PRIMARY KEY (`Zone`)"
ADD_FOREIGN = "ALTER TABLE `main`.`sales`.`trips` ADD CONSTRAINT `of` FOREIGN KEY (`Zone`) REFERENCES `main`.`geo`.`zones` (`zone`)"
DROP = "ALTER TABLE `main`.`sales`.`trips` DROP CONSTRAINT"


def run(
    found: Mapping[str, Any] | None, declared: Mapping[str, Any] = DECLARED, refused: str = "nothing"
) -> tuple[list[str], list[str]]:
    """The statements that describe a table, and the lines that are told; the last one is a failure, if any."""
    statements: list[str] = []
    lines: list[str] = []

    def read(name: str) -> Any:
        if name == "main.geo.zones":
            return {"table_constraints": [{"primary_key_constraint": {"child_columns": ["zone"]}}]}
        if name == "main.geo.plain":
            return {}
        if name == "main.geo.secret":
            raise PermissionError("no USE SCHEMA\nmore")
        return found if name == "main.sales.trips" else None

    def sql(statement: str) -> None:
        statements.append(statement)
        if refused in statement:
            raise RuntimeError(f"refused {refused}")

    try:
        describe(sql, read, [dict(declared)], SCHEMAS, lines.append)
    except NotDescribed as error:
        lines.append(str(error))
    return statements, lines


def test_what_differs_is_set_and_nothing_else() -> None:
    statements, lines = run(TRIPS)

    assert statements == [
        "ALTER TABLE `main`.`sales`.`trips` ALTER COLUMN `Zone` SET NOT NULL",
        ADD_PRIMARY,
        "COMMENT ON TABLE `main`.`sales`.`trips` IS 'Trips'",
        "ALTER TABLE `main`.`sales`.`trips` ALTER COLUMN `Zone` COMMENT 'Where it began'",
        ADD_FOREIGN,
    ]
    assert lines == [
        "  trips: primary key is set",
        "  trips: comment is set",
        "  trips: comment of zone is set",
        "  trips: foreign key of is set",
        "4 set, 1 as declared",
    ]


def test_a_table_that_is_as_declared_gets_no_statement() -> None:
    columns = [{"name": "Zone", "comment": "Where it began"}, {"name": "fare", "comment": "Dollars"}]
    found = {**TRIPS, "comment": "Trips", "columns": columns, "table_constraints": [PRIMARY, FOREIGN]}

    assert run(found) == ([], ["0 set, 5 as declared"])


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        (
            [{"primary_key_constraint": {"name": "old`", "child_columns": ["fare"]}}, FOREIGN],
            [
                f"{DROP} `old```",
                "ALTER TABLE `main`.`sales`.`trips` ALTER COLUMN `Zone` SET NOT NULL",
                ADD_PRIMARY,
            ],
        ),
        (
            [
                PRIMARY,
                {
                    "foreign_key_constraint": {
                        **FOREIGN["foreign_key_constraint"],
                        "parent_table": "main.geo.a",
                    }
                },
            ],
            [f"{DROP} `of`", ADD_FOREIGN],
        ),
    ],
)
def test_a_key_that_differs_is_replaced(constraints: list[Any], expected: list[str]) -> None:
    declared = {key: value for key, value in DECLARED.items() if key not in ("comment", "columns")}

    assert run({**TRIPS, "table_constraints": constraints}, declared)[0] == expected


TWO = {
    "schema": "",
    "name": "trips",
    "comment": "Trips",
    "columns": {"zone": "Where, and when", "gone": "x", "fare": "Euros"},
}
TOGETHER = (
    "ALTER TABLE `main`.`sales`.`trips` ALTER COLUMN `Zone` COMMENT 'Where, and when', `fare` COMMENT 'Euros'"
)


def test_comments_of_columns_are_one_statement() -> None:
    statements, lines = run(TRIPS, TWO)

    assert statements == ["COMMENT ON TABLE `main`.`sales`.`trips` IS 'Trips'", TOGETHER]
    assert lines == [
        "  trips: comment is set",
        "  trips: comment of zone is set",
        "  trips: comment of fare is set",
        "3 set, 0 as declared",
        "tables are not as declared: trips: comment of gone: there is no column gone",
    ]


@pytest.mark.parametrize(
    ("refused", "number", "problems"),
    [
        ("', `fare`", 3, "trips: comment of gone: there is no column gone"),  # an older runtime
        (
            "`fare` COMMENT",
            2,
            "trips: comment of gone: there is no column gone; trips: comment of fare: refused `fare` COMMENT",
        ),
    ],
)
def test_each_column_has_its_statement_if_one_for_all_is_refused(
    refused: str, number: int, problems: str
) -> None:
    statements, lines = run(TRIPS, TWO, refused=refused)

    alter = "ALTER TABLE `main`.`sales`.`trips` ALTER COLUMN"
    alone = [f"{alter} `Zone` COMMENT 'Where, and when'", f"{alter} `fare` COMMENT 'Euros'"]
    assert statements[1:] == [TOGETHER, *alone]
    assert lines[-2:] == [f"{number} set, 0 as declared", f"tables are not as declared: {problems}"]


def test_everything_else_is_set_if_one_statement_fails() -> None:
    statements, lines = run(TRIPS, refused="COMMENT 'Where")

    assert statements[-1] == ADD_FOREIGN
    assert lines[-1] == "tables are not as declared: trips: comment of zone: refused COMMENT 'Where"


@pytest.mark.parametrize(
    ("refused", "last"),
    [
        ("SET NOT NULL", "4 set, 1 as declared"),  # Delta without Databricks
        ("N", "tables are not as declared: "),
    ],
)
def test_a_column_that_stays_nullable_fails_only_if_the_key_fails(refused: str, last: str) -> None:
    assert run(TRIPS, refused=refused)[1][-1].startswith(last)


@pytest.mark.parametrize(
    ("found", "declared", "last"),
    [
        (None, DECLARED, "trips does not exist"),
        (
            TRIPS,
            {"schema": "", "name": "trips", "columns": {"x": "y"}},
            "trips: comment of x: there is no column x",
        ),
        (
            TRIPS,
            {"schema": "", "name": "trips", "primary_key": ["x"]},
            "trips: primary key: there is no column x",
        ),
    ],
)
def test_what_does_not_exist_is_a_failure(found: Any, declared: dict[str, Any], last: str) -> None:
    assert run(found, declared)[1][-1] == f"tables are not as declared: {last}"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("gone", "main.geo.gone does not exist (run the flow that fills it)"),
        ("secret", "main.geo.secret cannot be read (no USE SCHEMA)"),
        ("plain", "main.geo.plain has no primary key yet (run the flow that fills it)"),
    ],
)
def test_a_table_that_cannot_be_referenced_stops_no_other_foreign_key(table: str, problem: str) -> None:
    [key] = DECLARED["foreign_keys"]
    keys = [{**key, "name": "first", "table": table}, key]

    statements, lines = run(TRIPS, {"schema": "", "name": "trips", "foreign_keys": keys})

    assert statements == [ADD_FOREIGN]
    assert lines[-1] == f"tables are not as declared: trips: foreign key first: {problem}"


def test_a_view_gets_its_comment_alone() -> None:
    assert run({**TRIPS, "table_type": "VIEW"}, {**DECLARED, "foreign_keys": []})[0] == [
        "COMMENT ON TABLE `main`.`sales`.`trips` IS 'Trips'"
    ]


@pytest.mark.parametrize("kind", ["STREAMING_TABLE", "MATERIALIZED_VIEW"])
def test_a_table_of_a_pipeline_is_left_to_it(kind: str) -> None:
    told = ["  trips: a pipeline fills it, and sets its comments and keys", "0 set, 0 as declared"]

    assert run({**TRIPS, "table_type": kind}) == ([], told)


def test_no_text_ends_a_literal_and_spark_replaces_nothing_in_it() -> None:
    assert literal("it's \\ ${env:PATH}\n") == r"'it\'s \\ \u0024{env:PATH}\n'"


def test_a_name_in_which_spark_would_replace_something_is_refused() -> None:
    with pytest.raises(ValueError, match="Spark replaces"):
        quoted("${env:PATH}")
    declared = {"schema": "", "name": "trips", "columns": {"${a}": "y"}, "comment": "Trips"}

    _, lines = run({**TRIPS, "columns": [{"name": "${a}"}]}, declared)

    assert lines[-1].startswith("tables are not as declared: trips: Spark replaces `${` in a name")
