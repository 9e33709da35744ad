"""dbt models in Python: their code runs in the process of dbt, with a session of the local Spark."""

import linecache
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import packages

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SESSION_VARIABLE = "spark"


def serve(open_session: Callable[[], "SparkSession"], project: Path) -> None:
    """Let dbt's adapter run models in Python here, whichever cluster or job they name.

    On Databricks the adapter makes a notebook of a model, with the session as `spark`, and runs it as a job.

    Args:
        open_session: opens a session.
        project: the folder of the project in the workspace, for tracebacks.
    """
    from dbt.adapters.databricks.impl import DatabricksAdapter

    helpers = dict.fromkeys(
        ("all_purpose_cluster", "job_cluster", "serverless_cluster", "workflow_job"),
        lambda model, _: PythonModel(model, open_session, project),
    )
    DatabricksAdapter.python_submission_helpers = property(lambda _: helpers)


class PythonModel:
    """One model.

    Args:
        model: the model as dbt parsed it.
        open_session: opens a session.
        project: the folder of the project in the workspace.
    """

    def __init__(
        self, model: Mapping[str, Any], open_session: Callable[[], "SparkSession"], project: Path
    ) -> None:
        self._file = project / str(model["original_file_path"])
        self._packages = [str(each) for each in model["config"].get("packages") or ()]
        self._open_session = open_session

    def submit(self, compiled_code: str) -> None:
        """Run the code that dbt made of a model: the model, then what writes its table.

        Raises:
            LookupError: this installation lacks a package of the model.
        """
        if missing := packages.missing(self._packages):
            raise LookupError(
                f"{', '.join(missing)}: packages of models in Python are not installed here; "
                "name them in `dependencies` of the task's environment"
            )
        # Tracebacks show the line of the compiled code, which begins with the model's file.
        name = str(self._file)
        linecache.cache[name] = (len(compiled_code), None, compiled_code.splitlines(keepends=True), name)
        names = {SESSION_VARIABLE: self._open_session()}
        exec(compile(compiled_code, name, "exec"), names)  # noqa: S102 - to run a model is to run its code
