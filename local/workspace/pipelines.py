"""Pipelines: kept and told as they were asked for. An update of one fails and says why."""

import uuid

from fastapi import APIRouter

from local.workspace import permissions
from local.workspace.errors import invalid, missing
from local.workspace.store import Json, Store, StoreOf, now, user

router = APIRouter(prefix="/api/2.0/pipelines")

_NOT_YET = "the local workspace does not run pipelines yet"


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
    pipeline = _find(store, pipeline_id)
    return {**_told(pipeline), "spec": {"id": pipeline_id, **pipeline["spec"]}}


@router.put("/{pipeline_id}")
async def edit_pipeline(pipeline_id: str, body: Json, store: StoreOf) -> Json:
    """Replace what was asked for."""
    _find(store, pipeline_id)["spec"] = _spec(body)
    return {}


@router.delete("/{pipeline_id}")
async def delete_pipeline(pipeline_id: str, store: StoreOf) -> Json:
    """Delete a pipeline."""
    _find(store, pipeline_id)
    del store.table("pipelines")[pipeline_id]
    permissions.forget(store, "pipelines", pipeline_id)
    return {}


@router.post("/{pipeline_id}/updates")
async def start_update(pipeline_id: str, store: StoreOf) -> Json:
    """Begin an update, which fails at once: pipelines do not run here yet."""
    update = {
        "pipeline_id": pipeline_id,
        "update_id": str(uuid.uuid4()),
        "state": "FAILED",
        "creation_time": now(),
    }
    _find(store, pipeline_id)["updates"].insert(0, update)
    return {"update_id": update["update_id"]}


@router.get("/{pipeline_id}/updates/{update_id}")
async def get_update(pipeline_id: str, update_id: str, store: StoreOf) -> Json:
    """Get an update."""
    for update in _find(store, pipeline_id)["updates"]:
        if update["update_id"] == update_id:
            return {"update": update}
    raise missing("Update", update_id)


@router.post("/{pipeline_id}/stop")
async def stop_pipeline(pipeline_id: str, store: StoreOf) -> Json:
    """Stop a pipeline: nothing is running."""
    _find(store, pipeline_id)
    return {}


@router.get("/{pipeline_id}/events")
async def list_events(pipeline_id: str, store: StoreOf) -> Json:
    """List what happened to a pipeline: each update, and why it failed."""
    return {
        "events": [
            {
                "id": update["update_id"],
                "event_type": "update_progress",
                "level": "ERROR",
                "message": f"Update {update['update_id']} is FAILED: {_NOT_YET}.",
                "origin": {"pipeline_id": pipeline_id, "update_id": update["update_id"]},
            }
            for update in _find(store, pipeline_id)["updates"]
        ]
    }


def _told(pipeline: Json) -> Json:
    creator = pipeline.get("creator_user_name", user())
    return {
        "pipeline_id": pipeline["pipeline_id"],
        "name": pipeline["spec"].get("name"),
        "state": "FAILED" if pipeline["updates"] else "IDLE",
        "creator_user_name": creator,
        "run_as_user_name": creator,
        "latest_updates": pipeline["updates"][:5],
    }


def _spec(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in ("allow_duplicate_names", "id")}


def _find(store: Store, pipeline_id: str) -> Json:
    pipeline: Json | None = store.table("pipelines").get(pipeline_id)
    if pipeline is None:
        raise missing("Pipeline", pipeline_id)
    return pipeline
