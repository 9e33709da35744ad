"""Catalogs of Unity Catalog. Each catalog is also a DuckDB database, for SQL."""

import shutil

from fastapi import APIRouter, Request
from minilake.app import get_duckdb_pool

from local.workspace.errors import invalid, invalid_state
from local.workspace.store import Json
from local.workspace.unity_catalog import cloud_storage, schemas, securable

router = APIRouter(prefix="/api/2.1/unity-catalog/catalogs")

DEFAULT_SCHEMA = "default"


@router.post("")
async def create(body: Json) -> Json:
    """Create a catalog with its schemas `default` and `information_schema`."""
    cloud_storage.check_storage(body)
    defaults = {"catalog_type": "MANAGED_CATALOG", "securable_type": "CATALOG", "isolation_mode": "OPEN"}
    location = cloud_storage.managed_location(body.get("storage_root"), "catalogs")
    catalog = securable.add("catalogs", "", {**defaults, **body, **location})
    name = catalog["name"]
    try:
        await get_duckdb_pool().attach_catalog(name)
    except Exception as error:
        securable.remove("catalogs", name)
        raise invalid(f"catalog '{name}': {error}") from error
    await schemas.add(name, {"name": DEFAULT_SCHEMA, "comment": "Default schema (auto-created)"})
    schemas.add_information_schema(name)
    return catalog


@router.get("")
async def list_() -> Json:
    """List the catalogs."""
    return {"catalogs": list(securable.registry("catalogs").values())}


@router.get("/{name}")
async def get(name: str) -> Json:
    """Get a catalog."""
    return securable.find("catalogs", name)


@router.patch("/{name}")
async def update(name: str, body: Json) -> Json:
    """Change a catalog's comment, owner, properties or isolation mode."""
    cloud_storage.check_storage(body)
    return securable.update("catalogs", name, body)


@router.delete("/{name}")
async def delete(name: str, request: Request, force: bool = False) -> Json:
    """Delete a catalog, with `force` together with its content; without `force`, it must be empty.

    Databricks documentation, "Manage catalogs": a catalog is empty if it has no schema except
    `information_schema`. The schema `default` makes it non-empty, so the provider deletes `default` in a new
    catalog.
    """
    home = request.app.state.home
    catalog = securable.find("catalogs", name)
    content = [
        schema
        for schema in securable.children("schemas", name).values()
        if schema["name"] != schemas.INFORMATION_SCHEMA
    ]
    if content and not force:
        raise invalid_state(f"Catalog '{name}' is not empty. The catalog has {len(content)} schema(s)")
    for schema in content:
        await schemas.drop(home, schema)
    securable.remove("schemas", f"{name}.{schemas.INFORMATION_SCHEMA}")
    await get_duckdb_pool().detach_catalog(catalog["name"])
    shutil.rmtree(home.warehouse / catalog["name"], ignore_errors=True)
    securable.remove("catalogs", name)
    return {}
