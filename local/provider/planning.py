"""Plans of resources: values that are unknown until apply, and changes that require replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.provider.equality import equal_values, is_empty
from local.provider.schema import Block
from local.provider.values import UNKNOWN, ObjectValue, Value


@dataclass(frozen=True)
class ResourcePlan:
    """The planned state, and the attributes whose change requires a replacement of the object."""

    state: ObjectValue
    requires_replacement: tuple[str, ...] = ()


def plan_resource(
    prior: ObjectValue | None,
    proposed: ObjectValue,
    block: Block,
    *,
    defaults: Mapping[str, Value],
    forces_new: frozenset[str],
    keep_when_unset: frozenset[str] = frozenset(),
    recomputed: Mapping[str, tuple[str, ...]],
) -> ResourcePlan:
    """Plan the creation or the change of one object.

    Args:
        prior: the prior state; None to plan a creation.
        proposed: the configuration merged with the computed values of the prior state, by Terraform.
        block: the schema.
        defaults: values of attributes that are not set.
        forces_new: attributes and blocks whose change requires a replacement.
        keep_when_unset: attributes that keep their prior value when they are not set.
        recomputed: attribute → computed attributes that change with it (an id that contains the name).
    """
    configured = {
        **proposed,
        **{name: value for name, value in defaults.items() if proposed.get(name) is None},
    }
    if prior is None:
        return ResourcePlan(_unknown_where_computed(configured, block))
    configured |= {name: prior.get(name) for name in keep_when_unset if configured.get(name) is None}
    state = _keep_prior_spelling(configured, prior, block)
    changed = frozenset(
        name for name in state if not _equal_attributes(state[name], prior.get(name), name, block)
    )
    for name in changed & recomputed.keys():
        state.update(dict.fromkeys(recomputed[name], UNKNOWN))
    return ResourcePlan(state, tuple(sorted(changed & forces_new)))


def _unknown_where_computed(value: ObjectValue, block: Block) -> ObjectValue:
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
                _unknown_where_computed(element, nested.block) if isinstance(element, dict) else element
                for element in inner
            ]
        result[name] = inner
    return result


def _keep_prior_spelling(configured: ObjectValue, prior: ObjectValue, block: Block) -> ObjectValue:
    """Keep the prior spelling of equal values, so that Terraform shows no change."""
    return {
        name: prior.get(name)
        if name in block.attributes and _equal_attributes(value, prior.get(name), name, block)
        else value
        for name, value in configured.items()
    }


def _equal_attributes(planned_value: Value, prior_value: Value, name: str, block: Block) -> bool:
    attribute = block.attributes.get(name)
    if attribute is None:
        return bool(planned_value == prior_value)
    # Imported state has null instead of false, zero or empty: the provider framework treats these as equal.
    return equal_values(planned_value, prior_value, attribute.type) or (
        prior_value is None and not attribute.computed and is_empty(planned_value)
    )
