"""Catalogs and schemas of Unity Catalog."""

import shutil
import uuid

from fastapi import APIRouter, Request
from minilake.app import get_duckdb_pool

from local.workspace.errors import conflict, invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable, storage, tables, volumes

router = APIRouter(prefix="/api/2.1/unity-catalog")

DEFAULT_SCHEMA = "default"
_ISOLATION = ("OPEN", "ISOLATED")


@router.post("/catalogs")
async def create_catalog(body: Json) -> Json:
    """Create a catalog with its `default` schema; a DuckDB database answers SQL for it."""
    _check(body)
    defaults = {"catalog_type": "MANAGED_CATALOG", "securable_type": "CATALOG", "isolation_mode": "OPEN"}
    record = securable.add("catalogs", "", {**defaults, **body, **_storage_location(body, "catalogs")})
    name = record["name"]
    try:
        await get_duckdb_pool().attach_catalog(name)
    except Exception as error:
        securable.remove("catalogs", name)
        raise invalid(f"catalog '{name}': {error}") from error
    await _add_schema(name, {"name": DEFAULT_SCHEMA, "comment": "Default schema (auto-created)"})
    return record


@router.get("/catalogs")
async def list_catalogs() -> Json:
    """List the catalogs."""
    return {"catalogs": list(securable.registry("catalogs").values())}


@router.get("/catalogs/{name}")
async def get_catalog(name: str) -> Json:
    """Get a catalog."""
    return securable.find("catalogs", name)


@router.patch("/catalogs/{name}")
async def update_catalog(name: str, body: Json) -> Json:
    """Change a catalog's comment, owner, properties, isolation mode."""
    _check(body)
    return securable.change("catalogs", name, body)


@router.delete("/catalogs/{name}")
async def delete_catalog(name: str, request: Request, force: bool = False) -> Json:
    """Delete a catalog; one that holds something only by force, and then with all of it."""
    catalog = securable.find("catalogs", name)
    schemas = securable.below("schemas", name)
    # The default schema came by itself, so it may go by itself.
    held = [
        key
        for key, schema in schemas.items()
        if schema["name"] != DEFAULT_SCHEMA or any((await _contents(key)).values())
    ]
    if held and not force:
        raise conflict(f"Catalog '{name}' is not empty. The catalog has {len(held)} schema(s)")
    for schema in schemas.values():
        await _remove_schema(request, schema)
    await get_duckdb_pool().detach_catalog(catalog["name"])
    shutil.rmtree(request.app.state.home.warehouse / catalog["name"], ignore_errors=True)
    securable.remove("catalogs", name)
    return {}


@router.post("/schemas")
async def create_schema(body: Json) -> Json:
    """Create a schema."""
    return await _add_schema(str(body.get("catalog_name", "")), body)


@router.get("/schemas")
async def list_schemas(catalog_name: str) -> Json:
    """List the schemas of a catalog."""
    securable.find("catalogs", catalog_name)
    return {"schemas": list(securable.below("schemas", catalog_name).values())}


@router.get("/schemas/{full_name}")
async def get_schema(full_name: str) -> Json:
    """Get a schema."""
    return securable.find("schemas", full_name)


@router.patch("/schemas/{full_name}")
async def update_schema(full_name: str, body: Json) -> Json:
    """Change a schema's comment, owner, properties."""
    return securable.change("schemas", full_name, body)


@router.delete("/schemas/{full_name}")
async def delete_schema(full_name: str, request: Request, force: bool = False) -> Json:
    """Delete a schema; one that holds something only by force, and then with the files of its tables."""
    schema = securable.find("schemas", full_name)
    counts = await _contents(full_name)
    if any(counts.values()) and not force:
        held = ", ".join(f"{count} {kind}(s)" for kind, count in counts.items())
        raise conflict(f"Schema '{full_name}' is not empty. The schema has {held}")
    await _remove_schema(request, schema)
    return {}


async def _add_schema(catalog_name: str, body: Json) -> Json:
    catalog = securable.find("catalogs", catalog_name)["name"]
    _check(body)
    added = {"schema_id": str(uuid.uuid4()), **_storage_location(body, "schemas")}
    schema = securable.add("schemas", catalog, {**body, "catalog_name": catalog, **added})
    await securable.duckdb(f'CREATE SCHEMA IF NOT EXISTS "{catalog}"."{schema["name"]}"')
    return schema


async def _remove_schema(request: Request, schema: Json) -> None:
    full_name = schema["full_name"]
    home = request.app.state.home
    for table in list(securable.below("tables", full_name)):
        await tables.drop(home, table)
    for volume in list(securable.below("volumes", full_name)):
        volumes.drop(home, volume)
    for model in list(securable.below("models", full_name)):
        securable.remove("models", model)
    catalog, name = schema["catalog_name"], schema["name"]
    await securable.duckdb(f'DROP SCHEMA IF EXISTS "{catalog}"."{name}" CASCADE')
    # Also what Spark wrote and then died before it registered the table.
    shutil.rmtree(home.warehouse / catalog / name, ignore_errors=True)
    securable.remove("schemas", full_name)


async def _contents(full_name: str) -> dict[str, int]:
    catalog, schema = full_name.split(".")
    found = await securable.duckdb(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = ? AND table_schema = ?",
        [catalog, schema],
    )
    names = {table["name"] for table in securable.below("tables", full_name).values()}
    return {
        "tables": len(names | {row[0] for row in found}),
        "functions": len(securable.below("functions", full_name)),
        "volumes": len(securable.below("volumes", full_name)),
        "models": len(securable.below("models", full_name)),
    }


def _check(body: Json) -> None:
    mode = body.get("isolation_mode") or _ISOLATION[0]
    if mode not in _ISOLATION:
        raise invalid(f"isolation_mode '{mode}' is not one of {', '.join(_ISOLATION)}")
    if body.get("storage_root"):
        storage.check_url(body["storage_root"])


def _storage_location(body: Json, kind: str) -> Json:
    root = body.get("storage_root")
    if not root:
        return {}
    return {"storage_location": f"{root.rstrip('/')}/__unitystorage/{kind}/{uuid.uuid4()}"}
