"""Users, groups and service principals (the SCIM API). Stores them; nobody logs in as these users."""

import copy
import re
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from minilake.errors import DatabricksError
from minilake.services import scim

from local.workspace.errors import invalid, not_found
from local.workspace.store import Json

router = APIRouter(prefix="/api/2.0/preview/scim/v2")

Collection = Literal["Users", "Groups", "ServicePrincipals"]


@dataclass(frozen=True)
class _Kind:
    """One kind of principal.

    Args:
        label: its name in messages.
        unique: the attribute that no two principals share.
        unique_label: the name of this attribute in messages.
        required: the attribute that a request must set.
    """

    label: str
    unique: str
    unique_label: str
    required: str


_KINDS: dict[str, _Kind] = {
    "Users": _Kind("User", "userName", "username", "userName"),
    "Groups": _Kind("Group", "displayName", "name", "displayName"),
    "ServicePrincipals": _Kind(
        "Service principal", "applicationId", "application ID", "displayName` or `applicationId"
    ),
}
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
_MULTI_VALUED = {"emails", "entitlements", "members", "roles"}
# Fields that a request does not set: the workspace derives groups from the members of the groups.
_READ_ONLY = {"groups", "id", "meta", "schemas"}
# A narrowed response contains these, too; a service principal is known by its application id.
_ALWAYS_RETURNED = {"applicationId", "id", "schemas"}
# SCIM (RFC 7644, 3.5.2): the path of one value, as in `members[value eq "123"]`.
_ONE_VALUE = re.compile(r'(\w+)\[\s*value\s+eq\s+"?([^"\]]*)"?\s*\]', re.IGNORECASE)


@router.post("/{collection}")
async def create(collection: Collection, body: Json) -> Json:
    """Create a user, a group or a service principal."""
    return response(add(collection, _fields(body)))


@router.get("/{collection}")
async def list_(
    collection: Collection,
    filter: str | None = None,
    start_index: Annotated[int, Query(alias="startIndex")] = 1,
    count: int | None = None,
    sort_by: Annotated[str, Query(alias="sortBy")] = "",
    attributes: str = "",
    excluded: Annotated[str, Query(alias="excludedAttributes")] = "",
) -> Json:
    """List the principals that match a filter, such as `userName eq "ola@example.com"`."""
    matches = [each for each in records(collection).values() if scim._matches_filter(each, filter)]
    if sort_by:
        matches.sort(key=lambda each: str(each.get(sort_by, "")))
    first = max(1, start_index)
    page = matches[first - 1 :][:count]
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(matches),
        "startIndex": first,
        "itemsPerPage": len(page),
        "Resources": [_selected(response(each), attributes, excluded) for each in page],
    }


@router.get("/{collection}/{principal_id}")
async def get(
    collection: Collection,
    principal_id: str,
    attributes: str = "",
    excluded: Annotated[str, Query(alias="excludedAttributes")] = "",
) -> Json:
    """Get a principal, or some of its attributes."""
    return _selected(response(_find(collection, principal_id)), attributes, excluded)


@router.put("/{collection}/{principal_id}")
async def replace(collection: Collection, principal_id: str, body: Json) -> Json:
    """Replace a principal. Its id stays; its unique name stays if the request does not set it."""
    stored = _find(collection, principal_id)
    unique = _KINDS[collection].unique
    kept = {name: stored[name] for name in ("id", unique) if name in stored}
    return response(_save(collection, {**kept, **_fields(body)}))


@router.patch("/{collection}/{principal_id}")
async def patch(collection: Collection, principal_id: str, body: Json) -> Json:
    """Add, replace or remove attributes, for example the members of a group."""
    changed = copy.deepcopy(_find(collection, principal_id))
    operations = body.get("Operations") or body.get("operations")
    if not operations:
        raise invalid("a PATCH request needs at least one operation")
    for each in operations:
        _apply(changed, each)
    return response(_save(collection, changed))


@router.delete("/{collection}/{principal_id}")
async def delete(collection: Collection, principal_id: str) -> Json:
    """Delete a principal, also as a member of groups."""
    _find(collection, principal_id)
    del records(collection)[principal_id]
    for group in records("Groups").values():
        if "members" in group:
            group["members"] = [each for each in group["members"] if each.get("value") != principal_id]
    return {}


def add(collection: str, fields: Json) -> Json:
    """Store a new principal and return its record.

    Raises:
        DatabricksError: 400, a name is missing; 409, another principal has the same name.
    """
    added = {"id": str(uuid.uuid4()), **fields}
    if collection == "ServicePrincipals":
        _require(collection, added.get("displayName") or added.get("applicationId"))
        added.setdefault("applicationId", str(uuid.uuid4()))
    return _save(collection, added)


