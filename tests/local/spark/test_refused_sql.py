"""docs/local-runs.md lists Databricks SQL that Spark refuses here: each statement of the list is tried."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

PAGE = Path(__file__).parents[3] / "docs" / "local-runs.md"


def listed() -> list[str]:
    """The statements in the first column of the table."""
    section = PAGE.read_text(encoding="utf-8").partition("## Databricks SQL that Spark refuses here")[2]
    rows = re.findall(r"^\| (`.*?) \|", section.partition("\n\n**Pipelines**")[0], re.MULTILINE)
    return [statement for row in rows for statement in re.findall(r"`([^`]+)`", row)]


def test_every_listed_statement_is_refused(local: "Local", spark: "SparkSession") -> None:
    catalog = local.catalog("refused")
    spark.sql(f"USE {catalog}.s")
    try:
        spark.sql("CREATE TABLE t AS SELECT 1 AS id")
        statements = listed()
        assert len(statements) > 30
        accepted = []
        for statement in statements:
            try:
                spark.sql(statement).collect()
            except PySparkException as error:
                # The statement itself is refused, not a name that an accepted statement made.
                assert "ALREADY_EXISTS" not in str(error), statement
            else:
                accepted.append(statement)
        assert accepted == []
    finally:
        spark.sql("USE spark_catalog.default")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE {0} (a INT DEFAULT 7) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
        "CREATE TABLE {0} (a INT) CLUSTER BY (a)",
        "CREATE TABLE {0} SHALLOW CLONE {1}",
        "CREATE TABLE {0} AS SELECT * FROM {1} LIMIT 0",
        "ALTER TABLE {1} ADD CONSTRAINT positive CHECK (id > 0)",
        "ALTER TABLE {1} ALTER COLUMN id COMMENT 'x'",
    ],
)
def test_what_the_list_proposes_instead_works(local: "Local", spark: "SparkSession", statement: str) -> None:
    catalog = local.catalog(re.sub(r"\W+", "_", statement).lower())
    spark.sql(f"CREATE TABLE {catalog}.s.t AS SELECT 1 AS id")

    spark.sql(statement.format(f"{catalog}.s.new", f"{catalog}.s.t")).collect()
