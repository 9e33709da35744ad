"""The workspace's catalogs in Spark: real Spark, real workspace."""

import os
import subprocess
import sys
import urllib.error
from typing import TYPE_CHECKING, Any

import pytest

from local.spark.client import connect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

TABLES = "/api/2.1/unity-catalog/tables"


def values(spark: "SparkSession", table: str) -> list[Any]:
    return sorted(tuple(row) for row in spark.table(table).collect())


def registered(local: "Local", table: str) -> Any:
    try:
        return local.call("GET", f"{TABLES}/{table}")
    except urllib.error.HTTPError as refused:
        refused.close()
        assert refused.code == 404
        return None


def test_a_catalog_created_after_the_session_is_usable_immediately(
    local: "Local", spark: "SparkSession"
) -> None:
    spark.sql("select 1").collect()
    name = local.catalog("fresh")
    spark.range(2).write.saveAsTable(f"{name}.s.t")
    assert values(spark, f"{name}.s.t") == [(0,), (1,)]


def test_a_table_is_in_the_warehouse_and_registered_as_external_delta(
    local: "Local", spark: "SparkSession"
) -> None:
    local.catalog("placed")
    spark.range(2).write.saveAsTable("placed.s.t")
    table = registered(local, "placed.s.t")
    assert (table["table_type"], table["data_source_format"]) == ("EXTERNAL", "DELTA")
    assert table["storage_location"] == str(local.files("placed", "s", "t"))
    assert (local.files("placed", "s", "t") / "_delta_log").is_dir()


def test_the_workspaces_sql_reads_tables_of_spark(local: "Local", spark: "SparkSession") -> None:
    local.catalog("shared")
    spark.range(3).write.saveAsTable("shared.s.t")
    warehouse = local.call("POST", "/api/2.0/sql/warehouses", {"name": "test", "cluster_size": "2X-Small"})[
        "id"
    ]
    body = {"statement": "select count(*) from shared.s.t", "warehouse_id": warehouse, "wait_timeout": "30s"}
    answer = local.call("POST", "/api/2.0/sql/statements", body)
    assert answer["status"] == {"state": "SUCCEEDED"}
    assert answer["result"]["data_array"] == [["3"]]


def test_tables_are_overwritten_appended_to_and_replaced(local: "Local", spark: "SparkSession") -> None:
    local.catalog("written")
    table = "written.s.t"
    spark.sql("select 1 as a").write.saveAsTable(table)
    spark.sql("select 2 as a").write.mode("overwrite").saveAsTable(table)
    spark.sql("select 3 as a").write.mode("append").saveAsTable(table)
    assert values(spark, table) == [(2,), (3,)]
    spark.sql("select 'x' as b").write.mode("overwrite").option("overwriteSchema", True).saveAsTable(table)
    assert values(spark, table) == [("x",)]
    spark.sql(f"create or replace table {table} as select 4 as c")
    assert values(spark, table) == [(4,)]
    assert spark.read.option("versionAsOf", 2).table(table).count() == 2


def test_merge_changes_and_adds_rows(local: "Local", spark: "SparkSession") -> None:
    local.catalog("merged")
    spark.sql("create table merged.s.t as select 1 as k, 'old' as v")
    spark.sql("select explode(array(1, 2)) as k, 'new' as v").createOrReplaceTempView("news")
    spark.sql(
        "merge into merged.s.t as t using news as n on t.k = n.k "
        "when matched then update set v = n.v when not matched then insert *"
    ).collect()
    assert values(spark, "merged.s.t") == [(1, "new"), (2, "new")]


def test_a_column_is_added(local: "Local", spark: "SparkSession") -> None:
    local.catalog("altered")
    spark.sql("create table altered.s.t as select 1 as a")
    spark.sql("alter table altered.s.t add columns (b string)")
    assert values(spark, "altered.s.t") == [(1, None)]


def test_schemas_and_tables_are_listed(local: "Local", spark: "SparkSession") -> None:
    local.catalog("listed")
    spark.sql("create schema if not exists listed.more")
    spark.sql("create schema if not exists listed.more")
    spark.sql("create table listed.more.t (a int)")
    assert {row.namespace for row in spark.sql("show schemas in listed").collect()} >= {"s", "more"}
    assert [row.tableName for row in spark.sql("show tables in listed.more").collect()] == ["t"]


def test_dropping_a_table_removes_its_files(local: "Local", spark: "SparkSession") -> None:
    local.catalog("dropped")
    spark.range(1).write.saveAsTable("dropped.s.t")
    spark.sql("drop table dropped.s.t")
    assert registered(local, "dropped.s.t") is None
    assert not local.files("dropped", "s", "t").exists()


