"""SQL on a SQL warehouse."""

from __future__ import annotations

import pytest
from databricks.sdk.service.sql import (
    StatementState,
)

from mesh.errors import OutsideError
from mesh.workshop.data.warehouse import WarehouseEngine
from tests.support.sql_workspace import VOLUME, SqlWorkspace, client


def test_a_statement_waits_for_the_warehouse_to_start() -> None:
    slept: list[float] = []
    workspace = SqlWorkspace(StatementState.PENDING, StatementState.RUNNING, *[StatementState.SUCCEEDED] * 2)
    warehouse = WarehouseEngine(client(workspace), "workshop-a", slept.append)

    assert warehouse.run("SELECT 1") == [("3",)]
    assert warehouse.run("SELECT 2") == [("3",)]
    assert len(slept) == 2
    assert workspace.asked == [("warehouses",), ("SELECT 1", "2"), ("SELECT 2", "2")]


def test_a_failed_statement_reports_the_warehouses_error() -> None:
    workspace = SqlWorkspace(StatementState.FAILED, message="no such column")

    with pytest.raises(OutsideError, match="SQL warehouse workshop-a: no such column\nin SELECT 1"):
        WarehouseEngine(client(workspace), "workshop-a").run("SELECT 1")
    with pytest.raises(OutsideError, match="it ended as CANCELED"):
        WarehouseEngine(client(SqlWorkspace(StatementState.CANCELED)), "workshop-a").run("SELECT 1")


def test_a_missing_warehouse_is_reported_with_the_command_that_creates_it() -> None:
    with pytest.raises(OutsideError, match=r"no SQL warehouse workshop-b .*mesh workshop deploy"):
        WarehouseEngine(client(SqlWorkspace()), "workshop-b").run("SELECT 1")


def test_the_source_of_a_table_is_read_without_a_warehouse() -> None:
    workspace = SqlWorkspace()
    warehouse = WarehouseEngine(client(workspace), "workshop-a")

    assert warehouse.source("training.data.crimes") == "abc"
    assert warehouse.source("training.data.other") is None
    assert warehouse.source("training.data.gone") is None
    assert workspace.asked == []


def test_files_are_read_with_all_columns_as_text() -> None:
    warehouse = WarehouseEngine(client(SqlWorkspace()), "workshop-a")

    assert warehouse.relation(f"{VOLUME}/a.csv", parquet=False) == (
        f"read_files('{VOLUME}/a.csv', format => 'csv', header => true, inferColumnTypes => false, "
        "escape => '\"', schemaEvolutionMode => 'none')"
    )
    assert warehouse.relation(f"{VOLUME}/it's.parquet", parquet=True) == (
        f"read_files('{VOLUME}/it\\'s.parquet', format => 'parquet', schemaEvolutionMode => 'none')"
    )
