"""Pipelines: their settings, their updates and the events of the updates."""

import contextlib
import uuid
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from minilake.errors import DatabricksError

from local.workspace.errors import invalid, not_found
from local.workspace.objects import permissions
from local.workspace.store import Json, Store, StoreDependency, current_user, now_ms
from local.workspace.unity_catalog import tables
from local.workspace.workflows.pipeline_updates import ACTIVE_STATES, PipelineUpdates
from local.workspace.workflows.schedules import check_schedules

router = APIRouter(prefix="/api/2.0/pipelines")

# Fields of an update's record that the API does not return.
_INTERNAL = ("tables", "error", "error_trace", "end_time")
_MAX_EVENTS = 250


@router.post("")
async def create(body: Json, store: StoreDependency) -> Json:
    """Create a pipeline."""
    if not body.get("name"):
        raise invalid("name is required")
    name_taken = any(each["spec"].get("name") == body["name"] for each in store.table("pipelines").values())
    if name_taken and not body.get("allow_duplicate_names"):
        raise invalid(f"The pipeline name '{body['name']}' is already used by another pipeline.")
    pipeline_id = str(uuid.uuid4())
    store.table("pipelines")[pipeline_id] = {
        "pipeline_id": pipeline_id,
        "creator_user_name": current_user(),
        "last_modified": now_ms(),
        "spec": _spec(body),
        "updates": [],
    }
    return {"pipeline_id": pipeline_id}


@router.get("")
async def list_(store: StoreDependency) -> Json:
    """List the pipelines."""
    return {"statuses": [_response(each) for each in store.table("pipelines").values()]}


@router.get("/{pipeline_id}")
async def get(pipeline_id: str, store: StoreDependency) -> Json:
    """Get a pipeline."""
    pipeline = find_pipeline(store, pipeline_id)
    return {**_response(pipeline), "spec": {"id": pipeline_id, **pipeline["spec"]}}


@router.put("/{pipeline_id}")
async def update(pipeline_id: str, body: Json, store: StoreDependency) -> Json:
    """Replace the settings of a pipeline."""
    find_pipeline(store, pipeline_id).update(spec=_spec(body), last_modified=now_ms())
    return {}


@router.delete("/{pipeline_id}")
async def delete(pipeline_id: str, request: Request, store: StoreDependency) -> Json:
    """Delete a pipeline and the datasets that its updates wrote."""
    pipeline = find_pipeline(store, pipeline_id)
    await _updates(request).delete(pipeline)
    datasets = {table["name"] for update in pipeline["updates"] for table in update.get("tables") or []}
    for name in datasets:
        with contextlib.suppress(DatabricksError):
            await tables.drop(request.app.state.home, name)
    del store.table("pipelines")[pipeline_id]
    permissions.delete(store, "pipelines", pipeline_id)
    return {}


@router.post("/{pipeline_id}/updates")
async def start_update(pipeline_id: str, request: Request, store: StoreDependency) -> Json:
    """Start an update: of all or selected datasets, incrementally or as a full refresh."""
    options = await request.json() if await request.body() else {}
    pipeline = find_pipeline(store, pipeline_id)
    update = _updates(request).start(pipeline, options, options.get("cause") or "API_CALL")
    return {"update_id": update["update_id"]}


@router.get("/{pipeline_id}/updates")
async def list_updates(pipeline_id: str, store: StoreDependency) -> Json:
    """List the updates, newest first."""
    return {"updates": [_update_response(each) for each in find_pipeline(store, pipeline_id)["updates"]]}


@router.get("/{pipeline_id}/updates/{update_id}")
async def get_update(pipeline_id: str, update_id: str, store: StoreDependency) -> Json:
    """Get an update."""
    for update in find_pipeline(store, pipeline_id)["updates"]:
        if update["update_id"] == update_id:
            return {"update": _update_response(update)}
    raise not_found("Update", update_id)


@router.post("/{pipeline_id}/stop")
async def stop(pipeline_id: str, request: Request, store: StoreDependency) -> Json:
    """Stop a pipeline's active update, if there is one."""
    find_pipeline(store, pipeline_id)
    _updates(request).stop(pipeline_id)
    return {}


@router.get("/{pipeline_id}/events")
async def list_pipeline_events(pipeline_id: str, request: Request, store: StoreDependency) -> Json:
    """List the events of a pipeline, newest first."""
    events = [
        event
        for update in find_pipeline(store, pipeline_id)["updates"]
        for event in reversed(_events(_updates(request), update))
    ]
    return {"events": events[:_MAX_EVENTS]}


def _updates(request: Request) -> PipelineUpdates:
    updates: PipelineUpdates = request.app.state.updates
    return updates


def _events(updates: PipelineUpdates, update: Json) -> list[Json]:
    """Return an update's events, oldest first: start, Spark's events, rows of each dataset, end."""
    start = {"time": update["creation_time"], "message": f"Update {update['update_id']} started."}
    events = [_event(update, "create_update", start)]
    events += [_event(update, "flow_progress", each) for each in updates.events(update)]
    if update["state"] in ACTIVE_STATES:
        return events
    for table in update.get("tables") or []:
        written = {"time": update["end_time"], "message": f"{table['name']} has {table['rows']} rows."}
        details = {"flow_progress": {"metrics": {"num_output_rows": table["rows"]}}}
        events.append({**_event(update, "flow_progress", written), "details": details})
    level, reason = ("INFO", "") if update["state"] == "COMPLETED" else ("ERROR", f": {update['error']}")
    message = f"Update {update['update_id']} is {update['state']}{reason}"
    end = {"time": update["end_time"], "level": level, "message": message}
    return [*events, _event(update, "update_progress", end)]


def _event(update: Json, kind: str, event: Json) -> Json:
    details = {"details": event["details"]} if "details" in event else {}
    return {
        **details,
        "id": str(uuid.uuid5(uuid.UUID(update["update_id"]), f"{event['time']} {event['message']}")),
        "timestamp": datetime.fromtimestamp(event["time"] / 1000, UTC).isoformat(timespec="milliseconds"),
        "event_type": kind,
        "level": event.get("level", "INFO"),
        "message": event["message"],
        "origin": {"pipeline_id": update["pipeline_id"], "update_id": update["update_id"]},
    }


def _update_response(update: Json) -> Json:
    return {name: value for name, value in update.items() if name not in _INTERNAL}


def _response(pipeline: Json) -> Json:
    creator = pipeline.get("creator_user_name", current_user())
    run_as = pipeline["spec"].get("run_as") or {}
    return {
        "pipeline_id": pipeline["pipeline_id"],
        "name": pipeline["spec"].get("name"),
        "state": _state(pipeline),
        "creator_user_name": creator,
        "run_as_user_name": run_as.get("service_principal_name") or run_as.get("user_name") or creator,
        "last_modified": pipeline.get("last_modified", 0),
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
    if last in ACTIVE_STATES or (last != "FAILED" and pipeline["spec"].get("continuous")):
        # Databricks starts a continuous pipeline at once, and Terraform waits for that; here nothing runs
        # until somebody starts an update.
        return "RUNNING"
    return "FAILED" if last == "FAILED" else "IDLE"


def _spec(body: Json) -> Json:
    check_schedules(body)
    return {name: value for name, value in body.items() if name not in ("allow_duplicate_names", "id")}


def find_pipeline(store: Store, pipeline_id: str) -> Json:
    """Return a pipeline.

    Raises:
        DatabricksError: 404, it does not exist.
    """
    pipeline: Json | None = store.table("pipelines").get(pipeline_id)
    if pipeline is None:
        raise not_found("Pipeline", pipeline_id)
    return pipeline
