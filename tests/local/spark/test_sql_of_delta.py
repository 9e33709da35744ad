"""What DuckDB, which runs `mesh local sql`, reads of the Delta tables that Spark writes."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local


@pytest.fixture(scope="module")
def schema(local: "Local") -> str:
    """An empty schema."""
    return f"{local.catalog('features')}.s"


def sql(local: "Local", statement: str) -> Any:
    """The rows of a statement, or its error."""
    body = {"warehouse_id": "starter", "statement": statement}
    answer = local.call("POST", "/api/2.0/sql/statements", body)
    return answer["result"]["data_array"] if "result" in answer else answer["status"]["error"]["message"]


@pytest.mark.parametrize(
    ("columns", "properties", "row", "feature"),
    [
        ("mapped (id INT)", "'delta.columnMapping.mode' = 'name'", "1", "column mapping by name"),
        ("variants (v VARIANT)", "'a' = 'b'", "parse_json('{\"a\": 1}')", "variantType"),
    ],
)
def test_an_unreadable_table_is_named_with_the_feature_that_it_uses(
    local, spark: "SparkSession", schema: str, columns: str, properties: str, row: str, feature: str
) -> None:
    name = columns.partition(" ")[0]
    spark.sql(f"CREATE TABLE {schema}.{columns} TBLPROPERTIES ({properties})")
    spark.sql(f"INSERT INTO {schema}.{name} SELECT {row}")

    error = sql(local, f"SELECT * FROM {schema}.{name}")
    assert error.startswith(f"table {schema}.{name} exists, but DuckDB cannot read it: ")
    assert feature in error
    assert error.endswith("read it with Spark, in a notebook")


def test_rows_that_deletion_vectors_delete_are_gone(local, spark: "SparkSession", schema: str) -> None:
    spark.sql(f"CREATE TABLE {schema}.v (id INT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    spark.sql(f"INSERT INTO {schema}.v VALUES (1), (2)")
    spark.sql(f"DELETE FROM {schema}.v WHERE id = 1")

    assert sql(local, f"SELECT * FROM {schema}.v") == [["2"]]


def test_only_timestamps_with_a_zone_are_written_with_one(local, spark: "SparkSession", schema: str) -> None:
    moment = "'2019-03-01 10:00:00'"
    spark.sql(f"CREATE TABLE {schema}.moments AS SELECT timestamp_ntz{moment} AS a, timestamp{moment} AS b")

    assert sql(local, f"SELECT * FROM {schema}.moments") == [
        ["2019-03-01T10:00:00.000", "2019-03-01T10:00:00.000Z"]
    ]
    table = local.call("GET", f"/api/2.1/unity-catalog/tables/{schema}.moments")
    assert [each["type_name"] for each in table["columns"]] == ["TIMESTAMP_NTZ", "TIMESTAMP"]
