"""Comments, tags, keys and properties that SQL sets: Spark executes them, the workspace has them."""

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

UC = "/api/2.1/unity-catalog"


@pytest.fixture(scope="module")
def table(local: "Local", spark: "SparkSession") -> str:
    """A table with a comment on one of its columns."""
    name = f"{local.catalog('described')}.s.trips"
    spark.sql(f"CREATE TABLE {name} (id INT NOT NULL COMMENT 'number', zone STRING) COMMENT 'all trips'")
    return name


def tags(local: "Local", kind: str, name: str) -> dict[str, Any]:
    found = local.call("GET", f"{UC}/entity-tag-assignments/{kind}/{name}/tags")["tag_assignments"]
    return {each["tag_key"]: each.get("tag_value") for each in found}


def test_tags_are_those_of_the_workspace(local: "Local", spark: "SparkSession", table: str) -> None:
    schema = table.rpartition(".")[0]
    for statement in (
        f"-- a comment\nALTER TABLE {table} SET TAGS ('cost' = 'it''s', 'team' = 'a', 'old')",
        f"ALTER TABLE {table} SET TAGS ('team' = 'b')",
        f"ALTER TABLE {table} UNSET TAGS ('old')",
        f"ALTER TABLE {table} ALTER COLUMN id SET TAGS ('pii' = 'no')",
        f"SET TAG ON COLUMN {table}.zone pii = yes",
        f"SET TAG ON SCHEMA {schema} `cost center` = '7'",
    ):
        spark.sql(statement)

    assert tags(local, "tables", table) == {"cost": "it's", "team": "b"}
    assert tags(local, "columns", f"{table}.id") == {"pii": "no"}
    assert tags(local, "columns", f"{table}.zone") == {"pii": "yes"}
    assert tags(local, "schemas", schema) == {"cost center": "7"}
    for wrong, error in (
        (f"ALTER TABLE {table} SET TAGS (a = 1)", "PARSE_SYNTAX_ERROR"),
        (f"ALTER TABLE {table}_none SET TAGS ('a' = 'b')", "does not exist"),
        (f"SET TAG ON COLUMN {table}.none a = b", "does not exist"),
    ):
        with pytest.raises(PySparkException, match=error):
            spark.sql(wrong)


def test_comments_keys_and_properties_are_those_of_the_workspace(
    local: "Local", spark: "SparkSession", table: str
) -> None:
    created = local.call("GET", f"{UC}/tables/{table}")
    assert (created["comment"], created["columns"][0]["comment"]) == ("all trips", "number")

    schema = table.rpartition(".")[0]
    for statement in (
        f"COMMENT ON COLUMN {table}.zone IS 'pick-up'",
        f"ALTER TABLE {table} ALTER COLUMN id COMMENT 'id'",
        f"COMMENT ON TABLE {table} IS 'trips'",
        f"ALTER TABLE {table} ADD CONSTRAINT pk PRIMARY KEY (id)",
        f"ALTER SCHEMA {schema} SET DBPROPERTIES ('k' = 'v')",
        f"COMMENT ON SCHEMA {schema} IS 'of trips'",
    ):
        spark.sql(statement)

    changed = local.call("GET", f"{UC}/tables/{table}")
    assert changed["comment"] == "trips"
    assert [each["comment"] for each in changed["columns"]] == ["id", "pick-up"]
    assert changed["table_constraints"] == [
        {"primary_key_constraint": {"name": "pk", "child_columns": ["id"]}}
    ]
    with pytest.raises(PySparkException, match="CONSTRAINT_ALREADY_EXISTS"):
        spark.sql(f"ALTER TABLE {table} ADD CONSTRAINT other PRIMARY KEY (zone)")
    with pytest.raises(PySparkException, match="has no column nothing"):
        spark.sql(f"ALTER TABLE {table} ADD CONSTRAINT fk FOREIGN KEY (nothing) REFERENCES {table} (id)")
    spark.sql(f"ALTER TABLE {table} ADD CONSTRAINT positive CHECK (id > 0)")
    for constraint in ("pk", "positive"):
        spark.sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    assert local.call("GET", f"{UC}/tables/{table}")["table_constraints"] == []
    described = local.call("GET", f"{UC}/schemas/{schema}")
    assert (described["comment"], described["properties"]) == ("of trips", {"k": "v"})
