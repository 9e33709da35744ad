"""`/pipelines`: the pipelines, their updates, and the rows that expectations kept and dropped."""

from collections.abc import Iterator
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.workspace.flow_folder import flow_name, folder_of_pipeline
from local.workspace.pages.page import Cell, Link, Page, State, code_link, duration, moment, table_link
from local.workspace.store import Json, StoreDependency
from local.workspace.workflows.pipeline_updates import ACTIVE_STATES, PipelineUpdates
from local.workspace.workflows.pipelines import find_pipeline

router = APIRouter()

# What Databricks does with rows that fail an expectation
_ACTIONS = {"allow": "kept", "drop": "dropped", "fail": "the update fails"}


@router.get("/pipelines")
async def get_pipelines(store: StoreDependency) -> HTMLResponse:
    """The page of all pipelines."""
    page = Page("Pipelines", place="/pipelines")
    pipelines = [*store.table("pipelines").values()]
    if not pipelines:
        page.text("No pipeline is deployed: MESH_ENV=local mesh deploy")
    rows = []
    for one in sorted(pipelines, key=lambda each: str(each["spec"].get("name"))):
        updates = one["updates"]
        last: tuple[Cell, ...] = ("", "")
        if updates:
            last = (State(updates[0]["state"]), moment(updates[0]["creation_time"]))
        link = Link(str(one["spec"].get("name")), f"/pipelines/{one['pipeline_id']}")
        folder = folder_of_pipeline(one["spec"])
        rows.append((link, *last, code_link(folder, flow_name(folder)), len(updates)))
    page.table(("pipeline", "last update", "started", "flow", "updates"), rows)
    return page.response()


@router.get("/pipelines/{pipeline_id}")
async def get_pipeline(pipeline_id: str, request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of a pipeline: each update with its datasets and expectations, newest first."""
    pipeline = find_pipeline(store, pipeline_id)
    updates: PipelineUpdates = request.app.state.updates
    active = any(one["state"] in ACTIVE_STATES for one in pipeline["updates"])
    page = Page(f"Pipeline {pipeline['spec'].get('name')}", place="/pipelines", active=active)
    if folder := folder_of_pipeline(pipeline["spec"]):
        page.links([Link(f"files of {flow_name(folder)}", f"/code/{quote(folder)}")])
    if not pipeline["updates"]:
        page.text("It has not been updated here: mesh local run <flow>")
    for update in pipeline["updates"]:
        _update(page, update, updates.events(update))
    return page.response()


def _update(page: Page, update: Json, events: list[Json]) -> None:
    page.heading(f"Update of {moment(update['creation_time'])}")
    cause = str(update.get("cause", "")).lower().replace("_", " ")
    refresh = "full" if update["full_refresh"] or update["full_refresh_selection"] else "incremental"
    took = duration(update["creation_time"], update.get("end_time"))
    page.table(("state", "took", "cause", "refresh"), [(State(update["state"]), took, cause, refresh)])
    if error := update.get("error"):
        page.text(error, "bad")
    tables = update.get("tables") or ()
    if tables:
        written = ((table_link(one["name"]), str(one.get("kind", "")), one["rows"]) for one in tables)
        page.table(("dataset", "kind", "rows"), written)
    if expectations := [*_expectations(tables)]:
        page.table(("expectation", "of", "rows that pass", "rows that fail", "these are"), expectations)
    lines = [f"{moment(one['time'])}  {one['level']:<5} {one['message']}" for one in events]
    if trace := update.get("error_trace"):
        lines.append(trace)
    if lines:
        page.folded(f"events: {len(events)}", "\n".join(lines), unfolded=bool(error))


def _expectations(tables: list[Json]) -> Iterator[tuple[Cell, ...]]:
    for table in tables:
        for one in table.get("expectations") or ():
            action = _ACTIONS.get(one["action"], one["action"])
            passed, failed = one["passed_records"], one["failed_records"]
            yield one["name"], one["dataset"], passed, failed, action if failed else ""
