"""`/runs`: a run with its tasks, their output, and the tables that they wrote."""

import re
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.workspace.pages.jobs import kind_of
from local.workspace.pages.page import Cell, Link, Page, duration, moment, state, table_link
from local.workspace.store import Json
from local.workspace.workflows.records import RunRecords, is_active
from local.workspace.workflows.tasks import log_text

router = APIRouter()

# Of a longer log the page has the end: an active run is loaded again and again
_LOG_BYTES = 200_000
_COPY = re.compile(r'"/Workspace/(?:[^"\n]{1,300}/)?(?=orgs/[^"\n]+")')


@router.get("/runs/{run_id}")
async def get_run(run_id: int, request: Request) -> HTMLResponse:
    """The page of a run."""
    records: RunRecords = request.app.state.records
    run, _ = records.find_task(run_id)
    started = run["start_time"]
    page = Page(f"Run {run['run_id']} of {run['run_name']}", place="/jobs", active=is_active(run))
    of_job = Link("its job", f"/jobs/{run['job_id']}") if run.get("job_id") else "without a job"
    shown = (state(run), moment(started), duration(started, run.get("end_time")), of_job)
    page.table(("state", "started", "took", "of"), [shown])
    if message := run["state"].get("state_message"):
        page.text(message, "bad" if state(run).text != "SUCCESS" else "dim")
    page.heading("Tasks")
    page.table(("task", "state", "says", "took", "kind", "attempts"), map(_task, run["tasks"]))
    if tables := [*_tables(run)]:
        page.heading("Tables written")
        page.table(("table", "rows", "by"), tables)
    page.heading("Output")
    for task in run["tasks"]:
        _output(page, records, run, task)
    return page.response()


def _task(task: Json) -> tuple[Cell, ...]:
    output = task.get("output") or {}
    message = output.get("error") or task["state"].get("state_message") or ""
    took = duration(task.get("start_time"), task.get("end_time"))
    kind = kind_of(task).replace("_", " ")
    says: Cell = _first_line(message)
    if not says and output.get("run_id"):
        says = Link(f"run {output['run_id']}", f"/runs/{output['run_id']}")
    return str(task["task_key"]), state(task), says, took, kind, task["attempt_number"] + 1


def _first_line(text: str) -> str:
    line = next(iter(text.splitlines()), "")
    return line if len(line) <= 200 else f"{line[:200]}…"


def _tables(run: Json) -> Iterator[tuple[Cell, ...]]:
    for task in run["tasks"]:
        for each in (*(task.get("iterations") or ()), task):
            for table in (each.get("output") or {}).get("tables") or ():
                yield table_link(table["name"]), table.get("rows", ""), str(task["task_key"])


def _output(page: Page, records: RunRecords, run: Json, task: Json) -> None:
    """Add what a task printed: unfolded if it failed; a loop has the output of each iteration."""
    iterations = task.get("iterations") or ()
    for number, each in enumerate(iterations):
        _log(page, records, run, each, f"{task['task_key']}, iteration {number + 1}")
    if not iterations:
        _log(page, records, run, task, str(task["task_key"]))


def _log(page: Page, records: RunRecords, run: Json, task: Json, name: str) -> None:
    log = records.folder(run) / f"{task['run_id']}.{task['attempt_number']}.log"
    start = max(0, log.stat().st_size - _LOG_BYTES) if log.exists() else 0
    text, _ = log_text(log, start, complete_lines=is_active(task))
    error = (task.get("output") or {}).get("error")
    if error and error not in text:
        text = f"{text}\n{error}".strip()
    # a traceback names the copy of a file in the workspace
    text = _COPY.sub('"', text)
    lines = len(text.strip().splitlines())
    count = f"{lines} line{'' if lines == 1 else 's'}" if lines else "no output"
    if start:
        text, count = f"…\n{text}", f"the last {count}"
    if lines:
        page.folded(f"{name}: {count}", text, unfolded=bool(error))
    elif "run_job_task" not in task:
        page.text(f"{name}: {count}")
