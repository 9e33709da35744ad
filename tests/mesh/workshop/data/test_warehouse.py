"""Tables that a SQL warehouse makes, and files that the Files API takes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.sql import (
    ResultData,
    ServiceError,
    StatementResponse,
    StatementState,
    StatementStatus,
)

from mesh.errors import OutsideError
from mesh.workshop.data.tables import SOURCE_PROPERTY
from mesh.workshop.data.volume_files import DatabricksVolume, Listed
from mesh.workshop.data.warehouse import Warehouse
from mesh.workshop.data.workspace import WorkspacePlace

VOLUME = "/Volumes/training/data/crimes"


class Workspace:
    """What a workspace answers, in order, and what it was asked."""

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


def client(workspace: Workspace) -> WorkspaceClient:
    return cast(WorkspaceClient, workspace)


def test_a_statement_is_waited_for_while_the_warehouse_starts() -> None:
    slept: list[float] = []
    workspace = Workspace(StatementState.PENDING, StatementState.RUNNING, *[StatementState.SUCCEEDED] * 2)
    warehouse = Warehouse(client(workspace), "workshop-a", slept.append)

    assert warehouse.run("SELECT 1") == [("3",)]
    assert warehouse.run("SELECT 2") == [("3",)]
    assert len(slept) == 2
    assert workspace.asked == [("warehouses",), ("SELECT 1", "2"), ("SELECT 2", "2")]


def test_a_statement_that_fails_says_what_the_warehouse_said() -> None:
    workspace = Workspace(StatementState.FAILED, message="no such column")

    with pytest.raises(OutsideError, match="SQL warehouse workshop-a: no such column\nin SELECT 1"):
        Warehouse(client(workspace), "workshop-a").run("SELECT 1")
    with pytest.raises(OutsideError, match="it ended as CANCELED"):
        Warehouse(client(Workspace(StatementState.CANCELED)), "workshop-a").run("SELECT 1")


def test_a_warehouse_that_is_not_there_is_made_by_a_deployment() -> None:
    with pytest.raises(OutsideError, match=r"no SQL warehouse workshop-b .*mesh workshop deploy"):
        Warehouse(client(Workspace()), "workshop-b").run("SELECT 1")


def test_the_source_of_a_table_is_known_without_a_warehouse() -> None:
    workspace = Workspace()
    warehouse = Warehouse(client(workspace), "workshop-a")

    assert warehouse.source("training.data.crimes") == "abc"
    assert warehouse.source("training.data.other") is None
    assert warehouse.source("training.data.gone") is None
    assert workspace.asked == []


def test_files_are_read_with_all_columns_as_text() -> None:
    warehouse = Warehouse(client(Workspace()), "workshop-a")

    assert warehouse.relation(f"{VOLUME}/a.csv", parquet=False) == (
        f"read_files('{VOLUME}/a.csv', format => 'csv', header => true, inferColumnTypes => false, "
        "escape => '\"', schemaEvolutionMode => 'none')"
    )
    assert warehouse.relation(f"{VOLUME}/it's.parquet", parquet=True) == (
        f"read_files('{VOLUME}/it\\'s.parquet', format => 'parquet', schemaEvolutionMode => 'none')"
    )


def test_files_of_a_volume_are_listed_by_their_path_in_it() -> None:
    volume = DatabricksVolume(client(Workspace()), VOLUME)

    assert volume.listed("") == {"a.csv": Listed(5, 9)}
    assert volume.listed("trips") == {"trips/a.csv": Listed(5, 9)}
    assert volume.listed("none") == {}


def test_a_file_is_written_with_the_folders_above_it() -> None:
    workspace = Workspace()
    volume = DatabricksVolume(client(workspace), VOLUME)

    volume.write("trips/a.csv", io.BytesIO(b"x"))
    volume.write("a.csv", io.BytesIO(b"y"))
    volume.delete("a.csv")

    assert workspace.asked == [
        ("directory", f"{VOLUME}/trips"),
        ("upload", f"{VOLUME}/trips/a.csv", b"x", True),
        ("upload", f"{VOLUME}/a.csv", b"y", True),
    ]


def test_what_a_workspace_lacks_is_told_by_its_full_name() -> None:
    workspace = Workspace()
    place = WorkspacePlace(client(workspace), Warehouse(client(workspace), "workshop-a"))

    lacking = place.lacks({VOLUME: (), "/Volumes/training/data/gone": ()}, frozenset({"training.gone"}))

    assert lacking == ["schema training.gone", "volume training.data.gone"]
    with pytest.raises(OutsideError, match=r"as it should: no USE SCHEMA \(check DATABRICKS_HOST"):
        place.lacks({"/Volumes/training/data/denied": ()}, frozenset())
