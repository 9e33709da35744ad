"""External locations of Unity Catalog. Stores them; nothing checks that the storage exists."""

from fastapi import APIRouter

from local.workspace.errors import invalid, invalid_state
from local.workspace.store import Json
from local.workspace.unity_catalog import cloud_storage, securable

router = APIRouter(prefix="/api/2.1/unity-catalog/external-locations")

# Registry → field that holds the URL of its records.
_URL_FIELDS = {"catalogs": "storage_root", "schemas": "storage_root", "volumes": "storage_location"}


@router.post("")
async def create(body: Json) -> Json:
    """Create an external location. Refused if its URL overlaps with another external location."""
    fields = _fields(body)
    fields["credential_id"] = _credential_id(body)
    _check_overlap(body)
    return securable.add("external_locations", "", {**cloud_storage.STORAGE_DEFAULTS, **fields})


@router.get("")
async def list_() -> Json:
    """List the external locations."""
    return {"external_locations": list(securable.registry("external_locations").values())}


@router.get("/{name}")
async def get(name: str) -> Json:
    """Get an external location."""
    return securable.find("external_locations", name)


@router.patch("/{name}")
async def update(name: str, body: Json) -> Json:
    """Change an external location."""
    fields, location = _fields(body), securable.find("external_locations", name)
    if "credential_name" in body:
        fields["credential_id"] = _credential_id(body)
    if "url" in body:
        _check_overlap({**body, "name": location["name"]})
    return securable.update("external_locations", name, fields)


@router.delete("/{name}")
async def delete(name: str, force: bool = False) -> Json:
    """Delete an external location. Refused without `force` while a securable is stored in it."""
    url = securable.find("external_locations", name)["url"]
    users = [
        record["full_name"]
        for registry, field in _URL_FIELDS.items()
        for record in securable.registry(registry).values()
        if record.get(field) and cloud_storage.covers(url, record[field])
    ]
    if users and not force:
        raise invalid_state(f"External Location '{name}' is used by {', '.join(users)}")
    securable.remove("external_locations", name)
    return {}


def _fields(body: Json) -> Json:
    if "url" in body:
        cloud_storage.check_url(body["url"])
    return cloud_storage.storage_fields(body)


def _credential_id(body: Json) -> str:
    return str(securable.find("storage_credentials", str(body.get("credential_name", "")))["id"])


def _check_overlap(body: Json) -> None:
    url = cloud_storage.check_url(body.get("url"))
    for other in securable.registry("external_locations").values():
        if other["name"] != body.get("name") and cloud_storage.overlap(url, other["url"]):
            raise invalid(
                f"url '{url}' overlaps with '{other['url']}' of external location '{other['name']}'"
            )
