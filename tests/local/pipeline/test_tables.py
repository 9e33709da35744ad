"""Declared columns and those of a query, without Spark; with Spark: tests/local/spark/test_pipeline_tables.py."""

import pytest
from pyspark.errors import PySparkException
from pyspark.sql.types import ArrayType, IntegerType, LongType, StringType, StructField, StructType

from local.pipeline.tables import check_schema, quoted

DECLARED = StructType(
    [
        StructField("id", IntegerType(), nullable=False),
        StructField("Towns", ArrayType(StringType(), containsNull=False)),
    ]
)


@pytest.mark.parametrize(
    "inferred",
    [
        StructType([StructField("towns", ArrayType(StringType())), StructField("ID", IntegerType())]),
        StructType([StructField("id", IntegerType())]),
    ],
)
def test_a_query_fits_with_its_columns_in_any_order_case_and_nullability(inferred: StructType) -> None:
    check_schema("c.s.t", DECLARED, inferred)


@pytest.mark.parametrize(
    "inferred",
    [
        StructType([StructField("id", LongType())]),
        StructType([StructField("id", IntegerType()), StructField("more", StringType())]),
    ],
)
def test_another_type_and_a_column_that_is_not_declared_do_not_fit(inferred: StructType) -> None:
    with pytest.raises(PySparkException) as refused:
        check_schema("c.s.t", DECLARED, inferred)

    assert "Table 'c.s.t' has a user-specified schema that is incompatible" in str(refused.value)
    assert "Declared schema:\nroot\n |-- id: integer (nullable = false)" in str(refused.value)


def test_each_part_of_a_name_is_quoted() -> None:
    assert quoted("c.my schema.t") == "`c`.`my schema`.`t`"
