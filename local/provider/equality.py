"""Comparison of Terraform's state with the workspace: equal values keep the spelling of the state."""

from __future__ import annotations

import json
from functools import partial
from itertools import zip_longest
from typing import Any

from local.provider.schema import Block, NestedBlock
from local.provider.values import UNKNOWN, ObjectValue, Value

# Attributes that identify the elements of a list of blocks; the workspace may return them in another order.
_KEYS = (
    "task_key",
    "job_cluster_key",
    "environment_key",
    "principal",
    "key",
    "name",
    "user_name",
    "group_name",
    "service_principal_name",
)


def equal_values(left: Value, right: Value, kind: Any = "string") -> bool:
    """Return whether two values of one attribute are equal; JSON is parsed, the order of sets is ignored.

    Args:
        left: a value.
        right: the other value.
        kind: the attribute's type in Terraform's JSON form.
    """
    if isinstance(left, str) and isinstance(right, str):
        return left == right or _equal_json(left, right)
    if isinstance(kind, list) and kind[0] == "set" and isinstance(left, list) and isinstance(right, list):
        return sorted(map(_canonical, left)) == sorted(map(_canonical, right))
    return bool(left == right)


def _equal_json(left: str, right: str) -> bool:
    if not left.lstrip().startswith(("{", "[")):
        return False
    try:
        return bool(json.loads(left) == json.loads(right))
    except ValueError:
        return False


def _canonical(value: Value) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def refreshed_state(
    prior: ObjectValue, remote: ObjectValue, block: Block, *, authoritative: bool = False
) -> ObjectValue:
    """Return the state after a refresh.

    Values that are set stay unless the workspace returns another value. Unset values stay unset unless they
    are computed. Defaults that the workspace adds are therefore not reported as changes.

    Args:
        prior: the state before the refresh.
        remote: the object in the workspace, in Terraform's form.
        block: the schema of both.
        authoritative: the workspace returns every value that was set and adds none. Then values that it
            does not return were removed, and unset values that it returns were added.
    """
    result: ObjectValue = {}
    for name, attribute in block.attributes.items():
        old, new = prior.get(name), remote.get(name)
        if old is None:
            added = authoritative and not is_empty(new)
            result[name] = new if attribute.computed or added else None
        elif new is None:
            result[name] = None if authoritative and not is_empty(old) else old
        else:
            result[name] = old if equal_values(old, new, attribute.type) else new
    for name, nested in block.blocks.items():
        result[name] = _refreshed_block(
            prior.get(name), remote.get(name), nested, authoritative=authoritative
        )
    return result


def is_empty(value: Value) -> bool:
    """Return whether a value is null, false, zero or empty, or contains only such values."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is not UNKNOWN and not value


def _refreshed_block(old: Value, new: Value, nested: NestedBlock, *, authoritative: bool) -> Value:
    if not old:
        return new if authoritative and not is_empty(new) else old
    if new is None:
        return old if not authoritative or is_empty(old) else None
    if nested.nesting == "single":
        return refreshed_state(old, new, nested.block, authoritative=authoritative)
    pairs = _pair_elements(old, new, nested)
    refreshed = [
        refreshed_state(element, match, nested.block, authoritative=authoritative)
        for element, match in pairs
        if match is not None
    ]
    matched = [id(match) for _, match in pairs]
    return refreshed + [element for element in new if id(element) not in matched]


def _pair_elements(
    old: list[ObjectValue], new: list[ObjectValue], nested: NestedBlock
) -> list[tuple[ObjectValue, ObjectValue | None]]:
    """Pair each old element with the new element that represents the same object; None if it is removed."""
    key = next((key for key in _KEYS if all(element.get(key) for element in [*old, *new])), None)
    if key is None and nested.nesting != "set":
        return list(zip_longest(old, new[: len(old)]))
    unmatched = list(new)
    pairs: list[tuple[ObjectValue, ObjectValue | None]] = []
    for element in old:
        match = next((other for other in unmatched if _matches(element, other, key, nested.block)), None)
        unmatched = [other for other in unmatched if other is not match]
        pairs.append((element, match))
    return pairs


def _matches(old: ObjectValue, new: ObjectValue, key: str | None, block: Block) -> bool:
    """Return whether two elements represent the same object: by key, else by all values set in `old`."""
    if key is not None:
        return bool(old[key] == new[key])
    return all(
        equal_values(value, new.get(name), block.attributes[name].type)
        for name, value in old.items()
        if name in block.attributes and value is not None and value is not UNKNOWN
    ) and all(_blocks_match(old.get(name), new.get(name), nested) for name, nested in block.blocks.items())


def _blocks_match(old: Value, new: Value, nested: NestedBlock) -> bool:
    """Return whether nested blocks match element by element; an unset block matches any."""
    if not old:
        return True
    if nested.nesting == "single":
        return bool(new) and _matches(old, new, None, nested.block)
    return len(old) == len(new or []) and all(map(partial(_matches, key=None, block=nested.block), old, new))


def applied_state(planned: ObjectValue, remote: ObjectValue, block: Block) -> ObjectValue:
    """Return the state after an apply: the plan, with unknown values from the workspace, else null."""
    result: ObjectValue = {}
    for name in block.attributes:
        value = planned.get(name)
        result[name] = _null_unknowns(remote.get(name) if value is UNKNOWN else value)
    for name, nested in block.blocks.items():
        result[name] = _applied_block(planned.get(name), remote.get(name), nested)
    return result


def _applied_block(planned: Value, remote: Value, nested: NestedBlock) -> Value:
    if planned is UNKNOWN:
        return remote
    if not planned:
        return planned
    if nested.nesting == "single":
        return applied_state(planned, remote or {}, nested.block)
    pairs = _pair_elements(planned, remote or [], nested)
    return [applied_state(element, match or {}, nested.block) for element, match in pairs]


def _null_unknowns(value: Value) -> Value:
    if isinstance(value, list):
        return [_null_unknowns(element) for element in value]
    if isinstance(value, dict):
        return {name: _null_unknowns(element) for name, element in value.items()}
    return None if value is UNKNOWN else value
