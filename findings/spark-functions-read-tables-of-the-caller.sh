#!/usr/bin/env bash
# A permanent SQL function of Spark reads the tables of its caller's schema, not of the schema where it was created:
# no error, another result. A view with the same query does not.
#
# Version: pyspark 4.1.1. Needs Java 17.
# Seen: schemas `a` and `b` both have a table `t`, with 1 and with 2. In `a`, a function `f` and a view `v` return
#   `max(x)` of `t`. From `a`, both answer 1. After `USE b`, `a.f()` answers 2 and `a.v` answers 1. In a schema without
#   a table `t`, `a.f()` fails with TABLE_OR_VIEW_NOT_FOUND, and so does a function that calls another one by its name.
# Spark keeps the schema of creation with the function, as it does with a view: `DESCRIBE FUNCTION EXTENDED` prints
# `catalogAndNamespace`. The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.1
"$work/venv/bin/python" - 2> "$work/log" <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
for statement in (
    "CREATE SCHEMA a",
    "CREATE SCHEMA b",
    "CREATE SCHEMA c",
    "CREATE TABLE a.t USING parquet AS SELECT 1 AS x",
    "CREATE TABLE b.t USING parquet AS SELECT 2 AS x",
    "USE a",
    "CREATE FUNCTION f() RETURNS INT RETURN (SELECT max(x) FROM t)",
    "CREATE FUNCTION g() RETURNS INT RETURN f() + 10",
    "CREATE VIEW v AS SELECT max(x) AS m FROM t",
):
    spark.sql(statement)


def answer(schema, query):
    """The value of a query in a schema, or the condition of its error."""
    spark.sql(f"USE {schema}")
    try:
        found = spark.sql(query).first()[0]
    except AnalysisException as error:
        found = error.getCondition()
    print(f"in {schema}: {query}: {found}")
    return found


view = [answer(schema, "SELECT m FROM a.v") for schema in "abc"]
function = [answer(schema, "SELECT a.f()") for schema in "abc"]
caller = [answer(schema, "SELECT a.g()") for schema in "abc"]
kept = " ".join(row[0] for row in spark.sql("DESCRIBE FUNCTION EXTENDED a.f").collect())

assert view == [1, 1, 1]
assert function == [1, 2, "TABLE_OR_VIEW_NOT_FOUND"]
assert caller == [11, "UNRESOLVED_ROUTINE", "UNRESOLVED_ROUTINE"]
assert '"catalogAndNamespace.part.1":"a"' in kept
PYTHON
