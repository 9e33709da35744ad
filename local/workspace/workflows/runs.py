"""Runs of jobs: start, follow, read the output, cancel."""

from typing import Any

from fastapi import APIRouter, Request

from local.home import read_status
from local.workspace.errors import invalid
from local.workspace.store import Json, Store, StoreOf
from local.workspace.workflows.jobs import check_tasks, find_job, paged
from local.workspace.workflows.parameters import UnknownReferenceError
from local.workspace.workflows.records import Records, is_active, new_run

router = APIRouter(prefix="/api")

# What a run keeps of its tasks' settings is all; what the API tells of it is this less.
_INTERNAL = ("output", "task_values", "iterations")
_LOG_CHARACTERS = 5_000_000


@router.post("/{version}/jobs/run-now")
async def run_now(version: str, body: Json, request: Request, store: StoreOf) -> Json:
    """Start a run of a job, with values for its parameters."""
    job, records = find_job(store, body.get("job_id")), _records(request)
    same = _same(records, body)
    if same is None:
        number = len(records.of_job(job["job_id"])) + 1
        of_job = {"job_id": job["job_id"], "number_in_job": number}
        same = _start(request, store, job["settings"], body, **of_job)
    return {"run_id": same["run_id"], "number_in_job": same["number_in_job"]}


@router.post("/{version}/jobs/runs/submit")
async def submit_run(version: str, body: Json, request: Request, store: StoreOf) -> Json:
    """Start a run that is of no job."""
    check_tasks(body.get("tasks") or [])
    same = _same(_records(request), body)
    if same is None:
        same = _start(request, store, {"name": body.get("run_name", "Untitled"), **body}, body)
    return {"run_id": same["run_id"]}


@router.get("/{version}/jobs/runs/get")
async def get_run(version: str, run_id: int, request: Request) -> Json:
    """Get a run, or one task of one: of a for_each_task with its iterations."""
    run, task = _records(request).find_task(run_id)
    if task is None:
        return _told(request, run)
    told = _told_task(request, run, task)
    if "for_each_task" in task:
        told["iterations"] = [_told_task(request, run, each) for each in task.get("iterations") or []]
    return told


@router.get("/{version}/jobs/runs/list")
async def list_runs(version: str, request: Request) -> Json:
    """List runs, the newest first: of one job, active ones, completed ones."""
    asked = request.query_params
    wanted = asked.get("job_id")
    found = [
        run
        for run in reversed(list(_records(request).runs.values()))
        if (wanted is None or str(run.get("job_id")) == wanted)
        and (asked.get("active_only", "false").lower() != "true" or is_active(run))
        and (asked.get("completed_only", "false").lower() != "true" or not is_active(run))
    ]
    page = paged("runs", found, asked, most=26)
    whole = asked.get("expand_tasks", "false").lower() == "true"
    left_out = () if whole else ("tasks",)
    page["runs"] = [
        {name: value for name, value in _told(request, run).items() if name not in left_out}
        for run in page["runs"]
    ]
    return page


@router.get("/{version}/jobs/runs/get-output")
async def get_output(version: str, run_id: int, request: Request) -> Json:
    """Get what a task's run gave: its result or its error, what it printed, what it wrote.

    `logs` holds what a notebook printed, too, and `tables` what it wrote: more than Databricks tells.
    """
    run, task = _records(request).find_task(run_id)
    if task is None:
        if len(run["tasks"]) != 1:
            raise invalid(
                "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the"
                " output of each individual task run instead."
            )
        task = run["tasks"][0]
    output = task.get("output") or {}
    log = _records(request).folder(run) / f"{task['run_id']}.{task['attempt_number']}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    told: Json = {
        "metadata": _told_task(request, run, task),
        "error": output.get("error"),
        "error_trace": output.get("error_trace"),
        "logs": text[-_LOG_CHARACTERS:],
        "logs_truncated": len(text) > _LOG_CHARACTERS,
        "tables": output.get("tables") or [],
    }
    if "notebook_task" in task:
        told["notebook_output"] = {"result": output.get("result"), "truncated": False}
    if "run_job_task" in task and output.get("run_id"):
        told["run_job_output"] = {"run_id": output["run_id"]}
    return {name: value for name, value in told.items() if value is not None}


