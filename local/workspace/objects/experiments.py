"""MLflow experiments: their names and tags, not what was tracked in them."""

from typing import Any

from fastapi import APIRouter, Request
from minilake.errors import DatabricksError

from local.workspace.errors import exists, invalid, missing
from local.workspace.objects import permissions
from local.workspace.objects.objects import on_disk, workspace_path
from local.workspace.store import Json, Store, StoreOf, now, user

router = APIRouter(prefix="/api/2.0/mlflow/experiments")


@router.post("/create")
async def create_experiment(body: Json, request: Request, store: StoreOf) -> Json:
    """Create an experiment; its name is a path, whose folder must be there."""
    name = _free_name(store, body.get("name"))
    parent = name.rpartition("/")[0] or "/"
    if not on_disk(request.app.state.home, parent).is_dir():
        raise DatabricksError("RESOURCE_DOES_NOT_EXIST", f"Parent directory {parent} does not exist.", 404)
    moment, experiment_id = now(), str(store.next_id("experiment"))
    store.table("experiments")[experiment_id] = {
        "experiment_id": experiment_id,
        "artifact_location": f"dbfs:/databricks/mlflow-tracking/{experiment_id}",
        **body,
        "name": name,
        "tags": list(body.get("tags") or []),
        "lifecycle_stage": "active",
        "creation_time": moment,
        "last_update_time": moment,
        "creator_user_name": user(),
    }
    return {"experiment_id": experiment_id}


@router.get("/get")
async def get_experiment(experiment_id: str, store: StoreOf) -> Json:
    """Get an experiment, a deleted one, too."""
    return {"experiment": _find(store, experiment_id)}


@router.get("/get-by-name")
async def get_by_name(experiment_name: str, store: StoreOf) -> Json:
    """Get the experiment of a name."""
    found = _named(store, workspace_path(experiment_name))
    if found is None:
        raise missing("Experiment", experiment_name)
    return {"experiment": found}


@router.get("/list")
async def list_experiments(store: StoreOf, view_type: str = "ACTIVE_ONLY") -> Json:
    """List the experiments: ACTIVE_ONLY, DELETED_ONLY or ALL."""
    return {"experiments": _seen(store, view_type)}


@router.post("/search")
async def search_experiments(body: Json, store: StoreOf) -> Json:
    """List the experiments; a filter is not understood."""
    if body.get("filter"):
        raise invalid("the local workspace knows no filter for experiments")
    return {"experiments": _seen(store, body.get("view_type") or "ACTIVE_ONLY")}


@router.post("/update")
async def update_experiment(body: Json, store: StoreOf) -> Json:
    """Rename an experiment, or describe it otherwise."""
    experiment = _active(store, body)
    if body.get("new_name") and workspace_path(body["new_name"]) != experiment["name"]:
        experiment["name"] = _free_name(store, body["new_name"])
    if "description" in body:
        experiment["description"] = body["description"]
    experiment["last_update_time"] = now()
    return {}


@router.post("/delete")
async def delete_experiment(body: Json, store: StoreOf) -> Json:
    """Delete an experiment; it can be restored."""
    experiment = _active(store, body)
    experiment.update(lifecycle_stage="deleted", last_update_time=now())
    permissions.forget(store, "experiments", experiment["experiment_id"])
    return {}


@router.post("/restore")
async def restore_experiment(body: Json, store: StoreOf) -> Json:
    """Take a deletion back."""
    experiment = _find(store, body.get("experiment_id"))
    if experiment["lifecycle_stage"] != "deleted":
        raise invalid(f"Experiment '{experiment['experiment_id']}' is not deleted")
    _free_name(store, experiment["name"])
    experiment.update(lifecycle_stage="active", last_update_time=now())
    return {}


@router.post("/set-experiment-tag")
async def set_tag(body: Json, store: StoreOf) -> Json:
    """Set a tag of an experiment."""
    experiment = _active(store, body)
    kept = [each for each in experiment["tags"] if each.get("key") != body.get("key")]
    experiment["tags"] = [*kept, {"key": body.get("key"), "value": body.get("value")}]
    return {}


@router.post("/delete-experiment-tag")
async def delete_tag(body: Json, store: StoreOf) -> Json:
    """Remove a tag of an experiment."""
    experiment = _active(store, body)
    experiment["tags"] = [each for each in experiment["tags"] if each.get("key") != body.get("key")]
    return {}


def _seen(store: Store, view_type: str) -> list[Json]:
    stages = {"ACTIVE_ONLY": ("active",), "DELETED_ONLY": ("deleted",), "ALL": ("active", "deleted")}
    if view_type not in stages:
        raise invalid(f"view_type '{view_type}' is not one of {', '.join(stages)}")
    return [
        each for each in store.table("experiments").values() if each["lifecycle_stage"] in stages[view_type]
    ]


def _find(store: Store, experiment_id: Any) -> Json:
    experiment: Json | None = store.table("experiments").get(str(experiment_id))
    if experiment is None:
        raise missing("Experiment", experiment_id)
    return experiment


def _active(store: Store, body: Json) -> Json:
    experiment = _find(store, body.get("experiment_id"))
    if experiment["lifecycle_stage"] != "active":
        raise missing("Experiment", experiment["experiment_id"])
    return experiment


def _named(store: Store, name: str) -> Json | None:
    return next((each for each in _seen(store, "ACTIVE_ONLY") if each["name"] == name), None)


def _free_name(store: Store, name: Any) -> str:
    """Return a name as it is kept, which no other experiment has.

    Raises:
        DatabricksError: it is no path, or an experiment has it.
    """
    if not str(name or "").startswith("/"):
        raise invalid(
            f"Got an invalid experiment name '{name}'. An experiment name must be an absolute path within"
            " the Databricks workspace, e.g. '/Users/<some-username>/my-experiment'."
        )
    path = workspace_path(name)
    if _named(store, path):
        raise exists("Experiment", path)
    return path
