"""Grants on what Unity Catalog holds. They are stored and told, never enforced: there is one user."""

from fastapi import APIRouter
from minilake.models.grants import UpdatePermissionsRequest
from minilake.services import grants
from pydantic import BaseModel

from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog")

_REGISTRIES = {
    "CATALOG": ("catalogs",),
    "SCHEMA": ("schemas",),
    "TABLE": ("tables",),
    "VOLUME": ("volumes",),
    # A registered model is granted on as a function is.
    "FUNCTION": ("functions", "models"),
    "EXTERNAL_LOCATION": ("external_locations",),
    "STORAGE_CREDENTIAL": ("storage_credentials",),
}

# Databricks documentation, "Unity Catalog privileges reference": what can be granted on which securable.
# What can be granted on a thing can be granted on what holds it, and is inherited from there.
_EVERYWHERE = {"ALL_PRIVILEGES", "MANAGE"}
_FUNCTION = {"EXECUTE"}
_MODEL = {"APPLY_TAG", "CREATE_MODEL_VERSION", "EXECUTE"}
_TABLE = {"APPLY_TAG", "MODIFY", "REFRESH", "SELECT"}
_VOLUME = {"APPLY_TAG", "READ_VOLUME", "WRITE_VOLUME"}
_SCHEMA = {
    "CREATE_FUNCTION",
    "CREATE_MATERIALIZED_VIEW",
    "CREATE_MODEL",
    "CREATE_TABLE",
    "CREATE_VOLUME",
    "EXTERNAL_USE_SCHEMA",
    "USE_SCHEMA",
    *_FUNCTION,
    *_MODEL,
    *_TABLE,
    *_VOLUME,
}
_FILES = {"CREATE_EXTERNAL_TABLE", "READ_FILES", "WRITE_FILES"}
_PRIVILEGES = {
    "CATALOG": _EVERYWHERE | _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "SCHEMA": _EVERYWHERE | _SCHEMA,
    "TABLE": _EVERYWHERE | _TABLE,
    "VOLUME": _EVERYWHERE | _VOLUME,
    "FUNCTION": _EVERYWHERE | _FUNCTION,
    "MODEL": _EVERYWHERE | _MODEL,
    "EXTERNAL_LOCATION": _EVERYWHERE
    | _FILES
    | {
        "BROWSE",
        "CREATE_EXTERNAL_VOLUME",
        "CREATE_FOREIGN_SECURABLE",
        "CREATE_MANAGED_STORAGE",
        "EXTERNAL_USE_LOCATION",
    },
    "STORAGE_CREDENTIAL": _EVERYWHERE | _FILES | {"CREATE_EXTERNAL_LOCATION"},
}


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
    for change in body.changes or []:
        # Both spellings are understood, and kept as one.
        change.add = [each.upper().replace(" ", "_") for each in change.add or []]
        change.remove = [each.upper().replace(" ", "_") for each in change.remove or []]
        _check(kind, full_name, change.add)
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
    registries = _REGISTRIES.get(kind, ())
    if registries and not any(full_name.lower() in securable.registry(each) for each in registries):
        raise securable.no_such(registries[-1], full_name)
    return kind


def _check(kind: str, full_name: str, privileges: list[str]) -> None:
    is_model = kind == "FUNCTION" and full_name.lower() in securable.registry("models")
    what = "MODEL" if is_model else kind
    allowed = _PRIVILEGES.get(what)
    wrong = sorted(set(privileges) - allowed) if allowed else []
    if not wrong:
        return
    every = set().union(*_PRIVILEGES.values())
    if any(each not in every for each in wrong):
        raise invalid(f"'{', '.join(wrong)}' is not a privilege of Unity Catalog")
    raise invalid(
        f"Privilege {', '.join(wrong)} is not applicable to this entity [{full_name}:{what}]."
        f" It can have {', '.join(sorted(allowed or ()))}"
    )
