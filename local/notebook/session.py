"""The Spark session of a notebook, and `display`."""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import packages
from local.notebook import imports
from local.notebook.paths import Paths
from local.spark import client

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DISPLAYED_ROWS = 20
# Source: Spark 4.1, SQLConf: the Python that runs functions of a session, if it is not that of the server.
_WORKER_PYTHON = "spark.sql.execution.pyspark.python"


def connect(paths: Paths | None = None) -> "SparkSession":
    """Returns a new session on the server of SPARK_REMOTE; its data frames have `display()`.

    Functions that Spark runs import from the environment and the wheels of this process, too.

    Args:
        paths: the paths of volumes, which the session may use.
    """
    from pyspark.sql.connect.dataframe import DataFrame

    # The client logs each error as a line of JSON in addition to raising it.
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
    DataFrame.display = display  # type: ignore[attr-defined]
    spark = client.connect(os.environ["SPARK_REMOTE"], paths.disk if paths else None)
    if packages.is_environment(Path(sys.prefix)):
        use_python(spark, Path(sys.executable))
    for place in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if place.endswith(".whl") and Path(place).is_file():  # Python leaves out what is not there
            imports.to_workers(spark)(Path(place))
    return spark


def use_python(spark: "SparkSession", python: Path) -> None:
    """Lets a Python run the functions (`udf`) of a session."""
    spark.conf.set(_WORKER_PYTHON, str(python))


def display(value: Any = None, *_: object, **__: object) -> None:
    """Prints the first rows of a data frame; prints any other value unchanged."""
    if hasattr(value, "toPandas") and hasattr(value, "show"):
        value.show(DISPLAYED_ROWS, truncate=False)
    elif value is not None:
        print(value)
