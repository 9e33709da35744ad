"""Grants on securables of Unity Catalog. Stores the grants and does not enforce them: there is one user."""

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
    # Grants on a registered model use the securable type of functions.
    "FUNCTION": ("functions", "models"),
    "EXTERNAL_LOCATION": ("external_locations",),
    "STORAGE_CREDENTIAL": ("storage_credentials",),
}

# Databricks documentation, "Unity Catalog privileges reference": the privileges of each securable type.
# A privilege on a securable can also be granted on its schema or catalog, and is inherited from there.
_ALL_TYPES = {"ALL_PRIVILEGES", "MANAGE"}
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
    "CATALOG": _ALL_TYPES | _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "SCHEMA": _ALL_TYPES | _SCHEMA,
    "TABLE": _ALL_TYPES | _TABLE,
    "VOLUME": _ALL_TYPES | _VOLUME,
    "FUNCTION": _ALL_TYPES | _FUNCTION,
    "MODEL": _ALL_TYPES | _MODEL,
    "EXTERNAL_LOCATION": _ALL_TYPES
    | _FILES
    | {
        "BROWSE",
        "CREATE_EXTERNAL_VOLUME",
        "CREATE_FOREIGN_SECURABLE",
        "CREATE_MANAGED_STORAGE",
        "EXTERNAL_USE_LOCATION",
    },
    "STORAGE_CREDENTIAL": _ALL_TYPES | _FILES | {"CREATE_EXTERNAL_LOCATION"},
}


@router.get("/permissions/{securable_type}/{full_name}")
async def get(securable_type: str, full_name: str, principal: str | None = None) -> Json:
    """Return the grants on a securable itself."""
    kind = _require_securable(securable_type, full_name)
    permissions = await grants.get_permissions(kind, full_name.lower(), principal=principal)
    return _response(permissions)


@router.patch("/permissions/{securable_type}/{full_name}")
async def update(securable_type: str, full_name: str, body: UpdatePermissionsRequest) -> Json:
    """Grant and revoke privileges on a securable."""
    kind = _require_securable(securable_type, full_name)
    for change in body.changes or []:
        # `USE SCHEMA` and `USE_SCHEMA` are the same privilege.
        change.add = [each.upper().replace(" ", "_") for each in change.add or []]
        change.remove = [each.upper().replace(" ", "_") for each in change.remove or []]
        _check_privileges(kind, full_name, change.add)
    permissions = await grants.update_permissions(kind, full_name.lower(), body)
    return _response(permissions)


@router.get("/effective-permissions/{securable_type}/{full_name}")
async def get_effective(securable_type: str, full_name: str, principal: str | None = None) -> Json:
    """Return the grants on a securable, including inherited grants, with their origin."""
    kind = _require_securable(securable_type, full_name)
    permissions = await grants.get_effective_permissions(kind, full_name.lower(), principal=principal)
    return _response(permissions)


def _response(permissions: BaseModel) -> Json:
    return permissions.model_dump(exclude_none=True)


def _require_securable(securable_type: str, full_name: str) -> str:
    kind = str(grants._normalize_securable(securable_type))
    registries = _REGISTRIES.get(kind, ())
    if registries and not any(full_name.lower() in securable.registry(each) for each in registries):
        raise securable.record_not_found(registries[-1], full_name)
    return kind


def _check_privileges(kind: str, full_name: str, privileges: list[str]) -> None:
    is_model = kind == "FUNCTION" and full_name.lower() in securable.registry("models")
    securable_type = "MODEL" if is_model else kind
    allowed = _PRIVILEGES.get(securable_type)
    wrong = sorted(set(privileges) - allowed) if allowed else []
    if not wrong:
        return
    all_privileges = set().union(*_PRIVILEGES.values())
    if any(each not in all_privileges for each in wrong):
        raise invalid(f"'{', '.join(wrong)}' is not a privilege of Unity Catalog")
    raise invalid(
        f"Privilege {', '.join(wrong)} is not applicable to this entity [{full_name}:{securable_type}]."
        f" It can have {', '.join(sorted(allowed or ()))}"
    )
