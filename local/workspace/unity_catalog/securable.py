"""What all that Unity Catalog holds has in common: names, owner, comment, properties.

The records are in minilake's own registry, so that its SQL and its other routers see them. Unity
Catalog compares names without case: records are kept by their lower-case full name.
"""

import re
from typing import Any

from minilake.app import get_duckdb_pool
from minilake.errors import DatabricksError
from minilake.services import grants, unity_catalog

from local.workspace.errors import exists, invalid, missing, unsupported
from local.workspace.store import Json, now, user

_KINDS = {
    "catalogs": ("Catalog", "CATALOG"),
    "schemas": ("Schema", "SCHEMA"),
    "tables": ("Table", "TABLE"),
    "volumes": ("Volume", "VOLUME"),
    "models": ("Registered model", "REGISTERED_MODEL"),
    "external_locations": ("External Location", "EXTERNAL_LOCATION"),
    "storage_credentials": ("Storage Credential", "STORAGE_CREDENTIAL"),
}
# Grants on a registered model are those on a function, as its securable type in the API is.
_GRANTED = {"models": "FUNCTION"}
_BINDINGS = "workspace_bindings"
# Before any snapshot is read, so that it holds them too.
for _kind in (*_KINDS, _BINDINGS):
    unity_catalog._state.setdefault(_kind, {})
# What a caller may not set by sending it back.
_FIXED = {"name", "full_name", "catalog_name", "schema_name", "created_at", "created_by", "metastore_id"}


def registry(kind: str) -> dict[str, Json]:
    """Return the records of `catalogs`, `schemas`, `models` and so on by lower-case full name."""
    records: dict[str, Json] = unity_catalog._state[kind]
    return records


def below(kind: str, parent: str) -> dict[str, Json]:
    """Return the records of a kind that lie in a catalog or a schema."""
    prefix = parent.lower() + "."
    return {key: record for key, record in registry(kind).items() if key.startswith(prefix)}


def find(kind: str, full_name: str) -> Json:
    """Return one record.

    Raises:
        DatabricksError: 404, there is none of that name.
    """
    record = registry(kind).get(full_name.lower())
    if record is None:
        raise no_such(kind, full_name)
    return record


def no_such(kind: str, full_name: str) -> DatabricksError:
    """Return the answer for a record that is not there."""
    label, code = _KINDS[kind]
    return missing(label, full_name, f"{code}_DOES_NOT_EXIST")


def add(kind: str, parent: str, fields: Json) -> Json:
    """Store a new record with what Unity Catalog adds of its own, and return it.

    Args:
        kind: `catalogs`, `schemas`, `tables`, `volumes`, `models`, `external_locations` or
            `storage_credentials`.
        parent: the full name of what it lies in; empty for what lies in the metastore.
        fields: its name and whatever else was asked for.

    Raises:
        DatabricksError: 409, the name is taken; 400, it cannot be a name.
    """
    label, code = _KINDS[kind]
    name = str(fields.get("name") or "")
    # \w is wider than ASCII: names with æ, ø and å are names.
    if not re.fullmatch(r"[\w-]{1,255}", name):
        raise invalid(f"{label} name '{name}' may hold only letters, digits, `_` and `-`")
    full_name = f"{parent}.{name}" if parent else name
    if full_name.lower() in registry(kind):
        raise exists(label, full_name, f"{code}_ALREADY_EXISTS")
    moment = now()
    record = {
        **{name: value for name, value in fields.items() if value is not None},
        "full_name": full_name,
        "metastore_id": unity_catalog.METASTORE_ID,
        "owner": fields.get("owner") or user(),
        "properties": fields.get("properties") or {},
        "created_at": moment,
        "created_by": user(),
        "updated_at": moment,
        "updated_by": user(),
    }
    registry(kind)[full_name.lower()] = record
    return record


def change(kind: str, full_name: str, fields: Json) -> Json:
    """Apply what a PATCH holds and return the record as it is now.

    Raises:
        DatabricksError: 404, no such record; 501, it asks for another name.
    """
    record = find(kind, full_name)
    new_name = fields.pop("new_name", None)
    if new_name and new_name.lower() != record["name"].lower():
        raise unsupported(f"the local workspace renames nothing: '{full_name}' to '{new_name}'")
    record.update({name: value for name, value in fields.items() if name not in _FIXED and value is not None})
    record.update(updated_at=now(), updated_by=user())
    return record


def remove(kind: str, full_name: str) -> None:
    """Forget a record, the grants on it and its workspace bindings."""
    registry(kind).pop(full_name.lower(), None)
    unity_catalog._state[_BINDINGS].pop(f"{kind}/{full_name.lower()}", None)
    grants._state["grants"].pop((_GRANTED.get(kind, _KINDS[kind][1]), full_name.lower()), None)


def bindings(kind: str, full_name: str) -> dict[str, Json]:
    """Return the workspace bindings of a record by the workspace's number."""
    records: dict[str, dict[str, Json]] = unity_catalog._state[_BINDINGS]
    return records.setdefault(f"{kind}/{full_name.lower()}", {})


async def duckdb(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Run SQL on the connection that all catalogs are attached to, and return its rows."""
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        rows: list[tuple[Any, ...]] = connection.execute(sql, parameters or []).fetchall()
    return rows