@router.post("/{version}/jobs/runs/cancel")
async def cancel_run(version: str, body: Json, request: Request) -> Json:
    """Stop a run."""
    run, _ = _records(request).find_task(int(body.get("run_id") or 0))
    request.app.state.executor.cancel(run)
    return {}


@router.post("/{version}/jobs/runs/cancel-all")
async def cancel_all_runs(version: str, body: Json, request: Request, store: StoreOf) -> Json:
    """Stop every active run of a job."""
    request.app.state.executor.cancel_all(find_job(store, body.get("job_id"))["job_id"])
    return {}


@router.post("/{version}/jobs/runs/delete")
async def delete_run(version: str, body: Json, request: Request) -> Json:
    """Forget a run that has ended."""
    run = _records(request).find(int(body.get("run_id") or 0))
    if is_active(run):
        raise invalid(f"Run {run['run_id']} is active: cancel it first.")
    _records(request).remove(run)
    return {}


def _records(request: Request) -> Records:
    records: Records = request.app.state.records
    return records


def _same(records: Records, body: Json) -> Json | None:
    token = body.get("idempotency_token")
    return next(
        (run for run in records.runs.values() if token and run.get("idempotency_token") == token), None
    )


def _start(request: Request, store: Store, settings: Json, body: Json, **more: Any) -> Json:
    status = read_status(request.app.state.home)
    url = status.url if status else ""
    try:
        run = new_run(store, settings, body.get("job_parameters") or {}, url)
    except UnknownReferenceError as error:
        raise invalid(str(error)) from None
    run.update(idempotency_token=body.get("idempotency_token"), **more)
    for task in run["tasks"]:
        if "notebook_task" in task and body.get("notebook_params"):
            base = {**(task["notebook_task"].get("base_parameters") or {}), **body["notebook_params"]}
            task["notebook_task"] = {**task["notebook_task"], "base_parameters": base}
    request.app.state.executor.start(run)
    return run


def _told(request: Request, run: Json) -> Json:
    left_out = ("settings", "idempotency_token", "tasks", "ancestors")
    told = {name: value for name, value in run.items() if name not in left_out}
    told["tasks"] = [_told_task(request, run, task) for task in run["tasks"]]
    told["status"] = _status(run)
    told["run_page_url"] = _page(request, run)
    return told


def _told_task(request: Request, run: Json, task: Json) -> Json:
    told = {name: value for name, value in task.items() if name not in _INTERNAL}
    if "for_each_task" in task:
        stats = {"task_run_stats": _stats(task.get("iterations") or [])}
        told["for_each_task"] = {**task["for_each_task"], "stats": stats}
    return {**told, "status": _status(task), "run_page_url": _page(request, run)}


def _stats(iterations: list[Json]) -> Json:
    results = [each["state"].get("result_state") for each in iterations if not is_active(each)]
    return {
        "total_iterations": len(iterations),
        "scheduled_iterations": len(iterations),
        "active_iterations": len(iterations) - len(results),
        "completed_iterations": len(results),
        "succeeded_iterations": results.count("SUCCESS"),
        "failed_iterations": len(results) - results.count("SUCCESS"),
    }


def _status(record: Json) -> Json:
    """Return the state as version 2.2 of the API tells it."""
    state = record["state"]
    if is_active(record):
        return {"state": state["life_cycle_state"]}
    result = state.get("result_state")
    kind = {"SUCCESS": "SUCCESS", "CANCELED": "SUCCESS", None: "INTERNAL_ERROR"}.get(result, "CLIENT_ERROR")
    code = {"FAILED": "RUN_EXECUTION_ERROR", None: "INTERNAL_ERROR"}.get(result, result)
    details = {"code": code, "type": kind, "message": state.get("state_message", "")}
    return {"state": "TERMINATED", "termination_details": details}


def _page(request: Request, run: Json) -> str:
    return f"{str(request.base_url).rstrip('/')}/ui/jobs/?job={run.get('job_id')}&run={run['run_id']}"
