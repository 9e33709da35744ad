"""`/map`: the map of the mesh in the workspace's folder, with last runs and tables."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.home import Home
from local.workspace.store import Json, Store
from local.workspace.unity_catalog import securable
from local.workspace.workflows.pipeline_updates import PipelineUpdates
from local.workspace.workflows.records import RunRecords, is_active
from mesh.commands.map.live import LastRun, Live
from mesh.errors import MeshError, UsageError

router = APIRouter()


@router.get("/map")
async def get_map(request: Request) -> HTMLResponse:
    """The page of the mesh as its folders are now."""
    state = request.app.state
    live = Live(
        {**_runs(state.records), **_updates(state.store, state.updates)},
        _tables(securable.registry("tables").values()),
    )
    home: Home = state.home
    try:
        # in a thread: reading a large mesh takes a second
        return HTMLResponse(await asyncio.to_thread(_page, home.root, live))
    except (MeshError, UsageError) as error:
        return HTMLResponse(_escaped(f"the mesh cannot be read: {error}"), 409)


def _page(root: Path, live: Live) -> str:
    from mesh.commands.map.command import MANY
    from mesh.commands.map.content import mesh_map
    from mesh.commands.map.link import Links
    from mesh.commands.map.page import page
    from mesh.load import load

    mesh = load(root)
    deployed = mesh.in_environment("local", looking=True)
    content = mesh_map(mesh, deployed, Links(deployed.git, None), live=live)
    return page(content, folded=content.flow_count > MANY)


def _runs(records: RunRecords) -> dict[str, LastRun]:
    """The last run of each job, by the job's name."""
    found: dict[str, LastRun] = {}
    fresh: dict[str, str] = {}
    for run in records.runs.values():
        name = str(run["settings"].get("name", ""))
        state = run["state"]
        text = "running" if is_active(run) else str(state.get("result_state") or state["life_cycle_state"])
        if text == "SUCCESS":
            fresh[name] = _time(run.get("end_time") or run["start_time"])
        link = f"/ui/jobs/?job={run.get('job_id')}&run={run['run_id']}"
        found[name] = LastRun(f"{text.lower()}, {_time(run['start_time'])}", link, (), fresh.get(name))
    return found


def _updates(store: Store, updates: PipelineUpdates) -> dict[str, LastRun]:
    """The last update of each pipeline, with the rows that fail its expectations."""
    found: dict[str, LastRun] = {}
    for pipeline in store.table("pipelines").values():
        if not pipeline["updates"]:
            continue
        last = pipeline["updates"][0]
        remarks = tuple(one["message"] for one in updates.events(last) if one["level"] != "INFO")
        good = next((one for one in pipeline["updates"] if one["state"] == "COMPLETED"), None)
        found[str(pipeline["spec"].get("name", ""))] = LastRun(
            f"{last['state'].lower()}, {_time(last['creation_time'])}",
            "",
            remarks,
            _time(good["creation_time"]) if good else None,
        )
    return found


def _tables(tables: Iterable[Json]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table in tables:
        found.setdefault(f"{table['catalog_name']}.{table['schema_name']}", []).append(table["name"])
    return {schema: tuple(sorted(names)) for schema, names in found.items()}


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _escaped(text: str) -> str:
    return f"<pre>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
