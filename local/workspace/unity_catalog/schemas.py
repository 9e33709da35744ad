"""Schemas of Unity Catalog. Each schema is also a DuckDB schema, for SQL."""

import shutil
import uuid

from fastapi import APIRouter, Request

from local.home import Home
from local.workspace.errors import invalid, invalid_state
from local.workspace.store import Json
from local.workspace.unity_catalog import cloud_storage, securable, tables, volumes

router = APIRouter(prefix="/api/2.1/unity-catalog/schemas")

# Each catalog has this schema; nobody can change or delete it.
INFORMATION_SCHEMA = "information_schema"


@router.post("")
async def create(body: Json) -> Json:
    """Create a schema."""
    return await add(str(body.get("catalog_name", "")), body)


@router.get("")
async def list_(catalog_name: str) -> Json:
    """List the schemas of a catalog."""
    securable.find("catalogs", catalog_name)
    return {"schemas": list(securable.children("schemas", catalog_name).values())}


@router.get("/{full_name}")
async def get(full_name: str) -> Json:
    """Get a schema."""
    return securable.find("schemas", full_name)


@router.patch("/{full_name}")
async def update(full_name: str, body: Json) -> Json:
    """Change a schema's comment, owner or properties."""
    _refuse_information_schema(full_name)
    return securable.update("schemas", full_name, body)


@router.delete("/{full_name}")
async def delete(full_name: str, request: Request, force: bool = False) -> Json:
    """Delete a schema. With `force`, its content is deleted, too; without, it must be empty."""
    schema = securable.find("schemas", full_name)
    _refuse_information_schema(full_name)
    counts = await _count_content(schema)
    if any(counts.values()) and not force:
        content = ", ".join(f"{count} {kind}(s)" for kind, count in counts.items())
        raise invalid_state(f"Schema '{full_name}' is not empty. The schema has {content}")
    await drop(request.app.state.home, schema)
    return {}


async def add(catalog_name: str, fields: Json) -> Json:
    """Create a schema in a catalog and return its record.

    Raises:
        DatabricksError: 404, the catalog does not exist; 400, see `securable.add`.
    """
    catalog = securable.find("catalogs", catalog_name)["name"]
    cloud_storage.check_storage(fields)
    location = cloud_storage.managed_location(fields.get("storage_root"), "schemas")
    added = {"schema_id": str(uuid.uuid4()), **location}
    schema = securable.add("schemas", catalog, {**fields, "catalog_name": catalog, **added})
    await securable.query_duckdb(f'CREATE SCHEMA IF NOT EXISTS "{catalog}"."{schema["name"]}"')
    return schema


def add_information_schema(catalog_name: str) -> None:
    """Add the schema `information_schema` of a catalog, if it is missing. DuckDB has its own."""
    if f"{catalog_name}.{INFORMATION_SCHEMA}".lower() in securable.registry("schemas"):
        return
    added = {"catalog_name": catalog_name, "schema_id": str(uuid.uuid4())}
    fields = {"comment": "Information schema (auto-created)", "owner": "System user", **added}
    securable.add("schemas", catalog_name, {"name": INFORMATION_SCHEMA, **fields})


async def drop(home: Home, schema: Json) -> None:
    """Delete a schema with its tables, volumes, models, functions and files."""
    full_name = schema["full_name"]
    for table in list(securable.children("tables", full_name)):
        await tables.drop(home, table)
    for volume in list(securable.children("volumes", full_name)):
        volumes.drop(home, volume)
    for model in list(securable.children("models", full_name)):
        securable.remove("models", model)
    for function in list(securable.children("functions", full_name)):
        securable.remove("functions", function)
    catalog, name = schema["catalog_name"], schema["name"]
    await securable.query_duckdb(f'DROP SCHEMA IF EXISTS "{catalog}"."{name}" CASCADE')
    # Also files that Spark wrote before it died, without registering the table.
    shutil.rmtree(home.warehouse / catalog / name, ignore_errors=True)
    securable.remove("schemas", full_name)


def _refuse_information_schema(full_name: str) -> None:
    if full_name.lower().endswith(f".{INFORMATION_SCHEMA}"):
        raise invalid(f"Schema '{full_name}' belongs to the system and cannot be changed")


async def _count_content(schema: Json) -> dict[str, int]:
    """Return how many tables, functions, volumes and models a schema holds."""
    full_name = schema["full_name"]
    rows = await securable.query_duckdb(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = ? AND table_schema = ?",
        [schema["catalog_name"], schema["name"]],
    )
    names = {table["name"] for table in securable.children("tables", full_name).values()}
    return {
        "tables": len(names | {row[0].lower() for row in rows}),
        "functions": len(securable.children("functions", full_name)),
        "volumes": len(securable.children("volumes", full_name)),
        "models": len(securable.children("models", full_name)),
    }
