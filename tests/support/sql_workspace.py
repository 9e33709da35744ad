"""A fake of the Databricks SDK: statements, tables and files of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.sql import (
    ResultData,
    ServiceError,
    StatementResponse,
    StatementState,
    StatementStatus,
)

from mesh.workshop.data.tables import SOURCE_PROPERTY

VOLUME = "/Volumes/training/data/crimes"


class SqlWorkspace:
    """A workspace that answers statements with these states, in order, and records requests."""

    def __init__(self, *states: StatementState, message: str = "") -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answers = iter(states)
        self._message = message
        self.statement_execution = self.warehouses = self.tables = self.schemas = self.volumes = (
            self.files
        ) = self

    def execute_statement(self, statement: str, warehouse: str, **more: Any) -> StatementResponse:
        self.asked.append((statement, warehouse))
        return self.get_statement("7")

    def get_statement(self, statement_id: str) -> StatementResponse:
        error = ServiceError(message=self._message) if self._message else None
        status = StatementStatus(state=next(self._answers), error=error)
        return StatementResponse(
            statement_id=statement_id, status=status, result=ResultData(data_array=[["3"]])
        )

    def list(self) -> Iterator[Any]:
        self.asked.append(("warehouses",))
        yield SimpleNamespace(name="of others", id="1")
        yield SimpleNamespace(name="workshop-a", id="2")

    def get(self, name: str) -> Any:
        if name == "training.data.denied":
            raise PermissionDenied("no USE SCHEMA\nstack")
        if name in ("training.data.gone", "training.gone"):
            raise NotFound("gone")
        return SimpleNamespace(properties={SOURCE_PROPERTY: "abc"} if name.endswith("crimes") else None)

    read = get

    def list_directory_contents(self, path: str) -> Iterator[Any]:
        if path.endswith("/none"):
            raise NotFound("gone")
        yield SimpleNamespace(name="a.csv", is_directory=False, file_size=5, last_modified=9)
        yield SimpleNamespace(name="below", is_directory=True, file_size=None, last_modified=9)

    def create_directory(self, path: str) -> None:
        self.asked.append(("directory", path))

    def upload(self, path: str, content: Any, *, overwrite: bool) -> None:
        self.asked.append(("upload", path, content.read(), overwrite))

    def delete(self, path: str) -> None:
        raise NotFound("gone")


def client(workspace: SqlWorkspace) -> WorkspaceClient:
    return cast(WorkspaceClient, workspace)
