"""Terraform's values: how they travel, and how a whole object looks."""

from __future__ import annotations

from typing import Any, Final

import msgpack

from local.provider.schema import Block

Value = Any
Object = dict[str, Any]


class _Unknown:
    """A value that is only known after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN: Final = _Unknown()

# Terraform says "unknown" as extension 0, and as extension 12 where it knows something about the value.
_UNKNOWN_CODES = {0, 12}


def _extension(code: int, data: bytes) -> Value:
    return UNKNOWN if code in _UNKNOWN_CODES else msgpack.ExtType(code, data)


def _packed(value: Value) -> Value:
    if value is UNKNOWN:
        return msgpack.ExtType(0, b"\0")
    raise TypeError(f"Terraform has no value for {type(value).__name__}")


def decode(data: bytes) -> Value:
    """The value in a message; None where there is none."""
    return msgpack.unpackb(data, ext_hook=_extension, strict_map_key=False) if data else None


def encode(value: Value) -> bytes:
    """The value as a message carries it."""
    packed: bytes = msgpack.packb(value, default=_packed)
    return packed


def whole(value: Object, block: Block) -> Object:
    """The same object with every attribute and block of its schema: null or empty where it has none.

    Names that the schema does not know are dropped: Terraform refuses them.
    """
    result: Object = {name: value.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if nested.nesting == "single":
            result[name] = whole(inner, nested.block) if isinstance(inner, dict) else inner
        elif inner is UNKNOWN:
            result[name] = inner
        else:
            result[name] = [whole(one, nested.block) if isinstance(one, dict) else one for one in inner or []]
    return result


def has_unknown(value: Value) -> bool:
    """Whether any part of the value is only known after apply."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value is UNKNOWN
