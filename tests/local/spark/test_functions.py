"""Functions of the workspace: real Spark, real workspace."""

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from local.spark.client import connect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

API = "/api/2.1/unity-catalog/functions"


@pytest.fixture(scope="module")
def functions(local: "Local", spark: "SparkSession") -> str:
    """A catalog with a table and functions, created with names of one, two and three levels."""
    catalog = local.catalog("called")
    spark.sql(f"CREATE SCHEMA {catalog}.r")
    spark.sql(f"CREATE TABLE {catalog}.s.trips AS SELECT * FROM VALUES (1, 7.5D), (2, 2.5D) AS t(id, fare)")
    spark.sql(f"USE {catalog}.s")
    try:
        spark.sql(
            "CREATE FUNCTION tip (fare DOUBLE COMMENT 'paid', rate DOUBLE DEFAULT 0.1) RETURNS DOUBLE "
            "COMMENT 'what is added' LANGUAGE SQL DETERMINISTIC RETURN fare * rate"
        )
        spark.sql(
            "CREATE OR REPLACE FUNCTION s.dearest () RETURNS DOUBLE READS SQL DATA "
            "RETURN WITH trips AS (SELECT * FROM trips) SELECT max(fare) FROM trips"
        )
        spark.sql(
            f"CREATE FUNCTION {catalog}.r.dear (least DOUBLE) RETURNS TABLE (id INT, fare DOUBLE COMMENT 'with tip') "
            "RETURN SELECT id, fare + tip(fare) FROM trips WHERE fare >= least"
        )
    finally:
        spark.sql("USE spark_catalog.default")
    return catalog


def rows(spark: "SparkSession", statement: str) -> list[Any]:
    return [tuple(row) for row in spark.sql(statement).collect()]


def test_every_session_calls_functions_with_the_names_of_their_creation(
    local: "Local", spark: "SparkSession", functions: str
) -> None:
    other = connect(str(local.status.spark_remote))

    assert rows(
        other,
        f"SELECT {functions}.s.tip(fare), fare FROM {functions}.s.trips WHERE {functions}.s.dearest() = fare",
    ) == [(0.75, 7.5)]
    assert rows(other, f"SELECT {functions}.s.tip(rate => 2, fare => 3)") == [(6.0,)]
    assert rows(other, f"SELECT * FROM {functions}.r.dear(5)") == [(1, 8.25)]
    assert rows(
        other,
        f"SELECT d.fare FROM {functions}.s.trips AS t, LATERAL {functions}.r.dear(t.fare) AS d WHERE t.id = 1",
    ) == [(8.25,)]
    assert other.range(1).select(F.call_function(f"{functions}.s.tip", F.lit(5.0))).collect()[0][0] == 0.5
    other.sql(f"USE {functions}.s")
    assert rows(other, "SELECT id, s.tip(sum(fare)) AS tip FROM trips GROUP BY id ORDER BY id") == [
        (1, 0.75),
        (2, 0.25),
    ]
    assert other.range(1).selectExpr("tip(1.0)").collect()[0][0] == 0.1


def test_views_tables_and_functions_use_functions(
    local: "Local", spark: "SparkSession", functions: str
) -> None:
    spark.sql(f"USE {functions}.s")
    try:
        spark.sql("CREATE FUNCTION tipped(x DOUBLE) RETURNS DOUBLE RETURN x + tip(x)")
        spark.sql("CREATE VIEW tips AS SELECT tipped(fare) AS fare FROM r.dear(0)")
        spark.sql("CREATE TABLE tips_kept AS SELECT tipped(10) AS fare")
    finally:
        spark.sql("USE spark_catalog.default")

    assert sorted(rows(spark, f"SELECT * FROM {functions}.s.tips")) == [(3.025,), (9.075,)]
    assert rows(spark, f"SELECT * FROM {functions}.s.tips_kept") == [(11.0,)]


def test_a_function_is_an_object_of_the_workspace(
    local: "Local", spark: "SparkSession", functions: str
) -> None:
    tip, dear = (local.call("GET", f"{API}/{functions}.{name}") for name in ("s.tip", "r.dear"))

    assert (tip["data_type"], tip["full_data_type"], tip["comment"]) == ("DOUBLE", "DOUBLE", "what is added")
    assert (tip["routine_body"], tip["routine_definition"]) == ("SQL", "fare * rate")
    assert (tip["is_deterministic"], tip["sql_data_access"]) == (True, "CONTAINS_SQL")
    fare, rate = tip["input_params"]["parameters"]
    assert (fare["name"], fare["type_text"], fare["comment"]) == ("fare", "double", "paid")
    assert (rate["type_name"], rate["parameter_default"], rate["position"]) == ("DOUBLE", "0.1", 1)
    assert (dear["data_type"], dear["sql_data_access"]) == ("TABLE_TYPE", "READS_SQL_DATA")
    assert [each["name"] for each in dear["return_params"]["parameters"]] == ["id", "fare"]
    listed = local.call("GET", f"{API}?catalog_name={functions}&schema_name=r")["functions"]
    assert [each["full_name"] for each in listed] == [f"{functions}.r.dear"]
    assert local.status.token not in str(tip)
    assert [row.function_desc for row in spark.sql(f"DESCRIBE FUNCTION {functions}.s.tip").collect()] == [
        "Function:      called.s.tip",
        "Type:          SCALAR",
        "Input:         fare DOUBLE 'paid'",
        "               rate DOUBLE DEFAULT 0.1",
        "Returns:       DOUBLE",
    ]
    extended = [
        row.function_desc for row in spark.sql(f"DESCRIBE FUNCTION EXTENDED {functions}.r.dear").collect()
    ]
    assert "Data Access:   READS SQL DATA" in extended
    names = [row.function for row in spark.sql(f"SHOW USER FUNCTIONS IN {functions}.r").collect()]
    assert f"{functions}.r.dear" in names
    assert local.call("GET", f"/api/2.1/unity-catalog/tables/{functions}.s.tips")["view_definition"].endswith(
        "FROM r.dear(0)"
    )


