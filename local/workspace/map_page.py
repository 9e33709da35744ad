"""`/map`: the map of the mesh in the workspace's folder, with what this workspace knows of it."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.home import Home
from local.workspace.flow_folder import folder_of_job
from local.workspace.pages.page import PLACES, Page
from local.workspace.store import Json, Store
from local.workspace.unity_catalog import securable
from local.workspace.workflows.pipeline_updates import PipelineUpdates
from local.workspace.workflows.records import RunRecords, is_active

router = APIRouter()

NOTE = "With the runs and tables of the local workspace. It has no billing: costs are not known."
NEVER = "never ran"

# A process of its own: the workspace imports nothing that reads the mesh.
COMMAND = (sys.executable, "-P", "-c", "from mesh.cli.main import main; main()", "map", "--env", "local")


@router.get("/map")
async def get_map(request: Request) -> HTMLResponse:
    """The page of the mesh as its folders are now."""
    state = request.app.state
    home: Home = state.home
    live = {
        "runs": {**_runs(state.records, state.store), **_updates(state.store, state.updates)},
        "tables": _tables(securable.registry("tables").values()),
        "pages": {text: address for address, text in PLACES if address != "/map"},
        "folder_page": "/code/{path}",
        "table_page": "/tables/{catalog}.{schema}.{table}",
        "note": NOTE,
    }
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("--root", str(home.root), "--html", "-", "--live", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    page, errors = await process.communicate(json.dumps(live).encode())
    if process.returncode:
        told = Page("The mesh cannot be read", place="/map")
        told.folded("what is wrong", errors.decode(errors="replace"), unfolded=True)
        return told.response(409)
    return HTMLResponse(page)


def _runs(records: RunRecords, store: Store) -> Json:
    """The last run of each job, by the job's name; by its flow's folder and name if others have the name."""
    names = Counter(str(job["settings"].get("name", "")) for job in store.table("jobs").values())
    found: Json = {name: {"text": NEVER} for name, jobs in names.items() if jobs == 1}
    fresh: dict[str, str] = {}
    for run in records.runs.values():
        name = str(run["settings"].get("name", ""))
        if names[name] > 1:
            name = f"{folder_of_job(run['settings'])}/{name}"
        state = run["state"]
        text = "running" if is_active(run) else str(state.get("result_state") or state["life_cycle_state"])
        if text == "SUCCESS":
            fresh[name] = _time(run.get("end_time") or run["start_time"])
        link = f"/runs/{run['run_id']}"
        found[name] = {
            "text": f"{text.lower()}, {_time(run['start_time'])}",
            "link": link,
            "remarks": list(_verified(run)),
            "fresh": fresh.get(name),
        }
    return found


def _verified(run: Json) -> Iterator[str]:
    """What became of the tasks that verify contracts and quality (`mesh/deployment/verification.py`)."""
    for task in run["tasks"]:
        if task["task_key"].startswith("verify_") and (result := task["state"].get("result_state")):
            yield f"{task['task_key']}: {str(result).lower()}"


def _updates(store: Store, updates: PipelineUpdates) -> Json:
    """The last update of each pipeline, with the rows that fail its expectations."""
    found: Json = {}
    for pipeline in store.table("pipelines").values():
        name = str(pipeline["spec"].get("name", ""))
        if not pipeline["updates"]:
            found[name] = {"text": NEVER}
            continue
        last = pipeline["updates"][0]
        good = next((one for one in pipeline["updates"] if one["state"] == "COMPLETED"), None)
        found[name] = {
            "text": f"{last['state'].lower()}, {_time(last['creation_time'])}",
            "link": f"/pipelines/{pipeline['pipeline_id']}",
            "remarks": [one["message"] for one in updates.events(last) if one["level"] != "INFO"],
            "fresh": _time(good["creation_time"]) if good else None,
        }
    return found


def _tables(tables: Iterable[Json]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in tables:
        found.setdefault(f"{table['catalog_name']}.{table['schema_name']}", []).append(table["name"])
    return {schema: sorted(names) for schema, names in found.items()}


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
