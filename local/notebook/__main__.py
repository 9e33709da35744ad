"""`python -m local.notebook SPEC.json`: run one notebook as a task of a job.

SPEC.json: `notebook` (file), `workspace_path`, `workspace_files` (the folder that is the workspace's
root), `parameters`, `task_values`, `result` (where to write what came of it). Exit code 0 or 1.
"""

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from local.home import write_private
from local.notebook import failure, imports, written_tables
from local.notebook.dbutils import TaskValues
from local.notebook.runner import Runner
from local.notebook.session import connect
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass
class Result:
    """What came of a run.

    Args:
        result: the value of `dbutils.notebook.exit`.
        error: one line that says what went wrong; None if nothing did.
        error_trace: the traceback from the notebook's own line on.
        tables: name and number of rows of each table that was written.
        task_values: what it set for tasks after it.
    """

    result: str | None = None
    error: str | None = None
    error_trace: str | None = None
    tables: list[dict[str, Any]] = field(default_factory=list)
    task_values: dict[str, Any] = field(default_factory=dict)


class _Cancelled(BaseException):
    """The job cancelled the task."""


def _cancel(signum: int, frame: FrameType | None) -> None:
    raise _Cancelled(f"cancelled by signal {signum}")


def run(spec: dict[str, Any]) -> Result:
    """Run the notebook that the specification names, and return what came of it."""
    result = Result()
    notebook = Path(spec["notebook"])
    os.chdir(notebook.parent)
    sys.path.insert(0, str(notebook.parent))
    spark = None
    values = TaskValues(spec.get("task_values") or {})
    result.task_values = values.own
    try:
        spark = connect()
        files = Path(spec["workspace_files"])
        imports.install(files, imports.to_workers(spark))
        mark = written_tables.mark(spark)
        result.result = Runner(spark, files, values).run(notebook, spec["workspace_path"], spec["parameters"])
        result.tables = _tables(spark, mark)
    except OutsideError as error:
        result.error = result.error_trace = str(error)
    except SystemExit as left:
        if left.code not in (None, 0):
            result.error = result.error_trace = f"SystemExit: {left.code}"
    except BaseException as error:
        result.error, result.error_trace = failure.summary(error), failure.trace(error)
        if spark and isinstance(error, _Cancelled | KeyboardInterrupt):
            spark.interruptAll()
    return result


def _tables(spark: "SparkSession", mark: written_tables.Mark) -> list[dict[str, Any]]:
    warehouse = Path(str(spark.conf.get(written_tables.WAREHOUSE)))
    tables = []
    for parts in written_tables.written(warehouse, mark):
        quoted = ".".join("`" + part.replace("`", "``") + "`" for part in parts)
        if spark.catalog.tableExists(quoted):
            tables.append({"name": ".".join(parts), "rows": spark.table(quoted).count()})
    return tables


def main() -> int:
    """Run the notebook of the specification that the command line names."""
    signal.signal(signal.SIGTERM, _cancel)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    result = run(spec)
    write_private(Path(spec["result"]), json.dumps(asdict(result), ensure_ascii=False))
    if result.error_trace:
        print(result.error_trace, file=sys.stderr)
    return 1 if result.error else 0


if __name__ == "__main__":
    sys.exit(main())
