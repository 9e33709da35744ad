"""What CREATE TABLE says beyond names and types: keys, identity and generated columns; NOT NULL afterwards."""

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local


@pytest.fixture(scope="module")
def schema(local: "Local") -> str:
    """An empty schema."""
    return f"{local.catalog('defined')}.s"


def keys(local: "Local", table: str) -> Any:
    return local.call("GET", f"/api/2.1/unity-catalog/tables/{table}").get("table_constraints")


def test_keys_of_a_new_table_are_those_of_the_workspace(
    local: "Local", spark: "SparkSession", schema: str
) -> None:
    """Spark drops them for CREATE OR REPLACE."""
    columns = "id BIGINT NOT NULL, b BIGINT"
    spark.sql(f"CREATE TABLE {schema}.parent (id BIGINT NOT NULL PRIMARY KEY RELY)")
    foreign = f"CONSTRAINT fk FOREIGN KEY (b) REFERENCES {schema}.parent (id) NOT ENFORCED"
    spark.sql(f"CREATE OR REPLACE TABLE {schema}.child ({columns}, PRIMARY KEY (id), {foreign})")

    assert keys(local, f"{schema}.parent") == [
        {"primary_key_constraint": {"name": "parent_pk", "child_columns": ["id"]}}
    ]
    columns_of_parent = {"parent_table": f"{schema}.parent", "parent_columns": ["id"]}
    assert keys(local, f"{schema}.child") == [
        {"primary_key_constraint": {"name": "child_pk", "child_columns": ["id"]}},
        {"foreign_key_constraint": {"name": "fk", "child_columns": ["b"], **columns_of_parent}},
    ]
    spark.sql(f"CREATE OR REPLACE TABLE {schema}.child ({columns})")
    assert keys(local, f"{schema}.child") == []


def test_a_foreign_key_without_columns_is_to_the_primary_key(
    local: "Local", spark: "SparkSession", schema: str
) -> None:
    """Spark 4.1 fails with a NullPointerException."""
    spark.sql(f"CREATE TABLE {schema}.zones (id INT, area INT, PRIMARY KEY (area, id))")
    spark.sql(
        f"CREATE TABLE {schema}.rides (id INT COMMENT 'REFERENCES none', area INT, a INT REFERENCES {schema}.parent, "
        f"FOREIGN KEY (area, id) REFERENCES {schema}.zones NOT ENFORCED, "
        f"FOREIGN KEY (id) REFERENCES {schema}.parent (id))"
    )

    found = [key["foreign_key_constraint"] for key in keys(local, f"{schema}.rides")]
    assert [(key["name"], key["parent_columns"]) for key in found] == [
        ("rides_fk", ["id"]),
        ("rides_fk_2", ["area", "id"]),
        ("rides_fk_3", ["id"]),
    ]


@pytest.mark.parametrize(
    ("definition", "error"),
    [
        ("(id INT PRIMARY KEY, b INT, PRIMARY KEY (b))", "CONSTRAINT_ALREADY_EXISTS|MULTIPLE_PRIMARY_KEYS"),
        ("(id INT, b INT REFERENCES {0}.numbered)", "PARENT_TABLE_WITHOUT_PRIMARY_KEY"),
        ("(id INT, PRIMARY KEY (zz))", "has no column zz"),
        ("(id INT, b INT REFERENCES {0}.none (id))", "TABLE_OR_VIEW_NOT_FOUND"),
        ("(id INT, CHECK (id > 0))", "ALTER TABLE … ADD CONSTRAINT … CHECK"),
        ("(PRIMARY KEY (id)) AS SELECT 1 AS id", "AS SELECT takes no constraints"),
    ],
)
def test_constraints_that_cannot_be_kept_are_refused(
    spark: "SparkSession", schema: str, definition: str, error: str
) -> None:
    with pytest.raises(PySparkException, match=error):
        spark.sql(f"CREATE TABLE {schema}.new {definition.format(schema)}")
    assert not spark.catalog.tableExists(f"{schema}.new")


def test_identity_and_generated_columns_get_their_values(spark: "SparkSession", schema: str) -> None:
    table = f"{schema}.numbered"
    identity = "id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5)"
    spark.sql(f"CREATE OR REPLACE TABLE {table} ({identity}, a INT, b INT GENERATED ALWAYS AS (a * 2))")
    spark.sql(f"INSERT INTO {table} (a) VALUES (7)")
    spark.sql(f"INSERT INTO {table} (a) VALUES (8)")

    assert [tuple(row) for row in spark.table(table).orderBy("id").collect()] == [(10, 7, 14), (15, 8, 16)]
    with pytest.raises(PySparkException, match="DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED"):
        spark.sql(f"INSERT INTO {table} (id, a) VALUES (5, 6)")


def test_a_column_without_null_becomes_not_null(spark: "SparkSession", schema: str) -> None:
    table = f"{schema}.filled"
    spark.sql(f"CREATE TABLE {table} AS SELECT 1 AS id, CAST(NULL AS INT) AS b")
    spark.sql(f"ALTER TABLE {table} ALTER COLUMN id SET NOT NULL")

    assert [field.nullable for field in spark.table(table).schema] == [False, True]
    for statement in (
        f"ALTER TABLE {table} ALTER COLUMN b SET NOT NULL",
        f"INSERT INTO {table} VALUES (NULL, 1)",
    ):
        with pytest.raises(PySparkException, match="NOT_NULL_CONSTRAINT_VIOLATED"):
            spark.sql(statement)
