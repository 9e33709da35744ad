"""Tags of catalogs, schemas, volumes, tables and their columns."""

from fastapi import APIRouter, Query

from local.workspace.errors import already_exists, invalid, not_found
from local.workspace.store import Json
from local.workspace.unity_catalog import securable, tables

router = APIRouter(prefix="/api/2.1/unity-catalog/entity-tag-assignments")

_WITH_RECORDS = ("catalogs", "schemas", "volumes")  # kinds that are named as their registries
_TAGGED = ("catalogs", "columns", "schemas", "tables", "volumes")


@router.post("")
async def create(body: Json) -> Json:
    """Assign a tag; an entity has a key once."""
    kind, name, key = (str(body.get(field) or "") for field in ("entity_type", "entity_name", "tag_key"))
    if not key:
        raise invalid("tag_key is missing")
    if key in await _tags(kind, name):
        raise already_exists("Tag assignment", f"{name}, {key}", "TAG_ASSIGNMENT_ALREADY_EXISTS")
    tags = securable.tags(kind, name, new=True)
    tags[key] = {"entity_type": kind, "entity_name": name, "tag_key": key, **_value(body)}
    return tags[key]


@router.get("/{kind}/{name}/tags")
async def list_(kind: str, name: str) -> Json:
    """List the tags of an entity."""
    return {"tag_assignments": list((await _tags(kind, name)).values())}


@router.get("/{kind}/{name}/tags/{key}")
async def get(kind: str, name: str, key: str) -> Json:
    """Get a tag of an entity."""
    return await _tag(kind, name, key)


@router.patch("/{kind}/{name}/tags/{key}")
async def update(kind: str, name: str, key: str, body: Json, update_mask: str = Query("tag_value")) -> Json:
    """Change the value of a tag, the only field that can change."""
    if update_mask not in ("*", "tag_value"):
        raise invalid(f"update_mask '{update_mask}' names a field that cannot change")
    tag = await _tag(kind, name, key)
    tag.pop("tag_value", None)
    tag.update(_value(body))
    return tag


@router.delete("/{kind}/{name}/tags/{key}")
async def delete(kind: str, name: str, key: str) -> Json:
    """Remove a tag from an entity."""
    await _tag(kind, name, key)
    (await _tags(kind, name)).pop(key)
    return {}


def _value(body: Json) -> Json:
    return {"tag_value": body["tag_value"]} if body.get("tag_value") else {}


async def _tag(kind: str, name: str, key: str) -> Json:
    tags = await _tags(kind, name)
    if key not in tags:
        raise not_found("Tag assignment", f"{name}, {key}", "TAG_ASSIGNMENT_DOES_NOT_EXIST")
    return tags[key]


async def _tags(kind: str, name: str) -> dict[str, Json]:
    """Return the tags of an entity by key.

    Raises:
        DatabricksError: 400, the kind has no tags; 404, the entity does not exist.
    """
    if kind not in _TAGGED:
        raise invalid(f"entity_type '{kind}' is not one of {', '.join(_TAGGED)}")
    if kind in _WITH_RECORDS:
        securable.find(kind, name)
    else:
        table = await tables.get(name.rpartition(".")[0] if kind == "columns" else name)
        columns = {str(one.get("name")).lower() for one in table.get("columns") or ()}
        if kind == "columns" and name.rpartition(".")[2].lower() not in columns:
            raise not_found("Column", name, "COLUMN_DOES_NOT_EXIST")
    return securable.tags(kind, name)
