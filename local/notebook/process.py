"""The process around a runner: it reads a specification, runs it and writes a result file.

`python -m local.notebook SPEC.json` and `python -m local.pipeline SPEC.json` use it.
"""

import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from local.home import write_private
from local.notebook import failure, secrets
from local.notebook.places import AS_ON_DISK, Places
from mesh.errors import OutsideError


class CancelledError(BaseException):
    """The workspace cancelled the task (SIGTERM); `except Exception` does not catch this error."""


@dataclass
class Result:
    """The outcome of a run, as the result file holds it.

    Args:
        error: one line that describes the failure; None if the run succeeded.
        error_trace: the traceback, from the first line of the user's code.
        tables: name and number of rows of each table that was written.
    """

    error: str | None = None
    error_trace: str | None = None
    tables: list[dict[str, Any]] = field(default_factory=list)

    def fail(self, error: BaseException, places: Places = AS_ON_DISK) -> None:
        """Records a failure; an OutsideError has no traceback, only its message of one or more lines.

        Args:
            error: the exception.
            places: names files and cells in the traceback.
        """
        if isinstance(error, OutsideError):
            self.error, self.error_trace = str(error).partition("\n")[0], str(error)
        else:
            self.error, self.error_trace = failure.summary(error), failure.trace(error, places)


def main(run: Callable[[dict[str, Any]], Result], arguments: Sequence[str]) -> int:
    """Runs the specification that the command line names and writes the result.

    Args:
        run: runs a specification.
        arguments: the command line without the program: the specification's file.

    Returns:
        The exit code: 0 success, 1 failure.
    """
    signal.signal(signal.SIGTERM, _cancel)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    secrets.hide_values()
    spec = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    result = run(spec)
    for name in ("error", "error_trace", "result"):
        if isinstance(value := getattr(result, name, None), str):
            setattr(result, name, secrets.redacted(value, secrets.VALUES))
    write_private(Path(spec["result"]), json.dumps(asdict(result), ensure_ascii=False))
    if result.error_trace:
        print(result.error_trace, file=sys.stderr)
    return 1 if result.error else 0


def _cancel(signum: int, frame: FrameType | None) -> None:
    raise CancelledError(f"cancelled by signal {signum}")
