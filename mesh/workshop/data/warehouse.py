"""Runs SQL on a SQL warehouse, through the Statement Execution API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mesh.errors import OutsideError
from mesh.workshop.data.tables import SOURCE_PROPERTY, sql_string
from mesh.workshop.data.volume_files import call_while_loading

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import StatementResponse

_WAIT = "50s"  # the maximum of the API
_POLL_INTERVAL = 2.0  # seconds between two requests after that; the warehouse may have to start first


class WarehouseEngine:
    """A SQL warehouse, which is not started before the first statement.

    Args:
        client: the workspace client.
        name: the name of the warehouse.
        sleep: waits for a number of seconds.

    Raises:
        OutsideError: on use, if there is no such warehouse or a statement fails.
    """

    def __init__(
        self, client: WorkspaceClient, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep
        self._id: str | None = None

    def source(self, table: str) -> str | None:
        """The source of a table, read from Unity Catalog without the warehouse."""
        info = call_while_loading(lambda: self._client.tables.get(table), missing=None)
        return (info.properties or {}).get(SOURCE_PROPERTY) if info else None

    def relation(self, path: str, *, parquet: bool) -> str:
        """A call of `read_files` on a file in a volume.

        Source: Databricks documentation, "read_files table-valued function".
        """
        csv = "format => 'csv', header => true, inferColumnTypes => false, escape => '\"'"
        options = "format => 'parquet'" if parquet else csv
        # without the column for rescued data: all columns of a CSV file are text, so nothing is rescued
        return f"read_files({sql_string(path)}, {options}, schemaEvolutionMode => 'none')"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Runs one statement to its end and returns its rows."""
        from databricks.sdk.service.sql import StatementState

        api, warehouse = self._client.statement_execution, self._warehouse()
        answer = call_while_loading(lambda: api.execute_statement(statement, warehouse, wait_timeout=_WAIT))
        while (state := _state(answer)) in (StatementState.PENDING, StatementState.RUNNING):
            self._sleep(_POLL_INTERVAL)
            statement_id = str(answer.statement_id)
            answer = call_while_loading(lambda: api.get_statement(statement_id))  # noqa: B023 - called at once
        if state is not StatementState.SUCCEEDED:
            error = answer.status.error if answer.status else None
            message = (error and error.message) or f"it ended as {getattr(state, 'value', state)}"
            raise OutsideError(f"SQL warehouse {self._name}: {message.strip()}\nin {statement[:200]}")
        return [tuple(row) for row in (answer.result and answer.result.data_array) or ()]

    def _warehouse(self) -> str:
        if self._id is None:
            warehouses = call_while_loading(lambda: list(self._client.warehouses.list()))
            matches = [warehouse for warehouse in warehouses if warehouse.name == self._name]
            if not matches:
                raise OutsideError(
                    f"there is no SQL warehouse {self._name} (deploy the class first: `mesh workshop deploy`)"
                )
            self._id = str(matches[0].id)
        return self._id


def _state(answer: StatementResponse) -> object:
    return answer.status and answer.status.state
