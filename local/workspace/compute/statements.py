"""SQL statements. DuckDB executes them and also reads Delta tables.

A table that Spark writes is a view in DuckDB. Each statement that names the table recreates the view.
"""

import asyncio
import base64
import contextlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from fastapi import APIRouter, Request
from minilake.app import get_duckdb_pool
from minilake.errors import DatabricksError
from minilake.models.sql import ExecuteStatementRequest
from minilake.services import sql_statements, sql_warehouses, unity_catalog
from minilake.uc_types import normalize_column_type

from local.workspace.compute import spark_views
from local.workspace.compute.delta_tables import create_views, qualified, quoted, why_unreadable
from local.workspace.errors import invalid, not_found, not_implemented
from local.workspace.store import Json, now_ms

router = APIRouter(prefix="/api/2.0/sql/statements")

_WRITE_STATEMENT = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|ALTER|DROP)\b", re.IGNORECASE)
_CHANGED_VIEW = re.compile(
    r"(?:\s|--[^\n]*\n|/\*(?:(?!\*/).)*\*/)*(?:CREATE\s+(?:OR\s+REPLACE\s+)?|DROP\s+|ALTER\s+)VIEW\s+"
    r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>[^\s(;]+)",
    re.IGNORECASE | re.DOTALL,
)
_METADATA_QUERY = re.compile(r"^\s*(SHOW|DESCRIBE)\b|\binformation_schema\b|\bduckdb_\w+\(", re.IGNORECASE)

_TIMESTAMP = re.compile(r"\bTIMESTAMP(?:(?P<zone> WITH TIME ZONE)|_S|_MS|_NS)?\b")


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


async def first_rows(table: Json, number: int) -> tuple[list[str], list[list[Any]]]:
    """Return the names of a table's columns, and its first rows in the order of its files.

    Raises:
        duckdb.Error: DuckDB cannot read the table.
        DatabricksError: it cannot read it, with the reason.
    """
    statement = f"SELECT * FROM {qualified(table)} LIMIT {number}"  # noqa: S608 - quoted
    columns, _, rows = await _execute(ExecuteStatementRequest(statement=statement, warehouse_id=""))
    return columns, rows


async def drop_view(table: Json) -> None:
    """Drop DuckDB's view on a table that Spark writes, or of a view that Spark created."""
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"DROP VIEW IF EXISTS {qualified(table)}")


async def _execute(sql_request: ExecuteStatementRequest) -> tuple[list[str], list[str], list[list[Any]]]:
    sql = _duckdb_sql(sql_request.statement)
    views = [each for each in _spark_views() if _refers_to(sql, each)]
    if any(_changes_view(sql, each) for each in views):
        raise invalid("SQL cannot change views of Spark in the local workspace: use Spark, in a notebook")
    views = spark_views.with_what_they_read(views, unity_catalog._state["tables"])
    read = {name for view in views for name in spark_views.tables_read(view)}
    spark_tables = [
        each for each in _spark_tables() if _refers_to(sql, each) or _full_name(each).lower() in read
    ]
    if _WRITE_STATEMENT.match(sql) and any(_is_target(sql, each) for each in spark_tables):
        raise invalid(
            "SQL cannot write Delta tables in the local workspace: write them with Spark, in a notebook"
        )
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        # In a thread, so that a long query does not block other requests.
        return await asyncio.to_thread(_run, connection, sql_request, sql, spark_tables, views)


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
    views: Sequence[Json],
) -> tuple[list[str], list[str], list[list[Any]]]:
    unreadable = create_views(connection, spark_tables) | spark_views.create_views(connection, views)
    previous = connection.execute("SELECT current_catalog(), current_schema()").fetchone() or (
        "memory",
        "main",
    )
    try:
        if sql_request.catalog:
            connection.execute(f"USE {quoted(sql_request.catalog, sql_request.schema_name or 'default')}")
        elif sql_request.schema_name:
            connection.execute(f"USE {quoted(sql_request.schema_name)}")
        return _result(connection, sql)
    except duckdb.ParserException:
        raise
    except duckdb.Error as error:
        reasons = list(_reasons(str(error), sql, spark_tables, unreadable))
        if not reasons:
            raise
        raise invalid(reasons[0]) from None
    finally:
        connection.execute(f"USE {quoted(*previous)}")


