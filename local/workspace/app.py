"""The workspace as an application: our routers first, then minilake's, all behind authentication."""

import importlib.util
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import minilake.admin
import minilake.app
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from minilake.config import settings
from minilake.duckdb_pool import DuckDBPool
from minilake.errors import install_exception_handlers
from minilake.services import get_enabled_routers, unity_catalog

from local.home import Home
from local.workspace import map_page, revision, wrong_values
from local.workspace.authentication import WELL_KNOWN, AuthenticationMiddleware
from local.workspace.bodies import JsonBodyMiddleware
from local.workspace.compute import (
    cluster_policies,
    clusters,
    instance_pools,
    libraries,
    node_types,
    policy_families,
    statements,
    warehouses,
)
from local.workspace.objects import (
    experiments,
    permissions,
    principals,
    repos,
    secret_scopes,
    users,
    workspace_objects,
)
from local.workspace.pages import code as pages_of_code
from local.workspace.pages import error_page
from local.workspace.pages import jobs as pages_of_jobs
from local.workspace.pages import models as pages_of_models
from local.workspace.pages import pipelines as pages_of_pipelines
from local.workspace.pages import runs as pages_of_runs
from local.workspace.pages import tables as pages_of_tables
from local.workspace.store import SaveMiddleware, Store
from local.workspace.unity_catalog import (
    access_policies,
    catalogs,
    entity_tags,
    external_locations,
    files,
    functions,
    grants,
    registered_models,
    schemas,
    securable,
    storage_credentials,
    tables,
    volumes,
    workspace_bindings,
)
from local.workspace.workflows import forks, jobs, pipelines, runs, tasks
from local.workspace.workflows.executor import Executor
from local.workspace.workflows.pipeline_updates import PIPELINE_COMMAND, PipelineUpdates
from local.workspace.workflows.records import RunRecords
from local.workspace.workflows.task_processes import TaskProcesses
from mesh.errors import OutsideError

_ROUTER_MODULES = (
    users,
    principals,
    catalogs,
    schemas,
    storage_credentials,
    external_locations,
    workspace_bindings,
    volumes,
    files,
    registered_models,
    experiments,
    secret_scopes,
    tables,
    functions,
    entity_tags,
    access_policies,
    grants,
    workspace_objects,
    permissions,
    node_types,
    policy_families,
    cluster_policies,
    clusters,
    libraries,
    instance_pools,
    warehouses,
    statements,
    jobs,
    runs,
    pipelines,
    repos,
    map_page,
    revision,
    forks,
    pages_of_code,
    pages_of_jobs,
    pages_of_runs,
    pages_of_pipelines,
    pages_of_tables,
    pages_of_models,
)
READY = "/ready"


