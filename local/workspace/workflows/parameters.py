"""Job parameters and the `{{…}}` references that tasks may hold.

Source of the names: Databricks' "dynamic value references".
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.workspace.store import Json

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_TASK_VALUE = re.compile(r"tasks\.(.+?)\.values\.(.+)")


class UnknownReferenceError(Exception):
    """A task refers to a job parameter that the job does not have, or to a task value that nobody set."""


def resolve(value: Any, known: Mapping[str, str]) -> Any:
    """Return a value with every `{{reference}}` in its texts replaced, at any depth.

    A reference that is not known stays as it is, as Databricks leaves it.

    Raises:
        UnknownReferenceError: `{{job.parameters.x}}` where the job has no parameter x, or
            `{{tasks.a.values.x}}` where task a set no value x.
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _one(match, known), value)
    if isinstance(value, Mapping):
        return {name: resolve(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, known) for each in value]
    return value


def job_parameters(defaults: list[Json], given: Mapping[str, str], known: Mapping[str, str]) -> list[Json]:
    """Return a run's parameters as the API tells them: name, default, value.

    Args:
        defaults: `parameters` of the job's settings.
        given: what the run was started with.
        known: what references in defaults stand for.

    Raises:
        UnknownReferenceError: something is given that the job has no parameter for.
    """
    names = [each["name"] for each in defaults]
    unknown = sorted(set(given) - set(names))
    if unknown:
        has = ", ".join(names) or "none"
        raise UnknownReferenceError(f"the job has no parameter {', '.join(unknown)} (it has: {has})")
    return [
        {**each, "value": given.get(each["name"], resolve(str(each.get("default", "")), known))}
        for each in defaults
    ]


def of_run(run: Json, url: str) -> dict[str, str]:
    """Return what references to the job, its run and the workspace stand for."""
    start = datetime.fromtimestamp(run["start_time"] / 1000, UTC)
    job_id = str(run.get("job_id") or "")
    return {
        "job.id": job_id,
        "job_id": job_id,
        "job.name": run["run_name"],
        "job.run_id": str(run["run_id"]),
        "run_id": str(run["run_id"]),
        "parent_run_id": str(run["run_id"]),
        "job.repair_count": "0",
        "job.trigger.type": "one_time",
        "start_date": f"{start:%Y-%m-%d}",
        "start_time": str(run["start_time"]),
        "workspace.url": url,
        **{f"job.start_time.{name}": value for name, value in _moment(start).items()},
        **{f"job.parameters.{each['name']}": each["value"] for each in run.get("job_parameters", [])},
    }


def of_task(run: Json, task: Json, url: str) -> dict[str, str]:
    """Return what references in one task stand for."""
    notebook = task.get("notebook_task") or {}
    states = {
        f"tasks.{each['task_key']}.result_state": each["state"].get("result_state", "").lower()
        for each in run["tasks"]
    }
    values = {
        f"tasks.{each['task_key']}.values.{name}": as_text(value)
        for each in run["tasks"]
        for name, value in (each.get("task_values") or {}).items()
    }
    return {
        **of_run(run, url),
        **states,
        **values,
        **(_of_input(task["input"]) if "input" in task else {}),
        "task.name": task["task_key"],
        "task_key": task["task_key"],
        "task.run_id": str(task["run_id"]),
        "task.execution_count": str(task["attempt_number"] + 1),
        "task_retry_count": str(task["attempt_number"]),
        "task.notebook_path": str(notebook.get("notebook_path", "")),
    }


def as_text(value: Any) -> str:
    """Return what a value becomes where it is put into a text: JSON, unless it is a text itself."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _of_input(value: Any) -> dict[str, str]:
    """Return what references to the input of an iteration stand for."""
    parts = value if isinstance(value, Mapping) else {}
    return {"input": as_text(value), **{f"input.{name}": as_text(each) for name, each in parts.items()}}


def _one(match: re.Match[str], known: Mapping[str, str]) -> str:
    name = match[1]
    if name.startswith("job.parameters.") and name not in known:
        raise UnknownReferenceError(f"the job has no parameter {name.removeprefix('job.parameters.')}")
    set_by = _TASK_VALUE.fullmatch(name)
    if set_by and name not in known:
        raise UnknownReferenceError(f"task {set_by[1]} has set no value {set_by[2]}")
    return known.get(name, match[0])


def _moment(start: datetime) -> dict[str, str]:
    return {
        "iso_date": f"{start:%Y-%m-%d}",
        "iso_datetime": f"{start:%Y-%m-%dT%H:%M:%S}",
        "iso_weekday": str(start.isoweekday()),
        "is_weekday": str(start.isoweekday() < 6).lower(),
        "timestamp_ms": str(int(start.timestamp() * 1000)),
        **{part: str(getattr(start, part)) for part in ("year", "month", "day", "hour", "minute", "second")},
    }
