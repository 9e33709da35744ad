"""Updates of a pipeline, as the workspace runs them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.local.spark.pipeline_updates import run_process

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Trips

# COMMAND ----------
import dlt
from pyspark import pipelines as dp
from pyspark.sql import functions as F

source = spark.conf.get("source")

# COMMAND ----------
@dp.table
def trips():
    return spark.readStream.table(source)


@dlt.table(comment="Trips with a fare.", table_properties={"quality": "silver"})
@dlt.expect("short", "miles < 3")
@dlt.expect_or_drop("paid", "fare > 0")
def paid():
    return read(source)


@dlt.view
def doubled():
    return dlt.read("LIVE.paid").withColumn("fare", F.col("fare") * 2)


@dp.materialized_view(name="total")
@dp.expect_or_fail("sane", "fare < " + spark.conf.get("most"))
def the_total():
    return spark.read.table("doubled").agg(F.sum("fare").cast("long").alias("fare"))


def read(name):
    return spark.read.table(name)
"""
SQL = "CREATE OR REFRESH MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM LIVE.trips;"


def update(
    local: "Local", folder: Path, catalog: str, most: int, *refresh: str
) -> tuple[dict[str, Any], list[str]]:
    """Run an update and return its result and its events."""
    files = {"trips.py": SOURCE, "counted.sql": SQL}
    for name, text in files.items():
        (folder / name).write_text(text)
    result = run_process(
        local,
        folder,
        catalog=catalog,
        configuration={"source": f"{catalog}.s.source", "most": most},
        # The datasets are declared in reverse order of their dependencies.
        sources=[{"file": str(folder / name), "path": f"/Shared/{name}"} for name in reversed(files)],
        refresh=refresh,
    )
    events = [json.loads(line)["message"] for line in (folder / "events").read_text().splitlines()]
    return result, events


def test_datasets_are_materialized_in_order_checked_and_recomputed(
    local: "Local", spark: "SparkSession", tmp_path: Path
) -> None:
    """One test, because each update takes seconds."""
    catalog = local.catalog("pipe")
    source = f"{catalog}.s.source"
    spark.sql(f"CREATE TABLE {source} AS SELECT * FROM VALUES (1, 10), (5, 20), (2, 0) AS t(miles, fare)")

    result, events = update(local, tmp_path, catalog, 1000)
    assert result["error"] is None, result["error_trace"]
    materialized = {
        each["name"]: (
            each["kind"],
            each["rows"],
            {found["name"]: found["failed_records"] for found in each["expectations"]},
        )
        for each in result["tables"]
    }
    assert materialized == {
        f"{catalog}.s.trips": ("streaming table", 3, {}),
        f"{catalog}.s.counted": ("materialized view", 1, {}),
        f"{catalog}.s.paid": ("materialized view", 2, {"paid": 1, "short": 1}),
        f"{catalog}.s.total": ("materialized view", 1, {"sane": 0}),
    }
    assert events.index(f"Flow {catalog}.s.trips has COMPLETED.") < events.index(
        f"Flow {catalog}.s.counted is RUNNING."
    )
    assert f"1 rows for {catalog}.s.paid fail expectation short." in events
    assert spark.table(f"{catalog}.s.total").collect()[0].fare == 60

    spark.sql(f"INSERT INTO {source} VALUES (1, 5000)")
    result, events = update(local, tmp_path, catalog, 10, "trips", "total")
    assert result["error"] == "ValueError: 1 rows violate an expectation: sane, fare < 10"
    assert f"Flow total has FAILED: {result['error']}" in events
    assert [(each["name"], each["rows"]) for each in result["tables"]] == [(f"{catalog}.s.trips", 4)]
    assert spark.table(f"{catalog}.s.total").collect()[0].fare == 60
