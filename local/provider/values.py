"""Terraform's values: their encoding, and objects that conform to a schema."""

from __future__ import annotations

from typing import Any, Final

import msgpack

from local.provider.schema import Block

Value = Any
ObjectValue = dict[str, Any]


class _Unknown:
    """A value that is only known after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN: Final = _Unknown()

# Terraform encodes an unknown value as extension 0, or as extension 12 with refinements of the value.
_UNKNOWN_CODES = {0, 12}


def _unpack_extension(code: int, data: bytes) -> Value:
    return UNKNOWN if code in _UNKNOWN_CODES else msgpack.ExtType(code, data)


def _pack_unknown(value: Value) -> Value:
    if value is UNKNOWN:
        return msgpack.ExtType(0, b"\0")
    raise TypeError(f"Terraform has no type for {type(value).__name__}")


def decode(data: bytes) -> Value:
    """Decode a message's value; None if the message is empty."""
    return msgpack.unpackb(data, ext_hook=_unpack_extension, strict_map_key=False) if data else None


def encode(value: Value) -> bytes:
    """Encode a value for a message."""
    packed: bytes = msgpack.packb(value, default=_pack_unknown)
    return packed


def conform_to_schema(value: ObjectValue, block: Block) -> ObjectValue:
    """Return the object with every attribute and block of its schema; missing ones are null or empty.

    Names that are not in the schema are dropped, because Terraform refuses them.
    """
    result: ObjectValue = {name: value.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if nested.nesting == "single":
            result[name] = conform_to_schema(inner, nested.block) if isinstance(inner, dict) else inner
        elif inner is UNKNOWN:
            result[name] = inner
        else:
            result[name] = [
                conform_to_schema(element, nested.block) if isinstance(element, dict) else element
                for element in inner or []
            ]
    return result


def has_unknown(value: Value) -> bool:
    """Return whether the value is, or contains, a value that is only known after apply."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value is UNKNOWN
