"""Permanent views: real Spark, real workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException

from local.spark.client import connect
from tests.local.spark.test_sql_of_delta import sql as duckdb

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local


@pytest.fixture(scope="module")
def views(local: "Local", spark: "SparkSession") -> str:
    """A catalog with a table, a view on it with names of one level, and a view on the view."""
    catalog = local.catalog("viewed")
    spark.sql(f"CREATE SCHEMA {catalog}.r")
    spark.sql(f"CREATE TABLE {catalog}.s.trips AS SELECT * FROM VALUES (1, 7.5D), (2, 2.5D) AS t(id, fare)")
    spark.sql(f"USE {catalog}.s")
    try:
        spark.sql(
            "CREATE VIEW dear (trip COMMENT 'number', price) COMMENT 'dear trips' TBLPROPERTIES ('a' = 'b') "
            "AS SELECT id, fare FROM trips WHERE fare > 5"
        )
        spark.sql(f"CREATE VIEW {catalog}.r.total AS WITH d AS (FROM dear) SELECT sum(price) AS fares FROM d")
    finally:
        spark.sql("USE spark_catalog.default")
    return catalog


def rows(spark: "SparkSession", statement: str) -> list[Any]:
    return [tuple(row) for row in spark.sql(statement).collect()]


def test_every_session_and_duckdb_read_views_with_the_names_of_their_creation(
    local: "Local", spark: "SparkSession", views: str
) -> None:
    other = connect(str(local.status.spark_remote))

    assert rows(other, f"SELECT * FROM {views}.r.total") == [(7.5,)]
    assert other.table(f"{views}.s.dear").columns == ["trip", "price"]
    assert duckdb(local, f"SELECT * FROM {views}.r.total") == [["7.5"]]
    assert duckdb(local, f"SELECT trip FROM {views}.s.dear") == [["1"]]
    assert rows(spark, f"SHOW VIEWS IN {views}.s") == [("s", "dear", False)]


def test_a_view_is_an_object_of_the_workspace(local: "Local", views: str) -> None:
    view = local.call("GET", f"/api/2.1/unity-catalog/tables/{views}.s.dear")

    assert (view["table_type"], view["comment"], view["properties"]["a"]) == ("VIEW", "dear trips", "b")
    assert view["view_definition"] == "SELECT id, fare FROM trips WHERE fare > 5"
    assert view["view_dependencies"] == {"dependencies": [{"table": {"table_full_name": f"{views}.s.trips"}}]}
    assert [(each["name"], each["type_text"], each.get("comment")) for each in view["columns"]] == [
        ("trip", "int", "number"),
        ("price", "double", None),
    ]
    total = local.call("GET", f"/api/2.1/unity-catalog/tables/{views}.r.total")
    assert total["view_dependencies"]["dependencies"][0]["table"]["table_full_name"] == f"{views}.s.dear"
    assert local.status.token not in str(view)


def test_a_view_is_replaced_altered_and_dropped(local: "Local", spark: "SparkSession", views: str) -> None:
    view = f"{views}.s.changed"
    spark.sql(f"CREATE VIEW {view} AS SELECT 1 AS a")
    spark.sql(f"CREATE VIEW IF NOT EXISTS {view} AS SELECT 2 AS a")
    assert rows(spark, f"SELECT * FROM {view}") == [(1,)]

    spark.sql(f"CREATE OR REPLACE VIEW {view} COMMENT 'x' AS SELECT 3 AS b")
    spark.sql(f"ALTER VIEW {view} SET TBLPROPERTIES ('k' = 'v')")
    spark.sql(f"ALTER VIEW {view} AS SELECT 4 AS c")
    spark.sql(f"COMMENT ON TABLE {view} IS 'y'")
    stored = local.call("GET", f"/api/2.1/unity-catalog/tables/{view}")
    assert (stored["comment"], stored["properties"]["k"]) == ("y", "v")
    assert duckdb(local, f"SELECT c FROM {view}") == [["4"]]

    spark.sql(f"DROP VIEW {view}")
    spark.sql(f"DROP VIEW IF EXISTS {view}")
    assert not spark.catalog.tableExists(view)


def test_a_view_is_renamed_with_its_tags_and_shown_as_a_statement(
    local: "Local", spark: "SparkSession", views: str
) -> None:
    spark.sql(
        f"CREATE VIEW {views}.s.former (a COMMENT 'it''s one') COMMENT 'x' TBLPROPERTIES ('k' = 'v') AS SELECT 1"
    )
    spark.sql(f"ALTER VIEW {views}.s.former SET TAGS ('pii' = 'no')")
    spark.sql(f"ALTER VIEW {views}.s.former RENAME TO s.latter")

    assert not spark.catalog.tableExists(f"{views}.s.former")
    tags = local.call("GET", f"/api/2.1/unity-catalog/entity-tag-assignments/tables/{views}.s.latter/tags")
    assert [(tag["entity_name"], tag["tag_value"]) for tag in tags["tag_assignments"]] == [
        (f"{views}.s.latter", "no")
    ]
    assert duckdb(local, f"SELECT a FROM {views}.s.latter") == [["1"]]
    ((statement,),) = rows(spark, f"SHOW CREATE TABLE {views}.s.latter")
    assert statement == (
        f"CREATE VIEW {views}.s.latter (\n  a COMMENT 'it\\'s one')\nCOMMENT 'x'\n"
        "TBLPROPERTIES (\n  'k' = 'v')\nAS SELECT 1\n"
    )
    spark.sql(f"DROP VIEW {views}.s.latter")
    spark.sql(statement)
    assert rows(spark, f"SELECT a FROM {views}.s.latter") == [(1,)]
    spark.sql(f"CREATE VIEW {views}.s.`with-hyphen` AS SELECT 1 AS a")
    ((statement,),) = rows(spark, f"SHOW CREATE TABLE {views}.s.`with-hyphen`")
    assert statement.startswith(f"CREATE VIEW {views}.s.`with-hyphen` (")
    spark.sql(f"DROP VIEW {views}.s.`with-hyphen`")


def test_a_view_is_the_source_of_a_stream(spark: "SparkSession", views: str, tmp_path: Path) -> None:
    spark.sql(
        f"CREATE VIEW {views}.r.streamed (number) AS WITH d AS (SELECT id FROM {views}.s.trips WHERE fare > 5) SELECT * FROM d"
    )
    spark.sql(f"CREATE VIEW {views}.r.twice AS SELECT number * 2 AS number FROM {views}.r.streamed")
    for _ in range(2):
        stream = spark.readStream.table(f"{views}.r.twice").writeStream.option(
            "checkpointLocation", str(tmp_path)
        )
        stream.trigger(availableNow=True).toTable(f"{views}.s.copied").awaitTermination()
        spark.sql(f"INSERT INTO {views}.s.trips VALUES (7, 9.5D)")

    assert sorted(rows(spark, f"SELECT * FROM {views}.s.copied")) == [(2,), (14,)]
    with pytest.raises(PySparkException, match="TABLE_OR_VIEW_NOT_FOUND"):
        assert spark.readStream.table(f"{views}.r.none").schema


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE VIEW {0}.s.dear AS SELECT 1 AS a", "VIEW_ALREADY_EXISTS"),
        ("CREATE OR REPLACE VIEW {0}.s.trips AS SELECT 1 AS a", "EXPECT_VIEW_NOT_TABLE"),
        ("CREATE OR REPLACE TABLE {0}.s.dear AS SELECT 1 AS a", "EXPECT_TABLE_NOT_VIEW"),
        ("CREATE OR REPLACE VIEW {0}.s.dear AS SELECT * FROM {0}.r.total", "RECURSIVE_VIEW"),
        ("CREATE VIEW {0}.s.new AS SELECT * FROM passing", "INVALID_TEMP_OBJ_REFERENCE"),
        ("CREATE VIEW {0}.s.new AS SELECT 1 + 1", "CREATE_PERMANENT_VIEW_WITHOUT_ALIAS"),
        ("CREATE VIEW {0}.s.new (a, a) AS SELECT 1 AS x, 2 AS y", "COLUMN_ALREADY_EXISTS"),
        ("CREATE VIEW {0}.s.new (a, b) AS SELECT 1 AS x", "CREATE_VIEW_COLUMN_ARITY_MISMATCH"),
        ("ALTER VIEW {0}.s.none AS SELECT 1 AS a", "VIEW_NOT_FOUND"),
        ("DROP VIEW {0}.s.none", "VIEW_NOT_FOUND"),
        ("DROP VIEW {0}.s.trips", "EXPECT_VIEW_NOT_TABLE"),
        ("ALTER VIEW {0}.s.none RENAME TO other", "VIEW_NOT_FOUND"),
        ("ALTER VIEW {0}.s.trips RENAME TO other", "EXPECT_VIEW_NOT_TABLE"),
        ("ALTER VIEW {0}.s.dear RENAME TO trips", "TABLE_OR_VIEW_ALREADY_EXISTS"),
        ("ALTER VIEW {0}.s.dear RENAME TO r.dear", "keeps the schema"),
        ("DROP TABLE {0}.s.dear", "WRONG_COMMAND_FOR_OBJECT_TYPE"),
        ("INSERT INTO {0}.s.dear VALUES (1, 2)", "EXPECT_TABLE_NOT_VIEW"),
    ],
)
def test_what_makes_no_sense_for_a_view_is_refused(
    spark: "SparkSession", views: str, statement: str, error: str
) -> None:
    spark.sql("SELECT 1 AS a").createOrReplaceTempView("passing")

    with pytest.raises(PySparkException, match=error):
        spark.sql(statement.format(views)).collect()
