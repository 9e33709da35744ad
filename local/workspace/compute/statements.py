"""SQL statements: DuckDB answers, Delta tables among what it sees.

A table that Spark keeps is shown to DuckDB as a view on its files, made anew for each statement that
names it, since the table's columns may have changed in between.
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

from local.workspace.errors import invalid, missing, unsupported
from local.workspace.store import Json, now

router = APIRouter(prefix="/api/2.0/sql/statements")

_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|ALTER|DROP)\b", re.IGNORECASE)
_LISTS = re.compile(r"^\s*(SHOW|DESCRIBE)\b|\binformation_schema\b|\bduckdb_\w+\(", re.IGNORECASE)


@router.post("")
async def execute_statement(body: Json, request: Request) -> Json:
    """Run one statement to its end and return its rows, or its error, as the real API words it."""
    if body.get("warehouse_id") not in sql_warehouses._state["warehouses"]:
        raise missing("SQL warehouse", body.get("warehouse_id"))
    if body.get("parameters"):
        raise unsupported("the local workspace knows no parameters in SQL statements")
    asked = ExecuteStatementRequest(**body)
    disposition, form = asked.disposition or "INLINE", asked.format or "JSON_ARRAY"
    if disposition == "INLINE" and form != "JSON_ARRAY":
        raise invalid(f"format {form} needs disposition EXTERNAL_LINKS")
    statement_id, started = str(uuid.uuid4()), now()
    try:
        columns, types, rows = await _execute(asked)
    except (duckdb.Error, DatabricksError) as error:
        code, message = "BAD_REQUEST", str(error).strip()
        sql_statements._record_failure(statement_id, asked, disposition, form, started, code, message)
        failure = {"state": "FAILED", "error": {"error_code": code, "message": message}}
        return {"statement_id": statement_id, "status": failure}
    rows, truncated = _limited(rows, body.get("row_limit"))
    manifest = sql_statements._build_manifest(columns, rows, form, types)
    manifest.truncated = truncated
    result = sql_statements._build_result_data(request, statement_id, columns, rows, disposition, form, types)
    sql_statements._record_statement(
        {
            "id": statement_id,
            "sql": asked.statement,
            "warehouse_id": asked.warehouse_id,
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
            "ended_at": now(),
        }
    )
    told = result.model_dump(exclude_none=True, exclude={"columns"})
    return {
        "statement_id": statement_id,
        "status": {"state": "SUCCEEDED"},
        "manifest": manifest.model_dump(by_alias=True, exclude_none=True),
        "result": {"chunk_index": 0, "row_offset": 0, **told},
    }


async def drop_view(table: Json) -> None:
    """Take a table that Spark keeps out of DuckDB's sight."""
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"DROP VIEW IF EXISTS {_qualified(table)}")


async def _execute(asked: ExecuteStatementRequest) -> tuple[list[str], list[str], list[list[Any]]]:
    sql = _duckdb_sql(asked.statement)
    spark_tables = [each for each in _spark_tables() if _names(sql, each)]
    if _WRITES.match(sql) and any(_is_target(sql, each) for each in spark_tables):
        raise invalid("Delta tables are read-only for SQL here: write them in a notebook, with Spark")
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        # In a thread, or a long query would keep everybody else waiting.
        return await asyncio.to_thread(_in_thread, connection, asked, sql, spark_tables)


def _duckdb_sql(statement: str) -> str:
    sql = sql_statements._debacktick_identifiers(statement)
    if sql_statements._classify_create_external(sql):
        raise invalid("Delta tables are made in a notebook here, with Spark")
    return str(sql_statements._strip_databricks_ddl_clauses(sql))


def _in_thread(
    connection: duckdb.DuckDBPyConnection,
    asked: ExecuteStatementRequest,
    sql: str,
    spark_tables: Sequence[Json],
) -> tuple[list[str], list[str], list[list[Any]]]:
    for table in spark_tables:
        _show(connection, table)
    home = connection.execute("SELECT current_catalog(), current_schema()").fetchone() or ("memory", "main")
    try:
        if asked.catalog:
            connection.execute(f"USE {_quoted(asked.catalog, asked.schema_name or 'default')}")
        elif asked.schema_name:
            connection.execute(f"USE {_quoted(asked.schema_name)}")
        cursor = connection.execute(sql)
        described = cursor.description or []
        rows = [[_text(cell) for cell in row] for row in cursor.fetchall()]
        return [each[0] for each in described], [_type(str(each[1])) for each in described], rows
    finally:
        connection.execute(f"USE {_quoted(*home)}")


def _show(connection: duckdb.DuckDBPyConnection, table: Json) -> None:
    location = table["storage_location"].replace("'", "''")
    # Without files yet it stays unknown, and the statement says so.
    with contextlib.suppress(duckdb.Error):
        connection.execute(
            f"CREATE OR REPLACE VIEW {_qualified(table)} AS SELECT * FROM delta_scan('{location}')"  # noqa: S608
        )


def _spark_tables() -> list[Json]:
    return list(unity_catalog._state["external_tables"].values())


def _names(sql: str, table: Json) -> bool:
    return table["name"].lower() in sql.lower() or bool(_LISTS.search(sql))


def _is_target(sql: str, table: Json) -> bool:
    after = sql.split(None, 4)[:4]
    return any(table["name"].lower() in word.lower() for word in after)


def _qualified(table: Json) -> str:
    return _quoted(table["catalog_name"], table["schema_name"], table["name"])


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def _limited(rows: list[list[Any]], limit: int | None) -> tuple[list[list[Any]], bool]:
    return (rows[:limit], True) if limit and len(rows) > limit else (rows, False)


def _type(duckdb_type: str) -> str:
    """Return Databricks' name of a column type, DuckDB's own where there is none."""
    try:
        return str(normalize_column_type(duckdb_type).type_name)
    except DatabricksError:
        return "TIMESTAMP" if duckdb_type.startswith("TIMESTAMP") else duckdb_type


def _text(cell: Any) -> str | None:
    """Return a cell as the API does: everything is text, null is null."""
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
