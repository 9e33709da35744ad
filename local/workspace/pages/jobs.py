"""`/jobs`: the jobs with their tasks, and the runs of each."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.workspace.flow_folder import flow_name, folder_of_job, folder_of_pipeline
from local.workspace.pages.page import Cell, Link, Page, code_link, duration, moment, state
from local.workspace.store import Json, Store, StoreDependency
from local.workspace.workflows.jobs import find_job
from local.workspace.workflows.records import RunRecords
from mesh.quartz.description import in_words

router = APIRouter()

_RUNS = 50


@router.get("/jobs")
async def get_jobs(request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of all jobs."""
    page, records = Page("Jobs", place="/jobs"), _records(request)
    jobs = [*store.table("jobs").values()]
    if not jobs:
        page.text("No job is deployed: MESH_ENV=local mesh deploy")
    rows = []
    for job in sorted(jobs, key=lambda one: str(one["settings"]["name"])):
        settings, runs = job["settings"], records.of_job(job["job_id"])
        last: tuple[Cell, ...] = (state(runs[-1]), moment(runs[-1]["start_time"])) if runs else ("", "")
        link = Link(str(settings["name"]), f"/jobs/{job['job_id']}")
        folder = _folder(settings, store)
        flow = code_link(folder, flow_name(folder))
        rows.append((link, *last, flow, len(settings.get("tasks") or ()), len(runs)))
    page.table(("job", "last run", "started", "flow", "tasks", "runs"), rows)
    return page.response()


@router.get("/jobs/{job_id}")
async def get_job(job_id: int, request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of a job."""
    job = find_job(store, job_id)
    settings = job["settings"]
    page = Page(f"Job {settings['name']}", settings.get("description") or "", place="/jobs")
    if folder := _folder(settings, store):
        page.links([Link(f"files of {flow_name(folder)}", f"/code/{quote(folder)}")])
    if schedule := settings.get("schedule"):
        page.text(f"schedule: {_schedule(schedule)}")
    page.heading("Tasks")
    pipelines = store.table("pipelines")
    page.table(
        ("task", "kind", "after", "of"), [_task(task, pipelines) for task in settings.get("tasks") or ()]
    )
    page.heading("Runs")
    runs = _records(request).of_job(job_id)[::-1]
    if not runs:
        page.text("It has not run here: mesh local run <flow>")
    page.table(("run", "state", "started", "took"), map(run_row, runs[:_RUNS]))
    if len(runs) > _RUNS:
        page.text(f"and {len(runs) - _RUNS:,} older runs")
    return page.response()


def run_row(run: Json) -> tuple[Cell, ...]:
    """Return a run as a row of a table."""
    started = run["start_time"]
    link = Link(f"run {run['run_id']}", f"/runs/{run['run_id']}")
    return link, state(run), moment(started), duration(started, run.get("end_time"))


def kind_of(task: Json) -> str:
    """Return what kind of task it is, such as `notebook`."""
    return next((name.removesuffix("_task") for name in task if name.endswith("_task")), "")


def _folder(settings: Json, store: Store) -> str:
    """The folder of a job's flow; of a job that runs a pipeline, that of the pipeline."""
    if folder := folder_of_job(settings):
        return folder
    ids = (str((task.get("pipeline_task") or {}).get("pipeline_id")) for task in settings.get("tasks") or ())
    pipelines = (store.table("pipelines").get(one) for one in ids)
    return next((folder for one in pipelines if one and (folder := folder_of_pipeline(one["spec"]))), "")


def _schedule(schedule: Json) -> str:
    """The times in words, then the zone and whether it is paused."""
    expression = str(schedule.get("quartz_cron_expression") or "no times")
    paused = "paused" if schedule.get("pause_status") == "PAUSED" else ""
    remarks = ", ".join(filter(None, (schedule.get("timezone_id"), paused)))
    return f"{in_words(expression)} ({remarks})" if remarks else in_words(expression)


def _task(task: Json, pipelines: Mapping[str, Json]) -> tuple[Cell, ...]:
    fields = task.get(f"{kind_of(task)}_task") or {}
    names = (
        *("notebook_path", "python_file", "pipeline_id", "job_id"),
        *("entry_point", "inputs", "project_directory"),
    )
    what = next((str(fields[name]) for name in names if fields.get(name) is not None), "")
    if file := fields.get("file"):
        what = str(file.get("path", ""))
    after = ", ".join(one["task_key"] for one in task.get("depends_on") or ())
    # uploaded files are below a long folder of the deployment
    _, folder, in_mesh = what.rpartition("/orgs/")
    of: Cell = folder[1:] + in_mesh
    if pipeline := pipelines.get(what):
        of = Link(str(pipeline["spec"].get("name")), f"/pipelines/{what}")
    elif "run_job_task" in task and what:
        of = Link(f"job {what}", f"/jobs/{quote(what, safe='')}")
    return str(task["task_key"]), kind_of(task).replace("_", " "), after, of


def _records(request: Request) -> RunRecords:
    records: RunRecords = request.app.state.records
    return records
