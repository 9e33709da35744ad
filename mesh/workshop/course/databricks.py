"""Reads evidence from a Databricks workspace, through the Databricks SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from mesh.deployment.state_key import parse_state_key
from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.terraform.workspace_call import call_workspace, sdk_errors
from mesh.terraform.workspace_client import Limits, workspace_client
from mesh.workshop.course.evidence import Job, Row, Run, RunState, Schema, Table
from mesh.workshop.course.evidence_reader import NotPermittedError
from mesh.workshop.course.pipelines import PipelineUpdates, flow_of, pipeline_job

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

# A watched class should soon show that the workspace does not answer
_LIMITS = Limits(response=30, retries=20)
_CONNECTIONS = {"max_connection_pools": 16}
_WAIT = "50s"  # for a statement; the maximum of the API
_FINAL_STATES: dict[str, RunState] = {"SUCCESS": "succeeded", "CANCELED": "cancelled"}
_UNFINISHED = ("PENDING", "RUNNING", "TERMINATING", "BLOCKED", "WAITING_FOR_RETRY", "QUEUED")

A = TypeVar("A")


def connect(limits: Limits = _LIMITS, /, **config: Any) -> WorkspaceClient:
    """Connects to the workspace that the environment variables name.

    Args:
        limits: how long the client waits.
        config: settings that override the environment variables, such as `host`.

    Raises:
        OutsideError: the workspace does not answer, or the workspace or the login is not configured.
        UsageError: DATABRICKS_HOST is not the address of a workspace.
    """
    return call_workspace(lambda: workspace_client(limits, **{**_CONNECTIONS, **config}))


class DatabricksSource:
    """Reads evidence from a workspace.

    Args:
        client: the workspace client.
        warehouse: the name of the SQL warehouse for queries; None for any running warehouse.

    Raises:
        OutsideError: on use, if the workspace does not answer.
    """

    def __init__(self, client: WorkspaceClient, warehouse: str | None = None) -> None:
        from databricks.sdk.errors import PermissionDenied

        self._denied = PermissionDenied
        self._client = client
        self._warehouse_name = warehouse
        self._warehouse_id: str | None = None
        self._lock = Lock()
        self._updates = PipelineUpdates(client)

    def user(self) -> str:
        """The logged-in user: an e-mail, or a service principal's application id."""
        return str(self._call(lambda: [self._client.current_user.me()])[0].user_name)

    def schemas(self, catalog: str) -> Sequence[Schema]:
        """The schemas of a catalog, without their tables."""
        schemas = self._call(lambda: self._client.schemas.list(catalog))
        return [_schema(schema) for schema in schemas if schema.name != "information_schema"]

    def jobs(self) -> Sequence[Job]:
        """The jobs of deployed flows, without their runs."""
        settings = self._call(lambda: self._client.jobs.list(expand_tasks=True, limit=100))
        return [job for each in settings if (job := _job(each))]

    def pipelines(self) -> Sequence[str]:
        """The ids of all pipelines."""
        listed = self._call(lambda: self._client.pipelines.list_pipelines(max_results=100))
        return [str(each.pipeline_id) for each in listed]

    def pipeline(self, pipeline: str) -> Sequence[Job]:
        """A pipeline without its updates; empty if it is of no flow."""
        return [job for each in self._call(lambda: [self._client.pipelines.get(pipeline)]) if (job := pipeline_job(each))]

    def runs(self, job: int | str, most: int) -> Sequence[Run]:
        """The newest runs of a job, or the newest updates of a pipeline, the newest first."""
        if isinstance(job, str):
            return self._call(lambda: self._updates.read(job, most))
        list_runs = self._client.jobs.list_runs
        runs = self._call(lambda: islice(list_runs(job_id=job, expand_tasks=True, limit=25), most))
        return [_run(run) for run in runs]

    def tables(self, schema: str) -> Sequence[Table]:
        """The tables of a schema."""
        catalog, _, name = schema.partition(".")
        tables = self._call(lambda: self._client.tables.list(catalog, name, omit_properties=True))
        return [
            Table(
                str(table.name),
                tuple(str(column.name) for column in table.columns or ()),
                _contributors(table),
            )
            for table in tables
        ]

    def query(self, statement: str) -> Sequence[Row] | None:
        """The rows of an SQL statement; None if it fails."""
        from databricks.sdk.service.sql import StatementState

        warehouse = self._warehouse()
        try:
            answer = self._client.statement_execution.execute_statement(
                statement, warehouse, wait_timeout=_WAIT
            )
        except sdk_errors():
            return None
        if answer.status is None or answer.status.state is not StatementState.SUCCEEDED:
            return None
        rows = (answer.result and answer.result.data_array) or ()
        return [tuple(row) for row in rows]

    def _warehouse(self) -> str:
        """The id of the SQL warehouse: the configured warehouse, else a running warehouse, else any."""
        with self._lock:
            if self._warehouse_id is None:
                warehouses = self._call(self._client.warehouses.list)
                warehouses.sort(
                    key=lambda each: (each.name != self._warehouse_name, _state(each) != "RUNNING")
                )
                if not warehouses:
                    raise OutsideError("there is no SQL warehouse to read tables with (create one)")
                self._warehouse_id = str(warehouses[0].id)
            return self._warehouse_id

    def _call(self, ask: Callable[[], Iterable[A]]) -> list[A]:
        def permitted() -> list[A]:
            try:
                return list(ask())
            except self._denied as error:
                raise NotPermittedError(str(error)) from error

        return call_workspace(permitted, missing=[])


