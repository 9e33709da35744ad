#!/usr/bin/env bash
# spark.sql mixes up the values of `?` if there are five or more: no error, wrong rows.
#
# Version: pyspark 4.1.1, also with Spark Connect. Needs Java 17.
# Seen: `SELECT ?, ?, ?, ?, ?, ?` with 1, 2, 3, 4, 5, 6 answers 6, 2, 5, 3, 4, 1; with four values it is right, and so are
#   named values (`:a`) and EXECUTE IMMEDIATE.
# Cause: the values are taken from a map of Scala, which keeps the order of up to four (SPARK-58341).
# dbt's seeds are written in this way. The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.1
"$work/venv/bin/python" - 2> "$work/log" <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()


def answer(count):
    values = list(range(1, count + 1))
    row = spark.sql(f"SELECT {', '.join('?' * count)}", args=values).first()
    print(count, "values:", *row)
    return list(row)


assert answer(4) == [1, 2, 3, 4]
assert answer(6) == [6, 2, 5, 3, 4, 1]
named = spark.sql("SELECT :a, :b, :c, :d, :e, :f", args=dict(zip("abcdef", range(1, 7)))).first()
assert list(named) == [1, 2, 3, 4, 5, 6]
immediate = spark.sql("EXECUTE IMMEDIATE 'SELECT ?, ?, ?, ?, ?, ?' USING 1, 2, 3, 4, 5, 6").first()
assert list(immediate) == [1, 2, 3, 4, 5, 6]
PYTHON
