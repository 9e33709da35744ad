"""Storage credentials and external locations of Unity Catalog: kept and told; there is no cloud behind.

What would lie in cloud storage lies in a folder of this workspace instead, so that it can be written and
read. Nothing asks whether a location is there, or whether a credential opens it.
"""

import re
import uuid
from pathlib import Path, PurePosixPath

from fastapi import APIRouter

from local.home import Home
from local.workspace.errors import conflict, invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog")

# A credential is an identity of exactly one cloud.
_IDENTITIES = (
    "aws_iam_role",
    "azure_managed_identity",
    "azure_service_principal",
    "cloudflare_api_token",
    "databricks_gcp_service_account",
    "gcp_service_account_key",
)
# What goes in and never comes out.
_SECRETS = ("client_secret", "secret_access_key", "private_key")
# What is asked of one request and is no property of the thing.
_REQUEST = ("force", "force_destroy", "force_update", "skip_validation")
_URL = re.compile(r"[a-z][a-z0-9]*://[^/\s\x00-\x1f]+(/[^\x00-\x1f]*)?")
_ISOLATION = ("ISOLATION_MODE_OPEN", "ISOLATION_MODE_ISOLATED")
_DEFAULTS = {"isolation_mode": "ISOLATION_MODE_OPEN", "read_only": False}


@router.post("/storage-credentials")
async def create_credential(body: Json) -> Json:
    """Create a storage credential."""
    given = [name for name in _IDENTITIES if body.get(name) is not None]
    if len(given) != 1:
        raise invalid(f"a storage credential needs exactly one of {', '.join(_IDENTITIES)}")
    fields = {**_DEFAULTS, "id": str(uuid.uuid4()), **_checked(body)}
    if given == ["databricks_gcp_service_account"]:
        fields[given[0]] = {"email": f"{fields['id']}@local.example", "credential_id": str(uuid.uuid4())}
    return securable.add("storage_credentials", "", fields)


@router.get("/storage-credentials")
async def list_credentials() -> Json:
    """List the storage credentials."""
    return {"storage_credentials": list(securable.registry("storage_credentials").values())}


@router.get("/storage-credentials/{name}")
async def get_credential(name: str) -> Json:
    """Get a storage credential."""
    return securable.find("storage_credentials", name)


@router.patch("/storage-credentials/{name}")
async def update_credential(name: str, body: Json) -> Json:
    """Change a storage credential."""
    return securable.change("storage_credentials", name, _checked(body))


@router.delete("/storage-credentials/{name}")
async def delete_credential(name: str, force: bool = False) -> Json:
    """Delete a storage credential; one that external locations need only by force."""
    credential = securable.find("storage_credentials", name)["name"]
    needing = [
        one["name"]
        for one in securable.registry("external_locations").values()
        if one["credential_name"] == credential
    ]
    if needing and not force:
        raise conflict(f"Storage Credential '{name}' is used by external location {', '.join(needing)}")
    securable.remove("storage_credentials", name)
    return {}


@router.post("/external-locations")
async def create_location(body: Json) -> Json:
    """Create an external location; it may not overlap another one."""
    checked = _checked(body)
    checked["credential_id"] = _credential_id(body)
    _check_overlap(body)
    return securable.add("external_locations", "", {**_DEFAULTS, **checked})


@router.get("/external-locations")
async def list_locations() -> Json:
    """List the external locations."""
    return {"external_locations": list(securable.registry("external_locations").values())}


@router.get("/external-locations/{name}")
async def get_location(name: str) -> Json:
    """Get an external location."""
    return securable.find("external_locations", name)


@router.patch("/external-locations/{name}")
async def update_location(name: str, body: Json) -> Json:
    """Change an external location."""
    checked, known = _checked(body), securable.find("external_locations", name)
    if "credential_name" in body:
        checked["credential_id"] = _credential_id(body)
    if "url" in body:
        _check_overlap({**body, "name": known["name"]})
    return securable.change("external_locations", name, checked)


@router.delete("/external-locations/{name}")
async def delete_location(name: str, force: bool = False) -> Json:
    """Delete an external location; one with something in it only by force."""
    url = securable.find("external_locations", name)["url"]
    held = [
        record["full_name"]
        for kind, field in (
            ("catalogs", "storage_root"),
            ("schemas", "storage_root"),
            ("volumes", "storage_location"),
        )
        for record in securable.registry(kind).values()
        if record.get(field) and covers(url, record[field])
    ]
    if held and not force:
        raise conflict(f"External Location '{name}' is used by {', '.join(held)}")
    securable.remove("external_locations", name)
    return {}


def check_url(url: object) -> str:
    """Return a place in cloud storage as it was given.

    Raises:
        DatabricksError: 400, it is none, or climbs with `..`.
    """
    text = str(url or "")
    if not re.fullmatch(r"[a-z][a-z0-9]*://[^/\s\x00-\x1f]+(/[^\x00-\x1f]*)?", text) or ".." in text.split(
        "/"
    ):
        raise invalid(f"'{text}' is not a place in cloud storage, such as s3://bucket/path")
    return text


def covers(url: str, place: str) -> bool:
    """Say whether a place is at an address of cloud storage or below it."""
    return f"{place.rstrip('/')}/".startswith(f"{url.rstrip('/')}/")


def overlap(one: str, other: str) -> bool:
    """Say whether one of two places is in the other."""
    return covers(one, other) or covers(other, one)


def folder_of(home: Home, url: str) -> Path:
    """Return the folder that stands for a place in cloud storage; below the workspace whatever it says."""
    scheme, _, path = check_url(url).partition("://")
    return home.workspace.joinpath("cloud", scheme, *PurePosixPath(path).parts)


def _checked(body: Json) -> Json:
    if "url" in body:
        check_url(body["url"])
    mode = body.get("isolation_mode") or _ISOLATION[0]
    if mode not in _ISOLATION:
        raise invalid(f"isolation_mode '{mode}' is not one of {', '.join(_ISOLATION)}")
    return {
        name: {key: inner for key, inner in value.items() if key not in _SECRETS}
        if name in _IDENTITIES and isinstance(value, dict)
        else value
        for name, value in body.items()
        if name not in _REQUEST
    }


def _credential_id(body: Json) -> str:
    return str(securable.find("storage_credentials", str(body.get("credential_name", "")))["id"])


def _check_overlap(body: Json) -> None:
    url = check_url(body.get("url"))
    for other in securable.registry("external_locations").values():
        if other["name"] != body.get("name") and overlap(url, other["url"]):
            raise invalid(
                f"url '{url}' overlaps with '{other['url']}' of external location '{other['name']}'"
            )