def _contributors(securable: Any) -> frozenset[str]:
    users = (getattr(securable, field, None) for field in ("created_by", "updated_by", "owner"))
    return frozenset(str(user).lower() for user in users if user)


def _schema(schema: Any) -> Schema:
    key = (schema.properties or {}).get(DEPLOYMENT_PROPERTY)
    deployment = parse_state_key(key or "")
    return Schema(str(schema.full_name), _contributors(schema), deployment if deployment.project else None)


def _job(job: Any) -> Job | None:
    """Converts a job whose notebooks are in a flow of the mesh; None for any other job."""
    settings = job.settings
    flow = next(_flows(settings.tasks or ()), None) if settings else None
    if flow is None:
        return None
    parameters = {each.name: str(each.default) for each in settings.parameters or ()}
    creator = str(job.creator_user_name or "").lower()
    run_as = settings.run_as
    return Job(
        id=int(job.job_id),
        flow=flow,
        created=_time(job.created_time),
        creator=creator,
        run_as=str((run_as and (run_as.service_principal_name or run_as.user_name)) or creator),
        tags=dict(settings.tags or {}),
        schema=f"{parameters.get('catalog', '')}.{parameters.get('schema', '')}",
    )


def _flows(tasks: Iterable[Any]) -> Iterator[str]:
    for task in tasks:
        notebook = task.notebook_task
        if notebook and (flow := flow_of(str(notebook.notebook_path))):
            yield flow


def _run(run: Any) -> Run:
    parameters = {each.name: each.value or each.default for each in run.job_parameters or ()}
    failed = (task.task_key for task in run.tasks or () if _failed(task.state))
    return Run(
        started=_time(run.start_time),
        started_by=str(run.creator_user_name or "").lower(),
        state=_run_state(run.state),
        failed=tuple(str(key) for key in failed),
        commit=parameters.get("git_commit"),
        tasks=tuple(str(task.task_key) for task in run.tasks or () if not _left_out(task.state)),
    )


def _run_state(state: Any) -> RunState:
    """The state of a run or of one of its tasks."""
    if state is None or getattr(state.life_cycle_state, "value", "PENDING") in _UNFINISHED:
        return "running"
    result = getattr(state.result_state, "value", "")
    return _FINAL_STATES.get(result, "failed")


def _left_out(state: Any) -> bool:
    """True if the run was started without the task, or a condition excluded it."""
    return getattr(getattr(state, "result_state", None), "value", "") in ("DISABLED", "EXCLUDED")


def _failed(state: Any) -> bool:
    """True if the task itself failed; False if it was skipped because an earlier task failed."""
    result = getattr(getattr(state, "result_state", None), "value", "FAILED")
    skipped = getattr(getattr(state, "life_cycle_state", None), "value", "") == "SKIPPED"
    return _run_state(state) == "failed" and not skipped and result in ("FAILED", "TIMEDOUT")


def _state(warehouse: Any) -> str:
    return str(getattr(warehouse.state, "value", ""))


def _time(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
