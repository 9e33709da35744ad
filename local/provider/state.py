"""The state of an object after an apply and after a refresh, as the provider's SDK writes it."""

from __future__ import annotations

from collections.abc import Mapping

from local.provider.schema import Block
from local.provider.values import UNKNOWN, ObjectValue, Value, conform_to_schema
from local.provider.zero_values import keep_nulls, zero_filled_blocks, zero_of_type


def applied_state(
    prior: ObjectValue | None, planned: ObjectValue, written: Mapping[str, Value], block: Block
) -> ObjectValue:
    """Return the state after an apply.

    Args:
        prior: the state before the apply; None after a creation.
        planned: the planned state.
        written: the attributes and blocks that the read after the apply sets.
        block: the schema.
    """
    # An attribute that is removed becomes zero, not null.
    removed = {
        name: zero_of_type(attribute.type)
        for name, attribute in block.attributes.items()
        if planned.get(name) is None and (prior or {}).get(name) is not None
    }
    state = _merged({**known(planned), **removed}, written, block)
    return {**keep_nulls(state, block, planned, applied=True), **_timeouts(planned, block)}


def refreshed_state(prior: ObjectValue, written: Mapping[str, Value], block: Block) -> ObjectValue:
    """Return the state after a refresh.

    Args:
        prior: the state before the refresh.
        written: the attributes and blocks that the read sets; all others stay.
        block: the schema.
    """
    state = _merged(prior, written, block)
    return {**keep_nulls(state, block, prior, applied=False), **_timeouts(prior, block)}


def known(value: Value) -> Value:
    """Return a value in which null replaces every value that is only known after the apply."""
    if isinstance(value, dict):
        return {name: known(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [known(inner) for inner in value]
    return None if value is UNKNOWN else value


def _merged(base: ObjectValue, written: Mapping[str, Value], block: Block) -> ObjectValue:
    merged = {**base, **{name: value for name, value in written.items() if value is not None}}
    # Blocks that the plan left open, and that the read does not set, are null; all others are lists.
    filled = {
        name: zero_filled_blocks(merged[name], nested)
        for name, nested in block.blocks.items()
        if name != "timeouts" and merged.get(name) is not None
    }
    open_blocks = dict.fromkeys((name for name in block.blocks if merged.get(name) is None), None)
    return {**conform_to_schema({**merged, **filled}, block), **open_blocks}


def _timeouts(origin: ObjectValue, block: Block) -> ObjectValue:
    return {"timeouts": origin.get("timeouts")} if "timeouts" in block.blocks else {}
