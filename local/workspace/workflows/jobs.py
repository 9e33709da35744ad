"""Jobs. Stores and returns their settings unchanged, including unknown fields."""

from graphlib import CycleError, TopologicalSorter
from typing import Any

from fastapi import APIRouter, Request

from local.workspace.authentication import is_from_page
from local.workspace.errors import invalid, not_found
from local.workspace.objects import permissions
from local.workspace.store import Json, Store, StoreDependency, current_user, now_ms
from local.workspace.workflows.schedules import check_schedules

router = APIRouter(prefix="/api")

# Lists that `update` merges by key instead of replacing them.
_MERGE_KEYS = {"tasks": "task_key", "job_clusters": "job_cluster_key"}
# Reference in a task → list of the job that declares it.
_REFERENCE_KEYS = {"job_cluster_key": "job_clusters", "environment_key": "environments"}
_RUN_AS = ("user_name", "service_principal_name")
# Settings that start a job automatically.
_TRIGGERS = ("schedule", "trigger", "continuous")
_PAUSE_STATUS = ("PAUSED", "UNPAUSED")


@router.post("/{version}/jobs/create")
async def create(version: str, body: Json, store: StoreDependency) -> Json:
    """Create a job. Its name need not be unique."""
    access_control_list = body.pop("access_control_list", None)
    _check_settings(body)
    job_id = store.next_id("job")
    store.table("jobs")[str(job_id)] = {
        "job_id": job_id,
        "creator_user_name": current_user(),
        "created_time": now_ms(),
        "settings": {"name": "Untitled", "format": "MULTI_TASK", **body},
    }
    if access_control_list:
        await permissions.set_("jobs", str(job_id), {"access_control_list": access_control_list}, store)
    return {"job_id": job_id}


@router.get("/{version}/jobs/get")
async def get(version: str, job_id: int, store: StoreDependency) -> Json:
    """Get a job."""
    return _response(find_job(store, job_id))


@router.get("/{version}/jobs/list")
async def list_(version: str, request: Request, store: StoreDependency) -> Json:
    """List the jobs, newest first; with `name` only the jobs of this name. The pages count their tasks."""
    query = request.query_params
    name = query.get("name")
    jobs = [
        job
        for job in reversed(store.table("jobs").values())
        if name is None or job["settings"]["name"].lower() == name.lower()
    ]
    expand = query.get("expand_tasks", "false").lower() == "true" or is_from_page(request)
    responses = [_response(job) if expand else _without_tasks(_response(job)) for job in jobs]
    return page_of("jobs", responses, query, max_size=100)


@router.post("/{version}/jobs/reset")
async def reset(version: str, body: Json, store: StoreDependency, request: Request) -> Json:
    """Replace a job's settings. The pages cannot: they send only its name and the paths of its tasks."""
    if is_from_page(request):
        raise invalid("this page would remove settings of the job: change its deployment.yml and deploy it")
    job, settings = find_job(store, body.get("job_id")), body.get("new_settings") or {}
    _check_settings(settings)
    job["settings"] = {"name": "Untitled", "format": "MULTI_TASK", **settings}
    return {}


@router.post("/{version}/jobs/update")
async def update(version: str, body: Json, store: StoreDependency) -> Json:
    """Change some settings of a job; merges tasks and job clusters by key."""
    job = find_job(store, body.get("job_id"))
    settings = dict(job["settings"])
    for path in body.get("fields_to_remove") or []:
        _remove(settings, path)
    for name, value in (body.get("new_settings") or {}).items():
        key = _MERGE_KEYS.get(name)
        settings[name] = _merge(settings.get(name) or [], value, key) if key else value
    _check_settings(settings)
    job["settings"] = settings
    return {}


@router.post("/{version}/jobs/delete")
async def delete(version: str, body: Json, store: StoreDependency, request: Request) -> Json:
    """Delete a job and cancel its active runs."""
    job_id = find_job(store, body.get("job_id"))["job_id"]
    request.app.state.executor.cancel_all(job_id)
    del store.table("jobs")[str(job_id)]
    permissions.delete(store, "jobs", str(job_id))
    return {}


