"""What Terraform is told would happen: which values are not known yet, and what needs a new object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.provider.equality import empty, same
from local.provider.schema import Block
from local.provider.values import UNKNOWN, Object, Value


@dataclass(frozen=True)
class Plan:
    """The state as it will be, and the attributes whose change needs a new object instead."""

    state: Object
    replaced_for: tuple[str, ...] = ()


def plan(
    prior: Object | None,
    proposed: Object,
    block: Block,
    *,
    defaults: Mapping[str, Value],
    forces_new: frozenset[str],
    kept: frozenset[str] = frozenset(),
    follows: Mapping[str, tuple[str, ...]],
) -> Plan:
    """Plan the creation or the change of one object.

    Args:
        prior: the state so far; None when the object is to be created.
        proposed: the configuration with the prior state's computed values, as Terraform merges them.
        block: the schema.
        defaults: values of attributes that are not set.
        forces_new: attributes and blocks that cannot change on an existing object.
        kept: attributes that stay as they are when they are not set.
        follows: attribute → computed attributes that change with it (an id that holds the name).
    """
    wanted = {**proposed, **{name: value for name, value in defaults.items() if proposed.get(name) is None}}
    if prior is None:
        return Plan(_unknown_where_computed(wanted, block))
    wanted |= {name: prior.get(name) for name in kept if wanted.get(name) is None}
    state = _like_prior(wanted, prior, block)
    changed = frozenset(name for name in state if not _same(state[name], prior.get(name), name, block))
    for name in changed & follows.keys():
        state.update(dict.fromkeys(follows[name], UNKNOWN))
    return Plan(state, tuple(sorted(changed & forces_new)))


def _unknown_where_computed(value: Object, block: Block) -> Object:
    result = {
        name: UNKNOWN if attribute.computed and value.get(name) is None else value.get(name)
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if isinstance(inner, dict):
            inner = _unknown_where_computed(inner, nested.block)
        elif isinstance(inner, list):
            inner = [
                _unknown_where_computed(one, nested.block) if isinstance(one, dict) else one for one in inner
            ]
        result[name] = inner
    return result


def _like_prior(wanted: Object, prior: Object, block: Block) -> Object:
    """What means the same as before stays spelled as before, so that it is no change."""
    return {
        name: prior.get(name)
        if name in block.attributes and _same(value, prior.get(name), name, block)
        else value
        for name, value in wanted.items()
    }


def _same(mine: Value, theirs: Value, name: str, block: Block) -> bool:
    attribute = block.attributes.get(name)
    if attribute is None:
        return bool(mine == theirs)
    # What an import found is never a set "no": for the provider's own framework that is the same as none.
    return same(mine, theirs, attribute.type) or (theirs is None and not attribute.computed and empty(mine))
