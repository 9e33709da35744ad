"""Code of the workspace in functions that Spark runs in processes of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.local.spark.conftest import Local

NOTEBOOK = """# Databricks notebook source
import sys

sys.path += [dbutils.widgets.get("libs"), "/Workspace/Shared/libs"]
from fares.tips import tip
from pyspark.sql import functions as F
from zones import zone

# COMMAND ----------

tipped = F.udf(lambda fare: tip(fare) + zone(), "int")
found = spark.range(3).select(tipped("id").alias("tip"))
dbutils.notebook.exit(",".join(str(row.tip) for row in found.collect()))
"""


def test_a_function_of_spark_may_use_code_that_a_notebook_imports(local: "Local", tmp_path: Path) -> None:
    """From two folders of the same name."""
    for name, text in {
        "p/libs/fares/__init__.py": "",
        "p/libs/fares/tips.py": "def tip(fare):\n    return 2 * fare\n",
        "Shared/libs/zones.py": "def zone():\n    return 1\n",
        "p/ask.py": NOTEBOOK,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    spec = tmp_path / "spec.json"
    told = {
        "notebook": str(tmp_path / "p/ask.py"),
        "workspace_path": "/p/ask",
        "workspace_files": str(tmp_path),
        "parameters": {"libs": "/Workspace/p/libs"},
        "result": str(tmp_path / "result.json"),
    }
    spec.write_text(json.dumps(told))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "local.notebook", str(spec)],
        env={**os.environ, "SPARK_REMOTE": str(local.status.spark_remote)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "result.json").read_text())["result"] == "1,3,5"
