"""Verifications on Spark: the notebooks that a deployment generates, without its workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mesh.deployment.table_verifier import Violated, verify
from mesh.model.contract_rules import contract_rules
from mesh.model.quality_file import QualityRuleFile, spark_rule
from mesh.model.table_rules import TableRules
from tests.support.contracts import built

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

TRIPS = """
SELECT * FROM VALUES (1, 'Queens', 9.5D, named_struct('zone', 'A')), (1, NULL, -1.0D, named_struct('zone', NULL)),
(2, 'Bronx', 3.0D, NULL) AS trips(id, borough, fare, place)
"""
KEPT = (
    {"name": "id", "physicalType": "int", "required": True},
    {"name": "fare", "logicalType": "number", "logicalTypeOptions": {"maximum": 9.5}},
    {"name": "place", "logicalType": "object", "properties": [{"name": "zone", "physicalType": "string"}]},
)
SQL = {
    "type": "sql",
    "query": "SELECT max(${property}) FROM ${object}",
    "mustBeLessThan": 9,
    "name": "dearest",
}
WRONG = (
    {"name": "id", "physicalType": "bigint", "unique": True},
    {
        "name": "borough",
        "required": True,
        "quality": [{"metric": "invalidValues", "arguments": {"validValues": ["Bronx"]}}],
    },
    {"name": "fare", "quality": [SQL], "logicalTypeOptions": {"minimum": 0}},
    {"name": "place", "properties": [{"name": "zone", "required": True}]},
    {"name": "driver", "required": True},
)

QUALITY = (
    {"rule": "is_not_null", "column": "borough"},
    {"rule": "is_not_less_than", "column": "fare", "limit": 0},
    {"rule": "is_unique", "columns": ["id"], "level": "warn"},
    {"rule": "sql_expression", "expression": "fare < 100 AND place.zone != 'B'", "name": "usual"},
)


@pytest.fixture(scope="module")
def schema(local: Local, spark: SparkSession) -> str:
    """A schema with a table `by_borough` of three trips, two of them wrong."""
    catalog = local.catalog("verified")
    spark.sql(f"CREATE TABLE {catalog}.s.by_borough AS {TRIPS}").collect()
    return f"`{catalog}`.`s`"


def verified(spark: SparkSession, schema: str, columns: Any) -> list[str]:
    contract = built(columns=columns)
    lines: list[str] = []
    tables = [one.settings for one in contract_rules(contract)]
    verify(spark, {"title": f"contract {contract.title}", "tables": tables}, {"": schema}, lines.append)
    return lines


def test_a_kept_contract_passes_and_says_how_many_rules_were_tested(spark: SparkSession, schema: str) -> None:
    assert verified(spark, schema, KEPT)[-1] == "rules: 6 tested, 0 violated, 0 warned of"


def test_every_violation_names_rule_column_and_rows(spark: SparkSession, schema: str) -> None:
    with pytest.raises(Violated) as caught:
        verified(spark, schema, WRONG)

    assert str(caught.value).removeprefix("contract revenue 1.0.0 is violated: ").split("; ") == [
        "by_borough: id: type is int instead of bigint",
        "by_borough: column driver is missing",
        "by_borough: driver: required: column driver is missing",
        "by_borough: id: unique: 1 of 3 rows",
        "by_borough: borough: required: 1 of 3 rows",
        "by_borough: borough: invalidValues: 1 of 3 rows",
        "by_borough: fare: minimum 0: 1 of 3 rows",
        "by_borough: fare: dearest: value 9.5, mustBeLessThan 9",
        "by_borough: place.zone: required: 1 of 3 rows",
    ]


def test_rows_that_violate_quality_are_set_aside_with_their_rules(spark: SparkSession, schema: str) -> None:
    rules = tuple(spark_rule(QualityRuleFile.model_validate(one)) for one in QUALITY)
    table = TableRules("by_borough", None, rules=rules, quarantine=True)
    lines: list[str] = []
    for _ in range(2):  # the quarantine table holds the rows of the last run
        with pytest.raises(
            Violated, match="borough: is_not_null: 1 of 3 rows; by_borough: fare: is_not_less_than"
        ):
            verify(spark, {"title": "quality", "tables": [table.settings]}, {"": schema}, lines.append)

    rows = spark.table(f"{schema}.by_borough_quarantine").collect()
    assert {(row["fare"], *row["violated_rules"]) for row in rows} == {
        (9.5, "is_unique (id)"),
        (-1.0, "borough: is_not_null", "fare: is_not_less_than", "is_unique (id)"),
    }
    assert lines[-1] == "rules: 4 tested, 2 violated, 1 warned of"
    assert "  by_borough: 2 rows in verified.s.by_borough_quarantine" in lines
