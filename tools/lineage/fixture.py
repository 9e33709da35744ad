"""Asks Spark which columns of tables each column of a query needs, and writes the answers; needs Java."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from mesh.console import emit
from tools.lineage.statements import TABLES, statements

FIXTURE = Path(__file__).resolve().parents[2] / "tests" / "mesh" / "lineage" / "spark_answers.jsonl"
COUNT, ASKED, SEED = 220, 300, 20270101
_SCAN = re.compile(r"FileScan parquet spark_catalog\.default\.(\w+)\[([^\]]*)\]")
# Rules that leave out parts of a query whose result does not need them, though the query names them
_LEFT_OUT = (
    "org.apache.spark.sql.catalyst.optimizer.EliminateOuterJoin",
    "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAggregates",
    "org.apache.spark.sql.catalyst.optimizer.EliminateDistinct",
    "org.apache.spark.sql.catalyst.optimizer.NullPropagation",
    "org.apache.spark.sql.catalyst.optimizer.ConstantPropagation",
)


def answers(folder: Path) -> Iterator[dict[str, Any]]:
    """Yields each query for which Spark does not fail, with the columns that each column of its result needs.

    A query of one column of the result is planned, and the columns that the plan scans are read from it.

    Args:
        folder: the folder of Spark's tables.
    """
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
    from pyspark.sql import SparkSession

    # Any: pyspark has no annotations for the session in this process
    builder: Any = SparkSession.builder
    spark: Any = (
        builder.master("local[1]")
        .config("spark.sql.warehouse.dir", str(folder))
        .config("spark.ui.enabled", "false")
        .config("spark.sql.debug.maxToStringFields", "10000")
        .config("spark.sql.optimizer.excludedRules", ",".join(_LEFT_OUT))
        .getOrCreate()
    )
    try:
        for name, columns in TABLES.items():
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            spark.sql(f"CREATE TABLE {name} ({listed}) USING parquet")
        for query in statements(ASKED, SEED):
            with suppress(Py4JJavaError):  # the optimizer of Spark 4.1.1 fails for some of them
                frame = spark.sql(query)
                yield {"sql": query, "columns": {name: _needed(frame, name) for name in frame.columns}}
    finally:
        spark.stop()


def _needed(frame: Any, column: str) -> list[str]:
    plan = frame.select(f"`{column}`")._jdf.queryExecution().sparkPlan().toString()
    found = {
        f"{table}.{name.partition('#')[0]}"
        for table, columns in _SCAN.findall(plan)
        for name in columns.split(",")
        if name
    }
    return sorted(found)


def main() -> None:
    """Writes the fixture."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [json.dumps(one) for one in islice(answers(Path(folder)), COUNT)]
    FIXTURE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    emit(f"{len(lines)} queries in {FIXTURE.name}")


if __name__ == "__main__":
    main()
