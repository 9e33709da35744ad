"""Descriptions on Spark: the program of the notebook that a deployment generates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesh.deployment.table_describer import describe

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

HOSTILE = "it's `\\ ${env:PATH}\n'; DROP TABLE x; --"
TABLES: list[dict[str, Any]] = [
    {
        "schema": "",
        "name": "by_borough",
        "comment": HOSTILE,
        "columns": {"amount": "Dollars", "borough": HOSTILE},
        "primary_key": ["borough"],
        "foreign_keys": [
            {
                "name": "of_zone",
                "columns": ["borough"],
                "schema": "raw",
                "table": "zones",
                "parent_columns": ["zone"],
            }
        ],
    },
    {"schema": "raw", "name": "zones", "primary_key": ["zone"]},
    {"schema": "", "name": "dear", "comment": "Dear trips"},
]


def test_comments_and_keys_are_set_once_and_again_after_the_table_is_replaced(
    local: Local, spark: SparkSession
) -> None:
    catalog = local.catalog("descriptions")
    schemas = {"": (catalog, "s"), "raw": (catalog, "s")}
    rows = "SELECT 'Queens' AS borough, CAST(9.5 AS DECIMAL(18, 2)) AS amount"
    spark.sql(f"CREATE TABLE {catalog}.s.by_borough AS {rows}").collect()
    spark.sql(f"CREATE TABLE {catalog}.s.zones AS SELECT 'Queens' AS zone").collect()
    spark.sql(f"CREATE VIEW {catalog}.s.dear AS SELECT * FROM {catalog}.s.by_borough").collect()
    lines: list[str] = []

    def read(name: str) -> Any:
        return local.call("GET", f"/api/2.1/unity-catalog/tables/{name}")

    def sql(statement: str) -> None:
        spark.sql(statement).collect()

    def versions() -> int:
        return spark.sql(f"DESCRIBE HISTORY {catalog}.s.by_borough").count()

    describe(sql, read, TABLES, schemas, lines.append)

    assert lines[-1] == "7 set, 0 as declared"
    found = read(f"{catalog}.s.by_borough")
    assert (found["comment"], [one["comment"] for one in found["columns"]]) == (HOSTILE, [HOSTILE, "Dollars"])
    [primary, foreign] = found["table_constraints"]
    assert primary["primary_key_constraint"]["child_columns"] == ["borough"]
    assert foreign["foreign_key_constraint"]["parent_table"] == f"{catalog}.s.zones"
    assert read(f"{catalog}.s.dear")["comment"] == "Dear trips"

    history = versions()
    describe(sql, read, TABLES, schemas, lines.append)
    assert (lines[-1], versions()) == ("0 set, 7 as declared", history)

    sql(f"CREATE OR REPLACE TABLE {catalog}.s.by_borough AS {rows}")
    describe(sql, read, TABLES, schemas, lines.append)
    assert read(f"{catalog}.s.by_borough")["comment"] == HOSTILE