def test_a_function_is_replaced_and_dropped(local: "Local", spark: "SparkSession") -> None:
    schema = f"{local.catalog('refunctioned')}.s"
    spark.sql(f"CREATE FUNCTION {schema}.f() RETURNS INT RETURN 1")
    spark.sql(f"CREATE FUNCTION IF NOT EXISTS {schema}.f() RETURNS INT RETURN 2")
    assert rows(spark, f"SELECT {schema}.f()") == [(1,)]
    spark.sql(f"CREATE OR REPLACE FUNCTION {schema}.f(x INT) RETURN x + 2L")
    assert rows(spark, f"SELECT {schema}.f(1)") == [(3,)]
    with pytest.raises(PySparkException, match="SCHEMA_NOT_EMPTY"):
        spark.sql(f"DROP SCHEMA {schema}")
    spark.sql(f"DROP FUNCTION {schema}.f")
    spark.sql(f"DROP FUNCTION IF EXISTS {schema}.f")
    spark.sql(f"CREATE FUNCTION {schema}.g() RETURNS INT RETURN 1")
    spark.sql(f"DROP SCHEMA {schema} CASCADE")
    assert not spark.catalog.functionExists(f"{schema}.g")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("CREATE FUNCTION {0}.s.tip() RETURNS INT RETURN 1", "ROUTINE_ALREADY_EXISTS"),
        ("CREATE FUNCTION {0}.none.f() RETURNS INT RETURN 1", "SCHEMA_NOT_FOUND"),
        ("CREATE FUNCTION {0}.s.f(x INT, x INT) RETURNS INT RETURN 1", "DUPLICATE_ROUTINE_PARAMETER_NAMES"),
        ("CREATE FUNCTION {0}.s.f(x INT) RETURNS INT RETURN y", "UNRESOLVED_COLUMN"),
        ("CREATE FUNCTION {0}.s.f(x INT) RETURNS INT RETURN sum(x)", "CANNOT_CONTAIN_COMPLEX_FUNCTIONS"),
        (
            "CREATE FUNCTION {0}.s.f() RETURNS INT RETURN (SELECT a FROM passing)",
            "INVALID_TEMP_OBJ_REFERENCE",
        ),
        (
            "CREATE OR REPLACE FUNCTION {0}.s.dearest() RETURNS INT RETURN (SELECT count(*) FROM {0}.r.dear({0}.s.dearest()))",
            "CYCLIC_FUNCTION_REFERENCE",
        ),
        (
            "CREATE OR REPLACE FUNCTION {0}.s.tip(x DOUBLE) RETURNS DOUBLE RETURN (SELECT max(fare) FROM {0}.r.dear(x))",
            "CYCLIC_FUNCTION_REFERENCE",
        ),
        (
            "CREATE FUNCTION {0}.s.f(x INT) RETURNS INT LANGUAGE PYTHON AS $$ return x $$",
            "LANGUAGE PYTHON does not run",
        ),
        ("DROP FUNCTION {0}.s.none", "ROUTINE_NOT_FOUND"),
        ("DESCRIBE FUNCTION {0}.s.none", "ROUTINE_NOT_FOUND"),
        ("SELECT {0}.s.none(1)", "UNRESOLVED_ROUTINE"),
        ("SELECT {0}.s.tip(1, 2, 3)", "WRONG_NUM_ARGS"),
        ("SELECT {0}.s.tip(DISTINCT 1)", "FUNCTION_WITH_UNSUPPORTED_SYNTAX"),
        ("SELECT {0}.r.dear(1)", "NOT_A_SCALAR_FUNCTION"),
        ("SELECT * FROM {0}.s.tip(1)", "NOT_A_TABLE_FUNCTION"),
    ],
)
def test_what_makes_no_sense_for_a_function_is_refused(
    spark: "SparkSession", functions: str, statement: str, error: str
) -> None:
    spark.sql("SELECT 1 AS a").createOrReplaceTempView("passing")

    with pytest.raises(PySparkException, match=error):
        spark.sql(statement.format(functions)).collect()
