"""Null, zero and empty values: where the provider's SDK tells them apart, and where it does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local.provider.schema import AttributeType, Block, NestedBlock
from local.provider.values import UNKNOWN, ObjectValue, Value, has_unknown


def is_zero(value: Value) -> bool:
    """Return whether a value is null, false, zero or empty."""
    return value is not UNKNOWN and not value


def zero_of(value: Value) -> Value:
    """Return the zero value of the type that a primitive value has."""
    return type(value)()


def zero_of_type(kind: AttributeType) -> Value:
    """Return the zero value of an attribute's type."""
    name = kind if isinstance(kind, str) else kind[0]
    return {"string": "", "number": 0, "bool": False, "map": {}}.get(name, [])


def zero_filled(value: ObjectValue, block: Block) -> ObjectValue:
    """Return a nested block with zero values where values are missing.

    The SDK reads and writes nested blocks whole: only attributes of the object itself can stay null.
    """
    result: ObjectValue = {}
    for name, attribute in block.attributes.items():
        inner = value.get(name)
        result[name] = zero_of_type(attribute.type) if inner is None else inner
    for name, nested in block.blocks.items():
        result[name] = zero_filled_blocks(value.get(name), nested)
    return result


def zero_filled_blocks(value: Value, nested: NestedBlock) -> Value:
    """Return the blocks of one name with zero values where values are missing."""
    if value is UNKNOWN:
        return value
    if nested.nesting == "single":
        return value
    elements = value if isinstance(value, list) else [value] if value else []
    return [zero_filled(element, nested.block) for element in elements]


def keep_nulls(value: Value, kind: Any, origin: Value, *, applied: bool) -> Value:
    """Return a value whose nulls and empty collections are the same as in its origin.

    Terraform compares the state with the plan, and the plan with the configuration, and null differs from
    empty there. The SDK treats null and empty alike, so it restores the difference afterwards.

    Args:
        value: the new value.
        kind: a block, a nested block, or an attribute's type.
        origin: the configuration for a plan, the plan for a state after an apply, the former state for a
            state after a refresh.
        applied: the value is a state after an apply.
    """
    if origin is UNKNOWN:
        return origin if value is None and not applied else value
    if isinstance(kind, Block):
        return _keep_nulls_of_object(value, kind, origin, applied)
    if isinstance(kind, NestedBlock):
        return _keep_nulls_of_blocks(value, kind, origin, applied)
    return _keep_nulls_of_attribute(value, kind, origin, applied)


def _keep_nulls_of_object(value: Value, block: Block, origin: Value, applied: bool) -> Value:
    if origin is None or value is UNKNOWN:
        return value
    value = value or {}
    kinds: list[tuple[str, Any]] = [(name, each.type) for name, each in block.attributes.items()]
    kinds += [(name, nested) for name, nested in block.blocks.items() if name != "timeouts"]
    return {
        **value,
        **{
            name: keep_nulls(value.get(name), kind, origin.get(name), applied=applied) for name, kind in kinds
        },
    }


def _keep_nulls_of_blocks(value: Value, nested: NestedBlock, origin: Value, applied: bool) -> Value:
    if nested.nesting == "single":
        return value
    if applied and ((origin is None and value == []) or (origin == [] and value is None)):
        return origin
    if origin is None or value is UNKNOWN:
        return value
    if nested.nesting == "set":
        return origin if applied and not has_unknown(origin) else value
    return _keep_nulls_by_position(value, nested.block, origin, applied)


def _keep_nulls_by_position(value: Value, kind: Any, origin: list[Value], applied: bool) -> Value:
    if value is None:
        lost = not origin if applied else all(element is UNKNOWN for element in origin)
        return origin if lost else None
    if len(value) != len(origin):
        return value
    pairs = zip(value, origin, strict=True)
    return [keep_nulls(element, kind, other, applied=applied) for element, other in pairs]


def _keep_nulls_of_attribute(value: Value, kind: AttributeType, origin: Value, applied: bool) -> Value:
    collection, element = (kind[0], kind[1]) if isinstance(kind, list) else (kind, None)
    if collection in ("list", "set", "map") and applied:
        empty, origin_empty = (
            each is not None and each is not UNKNOWN and not each for each in (value, origin)
        )
        if (origin is None and empty) or (origin_empty and value is None):
            return origin
    if origin is None or value is UNKNOWN:
        return value
    if collection == "string":
        return origin if value is None and origin == "" else value
    if collection == "set":
        return origin if applied and not has_unknown(origin) else value
    if collection == "list":
        return _keep_nulls_by_position(value, element, origin, applied)
    if collection == "map":
        if value is None:
            return origin if applied and not has_unknown(origin) and not origin else value
        return {
            key: origin[key] if inner is UNKNOWN and origin.get(key) is not None else inner
            for key, inner in value.items()
        }
    return value


def equivalent(left: Value, right: Value) -> bool:
    """Return whether two values are equal when null, zero and empty count as the same."""
    if left is UNKNOWN or right is UNKNOWN:
        return left is right
    if isinstance(left, dict) or isinstance(right, dict):
        left, right = left or {}, right or {}
        if any({**left, **right}[name] == "" for name in left.keys() ^ right.keys()):
            return False  # an entry of a map with an empty text is not the same as no entry
        return all(equivalent(left.get(name), right.get(name)) for name in left.keys() | right.keys())
    if isinstance(left, list) or isinstance(right, list):
        return len(left or []) == len(right or []) and all(map(equivalent, left or [], right or []))
    return (is_zero(left) and is_zero(right)) or left == right


def names_of(block: Block) -> Iterable[str]:
    """Return the names of all attributes and blocks."""
    return [*block.attributes, *block.blocks]
