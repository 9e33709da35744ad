"""`python -m local.notebook SPEC.json`: runs one notebook as a task of a job.

SPEC.json: `notebook` (file), `workspace_path`, `workspace_files` (the folder on disk that is the workspace's
root), `shown_root` (what replaces that folder in errors; by default `/Workspace/`), `parameters`,
`task_values`, `plots` (the folder for figures), `secrets` (a file), `environments` (the folder for packages),
`result` (the file for the result).
Exit code 0 or 1.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.notebook import imports, paths, plots, process, written_tables
from local.notebook.dbutils import TaskValues
from local.notebook.places import Places
from local.notebook.runner import Runner
from local.notebook.session import connect


@dataclass
class Result(process.Result):
    """The outcome of a notebook.

    Args:
        result: the value of `dbutils.notebook.exit`.
        task_values: the values that the notebook set for later tasks.
    """

    result: str | None = None
    task_values: dict[str, Any] = field(default_factory=dict)


def run(spec: dict[str, Any]) -> Result:
    """Runs the notebook of a specification and returns its outcome."""
    result = Result()
    notebook = Path(spec["notebook"])
    files = Path(spec["workspace_files"])
    places = Places(files, spec.get("shown_root", "/Workspace/"))
    files_of_workspace = paths.of_workspace(files)
    paths.install(files_of_workspace)
    plots.prepare()
    os.chdir(notebook.parent)
    sys.path.insert(0, str(notebook.parent))
    spark = None
    values = TaskValues(spec.get("task_values") or {})
    result.task_values = values.own
    try:
        spark = connect(files_of_workspace)
        imports.install(files, imports.to_workers(spark))
        mark = written_tables.new_mark()
        written_tables.set_mark(spark, mark)
        names = ("plots", "secrets", "environments")
        folder, secrets, environments = (Path(spec[name]) if name in spec else None for name in names)
        runner = Runner(spark, files, values, places, folder, files_of_workspace, secrets, environments)
        result.result = runner.run(notebook, spec["workspace_path"], spec["parameters"])
        result.tables = written_tables.with_rows(spark, mark)
    except SystemExit as ended:
        if ended.code not in (None, 0):
            result.error = result.error_trace = f"SystemExit: {ended.code}"
    except BaseException as error:
        result.fail(error, places)
        if spark and isinstance(error, process.CancelledError | KeyboardInterrupt):
            spark.interruptAll()
    return result


if __name__ == "__main__":
    sys.exit(process.main(run, sys.argv[1:]))
