"""Workspace bindings: which workspaces can use an isolated catalog, external location or credential.

Stores the bindings and does not enforce them: there is one workspace.
"""

from fastapi import APIRouter

from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog")

_REGISTRIES = {
    "catalog": "catalogs",
    "external_location": "external_locations",
    "storage_credential": "storage_credentials",
}
_TYPES = ("BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY")


@router.get("/bindings/{securable_type}/{name}")
async def get(securable_type: str, name: str) -> Json:
    """List the workspaces that a securable is bound to."""
    return {"bindings": list(_bindings(securable_type, name).values())}


@router.patch("/bindings/{securable_type}/{name}")
async def update(securable_type: str, name: str, body: Json) -> Json:
    """Add and remove workspace bindings of a securable."""
    bindings = _bindings(securable_type, name, new=True)
    for each in body.get("add") or []:
        kind = each.get("binding_type") or _TYPES[0]
        if kind not in _TYPES:
            raise invalid(f"binding_type '{kind}' is not one of {', '.join(_TYPES)}")
        bindings[_workspace_id(each)] = {"workspace_id": int(_workspace_id(each)), "binding_type": kind}
    for each in body.get("remove") or []:
        bindings.pop(_workspace_id(each), None)
    return {"bindings": list(bindings.values())}


@router.patch("/workspace-bindings/catalogs/{name}")
async def assign(name: str, body: Json) -> Json:
    """Bind a catalog to workspaces by the older API, which the provider uses before it deletes a catalog."""
    bindings = _bindings("catalog", name, new=True)
    for number in body.get("assign_workspaces") or []:
        each = {"workspace_id": number}
        bindings[_workspace_id(each)] = {"workspace_id": int(_workspace_id(each)), "binding_type": _TYPES[0]}
    for number in body.get("unassign_workspaces") or []:
        bindings.pop(_workspace_id({"workspace_id": number}), None)
    return {"workspaces": [each["workspace_id"] for each in bindings.values()]}


def _bindings(securable_type: str, name: str, *, new: bool = False) -> dict[str, Json]:
    kind = _REGISTRIES.get(securable_type)
    if kind is None:
        raise invalid(f"'{securable_type}' is not one of {', '.join(_REGISTRIES)}")
    return securable.workspace_bindings(kind, securable.find(kind, name)["full_name"], new=new)


def _workspace_id(binding: Json) -> str:
    number = str(binding.get("workspace_id"))
    if not number.isdecimal():
        raise invalid(f"workspace_id '{number}' is not a number")
    return number
