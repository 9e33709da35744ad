"""Tables of Unity Catalog. Spark writes them as Delta files and registers them here; SQL reads them."""

import shutil
import uuid
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Request
from minilake.models.unity_catalog import CreateTableRequest, TableInfo
from minilake.services import unity_catalog

from local.home import Home
from local.workspace.compute import delta_tables, statements
from local.workspace.compute.spark_views import is_view
from local.workspace.errors import invalid, not_found
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog/tables")


@router.post("")
async def create(body: Json) -> Json:
    """Register a Delta table with its location and columns, or a view with its text.

    DuckDB creates all other tables.
    """
    schema = securable.find("schemas", f"{body.get('catalog_name')}.{body.get('schema_name')}")
    names = {"catalog_name": schema["catalog_name"], "schema_name": schema["name"]}
    if body.get("table_type") == "VIEW":
        return _create_view(body, names)
    if body.get("table_type") != "EXTERNAL" or str(body.get("data_source_format")).upper() != "DELTA":
        lower = {name: value.lower() for name, value in {**names, "name": str(body.get("name"))}.items()}
        created = await unity_catalog.create_table(CreateTableRequest(**{**body, **lower}))
        return _response(created)
    location = location_folder(str(body.get("storage_location") or ""))
    fields = {**body, **names, "table_id": str(uuid.uuid4())}
    table = securable.add("tables", schema["full_name"], fields)
    unity_catalog._state["external_tables"][table["full_name"].lower()] = {
        **names,
        "name": table["name"],
        "storage_location": str(location),
        "created_at": table["created_at"],
    }
    return table


@router.get("")
async def list_(catalog_name: str, schema_name: str, omit_columns: bool = False) -> Json:
    """List the tables of a schema. Tables that SQL created have no owner: nothing records it."""
    schema = securable.find("schemas", f"{catalog_name}.{schema_name}")
    # One query for all tables: DuckDB scans every catalog for each query.
    column_rows = await securable.query_duckdb(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_catalog = ? AND table_schema = ? ORDER BY table_name, ordinal_position",
        [schema["catalog_name"], schema["name"]],
    )
    tables = securable.children("tables", schema["full_name"])
    columns = {}
    for name, rows in groupby(column_rows, key=itemgetter(0)):
        record = unity_catalog._adopt_unregistered(schema["catalog_name"], schema["name"], name.lower())
        del record["owner"]
        tables.setdefault(record["full_name"].lower(), record)
        columns[record["full_name"].lower()] = [
            {"name": column, "type_text": kind, "nullable": nullable == "YES"}
            for _, column, kind, nullable in rows
        ]
    if omit_columns:
        return {"tables": [{**each, "columns": None} for each in tables.values()]}
    return {"tables": [await _with_columns(each, columns.get(key)) for key, each in tables.items()]}


@router.get("/{full_name}")
async def get(full_name: str) -> Json:
    """Get a table or view. The columns of a table come from its files, if there are files."""
    table = securable.registry("tables").get(full_name.lower())
    if table is None or not (table.get("table_type") == "EXTERNAL" or is_view(table)):
        return await _duckdb_table(full_name)
    return await _with_columns(table)


@router.get("/{full_name}/exists")
async def exists(full_name: str) -> Json:
    """Return whether a table exists."""
    registered = full_name.lower() in securable.registry("tables")
    return {"table_exists": registered or await _duckdb_name(full_name) is not None}


@router.patch("/{full_name}")
async def update(full_name: str, body: Json) -> Json:
    """Change a table's comment, owner, properties or columns, or the name of a view."""
    table = securable.registry("tables").get(full_name.lower())
    new_name = str(body.get("new_name") or "")
    if table is not None and is_view(table) and new_name.lower() not in ("", table["name"]):
        await statements.drop_view(table)
        full_name = securable.rename("tables", full_name, new_name)["full_name"]
    return securable.update("tables", full_name, body)


@router.delete("/{full_name}")
async def delete(full_name: str, request: Request) -> Json:
    """Delete a table; also its files, if they are in the warehouse folder."""
    await drop(request.app.state.home, full_name)
    return {}


