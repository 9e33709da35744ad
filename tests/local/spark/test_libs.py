"""Modules of the workspace and packages in Python functions that Spark runs in worker processes."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.test_packages import wheel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

NOTEBOOK = """# Databricks notebook source
# MAGIC %pip install --no-index {wheel}

# COMMAND ----------

import sys

sys.path += [dbutils.widgets.get("libs"), "/Workspace/Shared/libs"]
from fares.tips import tip
from pyspark.sql import functions as F
from zones import zone

# COMMAND ----------

@F.udf("int")
def tipped(fare):
    import parcels
    from tolls import toll

    return tip(fare) + zone() + toll() + parcels.size


found = spark.range(3).select(tipped("id").alias("tip"))
dbutils.notebook.exit(",".join(str(row.tip) for row in found.collect()))
"""


PIPELINE = """# Databricks notebook source
import sys

from pyspark import pipelines as dp
from pyspark.sql import functions as F

sys.path.append(spark.conf.get("libs"))
from fares.tips import tip


@dp.materialized_view
def tips():
    return spark.range(3).select(F.udf(tip, "int")("id").alias("tip"))
"""
FILES = {
    "p/libs/fares/__init__.py": "",
    "p/libs/fares/tips.py": "def tip(fare):\n    return 2 * fare\n",
    "Shared/libs/zones.py": "def zone():\n    return 1\n",
    "p/ask.py": NOTEBOOK,
    "p/pipeline.py": PIPELINE,
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Workspace files: two folders of shared code, two wheels, a notebook and the source of a pipeline."""
    parcels = wheel(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.replace("{wheel}", str(parcels)))
    with zipfile.ZipFile(tmp_path / "tolls.whl", "w") as archive:
        archive.writestr("tolls.py", "def toll():\n    return 10\n")
    return tmp_path


def run(local: "Local", module: str, files: Path, **parameters: Any) -> dict[str, Any]:
    """Run a notebook or an update of a pipeline as the workspace does, and return its result."""
    spec, result = files / "spec.json", files / "result.json"
    spec.write_text(json.dumps({"workspace_files": str(files), "result": str(result), **parameters}))
    done = subprocess.run(
        [sys.executable, "-P", "-m", module, str(spec)],
        env={
            **os.environ,
            "SPARK_REMOTE": str(local.status.spark_remote),
            "PYTHONPATH": str(files / "tolls.whl"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(result.read_text())
    return answer


def test_a_udf_may_use_modules_that_a_notebook_imports(local: "Local", files: Path) -> None:
    """They are in two folders of the same name, in a wheel of the task, and in a package of `%pip install`."""
    result = run(
        local,
        "local.notebook",
        files,
        notebook=str(files / "p/ask.py"),
        workspace_path="/p/ask",
        parameters={"libs": "/Workspace/p/libs"},
        environments=str(files / "environments"),
    )
    assert result["result"] == "14,16,18"


def test_a_udf_may_use_modules_that_a_pipeline_imports(
    local: "Local", spark: "SparkSession", files: Path
) -> None:
    catalog = local.catalog("tipping")
    run(
        local,
        "local.pipeline",
        files,
        catalog=catalog,
        schema="s",
        configuration={"libs": "/Workspace/p/libs"},
        sources=[{"file": str(files / "p/pipeline.py"), "path": "/p/pipeline"}],
        import_paths=[],
        storage=str(files / "storage"),
        full_refresh=False,
        refresh=[],
        events=str(files / "events"),
    )
    assert sorted(row.tip for row in spark.table(f"{catalog}.s.tips").collect()) == [0, 2, 4]
