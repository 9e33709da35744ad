"""Jobs: their settings are kept and told exactly as they were given, whatever fields they hold."""

from graphlib import CycleError, TopologicalSorter
from typing import Any

from fastapi import APIRouter, Request

from local.workspace.errors import invalid, missing
from local.workspace.objects import permissions
from local.workspace.store import Json, Store, StoreOf, now, user

router = APIRouter(prefix="/api")

# What `update` merges by its key instead of replacing it.
_MERGED = {"tasks": "task_key", "job_clusters": "job_cluster_key"}
# What a task names → where the job declares it.
_DECLARED = {"job_cluster_key": "job_clusters", "environment_key": "environments"}
_RUN_AS = ("user_name", "service_principal_name")
# What starts a job without being asked.
_STARTS = ("schedule", "trigger", "continuous")
_PAUSE_STATUS = ("PAUSED", "UNPAUSED")


@router.post("/{version}/jobs/create")
async def create_job(version: str, body: Json, store: StoreOf) -> Json:
    """Create a job. Its name need not be unique."""
    permitted = body.pop("access_control_list", None)
    _check(body)
    job_id = store.next_id("job")
    store.table("jobs")[str(job_id)] = {
        "job_id": job_id,
        "creator_user_name": user(),
        "created_time": now(),
        "settings": {"name": "Untitled", "format": "MULTI_TASK", **body},
    }
    if permitted:
        await permissions.set_permissions("jobs", str(job_id), {"access_control_list": permitted}, store)
    return {"job_id": job_id}


@router.get("/{version}/jobs/get")
async def get_job(version: str, job_id: int, store: StoreOf) -> Json:
    """Get a job."""
    return _told(find_job(store, job_id))


@router.get("/{version}/jobs/list")
async def list_jobs(version: str, request: Request, store: StoreOf) -> Json:
    """List the jobs, the newest first; only those of exactly one name if asked so."""
    asked = request.query_params
    name = asked.get("name")
    found = [
        job
        for job in reversed(store.table("jobs").values())
        if name is None or job["settings"]["name"].lower() == name.lower()
    ]
    whole = asked.get("expand_tasks", "false").lower() == "true"
    told = [_told(job) if whole else _without_tasks(_told(job)) for job in found]
    return paged("jobs", told, asked, most=100)


@router.post("/{version}/jobs/reset")
async def reset_job(version: str, body: Json, store: StoreOf) -> Json:
    """Replace a job's settings."""
    job, settings = find_job(store, body.get("job_id")), body.get("new_settings") or {}
    _check(settings)
    job["settings"] = {"name": "Untitled", "format": "MULTI_TASK", **settings}
    return {}


@router.post("/{version}/jobs/update")
async def update_job(version: str, body: Json, store: StoreOf) -> Json:
    """Replace some of a job's settings; tasks and job clusters are merged by their key."""
    job = find_job(store, body.get("job_id"))
    settings = dict(job["settings"])
    for path in body.get("fields_to_remove") or []:
        _remove(settings, path)
    for name, value in (body.get("new_settings") or {}).items():
        key = _MERGED.get(name)
        settings[name] = _merged(settings.get(name) or [], value, key) if key else value
    _check(settings)
    job["settings"] = settings
    return {}


@router.post("/{version}/jobs/delete")
async def delete_job(version: str, body: Json, store: StoreOf, request: Request) -> Json:
    """Delete a job; its runs that are still active are cancelled."""
    job_id = find_job(store, body.get("job_id"))["job_id"]
    request.app.state.executor.cancel_all(job_id)
    del store.table("jobs")[str(job_id)]
    permissions.forget(store, "jobs", str(job_id))
    return {}


def find_job(store: Store, job_id: object) -> Json:
    """Return a job.

    Raises:
        DatabricksError: 404, there is none.
    """
    job: Json | None = store.table("jobs").get(str(job_id))
    if job is None:
        raise missing("Job", job_id)
    return job


