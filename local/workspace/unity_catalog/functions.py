"""Functions of Unity Catalog. Spark creates them with SQL, and reads their definition from here."""

import uuid

from fastapi import APIRouter

from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog/functions")

_MOST = 1000


@router.post("")
async def create(body: Json) -> Json:
    """Register a function. Its fields are in `function_info`, as the real API has them, or in the body."""
    fields: Json = body.get("function_info") or body
    if not isinstance(fields, dict):
        raise invalid("function_info is not an object")
    schema = securable.find("schemas", f"{fields.get('catalog_name')}.{fields.get('schema_name')}")
    names = {"catalog_name": schema["catalog_name"], "schema_name": schema["name"]}
    added = {"function_id": str(uuid.uuid4()), "specific_name": str(fields.get("name") or "").lower()}
    function = securable.add("functions", schema["full_name"], {**fields, **names, **added})
    # Unlike those of other securables, they are one JSON text.
    function["properties"] = fields.get("properties") or "{}"
    return function


@router.get("")
async def list_(
    catalog_name: str, schema_name: str, max_results: int = 0, page_token: str | None = None
) -> Json:
    """List the functions of a schema by name, in pages."""
    schema = securable.find("schemas", f"{catalog_name}.{schema_name}")
    found = sorted(securable.children("functions", schema["full_name"]).items())
    rest = [function for name, function in found if page_token is None or name > page_token]
    size = min(max_results, _MOST) if max_results > 0 else _MOST
    page: Json = {"functions": rest[:size]}
    if len(rest) > size:
        page["next_page_token"] = rest[size - 1]["full_name"].lower()
    return page


@router.get("/{full_name}")
async def get(full_name: str) -> Json:
    """Get a function."""
    return securable.find("functions", full_name)


@router.patch("/{full_name}")
async def update(full_name: str, body: Json) -> Json:
    """Change the owner or, for CREATE OR REPLACE FUNCTION of Spark, the definition."""
    return securable.update("functions", full_name, body)


@router.delete("/{full_name}")
async def delete(full_name: str) -> Json:
    """Delete a function."""
    securable.remove("functions", securable.find("functions", full_name)["full_name"])
    return {}
