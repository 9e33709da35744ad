"""Volumes of Unity Catalog: a folder on disk each."""

import shutil
import uuid
from pathlib import Path

from fastapi import APIRouter, Request

from local.home import Home
from local.workspace import securable
from local.workspace.errors import invalid
from local.workspace.store import Json

router = APIRouter(prefix="/api/2.1/unity-catalog/volumes")


@router.post("")
async def create_volume(body: Json, request: Request) -> Json:
    """Create a managed volume."""
    if body.get("volume_type", "MANAGED") != "MANAGED":
        raise invalid("the local workspace has managed volumes only")
    schema = securable.find("schemas", f"{body.get('catalog_name')}.{body.get('schema_name')}")
    names = {"catalog_name": schema["catalog_name"], "schema_name": schema["name"]}
    fields = {**body, **names, "volume_type": "MANAGED", "volume_id": str(uuid.uuid4())}
    volume = securable.add("volumes", schema["full_name"], fields)
    folder = _folder(request.app.state.home, volume["full_name"])
    folder.mkdir(parents=True, exist_ok=True)
    volume["storage_location"] = str(folder)
    return volume


@router.get("")
async def list_volumes(catalog_name: str, schema_name: str) -> Json:
    """List the volumes of a schema."""
    return {"volumes": list(securable.below("volumes", f"{catalog_name}.{schema_name}").values())}


@router.get("/{full_name}")
async def get_volume(full_name: str) -> Json:
    """Get a volume."""
    return securable.find("volumes", full_name)


@router.patch("/{full_name}")
async def update_volume(full_name: str, body: Json) -> Json:
    """Change a volume's comment, owner."""
    return securable.change("volumes", full_name, body)


@router.delete("/{full_name}")
async def delete_volume(full_name: str, request: Request) -> Json:
    """Delete a volume with its files."""
    drop(request.app.state.home, full_name)
    return {}


def drop(home: Home, full_name: str) -> None:
    """Delete a volume with its files.

    Raises:
        DatabricksError: 404, there is none of that name.
    """
    volume = securable.find("volumes", full_name)
    shutil.rmtree(_folder(home, volume["full_name"]), ignore_errors=True)
    securable.remove("volumes", full_name)


def _folder(home: Home, full_name: str) -> Path:
    # Where minilake's Files API looks for `/Volumes/<catalog>/<schema>/<volume>`.
    return home.workspace.joinpath("volumes", *full_name.split("."))
