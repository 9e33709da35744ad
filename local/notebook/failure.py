"""The exception of a notebook, without the frames of the runner."""

import os
import traceback
from pathlib import Path

from local.notebook.places import AS_ON_DISK, Places

_LOCAL = Path(__file__).parents[1]
MACHINERY = (str(_LOCAL / "notebook"), str(_LOCAL / "pipeline"), "<frozen ", "<string>")
SPARK_CLIENT = f"{os.sep}pyspark{os.sep}"


def summary(error: BaseException) -> str:
    """Returns the exception's type and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def trace(error: BaseException, places: Places = AS_ON_DISK) -> str:
    """Returns the traceback of the exception and its causes, from the first line of the notebook.

    Frames of the runner and of Spark's client are left out.

    Args:
        error: the exception.
        places: names files and cells.
    """
    report = traceback.TracebackException.from_exception(error)
    _trim(report, places)
    return "".join(report.format())


def _trim(report: traceback.TracebackException | None, places: Places) -> None:
    if report is None:
        return
    report.stack = traceback.StackSummary.from_list(
        [
            frame
            for frame in report.stack
            if not frame.filename.startswith(MACHINERY) and SPARK_CLIENT not in frame.filename
        ]
    )
    for frame in report.stack:
        frame.name = places.function(frame.filename, frame.lineno or 0, frame.name)
        frame.filename = places.file(frame.filename)
    if getattr(report, "filename", None):  # a syntax error
        report.filename = places.file(report.filename)
    _trim(report.__cause__, places)
    _trim(report.__context__, places)
