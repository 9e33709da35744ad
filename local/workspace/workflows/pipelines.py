"""Pipelines: kept and told as they were asked for; updates of them, and what those tell."""

import contextlib
import uuid
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from minilake.errors import DatabricksError

from local.workspace.errors import invalid, missing
from local.workspace.objects import permissions
from local.workspace.store import Json, Store, StoreOf, user
from local.workspace.unity_catalog import tables
from local.workspace.workflows.pipeline_updates import ACTIVE, Updates

router = APIRouter(prefix="/api/2.0/pipelines")

# What of an update is told otherwise, or only to the job that runs it.
_INTERNAL = ("tables", "error", "error_trace", "end_time")
_MOST_EVENTS = 250


@router.post("")
async def create_pipeline(body: Json, store: StoreOf) -> Json:
    """Create a pipeline."""
    if not body.get("name"):
        raise invalid("name is required")
    taken = any(each["spec"].get("name") == body["name"] for each in store.table("pipelines").values())
    if taken and not body.get("allow_duplicate_names"):
        raise invalid(f"The pipeline name '{body['name']}' is already used by another pipeline.")
    pipeline_id = str(uuid.uuid4())
    store.table("pipelines")[pipeline_id] = {
        "pipeline_id": pipeline_id,
        "creator_user_name": user(),
        "spec": _spec(body),
        "updates": [],
    }
    return {"pipeline_id": pipeline_id}


@router.get("")
async def list_pipelines(store: StoreOf) -> Json:
    """List the pipelines."""
    return {"statuses": [_told(each) for each in store.table("pipelines").values()]}


@router.get("/{pipeline_id}")
async def get_pipeline(pipeline_id: str, store: StoreOf) -> Json:
    """Get a pipeline."""
    pipeline = find_pipeline(store, pipeline_id)
    return {**_told(pipeline), "spec": {"id": pipeline_id, **pipeline["spec"]}}


@router.put("/{pipeline_id}")
async def edit_pipeline(pipeline_id: str, body: Json, store: StoreOf) -> Json:
    """Replace what was asked for."""
    find_pipeline(store, pipeline_id)["spec"] = _spec(body)
    return {}


@router.delete("/{pipeline_id}")
async def delete_pipeline(pipeline_id: str, request: Request, store: StoreOf) -> Json:
    """Delete a pipeline, and the datasets that it made."""
    pipeline = find_pipeline(store, pipeline_id)
    await _updates(request).forget(pipeline)
    made = {table["name"] for update in pipeline["updates"] for table in update.get("tables") or []}
    for name in made:
        with contextlib.suppress(DatabricksError):
            await tables.drop(request.app.state.home, name)
    del store.table("pipelines")[pipeline_id]
    permissions.forget(store, "pipelines", pipeline_id)
    return {}


@router.post("/{pipeline_id}/updates")
async def start_update(pipeline_id: str, request: Request, store: StoreOf) -> Json:
    """Begin an update; of chosen datasets, or from scratch, if asked so."""
    asked = await request.json() if await request.body() else {}
    pipeline = find_pipeline(store, pipeline_id)
    update = _updates(request).start(pipeline, asked, asked.get("cause") or "API_CALL")
    return {"update_id": update["update_id"]}


@router.get("/{pipeline_id}/updates")
async def list_updates(pipeline_id: str, store: StoreOf) -> Json:
    """List the updates, the newest first."""
    return {"updates": [_told_update(each) for each in find_pipeline(store, pipeline_id)["updates"]]}


@router.get("/{pipeline_id}/updates/{update_id}")
async def get_update(pipeline_id: str, update_id: str, store: StoreOf) -> Json:
    """Get an update."""
    for update in find_pipeline(store, pipeline_id)["updates"]:
        if update["update_id"] == update_id:
            return {"update": _told_update(update)}
    raise missing("Update", update_id)


@router.post("/{pipeline_id}/stop")
async def stop_pipeline(pipeline_id: str, request: Request, store: StoreOf) -> Json:
    """Stop a pipeline's active update, if there is one."""
    find_pipeline(store, pipeline_id)
    _updates(request).stop(pipeline_id)
    return {}


@router.get("/{pipeline_id}/events")
async def list_events(pipeline_id: str, request: Request, store: StoreOf) -> Json:
    """List what happened to a pipeline, the newest first."""
    events = [
        event
        for update in find_pipeline(store, pipeline_id)["updates"]
        for event in reversed(_events(_updates(request), update))
    ]
    return {"events": events[:_MOST_EVENTS]}


def _updates(request: Request) -> Updates:
    updates: Updates = request.app.state.updates
    return updates


def _events(updates: Updates, update: Json) -> list[Json]:
    """Return an update's events, oldest first: what Spark told, then how each dataset and the whole ended."""
    begun = {"time": update["creation_time"], "message": f"Update {update['update_id']} started."}
    told = [_event(update, "create_update", begun)]
    told += [_event(update, "flow_progress", each) for each in updates.events(update)]
    if update["state"] in ACTIVE:
        return told
    for table in update.get("tables") or []:
        made = {"time": update["end_time"], "message": f"{table['name']} has {table['rows']} rows."}
        details = {"flow_progress": {"metrics": {"num_output_rows": table["rows"]}}}
        told.append({**_event(update, "flow_progress", made), "details": details})
    level, why = ("INFO", "") if update["state"] == "COMPLETED" else ("ERROR", f": {update['error']}")
    message = f"Update {update['update_id']} is {update['state']}{why}"
    end = {"time": update["end_time"], "level": level, "message": message}
    return [*told, _event(update, "update_progress", end)]


def _event(update: Json, kind: str, told: Json) -> Json:
    return {
        "id": str(uuid.uuid5(uuid.UUID(update["update_id"]), f"{told['time']} {told['message']}")),
        "timestamp": datetime.fromtimestamp(told["time"] / 1000, UTC).isoformat(timespec="milliseconds"),
        "event_type": kind,
        "level": told.get("level", "INFO"),
        "message": told["message"],
        "origin": {"pipeline_id": update["pipeline_id"], "update_id": update["update_id"]},
    }


def _told_update(update: Json) -> Json:
    return {name: value for name, value in update.items() if name not in _INTERNAL}


def _told(pipeline: Json) -> Json:
    creator = pipeline.get("creator_user_name", user())
    return {
        "pipeline_id": pipeline["pipeline_id"],
        "name": pipeline["spec"].get("name"),
        "state": _state(pipeline),
        "creator_user_name": creator,
        "run_as_user_name": creator,
        "latest_updates": [
            {
                "update_id": each["update_id"],
                "state": each["state"],
                "creation_time": datetime.fromtimestamp(each["creation_time"] / 1000, UTC).isoformat(),
            }
            for each in pipeline["updates"][:5]
        ],
    }


def _state(pipeline: Json) -> str:
    last = pipeline["updates"][0]["state"] if pipeline["updates"] else None
    return "RUNNING" if last in ACTIVE else "FAILED" if last == "FAILED" else "IDLE"


def _spec(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in ("allow_duplicate_names", "id")}


def find_pipeline(store: Store, pipeline_id: str) -> Json:
    """Return a pipeline.

    Raises:
        DatabricksError: 404, there is none.
    """
    pipeline: Json | None = store.table("pipelines").get(pipeline_id)
    if pipeline is None:
        raise missing("Pipeline", pipeline_id)
    return pipeline
