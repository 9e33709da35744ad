"""Job parameters and the `{{…}}` references in the settings of tasks.

Source of the names: Databricks' "dynamic value references".
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from minilake.services.unity_catalog import WORKSPACE_ID

from local.task_references import UnknownReferenceError, resolve
from local.workspace.store import Json

# The error code of a task by its result; other results are no errors of the task.
_ERROR_CODES = {"FAILED": "RunExecutionError", "TIMEDOUT": "RunExecutionError"}


def job_parameters(
    defaults: list[Json], values: Mapping[str, str], references: Mapping[str, str]
) -> list[Json]:
    """Return a run's parameters in the form of the API: name, default, value.

    Args:
        defaults: `parameters` of the job's settings.
        values: the values that the run was started with.
        references: the value of each known reference, for references in defaults.

    Raises:
        UnknownReferenceError: a value is given for a parameter that the job lacks.
    """
    names = [each["name"] for each in defaults]
    unknown = sorted(set(values) - set(names))
    if unknown:
        parameters = ", ".join(names) or "none"
        raise UnknownReferenceError(
            f"the job has no parameter {', '.join(unknown)} (its parameters: {parameters})"
        )
    return [
        {**each, "value": values.get(each["name"], resolve(str(each.get("default", "")), references))}
        for each in defaults
    ]


def run_references(run: Json, url: str) -> dict[str, str]:
    """Return the values of references to the job, its run and the workspace."""
    start = datetime.fromtimestamp(run["start_time"] / 1000, UTC)
    job_id = str(run.get("job_id") or "")
    return {
        "job.id": job_id,
        "job_id": job_id,
        "job.name": run["run_name"],
        "job.run_id": str(run["run_id"]),
        "run_id": str(run["run_id"]),
        "parent_run_id": str(run["run_id"]),
        "job.repair_count": str(sum("id" in each for each in run.get("repair_history") or [])),
        "job.trigger.type": run["trigger"].lower(),
        # Runs start by hand here: no file and no table started them.
        "job.trigger.file_arrival.location": "",
        "job.trigger.table_update.updated_tables": "[]",
        "start_date": f"{start:%Y-%m-%d}",
        "start_time": str(run["start_time"]),
        "workspace.id": str(WORKSPACE_ID),
        "workspace.url": url,
        **{
            f"job.{prefix}.{name}": value
            for prefix in ("start_time", "trigger.time")
            for name, value in _time_references(start).items()
        },
        **{f"job.parameters.{each['name']}": each["value"] for each in run.get("job_parameters", [])},
    }


def task_references(run: Json, task: Json, url: str) -> dict[str, str]:
    """Return the values of all references in a task."""
    notebook = task.get("notebook_task") or {}
    others = {
        f"tasks.{each['task_key']}.{name}": value
        for each in run["tasks"]
        for name, value in _other_task(each).items()
    }
    values = {
        f"tasks.{each['task_key']}.values.{name}": as_text(value)
        for each in run["tasks"]
        for name, value in (each.get("task_values") or {}).items()
    }
    return {
        **run_references(run, url),
        **others,
        **values,
        **(_input_references(task["input"]) if "input" in task else {}),
        "task.name": task["task_key"],
        "task_key": task["task_key"],
        "task.run_id": str(task["run_id"]),
        "task.execution_count": str(task["attempt_number"] + 1),
        "task_retry_count": str(task["attempt_number"]),
        "task.notebook_path": str(notebook.get("notebook_path", "")),
    }


def _other_task(task: Json) -> dict[str, str]:
    """Return the values of references to another task, by the last part of their names."""
    result = task["state"].get("result_state", "")
    notebook = task.get("notebook_task") or {}
    return {
        "run_id": str(task["run_id"]),
        "result_state": result.lower(),
        "error_code": _ERROR_CODES.get(result, ""),
        "execution_count": str(task["attempt_number"] + 1),
        "notebook_path": str(notebook.get("notebook_path", "")),
    }


def as_text(value: Any) -> str:
    """Return a value as text for a replaced reference: a string unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _input_references(value: Any) -> dict[str, str]:
    """Return the values of references to the input of an iteration."""
    fields = value if isinstance(value, Mapping) else {}
    return {"input": as_text(value), **{f"input.{name}": as_text(each) for name, each in fields.items()}}


def _time_references(start: datetime) -> dict[str, str]:
    return {
        "iso_date": f"{start:%Y-%m-%d}",
        "iso_datetime": f"{start:%Y-%m-%dT%H:%M:%S}",
        "iso_weekday": str(start.isoweekday()),
        "is_weekday": str(start.isoweekday() < 6).lower(),
        "timestamp_ms": str(int(start.timestamp() * 1000)),
        **{unit: str(getattr(start, unit)) for unit in ("year", "month", "day", "hour", "minute", "second")},
    }
