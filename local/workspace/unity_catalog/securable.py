"""The common fields of all securables of Unity Catalog: names, owner, comment, properties.

The records are in minilake's own registry, so that minilake's SQL and its other routers see them. Unity
Catalog ignores the case of names: the key of a record is its full name in lower case. It also keeps the
names of catalogs and of their content in lower case.
"""

import re
from typing import Any

from minilake.app import get_duckdb_pool
from minilake.errors import DatabricksError
from minilake.services import grants, unity_catalog

from local.workspace.errors import already_exists, invalid, not_found, not_implemented
from local.workspace.store import Json, current_user, now_ms

_LABELS = {
    "catalogs": ("Catalog", "CATALOG"),
    "schemas": ("Schema", "SCHEMA"),
    "tables": ("Table", "TABLE"),
    "volumes": ("Volume", "VOLUME"),
    "models": ("Registered model", "REGISTERED_MODEL"),
    "functions": ("Function", "FUNCTION"),
    "external_locations": ("External Location", "EXTERNAL_LOCATION"),
    "storage_credentials": ("Storage Credential", "STORAGE_CREDENTIAL"),
}
# The securables whose names keep their case; they are in no catalog.
_CASE_KEEPING = {"external_locations", "storage_credentials"}
# The API's securable type for grants on a registered model is FUNCTION.
_GRANT_TYPES = {"models": "FUNCTION"}
_BINDINGS = "workspace_bindings"
_TAGS = "entity_tags"
_POLICIES = "access_policies"
# At import, before the store reads a snapshot: otherwise snapshots would not contain these registries.
for _kind in (*_LABELS, _BINDINGS, _TAGS, _POLICIES):
    unity_catalog._state.setdefault(_kind, {})
# Fields that an update ignores.
_READ_ONLY = {"name", "full_name", "catalog_name", "schema_name", "created_at", "created_by", "metastore_id"}


def registry(kind: str) -> dict[str, Json]:
    """Return all records of a kind (`catalogs`, `schemas`, `models` …) by lower-case full name."""
    records: dict[str, Json] = unity_catalog._state[kind]
    return records


def children(kind: str, parent: str) -> dict[str, Json]:
    """Return the records of a kind that are in a catalog or a schema."""
    prefix = parent.lower() + "."
    return {key: record for key, record in registry(kind).items() if key.startswith(prefix)}


def find(kind: str, full_name: str) -> Json:
    """Return one record.

    Raises:
        DatabricksError: 404, it does not exist.
    """
    record = registry(kind).get(full_name.lower())
    if record is None:
        raise record_not_found(kind, full_name)
    return record


def record_not_found(kind: str, full_name: str) -> DatabricksError:
    """Return the error for a record that does not exist."""
    label, code = _LABELS[kind]
    return not_found(label, full_name, f"{code}_DOES_NOT_EXIST")


def add(kind: str, parent: str, fields: Json) -> Json:
    """Store a new record with the fields that Unity Catalog adds, and return it.

    Args:
        kind: `catalogs`, `schemas`, `tables`, `volumes`, `models`, `functions`, `external_locations` or
            `storage_credentials`.
        parent: the full name of its catalog or schema; empty for an object of the metastore.
        fields: its name and the other fields of the request.

    Raises:
        DatabricksError: 400, the name is taken or invalid.
    """
    label, code = _LABELS[kind]
    name = str(fields.get("name") or "")
    if kind not in _CASE_KEEPING:
        name = name.lower()
    # \w also matches letters outside ASCII, such as æ, ø and å.
    if not re.fullmatch(r"[\w-]{1,255}", name):
        raise invalid(f"{label} name '{name}' may hold only letters, digits, `_` and `-`")
    full_name = f"{parent}.{name}" if parent else name
    if full_name.lower() in registry(kind):
        raise already_exists(label, full_name, f"{code}_ALREADY_EXISTS")
    moment = now_ms()
    record = {
        **{field: value for field, value in fields.items() if value is not None},
        "name": name,
        "full_name": full_name,
        "metastore_id": unity_catalog.METASTORE_ID,
        "owner": fields.get("owner") or current_user(),
        "properties": fields.get("properties") or {},
        "created_at": moment,
        "created_by": current_user(),
        "updated_at": moment,
        "updated_by": current_user(),
    }
    registry(kind)[full_name.lower()] = record
    return record


