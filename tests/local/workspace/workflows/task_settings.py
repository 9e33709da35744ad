"""Settings of jobs and tasks for tests, and the results of runs."""

from typing import Any

JOBS = "/api/2.2/jobs"


def create_job(workspace: Any, *tasks: dict[str, Any], **settings: Any) -> int:
    """Create a job of tasks; return its id."""
    return int(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": list(tasks), **settings})["job_id"])


def notebook_task(workspace: Any, key: str, source: str = "", /, **settings: Any) -> dict[str, Any]:
    """A task that runs a notebook."""
    workspace.import_notebook(f"/nb/{key}", source)
    return {"task_key": key, "notebook_task": {"notebook_path": f"/nb/{key}"}, **settings}


def condition_task(key: str, op: str, left: str, right: str) -> dict[str, Any]:
    """A condition task."""
    return {"task_key": key, "condition_task": {"op": op, "left": left, "right": right}}


def after(key: str, **more: Any) -> dict[str, Any]:
    """The setting `depends_on` with one task."""
    return {"depends_on": [{"task_key": key, **more}]}


def loop_task(inputs: str, task: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A for_each_task with the key `each`."""
    return {"task_key": "each", "for_each_task": {"inputs": inputs, "task": task, **settings}}


def results(run: dict[str, Any]) -> dict[str, str]:
    """The result of each task of a run."""
    return {task["task_key"]: task["state"]["result_state"] for task in run["tasks"]}


def iteration_outputs(workspace: Any, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs of the iterations of a run's loop."""
    task = next(task for task in run["tasks"] if "for_each_task" in task)
    listed = workspace.get(f"{JOBS}/runs/get", run_id=task["run_id"])["iterations"]
    return [workspace.get(f"{JOBS}/runs/get-output", run_id=each["run_id"]) for each in listed]
