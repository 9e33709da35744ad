"""The two forms of one object: as Terraform writes it and as the REST API takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.provider.schema import Block, Type
from local.provider.values import UNKNOWN, Object, Value

Aliases = Mapping[str, str]


def to_api(value: Object, block: Block, aliases: Aliases, within: str = "") -> dict[str, Any]:
    """What to send: no nulls, no unknowns, no empty blocks; a block that may stand once is an object.

    Args:
        value: the object as Terraform has it.
        block: its schema.
        aliases: API names of what is named otherwise: `task` → `tasks` for blocks that may stand many
            times, `git_source.url` → `git_url` for attributes inside a block.
        within: the name of the block that the object is.
    """
    result: dict[str, Any] = {}
    for name in block.attributes:
        inner = value.get(name)
        if inner is not None and inner is not UNKNOWN:
            result[aliases.get(f"{within}.{name}", name)] = inner
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if not inner or inner is UNKNOWN or name in ("timeouts", "provider_config"):
            continue
        items = [inner] if nested.nesting == "single" else inner
        sent = [one for one in (to_api(item, nested.block, aliases, name) for item in items) if one]
        if sent:
            single = nested.nesting == "single" or nested.max_items == 1
            result[name if single else aliases.get(name, name)] = sent[0] if single else sent
    return result


def from_api(found: Mapping[str, Any], block: Block, aliases: Aliases, within: str = "") -> Object:
    """What the API answered, in Terraform's form and types; what it does not say is absent."""
    result: Object = {}
    for name, attribute in block.attributes.items():
        value = found.get(aliases.get(f"{within}.{name}", name))
        if value is not None:
            result[name] = _typed(value, attribute.type)
    for name, nested in block.blocks.items():
        single = nested.nesting == "single" or nested.max_items == 1
        value = found.get(name if single else aliases.get(name, name))
        if value is None:
            continue
        items = value if isinstance(value, list) else [value]
        inner = [from_api(one, nested.block, aliases, name) for one in items if isinstance(one, dict)]
        inner = [one for one in inner if one]
        result[name] = (inner[0] if inner else None) if nested.nesting == "single" else inner
    return result


def _typed(value: Value, kind: Type) -> Value:
    if isinstance(kind, list):
        return _typed_many(value, kind[0], kind[1])
    if kind == "string":
        return value if isinstance(value, str) else _text(value)
    if kind == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else _number(value)
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _typed_many(value: Value, many: str, of: Any) -> Value:
    if many == "object":
        return {
            name: _typed(value[name], kind) if value.get(name) is not None else None
            for name, kind in of.items()
        }
    if many == "map":
        return {name: _typed(one, of) for name, one in value.items()} if isinstance(value, dict) else None
    return [_typed(one, of) for one in (value if isinstance(value, list) else [value])]


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Value) -> int | float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number
