"""Tables in the form that a pipeline declares: columns, comment, properties, partitions, clusters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException
from pyspark.pipelines.output import Table
from pyspark.sql import functions
from pyspark.sql.types import DataType, StructField, StructType

from local.spark import identifier

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def declared_schema(output: Table) -> StructType | None:
    """Return the columns that the source declares; None if the query decides."""
    schema = output.schema
    if isinstance(schema, str):
        parsed = DataType.fromDDL(schema)
        return parsed if isinstance(parsed, StructType) else None
    return schema


def nullable(columns: StructType) -> StructType:
    """Return columns that may be null, as those of a query are in a table."""
    return StructType([StructField(each.name, each.dataType, metadata=each.metadata) for each in columns])


def check_schema(target: str, declared: StructType, inferred: StructType) -> None:
    """Check that each column of a query is declared with the same type, as Spark's pipelines do.

    Raises:
        PySparkException: a column is not declared, or has another type.
    """
    types = {each.name.lower(): each.dataType._as_nullable() for each in declared}
    if all(types.get(each.name.lower()) == each.dataType._as_nullable() for each in inferred):
        return
    raise PySparkException(
        f"[USER_SPECIFIED_AND_INFERRED_SCHEMA_NOT_COMPATIBLE] Table '{target}' has a user-specified schema"
        " that is incompatible with the schema inferred from its query.\n\n"
        f"Declared schema:\n{declared.treeString()}\nInferred schema:\n{inferred.treeString()}"
    )


def in_declared_form(frame: "DataFrame", declared: StructType) -> "DataFrame":
    """Return a data frame with the declared columns in their order; columns that it lacks are null."""
    own = {each.lower(): each for each in frame.columns}
    columns = [
        functions.col(f"`{own[each.name.lower()]}`").alias(each.name)
        if each.name.lower() in own
        else functions.lit(None).cast(each.dataType).alias(each.name)
        for each in declared
    ]
    return frame.select(*columns)


def create(spark: "SparkSession", target: str, output: Table, columns: StructType, *, replace: bool) -> None:
    """Create the empty table; without `replace`, an existing table stays as it is."""
    head = "CREATE OR REPLACE TABLE" if replace else "CREATE TABLE IF NOT EXISTS"
    listed = ", ".join(map(_column, columns))
    spark.sql(f"{head} {quoted(target)} ({listed}) USING delta {_clauses(output)}")


def describe(spark: "SparkSession", target: str, output: Table) -> None:
    """Give an existing table the declared comment, properties and clusters, where they differ."""
    detail = spark.sql(f"DESCRIBE DETAIL {quoted(target)}").collect()[0]
    if (detail.description or "") != (output.comment or ""):
        comment = _text(output.comment) if output.comment else "NULL"
        spark.sql(f"COMMENT ON TABLE {quoted(target)} IS {comment}")
    if any(detail.properties.get(name) != str(value) for name, value in output.table_properties.items()):
        spark.sql(f"ALTER TABLE {quoted(target)} SET TBLPROPERTIES ({_pairs(output)})")
    if output.cluster_by and list(output.cluster_by) != detail.clusteringColumns:
        spark.sql(f"ALTER TABLE {quoted(target)} CLUSTER BY ({_names(output.cluster_by)})")


def replace_with(spark: "SparkSession", target: str, output: Table, frame: "DataFrame") -> None:
    """Replace a table by the rows of a data frame; if that fails, the table is as before."""
    declared = declared_schema(output)
    if declared is None:
        _write(target, output, frame)
        return
    check_schema(target, declared, frame.schema)
    existed = spark.catalog.tableExists(quoted(target))
    create(spark, target, output, declared, replace=True)
    try:
        in_declared_form(frame, declared).writeTo(quoted(target)).append()
    except BaseException:
        if existed:
            version = spark.sql(f"DESCRIBE HISTORY {quoted(target)} LIMIT 1").collect()[0].version
            spark.sql(f"RESTORE TABLE {quoted(target)} TO VERSION AS OF {version - 1}")
        else:
            spark.sql(f"DROP TABLE {quoted(target)}")
        raise


def _write(target: str, output: Table, frame: "DataFrame") -> None:
    """Write a table whose columns the query decides, in one commit."""
    writer = frame.writeTo(quoted(target)).using("delta")
    properties = {**output.table_properties, **({"comment": output.comment} if output.comment else {})}
    for name, value in properties.items():
        writer = writer.tableProperty(name, value)
    if output.partition_cols:
        writer = writer.partitionedBy(*map(functions.col, output.partition_cols))
    if output.cluster_by:
        writer = writer.clusterBy(*output.cluster_by)
    writer.createOrReplace()


def quoted(name: str) -> str:
    """Return a name with dots, quoted for Spark."""
    return ".".join(f"`{part}`" for part in name.split("."))


def _column(field: StructField) -> str:
    comment = (field.metadata or {}).get("comment")
    null = "" if field.nullable else " NOT NULL"
    return f"{identifier.quoted(field.name)} {field.dataType.simpleString()}{null}" + (
        f" COMMENT {_text(comment)}" if comment else ""
    )


def _clauses(output: Table) -> str:
    parts = []
    if output.partition_cols:
        parts.append(f"PARTITIONED BY ({_names(output.partition_cols)})")
    if output.cluster_by:
        parts.append(f"CLUSTER BY ({_names(output.cluster_by)})")
    if output.comment:
        parts.append(f"COMMENT {_text(output.comment)}")
    if output.table_properties:
        parts.append(f"TBLPROPERTIES ({_pairs(output)})")
    return " ".join(parts)


def _pairs(output: Table) -> str:
    return ", ".join(
        f"{_text(name)} = {_text(str(value))}" for name, value in output.table_properties.items()
    )


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(identifier.quoted, names))


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
