"""Registered models of Unity Catalog. Stores their metadata; there are no model versions."""

import uuid

from fastapi import APIRouter

from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog/models")


@router.post("")
async def create(body: Json) -> Json:
    """Create a registered model without a version."""
    schema = securable.find("schemas", f"{body.get('catalog_name')}.{body.get('schema_name')}")
    names = {"catalog_name": schema["catalog_name"], "schema_name": schema["name"]}
    fields = {**body, **names, "id": str(uuid.uuid4())}
    return securable.add("models", schema["full_name"], fields)


@router.get("")
async def list_(catalog_name: str | None = None, schema_name: str | None = None) -> Json:
    """List the registered models of a schema, or all of them."""
    if schema_name:
        models = securable.children("models", f"{catalog_name}.{schema_name}")
    else:
        models = securable.registry("models")
    return {"registered_models": list(models.values())}


@router.get("/{full_name}")
async def get(full_name: str) -> Json:
    """Get a registered model."""
    return securable.find("models", full_name)


@router.patch("/{full_name}")
async def update(full_name: str, body: Json) -> Json:
    """Change a registered model's comment or owner."""
    return securable.update("models", full_name, body)


@router.delete("/{full_name}")
async def delete(full_name: str) -> Json:
    """Delete a registered model."""
    securable.find("models", full_name)
    securable.remove("models", full_name)
    return {}


@router.get("/{full_name}/versions")
async def list_versions(full_name: str) -> Json:
    """List a registered model's versions: always none."""
    securable.find("models", full_name)
    return {"model_versions": []}
