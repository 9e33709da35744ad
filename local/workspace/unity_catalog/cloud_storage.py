"""Cloud storage of catalogs, schemas, volumes, storage credentials and external locations.

There is no cloud: a folder of the workspace replaces each URL.
"""

import re
import uuid
from pathlib import Path, PurePosixPath

from local.home import Home
from local.workspace.errors import invalid
from local.workspace.store import Json
from local.workspace.unity_catalog import securable

_URL = re.compile(r"[a-z][a-z0-9]*://[^/\s\x00-\x1f]+(/[^\x00-\x1f]*)?")
_CATALOG_ISOLATION_MODES = ("OPEN", "ISOLATED")
_STORAGE_ISOLATION_MODES = ("ISOLATION_MODE_OPEN", "ISOLATION_MODE_ISOLATED")
# Fields that steer one request; the API does not store them.
_REQUEST_FIELDS = ("force", "force_destroy", "force_update", "skip_validation")
# The API's defaults for storage credentials and external locations.
STORAGE_DEFAULTS = {"isolation_mode": "ISOLATION_MODE_OPEN", "read_only": False}


def check_storage(body: Json) -> None:
    """Check the isolation mode and the storage root of a catalog or schema.

    Raises:
        DatabricksError: 400, one of these values is invalid.
    """
    securable.check_isolation_mode(body, _CATALOG_ISOLATION_MODES)
    if body.get("storage_root"):
        check_url(body["storage_root"])


def storage_fields(body: Json) -> Json:
    """Return the fields of a storage credential or an external location that a request sets.

    Raises:
        DatabricksError: 400, the isolation mode is invalid.
    """
    securable.check_isolation_mode(body, _STORAGE_ISOLATION_MODES)
    return {name: value for name, value in body.items() if name not in _REQUEST_FIELDS}


def check_url(url: object) -> str:
    """Return a URL of cloud storage unchanged.

    Raises:
        DatabricksError: 400, the text is not a URL of cloud storage, or it contains `..`.
    """
    text = str(url or "")
    if not _URL.fullmatch(text) or ".." in text.split("/"):
        raise invalid(f"'{text}' is not a URL of cloud storage, such as s3://bucket/path")
    return text


def covers(url: str, other: str) -> bool:
    """Return whether `other` is equal to `url` or below it."""
    return f"{other.rstrip('/')}/".startswith(f"{url.rstrip('/')}/")


def overlap(url: str, other: str) -> bool:
    """Return whether one URL is equal to the other URL or below it."""
    return covers(url, other) or covers(other, url)


def disk_folder(home: Home, url: str) -> Path:
    """Return the folder that replaces a URL; always below the workspace's folder."""
    scheme, _, path = check_url(url).partition("://")
    return home.workspace.joinpath("cloud", scheme, *PurePosixPath(path).parts)


def managed_location(storage_root: str | None, registry: str) -> Json:
    """Return the field `storage_location` of a new catalog or schema; no field without a storage root.

    Args:
        storage_root: the URL from the request.
        registry: `catalogs` or `schemas`.
    """
    if not storage_root:
        return {}
    return {"storage_location": f"{storage_root.rstrip('/')}/__unitystorage/{registry}/{uuid.uuid4()}"}
