"""The Spark session of a notebook, and how its results are shown."""

import logging
import os
from typing import TYPE_CHECKING, Any

from local.spark import client

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHOWN_ROWS = 20


def connect() -> "SparkSession":
    """Return a new session on the server that SPARK_REMOTE names, whose data frames have `display()`."""
    from pyspark.sql.connect.dataframe import DataFrame

    # The client logs each error as a line of JSON besides raising it.
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
    DataFrame.display = display  # type: ignore[attr-defined]
    return client.connect(os.environ["SPARK_REMOTE"])


def display(shown: Any = None, *_: object, **__: object) -> None:
    """Print a data frame's first rows; anything else as it is."""
    if hasattr(shown, "toPandas") and hasattr(shown, "show"):
        shown.show(SHOWN_ROWS, truncate=False)
    elif shown is not None:
        print(shown)
