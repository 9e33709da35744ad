"""Workspace bindings: from which workspaces an isolated catalog, location or credential can be reached.

They are kept and told, never enforced: there is one workspace.
"""

from fastapi import APIRouter

from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog/bindings")

_KINDS = {
    "catalog": "catalogs",
    "external_location": "external_locations",
    "storage_credential": "storage_credentials",
}
_TYPES = ("BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY")


@router.get("/{securable_type}/{name}")
async def get_bindings(securable_type: str, name: str) -> Json:
    """List the workspaces that a securable is bound to."""
    return {"bindings": list(_bindings(securable_type, name).values())}


@router.patch("/{securable_type}/{name}")
async def update_bindings(securable_type: str, name: str, body: Json) -> Json:
    """Bind a securable to workspaces, and to others no longer."""
    bindings = _bindings(securable_type, name)
    for each in body.get("add") or []:
        kind = each.get("binding_type") or _TYPES[0]
        if kind not in _TYPES:
            raise invalid(f"binding_type '{kind}' is not one of {', '.join(_TYPES)}")
        bindings[_number(each)] = {"workspace_id": int(_number(each)), "binding_type": kind}
    for each in body.get("remove") or []:
        bindings.pop(_number(each), None)
    return {"bindings": list(bindings.values())}


def _bindings(securable_type: str, name: str) -> dict[str, Json]:
    kind = _KINDS.get(securable_type)
    if kind is None:
        raise invalid(f"'{securable_type}' is not one of {', '.join(_KINDS)}")
    return securable.bindings(kind, securable.find(kind, name)["full_name"])


def _number(binding: Json) -> str:
    number = str(binding.get("workspace_id"))
    if not number.isdecimal():
        raise invalid(f"workspace_id '{number}' is not the number of a workspace")
    return number