def _reasons(error: str, sql: str, tables: Sequence[Json], unreadable: Mapping[str, str]) -> Iterator[str]:
    """Yield why DuckDB cannot read a table that a failed statement names."""
    for name, reason in unreadable.items():
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.IGNORECASE):
            yield reason
    for table in tables:
        # The view exists, but DuckDB cannot read the rows in the table's files.
        if table["storage_location"] in error:
            yield why_unreadable(table, error)


def _result(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> tuple[list[str], list[str], list[list[str | None]]]:
    """Run a statement; return the names and the types of its columns, and its rows as text."""
    parsed = connection.extract_statements(sql)
    if not parsed:
        raise invalid("the statement is empty")
    cursor = connection.execute(sql)
    described = [(str(each[0]), str(each[1])) for each in cursor.description or []]
    types = [kind for _, kind in described]
    if any("INTERVAL" in kind for kind in types) and parsed[-1].type == duckdb.StatementType.SELECT:
        # Python's timedelta has no months: DuckDB itself writes these columns as text.
        columns = ", ".join(_interval_as_text(position, kind) for position, kind in enumerate(types, 1))
        cells = connection.sql(sql).project(columns).fetchall()
    else:
        cells = cursor.fetchall()
    rows = [[as_text(cell) for cell in row] for row in cells]
    return [name for name, _ in described], [_type_name(kind) for kind in types], rows


def _interval_as_text(position: int, kind: str) -> str:
    if kind == "INTERVAL":
        return f"CAST(#{position} AS VARCHAR)"
    return f"to_json(#{position})" if "INTERVAL" in kind else f"#{position}"


def _spark_tables() -> list[Json]:
    return list(unity_catalog._state["external_tables"].values())


def _spark_views() -> list[Json]:
    return [each for each in unity_catalog._state["tables"].values() if spark_views.is_view(each)]


def _changes_view(sql: str, view: Json) -> bool:
    changed = _CHANGED_VIEW.match(sql)
    parts = [part.strip('"').lower() for part in changed["name"].split(".")] if changed else []
    return bool(parts) and _full_name(view).lower().split(".")[-len(parts) :] == parts


def _full_name(table: Json) -> str:
    return ".".join((table["catalog_name"], table["schema_name"], table["name"]))


def _refers_to(sql: str, table: Json) -> bool:
    return table["name"].lower() in sql.lower() or bool(_METADATA_QUERY.search(sql))


def _is_target(sql: str, table: Json) -> bool:
    first_terms = sql.split(None, 4)[:4]
    return any(table["name"].lower() in term.lower() for term in first_terms)


def _cut(rows: list[list[Any]], limit: int | None) -> tuple[list[list[Any]], bool]:
    return (rows[:limit], True) if limit and len(rows) > limit else (rows, False)


def databricks_type(duckdb_type: str) -> str:
    """Return a type of DuckDB with Databricks' names of timestamps: without a zone it is TIMESTAMP_NTZ."""
    return _TIMESTAMP.sub(
        lambda match: "TIMESTAMP" if match["zone"] else "TIMESTAMP_NTZ",
        duckdb_type,
    )


def _type_name(duckdb_type: str) -> str:
    """Return Databricks' name of a column type, or DuckDB's name if Databricks has none."""
    try:
        return str(normalize_column_type(databricks_type(duckdb_type)).type_name)
    except DatabricksError:
        return duckdb_type


def as_text(cell: Any) -> str | None:
    """Return a cell as text, as the API does; null stays null. A timestamp without a zone has no `Z`."""
    match cell:
        case None | str():
            return cell
        case bool():
            return "true" if cell else "false"
        case datetime():
            utc = cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
            return utc.isoformat(timespec="milliseconds") + ("Z" if cell.tzinfo else "")
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case bytes():
            return base64.b64encode(cell).decode("ascii")
        case list() | dict():
            return json.dumps(cell, default=as_text, ensure_ascii=False)
    return str(cell)
