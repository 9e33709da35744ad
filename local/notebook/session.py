"""The Spark session of a notebook, and `display`."""

import logging
import os
from typing import TYPE_CHECKING, Any

from local.notebook.paths import Paths
from local.spark import client

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DISPLAYED_ROWS = 20


def connect(paths: Paths | None = None) -> "SparkSession":
    """Returns a new session on the server of SPARK_REMOTE; its data frames have `display()`.

    Args:
        paths: the paths of volumes, which the session may use.
    """
    from pyspark.sql.connect.dataframe import DataFrame

    # The client logs each error as a line of JSON in addition to raising it.
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
    DataFrame.display = display  # type: ignore[attr-defined]
    return client.connect(os.environ["SPARK_REMOTE"], paths.disk if paths else None)


def display(value: Any = None, *_: object, **__: object) -> None:
    """Prints the first rows of a data frame; prints any other value unchanged."""
    if hasattr(value, "toPandas") and hasattr(value, "show"):
        value.show(DISPLAYED_ROWS, truncate=False)
    elif value is not None:
        print(value)
