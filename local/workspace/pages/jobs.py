"""`/jobs`: the jobs with their tasks, and the runs of each."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.workspace.pages.page import Cell, Link, Page, duration, moment, state
from local.workspace.store import Json, StoreDependency
from local.workspace.workflows.jobs import find_job
from local.workspace.workflows.records import RunRecords

router = APIRouter()

_RUNS = 50


@router.get("/jobs")
async def get_jobs(request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of all jobs."""
    page, records = Page("Jobs"), _records(request)
    jobs = [*store.table("jobs").values()]
    if not jobs:
        page.text("No job is deployed: MESH_ENV=local mesh deploy")
    rows = []
    for job in sorted(jobs, key=lambda one: str(one["settings"]["name"])):
        settings, runs = job["settings"], records.of_job(job["job_id"])
        last: tuple[Cell, ...] = (state(runs[-1]), moment(runs[-1]["start_time"])) if runs else ("", "")
        link = Link(str(settings["name"]), f"/jobs/{job['job_id']}")
        rows.append((link, len(settings.get("tasks") or ()), len(runs), *last))
    page.table(("job", "tasks", "runs", "last run", "started"), rows)
    return page.response()


@router.get("/jobs/{job_id}")
async def get_job(job_id: int, request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of a job."""
    job = find_job(store, job_id)
    settings = job["settings"]
    page = Page(f"Job {settings['name']}", settings.get("description") or "")
    if schedule := settings.get("schedule"):
        paused = ", paused" if schedule.get("pause_status") == "PAUSED" else ""
        expression, zone = schedule.get("quartz_cron_expression"), schedule.get("timezone_id")
        page.text(f"schedule: {expression} ({zone}{paused})")
    page.heading("Tasks")
    page.table(("task", "kind", "after", "of"), map(_task, settings.get("tasks") or ()))
    page.heading("Runs")
    runs = _records(request).of_job(job_id)[::-1]
    if not runs:
        page.text("It never ran here: mesh local run <flow>")
    page.table(("run", "state", "started", "took"), map(run_row, runs[:_RUNS]))
    return page.response()


def run_row(run: Json) -> tuple[Cell, ...]:
    """Return a run as a row of a table."""
    started = run["start_time"]
    link = Link(f"run {run['run_id']}", f"/runs/{run['run_id']}")
    return link, state(run), moment(started), duration(started, run.get("end_time"))


def kind_of(task: Json) -> str:
    """Return what kind of task it is, such as `notebook`."""
    return next((name.removesuffix("_task") for name in task if name.endswith("_task")), "")


def _task(task: Json) -> tuple[Cell, ...]:
    fields = task.get(f"{kind_of(task)}_task") or {}
    names = (
        *("notebook_path", "python_file", "pipeline_id", "job_id"),
        *("entry_point", "inputs", "project_directory"),
    )
    what = next((str(fields[name]) for name in names if name in fields), "")
    if "file" in fields:
        what = str(fields["file"].get("path", ""))
    after = ", ".join(one["task_key"] for one in task.get("depends_on") or ())
    # uploaded files are below a long folder of the deployment
    _, folder, in_mesh = what.rpartition("/orgs/")
    return str(task["task_key"]), kind_of(task).replace("_", " "), after, folder[1:] + in_mesh


def _records(request: Request) -> RunRecords:
    records: RunRecords = request.app.state.records
    return records
