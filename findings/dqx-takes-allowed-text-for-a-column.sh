#!/usr/bin/env bash
# databricks-labs-dqx takes a text in `allowed` of the check `is_in_list` for a column, also in YAML, and its
# validator finds no error.
#
# Versions: databricks-labs-dqx 0.17.0 with pyspark 4.1.1, pandas 2.3.3 and pyarrow 21.0.0, which pip does not install with it.
# Needs Java 17. No workspace is needed: its client is a mock.
# Seen, with `allowed: [Bronx]` for a column `borough`:
#   - `DQEngine.validate_checks` answers "No errors found"; applying the check fails with UNRESOLVED_COLUMN, `Bronx`
# Seen, with `allowed: [open]` for a column `status` of a table that has a column `open`, too:
#   - the check compares the two columns: a row with status `open` is bad, and one with status `shut` is good if `open` is `shut`
# A text is compared as text only with quotation marks inside: `allowed: ["'open'"]`.
# The script fails if any of this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check databricks-labs-dqx==0.17.0 pyspark==4.1.1 pandas==2.3.3 pyarrow==21.0.0
cd "$work"
HOME="$work" "$work/venv/bin/python" - 2> "$work/log" <<'PYTHON'
import sys
from unittest.mock import MagicMock

from databricks.labs.dqx.engine import DQEngine
from databricks.sdk import WorkspaceClient
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
engine = DQEngine(MagicMock(spec=WorkspaceClient), spark)


def bad(rows, column, allowed):
    """The values that are not allowed, or the name of the error."""
    arguments = {"column": column, "allowed": allowed}
    checks = [{"criticality": "error", "check": {"function": "is_in_list", "arguments": arguments}}]
    print(f"allowed {allowed}: {DQEngine.validate_checks(checks)}")
    assert not DQEngine.validate_checks(checks).has_errors
    try:
        _, wrong = engine.apply_checks_by_metadata_and_split(rows, checks)
        found = sorted(row[column] for row in wrong.collect())
    except AnalysisException as error:
        found = error.getCondition()
    print(f"  bad: {found}")
    return found


boroughs = spark.createDataFrame([("Bronx",), ("Queens",)], "borough string")
shops = spark.createDataFrame([("open", "9 to 5"), ("shut", "shut")], "status string, open string")
seen = [
    bad(boroughs, "borough", ["Bronx"]),
    bad(boroughs, "borough", ["'Bronx'"]),
    bad(shops, "status", ["open"]),
    bad(shops, "status", ["'open'"]),
]
sys.exit(seen != ["UNRESOLVED_COLUMN.WITH_SUGGESTION", ["Queens"], ["open"], ["shut"]])
PYTHON
