"""What the workspace says against what Terraform remembers: same meaning stays as it was spelled."""

from __future__ import annotations

import json
from functools import partial
from itertools import zip_longest
from typing import Any

from local.provider.schema import Block, NestedBlock
from local.provider.values import UNKNOWN, Object, Value

# By which attribute the elements of a list of blocks are told apart; the workspace may order them anew.
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


def same(mine: Value, theirs: Value, kind: Any = "string") -> bool:
    """Whether two values of one attribute mean the same: JSON parsed, sets in any order."""
    if isinstance(mine, str) and isinstance(theirs, str):
        return mine == theirs or _same_json(mine, theirs)
    if isinstance(kind, list) and kind[0] == "set" and isinstance(mine, list) and isinstance(theirs, list):
        return sorted(map(_canonical, mine)) == sorted(map(_canonical, theirs))
    return bool(mine == theirs)


def _same_json(mine: str, theirs: str) -> bool:
    if not mine.lstrip().startswith(("{", "[")):
        return False
    try:
        return bool(json.loads(mine) == json.loads(theirs))
    except ValueError:
        return False


def _canonical(value: Value) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def refreshed(state: Object, found: Object, block: Block, *, complete: bool = False) -> Object:
    """The state after a look at the workspace.

    Args:
        state: what Terraform remembers.
        found: what the workspace says, in Terraform's form.
        block: the schema of both.
        complete: whether the workspace says all that was set and adds nothing. Then what it does not say
            was taken away, and what is not set but said was added.

    Else what is set stays, unless the workspace says another value for it; what is not set stays unset,
    unless only the workspace knows it. What the workspace adds as a default is thus never seen as a change.
    """
    result: Object = {}
    for name, attribute in block.attributes.items():
        mine, theirs = state.get(name), found.get(name)
        if mine is None:
            added = complete and not empty(theirs)
            result[name] = theirs if attribute.computed or added else None
        elif theirs is None:
            result[name] = None if complete and not empty(mine) else mine
        else:
            result[name] = mine if same(mine, theirs, attribute.type) else theirs
    for name, nested in block.blocks.items():
        result[name] = _refreshed_block(state.get(name), found.get(name), nested, complete=complete)
    return result


def empty(value: Value) -> bool:
    """Whether a value means the same as none: nothing, no, zero, or only such values inside."""
    if isinstance(value, dict):
        return all(map(empty, value.values()))
    if isinstance(value, list):
        return all(map(empty, value))
    return value is not UNKNOWN and not value


def _refreshed_block(mine: Value, theirs: Value, nested: NestedBlock, *, complete: bool) -> Value:
    if not mine:
        return theirs if complete and not empty(theirs) else mine
    if theirs is None:
        return mine if not complete or empty(mine) else None
    if nested.nesting == "single":
        return refreshed(mine, theirs, nested.block, complete=complete)
    pairs = _pairs(mine, theirs, nested)
    kept = [
        refreshed(one, other, nested.block, complete=complete) for one, other in pairs if other is not None
    ]
    matched = [id(other) for _, other in pairs]
    return kept + [other for other in theirs if id(other) not in matched]


def _pairs(
    mine: list[Object], theirs: list[Object], nested: NestedBlock
) -> list[tuple[Object, Object | None]]:
    """Each of mine with the one of theirs that is the same thing, or None when it is gone."""
    key = next((key for key in _KEYS if all(one.get(key) for one in [*mine, *theirs])), None)
    if key is None and nested.nesting != "set":
        return list(zip_longest(mine, theirs[: len(mine)]))
    left = list(theirs)
    pairs: list[tuple[Object, Object | None]] = []
    for one in mine:
        match = next((other for other in left if _is(one, other, key, nested.block)), None)
        left = [other for other in left if other is not match]
        pairs.append((one, match))
    return pairs


def _is(mine: Object, theirs: Object, key: str | None, block: Block) -> bool:
    """Whether two elements are the same thing: by their key, else by all that is set in mine."""
    if key is not None:
        return bool(mine[key] == theirs[key])
    return all(
        same(value, theirs.get(name), block.attributes[name].type)
        for name, value in mine.items()
        if name in block.attributes and value is not None and value is not UNKNOWN
    ) and all(_are(mine.get(name), theirs.get(name), nested) for name, nested in block.blocks.items())


def _are(mine: Value, theirs: Value, nested: NestedBlock) -> bool:
    """Whether all of mine are the same things as all of theirs; any are, where nothing is set."""
    if not mine:
        return True
    if nested.nesting == "single":
        return bool(theirs) and _is(mine, theirs, None, nested.block)
    return len(mine) == len(theirs or []) and all(
        map(partial(_is, key=None, block=nested.block), mine, theirs)
    )


def settled(planned: Object, found: Object, block: Block) -> Object:
    """The state after an apply: as planned, and what was unknown as the workspace says, else null."""
    result: Object = {}
    for name in block.attributes:
        value = planned.get(name)
        result[name] = _known(found.get(name)) if value is UNKNOWN else _known(value)
    for name, nested in block.blocks.items():
        result[name] = _settled_block(planned.get(name), found.get(name), nested)
    return result


def _settled_block(mine: Value, theirs: Value, nested: NestedBlock) -> Value:
    if mine is UNKNOWN:
        return theirs
    if not mine:
        return mine
    if nested.nesting == "single":
        return settled(mine, theirs or {}, nested.block)
    return [settled(one, other or {}, nested.block) for one, other in _pairs(mine, theirs or [], nested)]


def _known(value: Value) -> Value:
    if isinstance(value, list):
        return [_known(one) for one in value]
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    return None if value is UNKNOWN else value
