"""Runs of jobs: start, get, read the output, cancel."""

from typing import Any

from fastapi import APIRouter, Request

from local.home import read_status
from local.task_references import UnknownReferenceError
from local.workspace.authentication import is_from_page
from local.workspace.errors import invalid
from local.workspace.store import Json, Store, StoreDependency
from local.workspace.workflows import repairs
from local.workspace.workflows.jobs import check_tasks, find_job, page_of
from local.workspace.workflows.records import RunRecords, is_active, new_run
from local.workspace.workflows.selected_tasks import only_tasks
from local.workspace.workflows.tasks import log_text

router = APIRouter(prefix="/api")

# Fields of a task's record that the API does not return.
_INTERNAL = ("output", "task_values", "iterations")
_LOG_CHARACTERS = 5_000_000


@router.post("/{version}/jobs/run-now")
async def run_now(version: str, body: Json, request: Request, store: StoreDependency) -> Json:
    """Start a run of a job, with values for its parameters; with `only`, of these tasks of it."""
    job, records = find_job(store, body.get("job_id")), _records(request)
    run = _find_by_token(records, body)
    if run is None:
        number = len(records.of_job(job["job_id"])) + 1
        of_job = {"job_id": job["job_id"], "number_in_job": number}
        settings = job["settings"]
        if body.get("only"):
            settings = only_tasks(settings, body["only"], records.of_job(job["job_id"]))
        run = _start(request, store, settings, body, **of_job)
    return {"run_id": run["run_id"], "number_in_job": run["number_in_job"]}


@router.post("/{version}/jobs/runs/submit")
async def submit(version: str, body: Json, request: Request, store: StoreDependency) -> Json:
    """Start a run without a job."""
    check_tasks(body.get("tasks") or [])
    run = _find_by_token(_records(request), body)
    if run is None:
        run = _start(request, store, {"name": body.get("run_name", "Untitled"), **body}, body)
    return {"run_id": run["run_id"]}


@router.get("/{version}/jobs/runs/get")
async def get(version: str, run_id: int, request: Request) -> Json:
    """Get a run or a task of a run; a for_each_task comes with its iterations."""
    run, task = _records(request).find_task(run_id)
    if task is None:
        return _response(request, run)
    response = _task_response(request, run, task)
    if "for_each_task" in task:
        response["iterations"] = [_task_response(request, run, each) for each in task.get("iterations") or []]
    return response


@router.get("/{version}/jobs/runs/list")
async def list_(version: str, request: Request) -> Json:
    """List runs, newest first; filters: job, active, completed."""
    query = request.query_params
    job_id = query.get("job_id")
    runs = [
        run
        for run in reversed(list(_records(request).runs.values()))
        if (job_id is None or str(run.get("job_id")) == job_id)
        and (query.get("active_only", "false").lower() != "true" or is_active(run))
        and (query.get("completed_only", "false").lower() != "true" or not is_active(run))
    ]
    page = page_of("runs", runs, query, max_size=26)
    expand = query.get("expand_tasks", "false").lower() == "true"
    omitted = () if expand else ("tasks",)
    page["runs"] = [
        {name: value for name, value in _response(request, run).items() if name not in omitted}
        for run in page["runs"]
    ]
    return page


@router.get("/{version}/jobs/runs/get-output")
async def get_output(version: str, run_id: int, request: Request, logs_from: int = 0) -> Json:
    """Get the output of a task's run: its result or error, its log, the tables that it wrote.

    In addition to Databricks' fields: `logs` of notebooks, `logs_end` (the bytes of the log until the end of
    `logs`), and `tables`. `logs_from` leaves out that many bytes of the log.
    """
    run, task = _records(request).find_task(run_id)
    if task is None:
        if len(run["tasks"]) != 1 and is_from_page(request):
            return _output_of_all(request, run)
        if len(run["tasks"]) != 1:
            raise invalid(
                "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the"
                " output of each individual task run instead."
            )
        task = run["tasks"][0]
    return _output(request, run, task, max(0, logs_from))


def _output(request: Request, run: Json, task: Json, logs_from: int = 0) -> Json:
    output = task.get("output") or {}
    log = _records(request).folder(run) / f"{task['run_id']}.{task['attempt_number']}.log"
    text, logs_end = log_text(log, logs_from, complete_lines=is_active(task))
    response: Json = {
        "metadata": _task_response(request, run, task),
        "error": output.get("error"),
        "error_trace": output.get("error_trace"),
        "logs": text[-_LOG_CHARACTERS:],
        "logs_truncated": len(text) > _LOG_CHARACTERS,
        "logs_end": logs_end,
        "tables": output.get("tables") or [],
    }
    if "notebook_task" in task:
        response["notebook_output"] = {"result": output.get("result"), "truncated": False}
    if "run_job_task" in task and output.get("run_id"):
        response["run_job_output"] = {"run_id": output["run_id"]}
    return {name: value for name, value in response.items() if value is not None}


