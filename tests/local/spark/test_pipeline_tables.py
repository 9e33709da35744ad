"""A pipeline's tables are what its source declares, and what it may not do ends the update."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tests.local.spark.pipeline_updates import Define, updates

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

STORAGE = "it's 100%20 sure?"
CATALOG = "declared"
SQL = """
CREATE OR REFRESH MATERIALIZED VIEW described (
  id INT NOT NULL COMMENT 'the trip''s id', fare DECIMAL(10,2), note STRING,
  CONSTRAINT paid EXPECT (fare > 0) ON VIOLATION DROP ROW)
COMMENT 'Trips, described' CLUSTER BY (id) TBLPROPERTIES ('quality' = 'silver')
AS SELECT id, fare FROM VALUES (1, CAST(2.5 AS DECIMAL(10,2))), (2, CAST(0 AS DECIMAL(10,2))) AS t(id, fare);
"""


@pytest.fixture(scope="module")
def source(local: "Local", spark: "SparkSession") -> str:
    """A table that pipelines read."""
    local.catalog(CATALOG)
    spark.sql(f"CREATE TABLE {CATALOG}.s.source AS SELECT 1 AS id, 'a' AS town")
    return f"{CATALOG}.s.source"


@pytest.fixture
def run(spark: "SparkSession", tmp_path: Path) -> Iterator[Callable[[Define | str], object]]:
    """A function that runs an update with the datasets that a function or SQL defines."""
    with updates(spark, CATALOG, tmp_path / STORAGE) as update:
        yield lambda define: update([define])


def detail(spark: "SparkSession", table: str) -> Any:
    """What Delta says about a table."""
    return spark.sql(f"DESCRIBE DETAIL {CATALOG}.s.{table}").collect()[0]


def test_a_table_of_sql_has_its_columns_comment_properties_and_clusters(source, spark, run) -> None:
    run(SQL)

    table = spark.table(f"{CATALOG}.s.described")
    assert [(each.name, each.dataType.simpleString(), each.nullable) for each in table.schema] == [
        ("id", "int", False),
        ("fare", "decimal(10,2)", True),
        ("note", "string", True),
    ]
    assert table.schema["id"].metadata["comment"] == "the trip's id"
    assert [each.id for each in table.collect()] == [1]
    described = detail(spark, "described")
    assert (described.description, described.clusteringColumns) == ("Trips, described", ["id"])
    assert described.properties["quality"] == "silver"


def test_a_table_of_python_has_its_declaration_also_after_it_changed(source, spark, run) -> None:
    own = f"{CATALOG}.s.changing"
    spark.sql(f"CREATE TABLE {own} AS SELECT 1 AS id, 'a' AS town")

    def first(dp: Any) -> None:
        @dp.materialized_view(comment="It's one", table_properties={"a": "1"}, partition_cols=["town"])
        def plain() -> Any:
            return spark.read.table(own)

        @dp.table(
            comment="New trips", table_properties={"b": "2"}, cluster_by=["id"], schema="id INT, town STRING"
        )
        def streamed() -> Any:
            return spark.readStream.table(own)

    def second(dp: Any) -> None:
        @dp.materialized_view(comment="Two", schema="town STRING NOT NULL, id BIGINT NOT NULL")
        def plain() -> Any:
            return spark.read.table(own).withColumn("id", F.col("id").cast("long"))

        @dp.table(comment="All trips", cluster_by=["town"], schema="id INT, town STRING, zone STRING")
        def streamed() -> Any:
            return spark.readStream.table(own).withColumn("zone", F.lit("z"))

    run(first)
    plain, streamed = detail(spark, "plain"), detail(spark, "streamed")
    assert (plain.description, plain.partitionColumns, plain.properties["a"]) == ("It's one", ["town"], "1")
    assert (streamed.description, streamed.clusteringColumns) == ("New trips", ["id"])
    assert streamed.properties["b"] == "2"

    spark.sql(f"INSERT INTO {own} VALUES (2, 'b')")
    run(second)
    assert (detail(spark, "plain").description, detail(spark, "plain").partitionColumns) == ("Two", [])
    assert [(each.name, each.nullable) for each in spark.table(f"{CATALOG}.s.plain").schema] == [
        ("town", False),
        ("id", False),
    ]
    streamed = detail(spark, "streamed")
    assert (streamed.description, streamed.clusteringColumns) == ("All trips", ["town"])
    streamed = spark.table(f"{CATALOG}.s.streamed").orderBy("id").collect()
    assert [tuple(each) for each in streamed] == [(1, "a", None), (2, "b", "z")]


def test_a_null_in_a_column_that_is_not_null_leaves_the_table_as_it_was(source, spark, run) -> None:
    def define(value: str) -> Define:
        def both(dp: Any) -> None:
            @dp.materialized_view(schema="id INT NOT NULL")
            def strict() -> Any:
                return spark.sql(f"SELECT CAST({value} AS INT) AS id")

        return both

    run(define("7"))
    with pytest.raises(Exception, match=r"NOT_NULL|NOT NULL"):
        run(define("NULL"))
    assert [each.id for each in spark.table(f"{CATALOG}.s.strict").collect()] == [7]


def test_a_stream_takes_new_columns_of_its_source(source, spark, run, tmp_path: Path) -> None:
    spark.sql(f"CREATE TABLE {CATALOG}.s.growing AS SELECT 1 AS id")

    def define(dp: Any) -> None:
        @dp.table
        def grown() -> Any:
            return spark.readStream.table(f"{CATALOG}.s.growing")

    run(define)
    spark.sql(f"ALTER TABLE {CATALOG}.s.growing ADD COLUMN town STRING")
    spark.sql(f"INSERT INTO {CATALOG}.s.growing VALUES (2, 'b')")
    run(define)
    checkpoints = tmp_path / STORAGE / "checkpoints" / f"{CATALOG}.s.grown"
    assert (list(tmp_path.iterdir()), checkpoints.is_dir()) == ([tmp_path / STORAGE], True)
    assert [tuple(each) for each in spark.table(f"{CATALOG}.s.grown").orderBy("id").collect()] == [
        (1, None),
        (2, "b"),
    ]


def misfit(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view(schema="id BIGINT, town STRING")
    def refused() -> Any:
        return spark.read.table(source)


def undeclared(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view(schema="id INT")
    def refused() -> Any:
        return spark.read.table(source)


def stream_in_view(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        return spark.readStream.table(source)


def batch_in_stream(dp: Any, spark: Any, source: str) -> None:
    dp.create_streaming_table("refused")

    @dp.append_flow(target="refused")
    def flow() -> Any:
        return spark.read.table(source)


def counts(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        frame = spark.read.table(source)
        return frame.limit(frame.count())


def names_columns(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        frame = spark.read.table(source)
        return frame.select(*frame.columns)


def writes(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        frame = spark.read.table(source)
        frame.write.saveAsTable(f"{CATALOG}.s.other")
        return frame


def configures(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        spark.conf.set("spark.sql.shuffle.partitions", "1")
        return spark.read.table(source)


def views(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        spark.read.table(source).createOrReplaceTempView("v")
        return spark.read.table("v")


def uses(dp: Any, spark: Any, source: str) -> None:
    @dp.materialized_view
    def refused() -> Any:
        spark.sql("USE SCHEMA other")
        return spark.read.table(source)


@pytest.mark.parametrize(
    ("define", "condition"),
    [
        (misfit, "USER_SPECIFIED_AND_INFERRED_SCHEMA_NOT_COMPATIBLE"),
        (undeclared, "USER_SPECIFIED_AND_INFERRED_SCHEMA_NOT_COMPATIBLE"),
        (stream_in_view, "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW"),
        (batch_in_stream, "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE"),
        (counts, "ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION"),
        (names_columns, "ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION"),
        (writes, "ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION"),
        (configures, "SESSION_MUTATION_IN_DECLARATIVE_PIPELINE.SET_RUNTIME_CONF"),
        (views, "SESSION_MUTATION_IN_DECLARATIVE_PIPELINE.CREATE_OR_REPLACE_TEMP_VIEW"),
        (uses, "UNSUPPORTED_PIPELINE_SPARK_SQL_COMMAND"),
    ],
)
def test_what_a_pipeline_may_not_do_ends_the_update_with_sparks_error(
    source, spark, run, define, condition
) -> None:
    with pytest.raises(PySparkException) as refused:
        run(lambda dp: define(dp, spark, source))
    assert str(refused.value).startswith(f"[{condition}]")
    assert not spark.catalog.tableExists(f"{CATALOG}.s.refused")


def test_a_batch_in_a_streaming_table_of_sql_is_refused(source, run) -> None:
    with pytest.raises(
        PySparkException, match=r"^\[INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE\]"
    ):
        run(f"CREATE OR REFRESH STREAMING TABLE refused AS SELECT * FROM {source}")


def test_a_query_function_may_use_schemas_functions_and_other_datasets(source, spark, run) -> None:
    """These need requests to Spark, but none of them runs a query of the function's own."""

    def define(dp: Any) -> None:
        @dp.materialized_view
        def upper() -> Any:
            grow = F.udf(lambda text: text.upper(), "string")
            made = spark.createDataFrame([("x",)], "town STRING")
            return dp.read("lower").union(made).select(grow("town").alias("town"))

        @dp.temporary_view
        def lower() -> Any:
            return spark.sql(f"SELECT town FROM {source}")

    run(define)
    assert sorted(each.town for each in spark.table(f"{CATALOG}.s.upper").collect()) == ["A", "X"]
