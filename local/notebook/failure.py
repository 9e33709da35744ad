"""An exception of a notebook, told without the machinery that ran it."""

import os
import traceback
from pathlib import Path

_LOCAL = Path(__file__).parents[1]
MACHINERY = (str(_LOCAL / "notebook"), str(_LOCAL / "pipeline"), "<frozen ", "<string>")
SPARK_CLIENT = f"{os.sep}pyspark{os.sep}"


def summary(error: BaseException) -> str:
    """Return the exception's kind and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def trace(error: BaseException) -> str:
    """Return the traceback from the notebook's own line on, for the exception and those that caused it.

    The runner's frames and those inside Spark's client say nothing about the notebook and are left out.
    """
    told = traceback.TracebackException.from_exception(error)
    _trim(told)
    return "".join(told.format())


def _trim(told: traceback.TracebackException | None) -> None:
    if told is None:
        return
    told.stack = traceback.StackSummary.from_list(
        [
            frame
            for frame in told.stack
            if not frame.filename.startswith(MACHINERY) and SPARK_CLIENT not in frame.filename
        ]
    )
    _trim(told.__cause__)
    _trim(told.__context__)