def create_app(
    home: Home,
    notebook_command: Sequence[str] = tasks.NOTEBOOK_COMMAND,
    pipeline_command: Sequence[str] = PIPELINE_COMMAND,
) -> FastAPI:
    """Create the workspace of a home, with its saved state.

    minilake's own `create_app` is not used: it would start Jupyter and pull a container image.

    Args:
        home: the paths of the workspace.
        notebook_command: the command that runs a notebook; its last argument is the path of a spec file.
        pipeline_command: the command that runs a pipeline update; likewise.

    Raises:
        OutsideError: the saved state cannot be read.
    """
    home.create_folders()
    settings.data_dir = home.workspace
    settings.duckdb_extension_dir = _duckdb_extensions()
    app = FastAPI(
        title="Local workspace", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.home = home
    app.state.store = Store(home.workspace / "state.json")
    app.state.changes = revision.Changes()
    app.state.records = RunRecords(home.runs)
    app.state.processes = TaskProcesses()
    app.state.updates = PipelineUpdates(home, app.state.store, pipeline_command, app.state.processes)
    app.state.executor = Executor(
        home, app.state.store, app.state.records, app.state.updates, notebook_command, app.state.processes
    )
    install_exception_handlers(app)
    error_page.install_handler(app)
    wrong_values.install_handlers(app)
    app.add_exception_handler(Exception, _internal_error)
    app.add_exception_handler(OutsideError, _internal_error)
    app.add_api_route(READY, _ready, methods=["GET"])
    app.add_api_route(WELL_KNOWN, _databricks_config, methods=["GET"])
    # The page of settings asks for these two; the others, such as a reset, are not here.
    app.add_api_route("/_minilake/health", minilake.admin.health, methods=["GET"])
    app.add_api_route("/_minilake/services", minilake.admin.list_services, methods=["GET"])
    app.add_api_route("/", _redirect_to_jobs, methods=["GET"])
    # The page of minilake's Jupyter, which does not run here, would ask for a setting.
    app.add_api_route("/ui/notebooks/{rest:path}", _redirect_to_files, methods=["GET"])
    # minilake's page of jobs knows neither tasks nor output; ours is also the way back from its pages.
    app.add_api_route("/ui/jobs/{rest:path}", _redirect_to_jobs, methods=["GET"])
    app.include_router(volumes.local_router)
    for module in _ROUTER_MODULES:
        app.include_router(module.router)
    for name, router in get_enabled_routers():
        if name != "jobs":
            app.include_router(router)
    app.mount("/ui", StaticFiles(directory=Path(minilake.app.__file__).parent / "ui_static", html=True))
    app.add_middleware(SaveMiddleware)
    app.add_middleware(revision.ChangesMiddleware, ignored=(users.USER_PATH,))
    app.add_middleware(JsonBodyMiddleware)
    app.add_middleware(AuthenticationMiddleware, token=home.token())
    return app


class _DuckDBPool(DuckDBPool):
    """minilake's pool, for any folder; DuckDB loads the extension `delta` only when a statement needs it."""

    async def _init_delta_extension(self) -> None:
        pass

    async def attach_catalog(self, catalog_name: str) -> None:
        """Attach a catalog's file. minilake's own method does not quote its path."""
        path = str(self._catalog_db_path(catalog_name)).replace("'", "''")
        connection = await self.get_uc_connection()
        async with self._uc_lock:
            connection.execute(f"ATTACH IF NOT EXISTS '{path}' AS \"{catalog_name}\"")


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    home: Home = app.state.home
    pool = minilake.app._duckdb_pool = _DuckDBPool(_duckdb_folder(home))
    await securable.query_duckdb("SET TimeZone = 'UTC'")
    for catalog in securable.registry("catalogs").values():
        await pool.attach_catalog(catalog["name"])
        schemas.add_information_schema(catalog["name"])
    warehouses.create_starter()
    await cluster_policies.create_defaults()
    users.initialize(home)
    workspace_objects.create_directory(home, "/Shared")
    app.state.store.save()
    yield
    await app.state.executor.close()
    await app.state.updates.close()
    await app.state.processes.close()
    app.state.store.save()
    await pool.close_all()
    minilake.app._duckdb_pool = None


def _duckdb_folder(home: Home) -> Path:
    """Return the folder of DuckDB's files, without a `?` that is above the process' current folder.

    DuckDB takes what follows a `?` for the query of a URL, and writes its log to another folder.
    """
    return Path(os.path.relpath(home.workspace)) if "?" in str(home.workspace) else home.workspace


async def _ready() -> dict[str, bool]:
    return {"ready": True}


async def _databricks_config(request: Request) -> dict[str, str]:
    workspace_id = str(unity_catalog.WORKSPACE_ID)
    return {"oidc_endpoint": str(request.url_for("_redirect_to_jobs")) + "oidc", "workspace_id": workspace_id}


async def _redirect_to_jobs() -> RedirectResponse:
    return RedirectResponse("/jobs")


async def _redirect_to_files(rest: str) -> RedirectResponse:
    return RedirectResponse("/ui/workspace/")


async def _internal_error(request: Request, error: Exception) -> JSONResponse:
    message = str(error) if isinstance(error, OutsideError) else f"{type(error).__name__}: {error}"
    content = {"error_code": "INTERNAL_ERROR", "message": message}
    return JSONResponse(content, 500)


def _duckdb_extensions() -> Path:
    """Return the folder of DuckDB's `delta` extension, which pip installed: DuckDB must not download it."""
    package = importlib.util.find_spec("duckdb_ext")
    if package is None or package.submodule_search_locations is None:
        # A folder without the extension: DuckDB then reports the missing extension instead of downloading it.
        return Path(minilake.app.__file__).parent / "no-extensions"
    return Path(package.submodule_search_locations[0]) / "extensions"
