"""Storage credentials of Unity Catalog: the API stores them, but never uses them to read cloud storage."""

import uuid

from fastapi import APIRouter

from local.workspace.errors import invalid, invalid_state
from local.workspace.store import Json
from local.workspace.unity_catalog import cloud_storage, securable

router = APIRouter(prefix="/api/2.1/unity-catalog/storage-credentials")

# A credential holds exactly one cloud identity.
_IDENTITIES = (
    "aws_iam_role",
    "azure_managed_identity",
    "azure_service_principal",
    "cloudflare_api_token",
    "databricks_gcp_service_account",
    "gcp_service_account_key",
)
# The API never returns these fields.
_SECRETS = ("client_secret", "secret_access_key", "private_key")


@router.post("")
async def create(body: Json) -> Json:
    """Create a storage credential."""
    identities = [name for name in _IDENTITIES if body.get(name) is not None]
    if len(identities) != 1:
        raise invalid(f"a storage credential needs exactly one of {', '.join(_IDENTITIES)}")
    fields = {**cloud_storage.STORAGE_DEFAULTS, "id": str(uuid.uuid4()), **_fields(body)}
    if identities == ["databricks_gcp_service_account"]:
        fields[identities[0]] = {
            "email": f"{fields['id']}@local.example",
            "credential_id": str(uuid.uuid4()),
        }
    return securable.add("storage_credentials", "", fields)


@router.get("")
async def list_() -> Json:
    """List the storage credentials."""
    return {"storage_credentials": list(securable.registry("storage_credentials").values())}


@router.get("/{name}")
async def get(name: str) -> Json:
    """Get a storage credential."""
    return securable.find("storage_credentials", name)


@router.patch("/{name}")
async def update(name: str, body: Json) -> Json:
    """Change a storage credential."""
    return securable.update("storage_credentials", name, _fields(body))


@router.delete("/{name}")
async def delete(name: str, force: bool = False) -> Json:
    """Delete a storage credential. Refused without `force` while an external location uses it."""
    credential = securable.find("storage_credentials", name)["name"]
    locations = [
        location["name"]
        for location in securable.registry("external_locations").values()
        if location["credential_name"] == credential
    ]
    if locations and not force:
        raise invalid_state(
            f"Storage Credential '{name}' is used by external location {', '.join(locations)}"
        )
    securable.remove("storage_credentials", name)
    return {}


def _fields(body: Json) -> Json:
    return {
        name: {key: inner for key, inner in value.items() if key not in _SECRETS}
        if name in _IDENTITIES and isinstance(value, dict)
        else value
        for name, value in cloud_storage.storage_fields(body).items()
    }
