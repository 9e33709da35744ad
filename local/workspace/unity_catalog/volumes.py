"""Volumes of Unity Catalog. Each volume is a folder on disk."""

import shutil
import uuid
from pathlib import Path

from fastapi import APIRouter, Request

from local.home import Home
from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import cloud_storage, securable

router = APIRouter(prefix="/api/2.1/unity-catalog/volumes")
# Not below /api: a real workspace has no such endpoint.
local_router = APIRouter(prefix="/local")

_TYPES = ("MANAGED", "EXTERNAL")


@router.post("")
async def create(body: Json, request: Request) -> Json:
    """Create a managed volume, or an external volume at a storage location of its own."""
    home = request.app.state.home
    schema = securable.find("schemas", f"{body.get('catalog_name')}.{body.get('schema_name')}")
    names = {"catalog_name": schema["catalog_name"], "schema_name": schema["name"]}
    kind = body.get("volume_type") or "MANAGED"
    if kind not in _TYPES:
        raise invalid(f"volume_type '{kind}' is not one of {', '.join(_TYPES)}")
    location = body.get("storage_location")
    if kind == "EXTERNAL":
        _check_overlap(cloud_storage.check_url(location))
    elif location:
        raise invalid(
            "a managed volume has no storage_location: set volume_type EXTERNAL, or remove storage_location"
        )
    fields = {**body, **names, "volume_type": kind, "volume_id": str(uuid.uuid4())}
    volume = securable.add("volumes", schema["full_name"], fields)
    try:
        folder(home, volume).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        securable.remove("volumes", volume["full_name"])
        raise invalid(f"storage_location '{location}': {error.strerror}") from error
    volume.setdefault("storage_location", str(folder(home, volume)))
    return volume


@router.get("")
async def list_(catalog_name: str, schema_name: str) -> Json:
    """List the volumes of a schema."""
    return {"volumes": list(securable.children("volumes", f"{catalog_name}.{schema_name}").values())}


@router.get("/{full_name}")
async def read(full_name: str) -> Json:
    """Get a volume."""
    return securable.find("volumes", full_name)


@router.patch("/{full_name}")
async def update(full_name: str, body: Json) -> Json:
    """Change a volume's comment or owner."""
    return securable.update("volumes", full_name, body)


@router.delete("/{full_name}")
async def delete(full_name: str, request: Request) -> Json:
    """Delete a volume."""
    drop(request.app.state.home, full_name)
    return {}


@local_router.get("/volumes")
async def folders(request: Request) -> Json:
    """Return the folder on disk of each volume, for the processes of tasks."""
    home = request.app.state.home
    return {
        "folders": {name: str(folder(home, each)) for name, each in securable.registry("volumes").items()}
    }


def drop(home: Home, full_name: str) -> None:
    """Delete a volume. The files of an external volume stay.

    Raises:
        DatabricksError: 404, the volume does not exist.
    """
    volume = securable.find("volumes", full_name)
    if volume["volume_type"] == "MANAGED":
        shutil.rmtree(folder(home, volume), ignore_errors=True)
    securable.remove("volumes", full_name)


def folder(home: Home, volume: Json) -> Path:
    """Return the folder on disk that holds a volume's files."""
    if volume["volume_type"] == "EXTERNAL":
        return cloud_storage.disk_folder(home, volume["storage_location"])
    return home.workspace.joinpath("volumes", *volume["full_name"].split("."))


def _check_overlap(location: str) -> None:
    """Refuse a location that overlaps with another external volume, as Unity Catalog does."""
    for other in securable.registry("volumes").values():
        if other["volume_type"] == "EXTERNAL" and cloud_storage.overlap(location, other["storage_location"]):
            raise invalid(
                f"storage_location '{location}' overlaps with that of volume '{other['full_name']}',"
                f" '{other['storage_location']}'"
            )