def check_tasks(tasks: list[Json]) -> None:
    """Refuse tasks that could never run: a key twice, an unknown dependency, a cycle.

    Raises:
        DatabricksError: 400, with what is wrong.
    """
    keys = [task.get("task_key") for task in tasks]
    if not all(keys):
        raise invalid("every task needs a task_key")
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise invalid(f"Duplicate task key(s): {', '.join(twice)}")
    graph: TopologicalSorter[str] = TopologicalSorter()
    for task in tasks:
        upstream = [str(each.get("task_key")) for each in task.get("depends_on") or []]
        for key in upstream:
            if key not in keys:
                raise invalid(f"Task '{task['task_key']}' depends on '{key}', which is no task of it")
        graph.add(task["task_key"], *upstream)
    try:
        graph.prepare()
    except CycleError as error:
        raise invalid(f"Tasks depend on each other: {' -> '.join(error.args[1])}") from None


def _check(settings: Json) -> None:
    """Refuse settings that the Jobs API refuses."""
    check_tasks(settings.get("tasks") or [])
    for key, declared in _DECLARED.items():
        known = [each.get(key) for each in settings.get(declared) or []]
        for task in settings.get("tasks") or []:
            if task.get(key) and task[key] not in known:
                raise invalid(f"{key} '{task[key]}' of task '{task['task_key']}' is not in {declared}")
    run_as = settings.get("run_as")
    if run_as is not None and len(run_as.keys() & _RUN_AS) != 1:
        raise invalid(f"run_as needs exactly one of {', '.join(_RUN_AS)}")
    starts = [name for name in _STARTS if settings.get(name)]
    if len(starts) > 1:
        raise invalid(f"a job has one of {', '.join(_STARTS)}, not {' and '.join(starts)}")
    cron = (settings.get("schedule") or {}).get("quartz_cron_expression", "* * * * * ?")
    if len(str(cron).split()) not in (6, 7):
        raise invalid(f"schedule.quartz_cron_expression '{cron}' has not the 6 or 7 fields that Quartz wants")
    for name in starts:
        status = (settings.get(name) or {}).get("pause_status", "PAUSED")
        if status not in _PAUSE_STATUS:
            raise invalid(f"{name}.pause_status '{status}' is not one of {', '.join(_PAUSE_STATUS)}")


def paged(name: str, found: list[Json], asked: Any, most: int) -> Json:
    """Return one page of a list, with the token of the next one.

    Args:
        name: what the list is called in the answer.
        found: all of it.
        asked: the query: `limit`, and `page_token` or `offset`.
        most: the largest page.
    """
    try:
        size = min(max(int(asked.get("limit") or 20), 1), most)
        start = int(asked.get("page_token") or asked.get("offset") or 0)
    except ValueError:
        raise invalid("limit, offset and page_token are numbers") from None
    more = start + size < len(found)
    page: Json = {name: found[start : start + size], "has_more": more}
    return {**page, "next_page_token": str(start + size)} if more else page


def _told(job: Json) -> Json:
    run_as = job["settings"].get("run_as") or {}
    name = next((run_as[field] for field in _RUN_AS if run_as.get(field)), job["creator_user_name"])
    return {**job, "run_as_user_name": name}


def _without_tasks(job: Json) -> Json:
    left_out = ("tasks", "job_clusters", "environments")
    settings = {name: value for name, value in job["settings"].items() if name not in left_out}
    return {**job, "settings": settings}


def _merged(old: list[Json], new: list[Json], key: str) -> list[Json]:
    return list({each.get(key): each for each in [*old, *new]}.values())


def _remove(settings: Json, path: str) -> None:
    name, _, element = path.partition("/")
    if element and name in _MERGED:
        settings[name] = [each for each in settings.get(name, []) if each.get(_MERGED[name]) != element]
    else:
        settings.pop(name, None)