def test_files_outside_the_warehouse_stay_when_their_table_is_dropped(
    local: "Local", spark: "SparkSession", tmp_path: Any
) -> None:
    local.catalog("outside")
    spark.range(1).write.option("path", str(tmp_path / "t")).saveAsTable("outside.s.t")
    spark.range(2).write.mode("overwrite").saveAsTable("outside.s.t")
    assert values(spark, "outside.s.t") == [(0,), (1,)]
    spark.sql("drop table outside.s.t")
    assert (tmp_path / "t" / "_delta_log").is_dir()


def test_leftover_files_of_a_dropped_registration_do_not_prevent_a_new_table(
    local: "Local", spark: "SparkSession"
) -> None:
    local.catalog("leftover")
    spark.range(5).write.saveAsTable("leftover.s.t")
    file = local.files("leftover", "s", "t") / "left"
    file.parent.mkdir(parents=True, exist_ok=True)
    local.call("DELETE", f"{TABLES}/leftover.s.t")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    spark.range(2).write.saveAsTable("leftover.s.t")
    assert values(spark, "leftover.s.t") == [(0,), (1,)]
    assert not file.exists()


def test_a_schema_with_tables_is_dropped_only_with_cascade(local: "Local", spark: "SparkSession") -> None:
    local.catalog("cascade")
    spark.range(1).write.saveAsTable("cascade.s.t")
    with pytest.raises(Exception, match="SCHEMA_NOT_EMPTY"):
        spark.sql("drop schema cascade.s")
    spark.sql("drop schema cascade.s cascade")
    assert registered(local, "cascade.s.t") is None
    assert not local.files("cascade", "s", "t").exists()


def test_names_may_contain_hyphens_and_norwegian_letters(local: "Local", spark: "SparkSession") -> None:
    local.catalog("blå-bær")
    spark.sql("create schema `blå-bær`.`på-plass`")
    spark.sql("select 1 as `beløp`").write.saveAsTable("`blå-bær`.`på-plass`.`ørret-1`")
    assert values(spark, "`blå-bær`.`på-plass`.`ørret-1`") == [(1,)]


def test_a_name_cannot_leave_the_warehouse(local: "Local", spark: "SparkSession") -> None:
    local.catalog("inside")
    with pytest.raises(Exception, match=r"`\.\./\.\./x` cannot name a catalog, schema or table"):
        spark.range(1).write.saveAsTable("inside.s.`../../x`")


def test_use_catalog_works_as_on_databricks(local: "Local") -> None:
    local.catalog("used")
    session = connect(str(local.status.spark_remote))
    try:
        session.sql("USE CATALOG used")
        session.sql("use schema s")
        session.range(1).write.saveAsTable("t")
    finally:
        session.stop()
    assert registered(local, "used.s.t") is not None


def test_statements_accept_parameters(spark: "SparkSession") -> None:
    assert spark.sql("select :who as who", args={"who": "Ada"}).first() == ("Ada",)


def test_statements_of_delta_are_parsed(local: "Local", spark: "SparkSession") -> None:
    local.catalog("past")
    spark.range(1).write.saveAsTable("past.s.t")
    assert [row.version for row in spark.sql("describe history past.s.t limit 1").collect()] == [0]


def test_other_formats_than_delta_are_refused(local: "Local", spark: "SparkSession") -> None:
    local.catalog("formats")
    with pytest.raises(
        Exception, match=r"formats\.s\.t: only Delta tables are supported in the local workspace, not parquet"
    ):
        spark.range(1).write.format("parquet").saveAsTable("formats.s.t")


def test_a_missing_table_is_reported(spark: "SparkSession", local: "Local") -> None:
    local.catalog("missing")
    with pytest.raises(Exception, match="TABLE_OR_VIEW_NOT_FOUND"):
        spark.table("missing.s.t").collect()


def test_the_server_requires_its_token(local: "Local") -> None:
    ask = "import os; from local.spark.client import connect; connect(os.environ['SPARK_REMOTE']).sql('select 1').collect()"
    remote = str(local.status.spark_remote).replace(local.status.token, "another")
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "SPARK_REMOTE": remote},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Invalid authentication token" in done.stderr


def test_values_of_question_marks_keep_their_order(spark: "SparkSession") -> None:
    """Spark 4.1 mixes up five and more (SPARK-58341)."""
    rows = spark.sql(f"VALUES {', '.join(['(?, ?, ?)'] * 13)}", args=list(range(39))).collect()

    assert [value for row in rows for value in row] == list(range(39))
    named = "EXECUTE IMMEDIATE 'SELECT ?, ?, ?, ?, ?, ?' USING 1, 2, 3, 4, 5, 6"
    assert tuple(spark.sql(named).first() or ()) == (1, 2, 3, 4, 5, 6)
