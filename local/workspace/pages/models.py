"""`/models`: registered models and experiments, with the versions and runs that MLflow keeps."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from local.mlflow.records import Records, open_records
from local.workspace.errors import not_found
from local.workspace.pages.page import Cell, Link, Page, State, duration, moment
from local.workspace.store import Json, StoreDependency
from local.workspace.unity_catalog import securable
from mesh.errors import OutsideError

router = APIRouter()

_STOPPED = "Versions, aliases and runs are kept by MLflow, which is not running: mesh local up --mlflow"
_STATES = {"FINISHED": "SUCCESS", "KILLED": "CANCELED"}

Found = TypeVar("Found")


@router.get("/models")
async def get_models(request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of all models and experiments."""
    page = Page("Models and experiments", place="/models")
    registered = await _of_mlflow(request, page, Records.models, [])
    declared = {str(one["full_name"]): one for one in securable.registry("models").values()}
    aliases = {str(one["name"]): _aliases(one.get("aliases")) for one in registered}
    page.heading("Registered models")
    names = sorted({*declared, *aliases})
    page.table(("model", "aliases", "comment"), (_model(name, declared, aliases) for name in names))
    if not names:
        page.text(
            "No model is registered: declare registered_models in project.yml, or run a flow with MLflow"
        )
    page.heading("Experiments")
    experiments = [one for one in store.table("experiments").values() if one["lifecycle_stage"] == "active"]
    rows = (
        (Link(str(one["name"]), f"/experiments/{one['experiment_id']}"), moment(one["creation_time"]))
        for one in sorted(experiments, key=lambda one: str(one["name"]))
    )
    page.table(("experiment", "created"), rows)
    if not experiments:
        page.text("No experiment is deployed: a flow with `experiment: {}` has one")
    return page.response()


@router.get("/models/{full_name}")
async def get_model(full_name: str, request: Request) -> HTMLResponse:
    """The page of a model: its versions with aliases and tags."""
    declared = securable.registry("models").get(full_name.lower())
    page = Page(f"Model {full_name}", str((declared or {}).get("comment") or ""), place="/models")
    versions = await _of_mlflow(request, page, lambda records: records.versions(full_name), [])
    if declared is None and not versions:
        raise not_found("Model", full_name)
    page.heading("Versions")
    page.table(("version", "aliases", "created", "state", "tags", "run"), map(_version, versions))
    if not versions:
        page.text("It has no versions here.")
    return page.response()


@router.get("/experiments/{experiment_id}")
async def get_experiment(experiment_id: str, request: Request, store: StoreDependency) -> HTMLResponse:
    """The page of an experiment: its runs with metrics and parameters."""
    experiment = store.table("experiments").get(experiment_id)
    if experiment is None:
        raise not_found("Experiment", experiment_id)
    name = str(experiment["name"])
    page = Page(f"Experiment {name}", place="/models")
    runs = await _of_mlflow(request, page, lambda records: records.runs(name), [])
    page.heading("Runs")
    page.table(("run", "state", "started", "took", "metrics", "parameters"), map(_run, runs))
    if not runs:
        page.text("It has no runs here: mesh local run <flow>")
    return page.response()


async def _of_mlflow(request: Request, page: Page, read: Callable[[Records], Found], without: Found) -> Found:
    """Return what MLflow keeps; `without`, and a text on the page, if it is not running or fails."""
    records = open_records(request.app.state.home)
    if records is None:
        page.text(_STOPPED)
        return without
    try:
        with records:
            return await asyncio.to_thread(read, records)
    except OutsideError as error:
        page.text(str(error), "bad")
        return without


def _model(name: str, declared: Mapping[str, Json], aliases: Mapping[str, str]) -> tuple[Cell, ...]:
    comment = str(declared.get(name, {}).get("comment") or "")
    return Link(name, f"/models/{quote(name, safe='')}"), aliases.get(name, ""), comment


def _version(version: Json) -> tuple[Cell, ...]:
    state = str(version.get("status") or "").lower().replace("_", " ")
    run = str(version.get("run_id") or "")[:8]
    created = moment(version.get("creation_timestamp"))
    aliases = ", ".join(str(one.get("alias")) for one in version["aliases"])
    return (
        str(version["version"]),
        aliases,
        created,
        state,
        _pairs(version.get("tags")),
        run,
    )


def _run(run: Json) -> tuple[Cell, ...]:
    info, data = run["info"], run.get("data") or {}
    start, end = info.get("start_time"), info.get("end_time")
    state = str(info.get("status"))
    name = f"{info.get('run_name') or ''} {str(info.get('run_id'))[:8]}".strip()
    numbers = _pairs(data.get("metrics"))
    return (
        name,
        State(_STATES.get(state, state)),
        moment(start),
        duration(start, end),
        numbers,
        _pairs(data.get("params")),
    )


def _aliases(found: Iterable[Json] | None) -> str:
    return ", ".join(f"{one.get('alias')} → {one.get('version')}" for one in found or ())


def _pairs(found: Iterable[Json] | None) -> str:
    pairs = sorted((str(one.get("key")), one.get("value")) for one in found or ())
    return "; ".join(
        f"{key} = {f'{value:.4g}' if isinstance(value, float) else value}" for key, value in pairs
    )