def records(collection: str) -> dict[str, Json]:
    """Return all principals of a collection by id."""
    found: dict[str, Json] = scim._state[collection]
    return found


def _find(collection: str, principal_id: str) -> Json:
    if principal_id not in records(collection):
        raise not_found(_KINDS[collection].label, principal_id)
    return records(collection)[principal_id]


def _require(collection: str, value: Any) -> None:
    if not value:
        raise invalid(f"`{_KINDS[collection].required}` is missing")


def _save(collection: str, fields: Json) -> Json:
    """Store a principal in canonical form and return it.

    Raises:
        DatabricksError: 400, a name is missing; 409, another principal has the same name.
    """
    kind = _KINDS[collection]
    name = fields.get(kind.unique)
    _require(collection, name)
    if collection == "Users":
        # Databricks keeps user names in lower case.
        name = str(name).lower()
        fields = {
            "emails": [{"value": name, "type": "work", "primary": True}],
            **fields,
            "userName": name,
        }
    if collection != "Groups":
        fields = {"active": True, **fields, "displayName": fields.get("displayName") or name}
    for other in records(collection).values():
        taken = str(other.get(kind.unique))
        same = name == (taken.lower() if collection == "Users" else taken)
        if same and other["id"] != fields["id"]:
            # The provider recognizes this message, where it may take over an existing principal.
            message = f"{kind.label} with {kind.unique_label} {name} already exists."
            raise DatabricksError("RESOURCE_ALREADY_EXISTS", message, 409)
    saved = {**fields, "schemas": [_SCHEMA + collection.removesuffix("s")]}
    records(collection)[fields["id"]] = saved
    return saved


def _fields(body: Json) -> Json:
    """Return the attributes that a request sets."""
    return {
        name: _values(value) if name in _MULTI_VALUED else value
        for name, value in body.items()
        if name not in _READ_ONLY and value is not None
    }


def _apply(record: Json, operation: Json) -> None:
    """Apply one operation of a PATCH request to a record."""
    kind, path = str(operation.get("op")).lower(), operation.get("path")
    value = operation.get("value")
    if kind not in ("add", "remove", "replace"):
        raise invalid(f"`{operation.get('op')}` is not one of add, remove, replace")
    if path and (one := _ONE_VALUE.fullmatch(path)):
        path, value = one[1], value or [{"value": one[2]}]
    changes = {path: value} if path else value
    if not isinstance(changes, dict):
        raise invalid("an operation without a path needs an object as its value")
    for name, change in changes.items():
        if name in _READ_ONLY or name == "applicationId":
            if change != record.get(name):
                raise invalid(f"`{name}` cannot be changed")
        elif name in _MULTI_VALUED:
            record[name] = _changed_values(kind, record.get(name) or [], _values(change))
        elif kind == "remove":
            record.pop(name, None)
        else:
            record[name] = _single_value(name, change)


def _changed_values(kind: str, existing: list[Json], values: list[Json]) -> list[Json]:
    if kind == "add":
        return _values([*existing, *values])
    if kind == "replace":
        return values
    removed = {each["value"] for each in values}
    return [each for each in existing if removed and each.get("value") not in removed]


def _values(value: Any) -> list[Json]:
    """Return the values of an attribute without duplicates.

    The provider sends one empty value for an attribute that has none.
    """
    entries = value if isinstance(value, list) else [value]
    return list(
        {each["value"]: each for each in entries if isinstance(each, dict) and each.get("value")}.values()
    )


def _single_value(name: str, value: Any) -> Any:
    """Return the value of an attribute; the provider sends also `active` as a list of texts."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0].get("value")
    return str(value).lower() == "true" if name == "active" else value


def response(record: Json) -> Json:
    """Return a principal with its groups, and a group with the names of its members."""
    complete = {name: value for name, value in record.items() if value != []}
    groups = [
        {"value": group["id"], "display": group["displayName"], "$ref": f"Groups/{group['id']}"}
        for group in records("Groups").values()
        if record["id"] in {each.get("value") for each in group.get("members") or []}
    ]
    if groups:
        complete["groups"] = [{**each, "type": "direct"} for each in groups]
    if complete.get("members"):
        complete["members"] = [_member(each) for each in complete["members"]]
    return complete


def _member(entry: Json) -> Json:
    for collection in _KINDS:
        if found := records(collection).get(entry["value"]):
            return {
                "value": found["id"],
                "display": found.get("displayName"),
                "$ref": f"{collection}/{found['id']}",
            }
    return entry


def _selected(record: Json, attributes: str, excluded: str) -> Json:
    """Return the attributes that a request asks for."""
    wanted, unwanted = ({each.strip() for each in text.split(",")} for text in (attributes, excluded))
    return {
        name: value
        for name, value in record.items()
        if name in _ALWAYS_RETURNED or (name in wanted if attributes else name not in unwanted)
    }