def _output_of_all(request: Request, run: Json) -> Json:
    """Return the output of all tasks of a run, which the pages show as one text."""
    outputs = {task["task_key"]: _output(request, run, task) for task in run["tasks"]}
    errors = [f"{key}: {each['error']}" for key, each in outputs.items() if each.get("error")]
    logs = [f"── {key} ──\n{each['logs'].rstrip() or 'no output'}\n" for key, each in outputs.items()]
    response: Json = {
        "metadata": _response(request, run),
        "logs": "\n".join(logs),
        "logs_truncated": any(each["logs_truncated"] for each in outputs.values()),
    }
    return {**response, "error": "\n".join(errors)} if errors else response


@router.post("/{version}/jobs/runs/repair")
async def repair(version: str, body: Json, request: Request, store: StoreDependency) -> Json:
    """Run some tasks of a run again that has ended, as part of this run, with the job's current settings."""
    records = _records(request)
    run = records.find(int(body.get("run_id") or 0))
    job = store.table("jobs").get(str(run.get("job_id")))
    repair_id = repairs.repair(store, run, job["settings"] if job else run["settings"], body)
    request.app.state.executor.restart(run)
    return {"repair_id": repair_id}


@router.post("/{version}/jobs/runs/cancel")
async def cancel(version: str, body: Json, request: Request) -> Json:
    """Stop a run."""
    run, _ = _records(request).find_task(int(body.get("run_id") or 0))
    request.app.state.executor.cancel(run)
    return {}


@router.post("/{version}/jobs/runs/cancel-all")
async def cancel_all(version: str, body: Json, request: Request, store: StoreDependency) -> Json:
    """Stop every active run of a job."""
    request.app.state.executor.cancel_all(find_job(store, body.get("job_id"))["job_id"])
    return {}


@router.post("/{version}/jobs/runs/delete")
async def delete(version: str, body: Json, request: Request) -> Json:
    """Delete a run that has ended."""
    run = _records(request).find(int(body.get("run_id") or 0))
    if is_active(run):
        raise invalid(f"Run {run['run_id']} is active: cancel the run first.")
    _records(request).remove(run)
    return {}


def _records(request: Request) -> RunRecords:
    records: RunRecords = request.app.state.records
    return records


def _find_by_token(records: RunRecords, body: Json) -> Json | None:
    token = body.get("idempotency_token")
    return next(
        (run for run in records.runs.values() if token and run.get("idempotency_token") == token), None
    )


def _start(request: Request, store: Store, settings: Json, body: Json, **fields: Any) -> Json:
    status = read_status(request.app.state.home)
    url = status.url if status else ""
    try:
        run = new_run(store, settings, body.get("job_parameters") or {}, url)
    except UnknownReferenceError as error:
        raise invalid(str(error)) from None
    run.update(idempotency_token=body.get("idempotency_token"), **fields)
    for task in run["tasks"]:
        if "notebook_task" in task and body.get("notebook_params"):
            base = {**(task["notebook_task"].get("base_parameters") or {}), **body["notebook_params"]}
            task["notebook_task"] = {**task["notebook_task"], "base_parameters": base}
    request.app.state.executor.start(run)
    return run


def _response(request: Request, run: Json) -> Json:
    omitted = {"settings", "idempotency_token", "tasks", "ancestors", "former_tasks"}
    if request.query_params.get("include_history", "false").lower() != "true":
        omitted.add("repair_history")
    response = {name: value for name, value in run.items() if name not in omitted}
    response["tasks"] = [_task_response(request, run, task) for task in run["tasks"]]
    response["status"] = _status(run)
    response["run_page_url"] = _page_url(request, run)
    return response


def _task_response(request: Request, run: Json, task: Json) -> Json:
    response = {name: value for name, value in task.items() if name not in _INTERNAL}
    if "for_each_task" in task:
        stats = {"task_run_stats": _stats(task.get("iterations") or [])}
        response["for_each_task"] = {**task["for_each_task"], "stats": stats}
    return {**response, "status": _status(task), "run_page_url": _page_url(request, run)}


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
    """Return the state in the form of API version 2.2."""
    state = record["state"]
    if is_active(record):
        return {"state": state["life_cycle_state"]}
    result = state.get("result_state")
    kind = {"SUCCESS": "SUCCESS", "CANCELED": "SUCCESS", None: "INTERNAL_ERROR"}.get(result, "CLIENT_ERROR")
    code = {"FAILED": "RUN_EXECUTION_ERROR", None: "INTERNAL_ERROR"}.get(result, result)
    details = {"code": code, "type": kind, "message": state.get("state_message", "")}
    return {"state": "TERMINATED", "termination_details": details}


def _page_url(request: Request, run: Json) -> str:
    return f"{str(request.base_url).rstrip('/')}/ui/jobs/?job={run.get('job_id')}&run={run['run_id']}"