def find_job(store: Store, job_id: object) -> Json:
    """Return a job.

    Raises:
        DatabricksError: 404, it does not exist.
    """
    job: Json | None = store.table("jobs").get(str(job_id))
    if job is None:
        raise not_found("Job", job_id)
    return job


def check_tasks(tasks: list[Json]) -> None:
    """Check the graph of tasks: unique keys, known dependencies, no cycle.

    Raises:
        DatabricksError: 400, a check fails.
    """
    keys = [task.get("task_key") for task in tasks]
    if not all(keys):
        raise invalid("every task needs a task_key")
    duplicates = sorted({str(key) for key in keys if keys.count(key) > 1})
    if duplicates:
        raise invalid(f"Duplicate task key(s): {', '.join(duplicates)}")
    graph: TopologicalSorter[str] = TopologicalSorter()
    for task in tasks:
        upstream = [str(each.get("task_key")) for each in task.get("depends_on") or []]
        for key in upstream:
            if key not in keys:
                raise invalid(f"Task '{task['task_key']}' depends on '{key}', but the job has no such task")
        graph.add(task["task_key"], *upstream)
    try:
        graph.prepare()
    except CycleError as error:
        raise invalid(f"Tasks depend on each other: {' -> '.join(error.args[1])}") from None


def _check_settings(settings: Json) -> None:
    """Check settings as the Jobs API does."""
    check_tasks(settings.get("tasks") or [])
    for key, declared in _REFERENCE_KEYS.items():
        declared_keys = [each.get(key) for each in settings.get(declared) or []]
        for task in settings.get("tasks") or []:
            if task.get(key) and task[key] not in declared_keys:
                raise invalid(f"{key} '{task[key]}' of task '{task['task_key']}' is not in {declared}")
    run_as = settings.get("run_as")
    if run_as is not None and len(run_as.keys() & _RUN_AS) != 1:
        raise invalid(f"run_as needs exactly one of {', '.join(_RUN_AS)}")
    triggers = [name for name in _TRIGGERS if settings.get(name)]
    if len(triggers) > 1:
        raise invalid(f"a job has at most one of {', '.join(_TRIGGERS)}, not {' and '.join(triggers)}")
    check_schedules(settings)
    for name in triggers:
        status = (settings.get(name) or {}).get("pause_status", "PAUSED")
        if status not in _PAUSE_STATUS:
            raise invalid(f"{name}.pause_status '{status}' is not one of {', '.join(_PAUSE_STATUS)}")


def page_of(name: str, items: list[Json], query: Any, max_size: int) -> Json:
    """Return one page of a list, with the token of the next page.

    Args:
        name: the name of the list in the response.
        items: the whole list.
        query: the query parameters `limit`, and `page_token` or `offset`.
        max_size: the maximum page size.
    """
    try:
        size = min(max(int(query.get("limit") or 20), 1), max_size)
        start = int(query.get("page_token") or query.get("offset") or 0)
    except ValueError:
        raise invalid("limit, offset and page_token must be numbers") from None
    more = start + size < len(items)
    page: Json = {name: items[start : start + size], "has_more": more}
    return {**page, "next_page_token": str(start + size)} if more else page


def _response(job: Json) -> Json:
    run_as = job["settings"].get("run_as") or {}
    name = next((run_as[field] for field in _RUN_AS if run_as.get(field)), job["creator_user_name"])
    return {**job, "run_as_user_name": name}


def _without_tasks(job: Json) -> Json:
    omitted = ("tasks", "job_clusters", "environments")
    settings = {name: value for name, value in job["settings"].items() if name not in omitted}
    return {**job, "settings": settings}


def _merge(old: list[Json], new: list[Json], key: str) -> list[Json]:
    return list({each.get(key): each for each in [*old, *new]}.values())


def _remove(settings: Json, path: str) -> None:
    name, _, element = path.partition("/")
    if element and name in _MERGE_KEYS:
        settings[name] = [each for each in settings.get(name, []) if each.get(_MERGE_KEYS[name]) != element]
    else:
        settings.pop(name, None)
