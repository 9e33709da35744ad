"""The evidence's source: a Databricks workspace, by the SDK."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.workshop.course.evidence import Job, Row, Run, RunState, Schema, Table, identity
from mesh.workshop.course.evidence_reader import NotSeenError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

# Seconds: who watches a class wants to hear soon that the workspace is away
_PATIENCE = {"http_timeout_seconds": 30, "retry_timeout_seconds": 20, "max_connection_pools": 16}
_WAIT = "50s"  # for a statement, the longest that the API waits by itself
_PATH = re.compile(r"orgs/([^/]+)/domains/([^/]+)/projects/([^/]+)/flows/(.+)/[^/]+$")
_ENDED: dict[str, RunState] = {"SUCCESS": "succeeded", "CANCELED": "cancelled"}
_RUNS = ("PENDING", "RUNNING", "TERMINATING", "BLOCKED", "WAITING_FOR_RETRY", "QUEUED")

A = TypeVar("A")


def connect(**config: Any) -> WorkspaceClient:
    """A client of the workspace that the environment variables name.

    Args:
        config: what would otherwise come from these, such as `host`.

    Raises:
        OutsideError: nothing says which workspace, or how to log in.
    """
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.config import Config

    login = {**_PATIENCE, **config}
    try:
        return WorkspaceClient(config=Config(**login))
    except _errors() as error:
        raise _no_answer(error) from error


class DatabricksSource:
    """A workspace.

    Args:
        client: reaches it.
        warehouse: the name of the SQL warehouse to ask; without it, one that runs.

    Raises:
        OutsideError: on use, when it does not answer.
    """

    def __init__(self, client: WorkspaceClient, warehouse: str | None = None) -> None:
        from databricks.sdk.errors import NotFound, PermissionDenied

        self._not_found = NotFound
        self._denied = PermissionDenied
        self._client = client
        self._warehouse_name = warehouse
        self._warehouse_id: str | None = None
        self._lock = Lock()

    def user(self) -> str:
        """Who is logged in: a user's e-mail, or a service principal's application id."""
        return str(self._asked(lambda: [self._client.current_user.me()])[0].user_name)

    def schemas(self, catalog: str) -> Sequence[Schema]:
        """The schemas of a catalog, without their tables."""
        found = self._asked(lambda: self._client.schemas.list(catalog))
        return [_schema(one) for one in found if one.name != "information_schema"]

    def jobs(self) -> Sequence[Job]:
        """The jobs that a deployment made, without their runs."""
        found = self._asked(lambda: self._client.jobs.list(expand_tasks=True, limit=100))
        return [job for one in found if (job := _job(one))]

    def runs(self, job: int, most: int) -> Sequence[Run]:
        """A job's runs, the newest first."""
        ask = self._client.jobs.list_runs
        found = self._asked(lambda: islice(ask(job_id=job, expand_tasks=True, limit=25), most))
        return [_run(one) for one in found]

    def tables(self, schema: str) -> Sequence[Table]:
        """The tables of a schema."""
        catalog, _, name = schema.partition(".")
        found = self._asked(lambda: self._client.tables.list(catalog, name, omit_properties=True))
        return [
            Table(str(one.name), tuple(str(each.name) for each in one.columns or ()), _people(one))
            for one in found
        ]

    def query(self, statement: str) -> Sequence[Row] | None:
        """The rows that an SQL statement gives; None where it fails."""
        from databricks.sdk.service.sql import StatementState

        warehouse = self._warehouse()
        try:
            answer = self._client.statement_execution.execute_statement(
                statement, warehouse, wait_timeout=_WAIT
            )
        except _errors():
            return None
        if answer.status is None or answer.status.state is not StatementState.SUCCEEDED:
            return None
        rows = (answer.result and answer.result.data_array) or ()
        return [tuple(row) for row in rows]

    def _warehouse(self) -> str:
        """The SQL warehouse: the one that is named, else one that runs, else any."""
        with self._lock:
            if self._warehouse_id is None:
                found = self._asked(self._client.warehouses.list)
                found.sort(key=lambda one: (one.name != self._warehouse_name, _state(one) != "RUNNING"))
                if not found:
                    raise OutsideError("no SQL warehouse can be asked what is in tables (is there one?)")
                self._warehouse_id = str(found[0].id)
            return self._warehouse_id

    def _asked(self, ask: Callable[[], Iterable[A]]) -> list[A]:
        try:
            return list(ask())
        except self._not_found:
            return []
        except self._denied as error:
            raise NotSeenError(str(error)) from error
        except _errors() as error:
            raise _no_answer(error) from error


def _errors() -> tuple[type[Exception], ...]:
    from databricks.sdk.errors.base import DatabricksError

    return DatabricksError, ValueError, OSError


def _no_answer(error: Exception) -> OutsideError:
    first_line = str(error).strip().split("\n")[0]
    return OutsideError(f"the workspace does not answer: {first_line} (check DATABRICKS_HOST and your login)")


def _people(thing: Any) -> frozenset[str]:
    found = (getattr(thing, one, None) for one in ("created_by", "updated_by", "owner"))
    return frozenset(str(who).lower() for who in found if who)


def _schema(one: Any) -> Schema:
    key = (one.properties or {}).get(DEPLOYMENT_PROPERTY)
    return Schema(str(one.full_name), _people(one), identity(key))


def _job(one: Any) -> Job | None:
    """A job whose notebooks lie in a flow of the mesh; None for any other."""
    settings = one.settings
    flow = next(_flows(settings.tasks or ()), None) if settings else None
    if flow is None:
        return None
    parameters = {each.name: str(each.default) for each in settings.parameters or ()}
    by = str(one.creator_user_name or "").lower()
    run_as = settings.run_as
    return Job(
        id=int(one.job_id),
        flow=flow,
        made=_moment(one.created_time),
        by=by,
        run_as=str((run_as and (run_as.service_principal_name or run_as.user_name)) or by),
        tags=dict(settings.tags or {}),
        schema=f"{parameters.get('catalog', '')}.{parameters.get('schema', '')}",
    )


def _flows(tasks: Iterable[Any]) -> Iterator[str]:
    for task in tasks:
        notebook = task.notebook_task
        if notebook and (match := _PATH.search(str(notebook.notebook_path))):
            yield "/".join(match.groups())


def _run(one: Any) -> Run:
    parameters = {each.name: each.value or each.default for each in one.job_parameters or ()}
    failed = (task.task_key for task in one.tasks or () if _failed(task.state))
    return Run(
        started=_moment(one.start_time),
        by=str(one.creator_user_name or "").lower(),
        state=_ended(one.state),
        failed=tuple(str(key) for key in failed),
        commit=parameters.get("git_commit"),
    )


def _ended(state: Any) -> RunState:
    """How a run or one of its tasks is, or how it ended."""
    if state is None or getattr(state.life_cycle_state, "value", "PENDING") in _RUNS:
        return "running"
    result = getattr(state.result_state, "value", "")
    return _ENDED.get(result, "failed")


def _failed(state: Any) -> bool:
    """Whether a task failed by itself, and not because of one before it."""
    result = getattr(getattr(state, "result_state", None), "value", "FAILED")
    skipped = getattr(getattr(state, "life_cycle_state", None), "value", "") == "SKIPPED"
    return _ended(state) == "failed" and not skipped and result in ("FAILED", "TIMEDOUT")


def _state(one: Any) -> str:
    return str(getattr(one.state, "value", ""))


def _moment(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)
