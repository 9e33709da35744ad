"""MLflow experiments. Stores names and tags; there are no MLflow runs."""

from typing import Any

from fastapi import APIRouter, Request
from minilake.errors import DatabricksError

from local.workspace.errors import already_exists, invalid, not_found
from local.workspace.objects import permissions
from local.workspace.objects.workspace_objects import disk_path, normalize_path
from local.workspace.store import Json, Store, StoreDependency, current_user, now_ms

router = APIRouter(prefix="/api/2.0/mlflow/experiments")


@router.post("/create")
async def create(body: Json, request: Request, store: StoreDependency) -> Json:
    """Create an experiment. Its name is a path whose folder must exist."""
    name = _free_name(store, body.get("name"))
    parent = name.rpartition("/")[0] or "/"
    if not disk_path(request.app.state.home, parent).is_dir():
        raise DatabricksError("RESOURCE_DOES_NOT_EXIST", f"Parent directory {parent} does not exist.", 404)
    moment, experiment_id = now_ms(), str(store.next_id("experiment"))
    store.table("experiments")[experiment_id] = {
        "experiment_id": experiment_id,
        "artifact_location": f"dbfs:/databricks/mlflow-tracking/{experiment_id}",
        **body,
        "name": name,
        "tags": list(body.get("tags") or []),
        "lifecycle_stage": "active",
        "creation_time": moment,
        "last_update_time": moment,
        "creator_user_name": current_user(),
    }
    return {"experiment_id": experiment_id}


@router.get("/get")
async def get(experiment_id: str, store: StoreDependency) -> Json:
    """Get an experiment, also a deleted one."""
    return {"experiment": _find(store, experiment_id)}


@router.get("/get-by-name")
async def get_by_name(experiment_name: str, store: StoreDependency) -> Json:
    """Get an experiment by its name."""
    experiment = _find_by_name(store, normalize_path(experiment_name))
    if experiment is None:
        raise not_found("Experiment", experiment_name)
    return {"experiment": experiment}


@router.get("/list")
async def list_(store: StoreDependency, view_type: str = "ACTIVE_ONLY") -> Json:
    """List the experiments: ACTIVE_ONLY, DELETED_ONLY or ALL."""
    return {"experiments": _in_view(store, view_type)}


@router.post("/search")
async def search(body: Json, store: StoreDependency) -> Json:
    """List the experiments; filters are not supported."""
    if body.get("filter"):
        raise invalid("the local workspace does not support filters for experiments")
    return {"experiments": _in_view(store, body.get("view_type") or "ACTIVE_ONLY")}


@router.post("/update")
async def update(body: Json, store: StoreDependency) -> Json:
    """Change the name or the description of an experiment."""
    experiment = _find_active(store, body)
    if body.get("new_name") and normalize_path(body["new_name"]) != experiment["name"]:
        experiment["name"] = _free_name(store, body["new_name"])
    if "description" in body:
        experiment["description"] = body["description"]
    experiment["last_update_time"] = now_ms()
    return {}


@router.post("/delete")
async def delete(body: Json, store: StoreDependency) -> Json:
    """Delete an experiment. It can be restored."""
    experiment = _find_active(store, body)
    experiment.update(lifecycle_stage="deleted", last_update_time=now_ms())
    permissions.delete(store, "experiments", experiment["experiment_id"])
    return {}


@router.post("/restore")
async def restore(body: Json, store: StoreDependency) -> Json:
    """Restore a deleted experiment."""
    experiment = _find(store, body.get("experiment_id"))
    if experiment["lifecycle_stage"] != "deleted":
        raise invalid(f"Experiment '{experiment['experiment_id']}' is not deleted")
    _free_name(store, experiment["name"])
    experiment.update(lifecycle_stage="active", last_update_time=now_ms())
    return {}


@router.post("/set-experiment-tag")
async def set_experiment_tag(body: Json, store: StoreDependency) -> Json:
    """Set a tag of an experiment."""
    experiment = _find_active(store, body)
    others = [each for each in experiment["tags"] if each.get("key") != body.get("key")]
    experiment["tags"] = [*others, {"key": body.get("key"), "value": body.get("value")}]
    return {}


@router.post("/delete-experiment-tag")
async def delete_experiment_tag(body: Json, store: StoreDependency) -> Json:
    """Remove a tag of an experiment."""
    experiment = _find_active(store, body)
    experiment["tags"] = [each for each in experiment["tags"] if each.get("key") != body.get("key")]
    return {}


def _in_view(store: Store, view_type: str) -> list[Json]:
    stages = {"ACTIVE_ONLY": ("active",), "DELETED_ONLY": ("deleted",), "ALL": ("active", "deleted")}
    if view_type not in stages:
        raise invalid(f"view_type '{view_type}' is not one of {', '.join(stages)}")
    return [
        each for each in store.table("experiments").values() if each["lifecycle_stage"] in stages[view_type]
    ]


def _find(store: Store, experiment_id: Any) -> Json:
    experiment: Json | None = store.table("experiments").get(str(experiment_id))
    if experiment is None:
        raise not_found("Experiment", experiment_id)
    return experiment


def _find_active(store: Store, body: Json) -> Json:
    experiment = _find(store, body.get("experiment_id"))
    if experiment["lifecycle_stage"] != "active":
        raise not_found("Experiment", experiment["experiment_id"])
    return experiment


def _find_by_name(store: Store, name: str) -> Json | None:
    return next((each for each in _in_view(store, "ACTIVE_ONLY") if each["name"] == name), None)


def _free_name(store: Store, name: Any) -> str:
    """Return the normalized name of a new experiment.

    Raises:
        DatabricksError: 400, the name is no path; 409, an experiment has this name.
    """
    if not str(name or "").startswith("/"):
        raise invalid(
            f"Got an invalid experiment name '{name}'. An experiment name must be an absolute path within"
            " the Databricks workspace, e.g. '/Users/<some-username>/my-experiment'."
        )
    path = normalize_path(name)
    if _find_by_name(store, path):
        raise already_exists("Experiment", path)
    return path