def _create_view(body: Json, names: Json) -> Json:
    """Register a view that Spark analysed: its text, its columns, and in which schema names are resolved."""
    if not body.get("view_definition"):
        raise invalid("a view needs its text in view_definition")
    fields = {**body, **names, "table_id": str(uuid.uuid4())}
    return securable.add("tables", f"{names['catalog_name']}.{names['schema_name']}", fields)


async def drop(home: Home, full_name: str) -> None:
    """Delete a table; also its files, if they are in the warehouse folder. Other files stay.

    Raises:
        DatabricksError: 404, the table does not exist.
    """
    external = unity_catalog._state["external_tables"].pop(full_name.lower(), None)
    view = securable.registry("tables").get(full_name.lower())
    if view is not None and is_view(view):
        await statements.drop_view(view)
    elif external is not None:
        await statements.drop_view(external)
        location = Path(external["storage_location"]).resolve()
        # At least <catalog>/<schema>/<table>: a table whose location is a schema's folder must not delete it.
        if len(_parts_below(location, home.warehouse.resolve())) >= 3:
            shutil.rmtree(location, ignore_errors=True)
    else:
        catalog, schema, name = _name_parts(full_name)
        registered = full_name.lower() in securable.registry("tables")
        if not registered and await _duckdb_name(full_name) is None:
            raise not_found("Table", full_name, "TABLE_DOES_NOT_EXIST")
        await securable.query_duckdb(f'DROP TABLE IF EXISTS "{catalog}"."{schema}"."{name}"')
    securable.remove("tables", full_name)


def location_folder(location: str) -> Path:
    """Return the folder of a storage location, which is a path or a `file:` URL.

    Raises:
        DatabricksError: 400, the location is not a folder on this machine.
    """
    if location.startswith("file:"):
        location = unquote(urlsplit(location).path)
    if not location.startswith("/"):
        raise invalid(f"storage_location '{location}' is not a folder on this machine")
    return Path(location)


def _parts_below(location: Path, folder: Path) -> tuple[str, ...]:
    return location.relative_to(folder).parts if location.is_relative_to(folder) else ()


async def _with_columns(table: Json, duckdb_columns: list[Json] | None = None) -> Json:
    """Return a table with the columns of its Delta files, or with DuckDB's columns."""
    if is_view(table):
        return table
    external = unity_catalog._state["external_tables"].get(table["full_name"].lower())
    if external:
        actual = await unity_catalog._delta_columns(delta_tables.delta_address(external["storage_location"]))
    else:
        actual = duckdb_columns or []
    actual = [{**each, "type_text": statements.databricks_type(each["type_text"])} for each in actual]
    return {**table, "columns": unity_catalog._describe_columns(table.get("columns") or [], actual)}


async def _duckdb_table(full_name: str) -> Json:
    _name_parts(full_name)
    if full_name.lower() in securable.registry("tables"):
        return _response(await unity_catalog.get_table(full_name.lower()))
    name = await _duckdb_name(full_name)
    if name is None:
        raise not_found("Table", full_name, "TABLE_DOES_NOT_EXIST")
    table = _response(await unity_catalog.get_table(name))
    return {**table, **{field: table[field].lower() for field in ("name", "full_name")}}


async def _duckdb_name(full_name: str) -> str | None:
    """Return the full name of a table as DuckDB keeps it: as SQL spelled it; None if there is none."""
    rows = await securable.query_duckdb(
        "SELECT table_catalog, table_schema, table_name FROM information_schema.tables"
        " WHERE lower(table_catalog) = ? AND lower(table_schema) = ? AND lower(table_name) = ?",
        [each.lower() for each in _name_parts(full_name)],
    )
    return ".".join(rows[0]) if rows else None


def _response(table: TableInfo) -> Json:
    fields: Json = table.model_dump(exclude_none=True)
    return fields


def _name_parts(full_name: str) -> tuple[str, str, str]:
    parts = full_name.split(".")
    if len(parts) != 3:
        raise invalid(f"a table's name is catalog.schema.table, not '{full_name}'")
    if any('"' in part for part in parts):
        raise not_found("Table", full_name, "TABLE_DOES_NOT_EXIST")
    return parts[0], parts[1], parts[2]
