"""Grants on what Unity Catalog holds. They are stored and told, never enforced: there is one user."""

from fastapi import APIRouter
from minilake.models.grants import UpdatePermissionsRequest
from minilake.services import grants
from pydantic import BaseModel

from local.workspace import securable
from local.workspace.store import Json

router = APIRouter(prefix="/api/2.1/unity-catalog")

_REGISTRIES = {"CATALOG": "catalogs", "SCHEMA": "schemas", "TABLE": "tables", "VOLUME": "volumes"}


@router.get("/permissions/{securable_type}/{full_name}")
async def get_grants(securable_type: str, full_name: str, principal: str | None = None) -> Json:
    """Return what is granted on one securable itself."""
    kind = _existing(securable_type, full_name)
    found = await grants.get_permissions(kind, full_name.lower(), principal=principal)
    return _told(found)


@router.patch("/permissions/{securable_type}/{full_name}")
async def update_grants(securable_type: str, full_name: str, body: UpdatePermissionsRequest) -> Json:
    """Add and remove privileges of principals on one securable."""
    kind = _existing(securable_type, full_name)
    found = await grants.update_permissions(kind, full_name.lower(), body)
    return _told(found)


@router.get("/effective-permissions/{securable_type}/{full_name}")
async def get_effective_grants(securable_type: str, full_name: str, principal: str | None = None) -> Json:
    """Return what holds on one securable, with what it inherits and where from."""
    kind = _existing(securable_type, full_name)
    found = await grants.get_effective_permissions(kind, full_name.lower(), principal=principal)
    return _told(found)


def _told(found: BaseModel) -> Json:
    return found.model_dump(exclude_none=True)


def _existing(securable_type: str, full_name: str) -> str:
    kind = str(grants._normalize_securable(securable_type))
    if kind in _REGISTRIES:
        securable.find(_REGISTRIES[kind], full_name)
    return kind
