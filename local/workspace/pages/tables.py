"""`/tables`: the tables and views by schema, and the columns and first rows of each."""

from itertools import groupby

import duckdb
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from minilake.errors import DatabricksError

from local.workspace.compute.statements import as_text, first_rows
from local.workspace.pages.page import Cell, Number, Page, table_link
from local.workspace.store import Json
from local.workspace.unity_catalog import securable, tables

router = APIRouter()

_ROWS = 100
_NUMBERS = ("byte", "tinyint", "short", "smallint", "int", "long", "bigint", "float", "double", "decimal")


@router.get("/tables")
async def get_tables() -> HTMLResponse:
    """The page of all tables."""
    page = Page("Tables", place="/tables")
    known = sorted(securable.registry("tables").values(), key=lambda one: (_schema(one), str(one["name"])))
    if not known:
        page.text("There are no tables: mesh local data load, or mesh local run <flow>")
    for schema, in_schema in groupby(known, _schema):
        page.heading(schema)
        page.table(("table", "kind", "comment"), map(_table, in_schema))
    return page.response()


@router.get("/tables/{full_name}")
async def get_table(full_name: str) -> HTMLResponse:
    """The page of a table."""
    table = await tables.get(full_name)
    title = f"{(_kind(table) or 'table').capitalize()} {table['full_name']}"
    page = Page(title, str(table.get("comment") or ""), place="/tables")
    page.heading("Columns")
    columns = table.get("columns") or ()
    kinds = ((one["name"], _type(one), str(one.get("comment") or "")) for one in columns)
    page.table(("column", "type", "comment"), kinds)
    try:
        names, rows = await first_rows(table, _ROWS)
    except (duckdb.Error, DatabricksError) as error:
        page.heading("Rows")
        page.text(str(error).strip(), "bad")
        return page.response()
    page.heading("Rows" if len(rows) < _ROWS else f"First {_ROWS} rows")
    numbers = {str(one["name"]) for one in columns if _type(one).startswith(_NUMBERS)}
    page.table(names, ([*map(_cell, row, (name in numbers for name in names))] for row in rows))
    if not rows:
        page.text("The table is empty.")
    return page.response()


def _schema(table: Json) -> str:
    return f"{table['catalog_name']}.{table['schema_name']}"


def _kind(table: Json) -> str:
    """`view` and the like; "" for a table."""
    kind = str(table.get("table_type") or "").lower().replace("_", " ")
    return "" if kind in ("managed", "external") else kind


def _table(table: Json) -> tuple[Cell, ...]:
    name = table_link(str(table["full_name"]), str(table["name"]))
    return name, _kind(table), str(table.get("comment") or "")


def _type(column: dict[str, object]) -> str:
    required = "" if column.get("nullable", True) else ", not null"
    return f"{str(column.get('type_text') or '').lower()}{required}"


def _cell(value: object, is_number: bool) -> Cell:
    text = as_text(value)
    if text is None:
        return "null"
    shown = text if len(text) <= 300 else f"{text[:300]}…"
    return Number(shown) if is_number else shown
