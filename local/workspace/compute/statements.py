"""SQL statements. DuckDB executes them and also reads Delta tables.

DuckDB sees a table that Spark writes as a view on the table's files. Each statement that names the table
recreates the view, because the table's columns may have changed.
"""

import asyncio
import base64
import contextlib
import json
import re
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from fastapi import APIRouter, Request
from minilake.app import get_duckdb_pool
from minilake.errors import DatabricksError
from minilake.models.sql import ExecuteStatementRequest
from minilake.services import sql_statements, sql_warehouses, unity_catalog
from minilake.uc_types import normalize_column_type

from local.workspace.errors import invalid, not_found, not_implemented
from local.workspace.store import Json, now_ms

router = APIRouter(prefix="/api/2.0/sql/statements")

_WRITE_STATEMENT = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|ALTER|DROP)\b", re.IGNORECASE)
_METADATA_QUERY = re.compile(r"^\s*(SHOW|DESCRIBE)\b|\binformation_schema\b|\bduckdb_\w+\(", re.IGNORECASE)


@router.post("")
async def execute(body: Json, request: Request) -> Json:
    """Run one statement and return its rows or its error in the form of the Statement Execution API."""
    if body.get("warehouse_id") not in sql_warehouses._state["warehouses"]:
        raise not_found("SQL warehouse", body.get("warehouse_id"))
    if body.get("parameters"):
        raise not_implemented("the local workspace does not support parameters in SQL statements")
    sql_request = ExecuteStatementRequest(**body)
    disposition, form = sql_request.disposition or "INLINE", sql_request.format or "JSON_ARRAY"
    if disposition == "INLINE" and form != "JSON_ARRAY":
        raise invalid(f"format {form} needs disposition EXTERNAL_LINKS")
    statement_id, started = str(uuid.uuid4()), now_ms()
    try:
        columns, types, rows = await _execute(sql_request)
    except (duckdb.Error, DatabricksError) as error:
        code, message = "BAD_REQUEST", str(error).strip()
        sql_statements._record_failure(statement_id, sql_request, disposition, form, started, code, message)
        failure = {"state": "FAILED", "error": {"error_code": code, "message": message}}
        return {"statement_id": statement_id, "status": failure}
    rows, truncated = _cut(rows, body.get("row_limit"))
    manifest = sql_statements._build_manifest(columns, rows, form, types)
    manifest.truncated = truncated
    result = sql_statements._build_result_data(request, statement_id, columns, rows, disposition, form, types)
    sql_statements._record_statement(
        {
            "id": statement_id,
            "sql": sql_request.statement,
            "warehouse_id": sql_request.warehouse_id,
            "status": "SUCCEEDED",
            "result": result.model_dump(),
            "raw_columns": columns,
            "raw_column_types": types,
            "raw_rows": rows,
            "row_count": len(rows),
            "disposition": disposition,
            "format": form,
            "created_at": started,
            "started_at": started,
            "ended_at": now_ms(),
        }
    )
    result_fields = result.model_dump(exclude_none=True, exclude={"columns"})
    return {
        "statement_id": statement_id,
        "status": {"state": "SUCCEEDED"},
        "manifest": manifest.model_dump(by_alias=True, exclude_none=True),
        "result": {"chunk_index": 0, "row_offset": 0, **result_fields},
    }


async def drop_view(table: Json) -> None:
    """Drop DuckDB's view on a table that Spark writes."""
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"DROP VIEW IF EXISTS {_qualified(table)}")


async def _execute(sql_request: ExecuteStatementRequest) -> tuple[list[str], list[str], list[list[Any]]]:
    sql = _duckdb_sql(sql_request.statement)
    spark_tables = [each for each in _spark_tables() if _refers_to(sql, each)]
    if _WRITE_STATEMENT.match(sql) and any(_is_target(sql, each) for each in spark_tables):
        raise invalid(
            "SQL cannot write Delta tables in the local workspace: write them with Spark, in a notebook"
        )
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        # In a thread, so that a long query does not block other requests.
        return await asyncio.to_thread(_run, connection, sql_request, sql, spark_tables)


def _duckdb_sql(statement: str) -> str:
    sql = sql_statements._debacktick_identifiers(statement)
    if sql_statements._classify_create_external(sql):
        raise invalid(
            "SQL cannot create Delta tables in the local workspace: create them with Spark, in a notebook"
        )
    return str(sql_statements._strip_databricks_ddl_clauses(sql))


def _run(
    connection: duckdb.DuckDBPyConnection,
    sql_request: ExecuteStatementRequest,
    sql: str,
    spark_tables: Sequence[Json],
) -> tuple[list[str], list[str], list[list[Any]]]:
    for table in spark_tables:
        _create_view(connection, table)
    previous = connection.execute("SELECT current_catalog(), current_schema()").fetchone() or (
        "memory",
        "main",
    )
    try:
        if sql_request.catalog:
            connection.execute(f"USE {_quoted(sql_request.catalog, sql_request.schema_name or 'default')}")
        elif sql_request.schema_name:
            connection.execute(f"USE {_quoted(sql_request.schema_name)}")
        cursor = connection.execute(sql)
        described = cursor.description or []
        rows = [[_as_text(cell) for cell in row] for row in cursor.fetchall()]
        return [each[0] for each in described], [_type_name(str(each[1])) for each in described], rows
    finally:
        connection.execute(f"USE {_quoted(*previous)}")


def _create_view(connection: duckdb.DuckDBPyConnection, table: Json) -> None:
    location = table["storage_location"].replace("'", "''")
    # A table without files has no view; the statement then fails with DuckDB's error.
    with contextlib.suppress(duckdb.Error):
        connection.execute(
            f"CREATE OR REPLACE VIEW {_qualified(table)} AS SELECT * FROM delta_scan('{location}')"  # noqa: S608
        )


def _spark_tables() -> list[Json]:
    return list(unity_catalog._state["external_tables"].values())


def _refers_to(sql: str, table: Json) -> bool:
    return table["name"].lower() in sql.lower() or bool(_METADATA_QUERY.search(sql))


def _is_target(sql: str, table: Json) -> bool:
    first_terms = sql.split(None, 4)[:4]
    return any(table["name"].lower() in term.lower() for term in first_terms)


def _qualified(table: Json) -> str:
    return _quoted(table["catalog_name"], table["schema_name"], table["name"])


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def _cut(rows: list[list[Any]], limit: int | None) -> tuple[list[list[Any]], bool]:
    return (rows[:limit], True) if limit and len(rows) > limit else (rows, False)


def _type_name(duckdb_type: str) -> str:
    """Return Databricks' name of a column type, or DuckDB's name if Databricks has none."""
    try:
        return str(normalize_column_type(duckdb_type).type_name)
    except DatabricksError:
        return "TIMESTAMP" if duckdb_type.startswith("TIMESTAMP") else duckdb_type


def _as_text(cell: Any) -> str | None:
    """Return a cell as text, as the API does; null stays null."""
    match cell:
        case None | str():
            return cell
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.strftime("%Y-%m-%dT%H:%M:%S.") + f"{cell.microsecond // 1000:03d}Z"
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case bytes():
            return base64.b64encode(cell).decode("ascii")
        case list() | dict():
            return json.dumps(cell, default=str, ensure_ascii=False)
    return str(cell)
