"""SQL on a warehouse of a workspace, through its Statement Execution API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mesh.errors import OutsideError
from mesh.workshop.data.tables import SOURCE_PROPERTY, text
from mesh.workshop.data.volume_files import asked

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import StatementResponse

_WAIT = "50s"  # the longest that the API waits by itself
_AGAIN = 2.0  # seconds between two questions after that: a warehouse may have to start first


class Warehouse:
    """A SQL warehouse, asked when the first statement comes, so that it is not started for nothing.

    Args:
        client: reaches the workspace.
        name: the warehouse's.
        sleep: waits for seconds.

    Raises:
        OutsideError: on use, when there is no such warehouse, or a statement fails.
    """

    def __init__(
        self, client: WorkspaceClient, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep
        self._id: str | None = None

    def source(self, table: str) -> str | None:
        """The source of a table, as Unity Catalog knows it: that needs no warehouse that runs."""
        found = asked(lambda: self._client.tables.get(table), missing=None)
        return (found.properties or {}).get(SOURCE_PROPERTY) if found else None

    def relation(self, path: str, *, parquet: bool) -> str:
        """A file of a volume, as `read_files` reads it.

        Source: Databricks documentation, "read_files table-valued function".
        """
        csv = "format => 'csv', header => true, inferColumnTypes => false, escape => '\"'"
        form = "format => 'parquet'" if parquet else csv
        # without a column for rescued data: all that is read of a CSV file is text, which nothing fails to be
        return f"read_files({text(path)}, {form}, schemaEvolutionMode => 'none')"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement to its end and return its rows."""
        from databricks.sdk.service.sql import StatementState

        api, warehouse = self._client.statement_execution, self._warehouse()
        answer = asked(lambda: api.execute_statement(statement, warehouse, wait_timeout=_WAIT))
        while (state := _state(answer)) in (StatementState.PENDING, StatementState.RUNNING):
            self._sleep(_AGAIN)
            identity = str(answer.statement_id)
            answer = asked(lambda: api.get_statement(identity))  # noqa: B023 - called at once
        if state is not StatementState.SUCCEEDED:
            error = answer.status.error if answer.status else None
            said = (error and error.message) or f"it ended as {getattr(state, 'value', state)}"
            raise OutsideError(f"SQL warehouse {self._name}: {said.strip()}\nin {statement[:200]}")
        return [tuple(row) for row in (answer.result and answer.result.data_array) or ()]

    def _warehouse(self) -> str:
        if self._id is None:
            found = asked(lambda: list(self._client.warehouses.list()))
            there = [one for one in found if one.name == self._name]
            if not there:
                raise OutsideError(
                    f"there is no SQL warehouse {self._name} (make it first: `mesh workshop deploy`)"
                )
            self._id = str(there[0].id)
        return self._id


def _state(answer: StatementResponse) -> object:
    return answer.status and answer.status.state
