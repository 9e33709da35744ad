"""`/tables`: the tables of all schemas, and the columns and first rows of each."""

import duckdb
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from minilake.errors import DatabricksError

from local.workspace.compute.statements import as_text, first_rows
from local.workspace.pages.page import Page, table_link
from local.workspace.unity_catalog import securable, tables

router = APIRouter()

_ROWS = 100


@router.get("/tables")
async def get_tables() -> HTMLResponse:
    """The page of all tables."""
    page = Page("Tables")
    known = sorted(securable.registry("tables").values(), key=lambda one: str(one["full_name"]))
    if not known:
        page.text("There are no tables: mesh local data load, or mesh local run <flow>")
    rows = ((table_link(one["full_name"]), str(one.get("comment") or "")) for one in known)
    page.table(("table", "comment"), rows)
    return page.response()


@router.get("/tables/{full_name}")
async def get_table(full_name: str) -> HTMLResponse:
    """The page of a table."""
    table = await tables.get(full_name)
    page = Page(f"Table {table['full_name']}", str(table.get("comment") or ""))
    page.heading("Columns")
    columns = table.get("columns") or ()
    kinds = ((one["name"], _type(one), str(one.get("comment") or "")) for one in columns)
    page.table(("column", "type", "comment"), kinds)
    page.heading(f"First {_ROWS} rows")
    try:
        names, rows = await first_rows(table, _ROWS)
    except (duckdb.Error, DatabricksError) as error:
        page.text(str(error).strip(), "bad")
        return page.response()
    page.table(names, ([_shown(cell) for cell in row] for row in rows))
    if not rows:
        page.text("The table is empty.")
    return page.response()


def _type(column: dict[str, object]) -> str:
    required = "" if column.get("nullable", True) else ", not null"
    return f"{str(column.get('type_text') or '').lower()}{required}"


def _shown(cell: object) -> str:
    text = as_text(cell)
    return "null" if text is None else text if len(text) <= 300 else f"{text[:300]}…"