def update(kind: str, full_name: str, fields: Json) -> Json:
    """Apply the fields of a PATCH request and return the updated record.

    Raises:
        DatabricksError: 404, the record does not exist; 501, the request renames it.
    """
    record = find(kind, full_name)
    new_name = fields.pop("new_name", None)
    if new_name and new_name.lower() != record["name"].lower():
        raise not_implemented(f"the local workspace cannot rename '{full_name}' to '{new_name}'")
    record.update(
        {name: value for name, value in fields.items() if name not in _READ_ONLY and value is not None}
    )
    record.update(updated_at=now_ms(), updated_by=current_user())
    return record


def rename(kind: str, full_name: str, new_name: str) -> Json:
    """Give a record another name in its schema; grants, tags and policies stay with it.

    Raises:
        DatabricksError: 404, the record does not exist; 400, the name is taken or invalid.
    """
    record = find(kind, full_name)
    renamed = add(kind, f"{record['catalog_name']}.{record['schema_name']}", {"name": new_name})
    old, new = full_name.lower(), renamed["full_name"].lower()
    kept = {field: value for field, value in record.items() if field not in ("name", "full_name")}
    renamed.update({**kept, "updated_at": now_ms(), "updated_by": current_user()})
    for state in (_BINDINGS, _TAGS, _POLICIES):
        records = unity_catalog._state[state]
        for key in [one for one in records if one == f"{kind}/{old}" or one.startswith(f"columns/{old}.")]:
            records[key.replace(old, new, 1)] = records.pop(key)
            for one in records[key.replace(old, new, 1)].values():
                if "entity_name" in one:
                    one["entity_name"] = new + one["entity_name"][len(old) :]
    grant_type = _GRANT_TYPES.get(kind, _LABELS[kind][1])
    if (grant_type, old) in grants._state["grants"]:
        grants._state["grants"][grant_type, new] = grants._state["grants"].pop((grant_type, old))
    registry(kind).pop(old)
    return renamed


def remove(kind: str, full_name: str) -> None:
    """Delete a record, the grants on it and its workspace bindings."""
    registry(kind).pop(full_name.lower(), None)
    unity_catalog._state[_BINDINGS].pop(f"{kind}/{full_name.lower()}", None)
    for of_record in (_TAGS, _POLICIES):
        unity_catalog._state[of_record].pop(f"{kind}/{full_name.lower()}", None)
    for column in [
        one for one in unity_catalog._state[_TAGS] if one.startswith(f"columns/{full_name.lower()}.")
    ]:
        del unity_catalog._state[_TAGS][column]
    grants._state["grants"].pop((_GRANT_TYPES.get(kind, _LABELS[kind][1]), full_name.lower()), None)


def workspace_bindings(kind: str, full_name: str, *, new: bool = False) -> dict[str, Json]:
    """Return the workspace bindings of a record by workspace id; `new` if some may be added."""
    return _of_record(_BINDINGS, kind, full_name, new)


def tags(kind: str, full_name: str, *, new: bool = False) -> dict[str, Json]:
    """Return the tags of a record, or of a column, by key; `new` if one may be added."""
    return _of_record(_TAGS, kind, full_name, new)


def policies(kind: str, full_name: str, *, new: bool = False) -> dict[str, Json]:
    """Return the row filters and column masks on a record by name; `new` if one may be added."""
    return _of_record(_POLICIES, kind, full_name, new)


def _of_record(state: str, kind: str, full_name: str, new: bool) -> dict[str, Json]:
    """Return what hangs on a record. Who only reads leaves the state, and with it the revision, as it is."""
    records: dict[str, dict[str, Json]] = unity_catalog._state[state]
    key = f"{kind}/{full_name.lower()}"
    return records.setdefault(key, {}) if new else records.get(key, {})


def check_isolation_mode(body: Json, modes: tuple[str, ...]) -> None:
    """Check the isolation mode of a request, if it sets one.

    Raises:
        DatabricksError: 400, the isolation mode is invalid.
    """
    mode = body.get("isolation_mode") or modes[0]
    if mode not in modes:
        raise invalid(f"isolation_mode '{mode}' is not one of {', '.join(modes)}")


async def query_duckdb(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Run SQL on the connection that all catalogs are attached to; return the rows."""
    pool = get_duckdb_pool()
    connection = await pool.get_uc_connection()
    async with await pool.get_uc_lock():
        rows: list[tuple[Any, ...]] = connection.execute(sql, parameters or []).fetchall()
    return rows
