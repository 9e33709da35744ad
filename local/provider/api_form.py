"""Conversion of an object between Terraform's form and the form of the REST API."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.provider.schema import AttributeType, Block
from local.provider.values import UNKNOWN, ObjectValue, Value
from local.provider.zero_values import is_zero

Aliases = Mapping[str, str]


def to_api(value: ObjectValue, block: Block, aliases: Aliases, parent_block: str = "") -> dict[str, Any]:
    """Return the request body for an object: the set values, without zero values of optional attributes.

    A block that may occur only once becomes an object, other blocks become lists.

    Args:
        value: the object in Terraform's form.
        block: its schema.
        aliases: API names that differ from Terraform's: `task` → `tasks` for repeated blocks,
            `git_source.url` → `git_url` for attributes of a block.
        parent_block: the name of the block that contains the attributes; empty at the top level.
    """
    result: dict[str, Any] = {}
    for name, attribute in block.attributes.items():
        inner = value.get(name)
        if inner is not None and inner is not UNKNOWN and (attribute.required or not is_zero(inner)):
            is_set = isinstance(attribute.type, list) and attribute.type[0] == "set"
            sent = in_order_of_hashes(inner) if is_set else inner
            result[aliases.get(f"{parent_block}.{name}", name)] = sent
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if not inner or inner is UNKNOWN or name in ("timeouts", "provider_config"):
            continue
        items = [inner] if nested.nesting == "single" else inner
        sent = [to_api(item, nested.block, aliases, name) for item in items]
        single = nested.nesting == "single" or nested.max_items == 1
        result[name if single else aliases.get(name, name)] = sent[0] if single else sent
    return result


def in_order_of_hashes(
    texts: Iterable[str], text: Callable[[str], str] = lambda each: f"{each};"
) -> list[str]:
    """Return the elements of a set in the order in which the provider's SDK lists them.

    Args:
        texts: the elements.
        text: returns the text to hash for an element.
    """
    return sorted(texts, key=lambda each: str(zlib.crc32(text(each).encode())))


def from_api(
    answer: Mapping[str, Any], block: Block, aliases: Aliases, parent_block: str = ""
) -> ObjectValue:
    """Convert an API answer to Terraform's form and types; fields missing in the answer stay absent."""
    result: ObjectValue = {}
    for name, attribute in block.attributes.items():
        value = answer.get(aliases.get(f"{parent_block}.{name}", name))
        if value is not None:
            result[name] = _convert(value, attribute.type)
    for name, nested in block.blocks.items():
        single = nested.nesting == "single" or nested.max_items == 1
        value = answer.get(name if single else aliases.get(name, name))
        if value is None:
            continue
        items = value if isinstance(value, list) else [value]
        inner = [
            from_api(element, nested.block, aliases, name) for element in items if isinstance(element, dict)
        ]
        result[name] = (inner[0] if inner else None) if nested.nesting == "single" else inner
    return result


def _convert(value: Value, attribute_type: AttributeType) -> Value:
    if isinstance(attribute_type, list):
        return _convert_collection(value, attribute_type[0], attribute_type[1])
    if attribute_type == "string":
        return value if isinstance(value, str) else _text(value)
    if attribute_type == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else _number(value)
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _convert_collection(value: Value, collection: str, element_type: Any) -> Value:
    if collection == "object":
        return {
            name: _convert(value[name], attribute_type) if value.get(name) is not None else None
            for name, attribute_type in element_type.items()
        }
    if collection == "map":
        return (
            {name: _convert(element, element_type) for name, element in value.items()}
            if isinstance(value, dict)
            else None
        )
    return [_convert(element, element_type) for element in (value if isinstance(value, list) else [value])]


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Value) -> int | float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number
