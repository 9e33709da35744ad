"""Plans of resources: the state after the apply as far as it is known, and what requires a replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.provider.behaviour import Behaviour
from local.provider.comparison import Comparison
from local.provider.difference import COUNT, Difference, Path
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN, ObjectValue, Value, conform_to_schema
from local.provider.zero_values import equivalent, keep_nulls


@dataclass(frozen=True)
class ResourcePlan:
    """The planned state, and the attributes whose change requires a replacement of the object."""

    state: ObjectValue
    requires_replacement: tuple[str, ...] = ()


def plan_resource(
    prior: ObjectValue | None, proposed: ObjectValue, block: Block, behaviour: Behaviour
) -> ResourcePlan:
    """Plan the creation or the change of one object.

    Args:
        prior: the prior state; None to plan a creation.
        proposed: the configuration merged with the computed values of the prior state, by Terraform.
        block: the schema.
        behaviour: defaults, replacements and suppressed differences of the type.
    """
    comparison = Comparison(behaviour, prior is None, proposed)
    comparison.block((), prior or {}, proposed, block)
    differences = comparison.differences
    if prior is not None and not differences:
        return ResourcePlan(prior)
    changed = _Changes(differences, behaviour).block((), prior or {}, block)
    if "id" in block.attributes:
        changed["id"] = UNKNOWN if prior is None else prior.get("id")
    for name, nested in block.blocks.items():
        if nested.nesting == "single":  # timeouts, and objects of the plugin framework
            changed[name] = proposed.get(name)
    planned = keep_nulls(conform_to_schema(changed, block), block, proposed, applied=False)
    if prior is None:
        return ResourcePlan(_unknown_where_computed(planned, block))
    if equivalent(prior, planned):
        return ResourcePlan(prior)
    replaced = {str(path[0]) for path, difference in differences.items() if difference.replaces}
    return ResourcePlan(planned, tuple(sorted(replaced)))


@dataclass(frozen=True)
class _Changes:
    """The differences of one object, which turn its state into the planned state."""

    differences: Mapping[Path, Difference]
    behaviour: Behaviour

    def block(self, path: Path, old: ObjectValue, block: Block) -> ObjectValue:
        """Return a block of the state with the differences."""
        result: ObjectValue = {}
        for name, attribute in block.attributes.items():
            result[name] = self._attribute((*path, name), old.get(name), attribute)
        for name, nested in block.blocks.items():
            result[name] = self._blocks((*path, name), old.get(name), nested)
        return result

    def _attribute(self, path: Path, old: Value, attribute: Attribute) -> Value:
        if isinstance(attribute.type, list):
            return self._collection(path, old, attribute.type)
        difference = self.differences.get(path)
        if difference is None:
            return "" if old is None and attribute.required and attribute.type == "string" else old
        return _new_primitive(difference, attribute.type)

    def _collection(self, path: Path, old: Value, collection: list[Any]) -> Value:
        kind, element = collection
        count = self.differences.get((*path, COUNT))
        if count and count.new is UNKNOWN:
            return UNKNOWN
        if count and count.new == 0:
            return {} if kind == "map" else []
        inner = {where[-1]: each for where, each in self._inside(path) if where[-1] != COUNT}
        if not inner and not count:
            return old
        if kind == "map":
            kept = {key: value for key, value in (old or {}).items() if key not in inner}
            return kept | {str(key): each.new for key, each in inner.items() if not each.removed}
        if kind == "set":
            return [each.new for each in inner.values() if not each.removed]
        length = count.new if count else len(old or [])
        return [_list_element(index, old or [], inner, element) for index in range(length)]

    def _blocks(self, path: Path, old: Value, nested: NestedBlock) -> Value:
        count = self.differences.get((*path, COUNT))
        if count and count.new is UNKNOWN:
            return UNKNOWN
        if count and count.new == 0:
            return []
        inside = self._inside(path)
        if nested.nesting == "single" or not inside:
            return old
        if nested.nesting == "set":
            key = self.behaviour.block_key_of(path, nested.block)
            former = {key(element): element for element in old or []}
            # Differences of a set name the elements of the configuration only, all with all attributes.
            keys = dict.fromkeys(str(where[len(path)]) for where, _ in inside if len(where) > len(path) + 1)
            return [self.block((*path, each), former.get(each, {}), nested.block) for each in keys]
        elements = old or []
        length = count.new if count else len(elements)
        former_at = [*elements, *({} for _ in range(length))]
        return [self.block((*path, index), former_at[index], nested.block) for index in range(length)]

    def _inside(self, path: Path) -> list[tuple[Path, Difference]]:
        return [(where, each) for where, each in self.differences.items() if where[: len(path)] == path]


def _new_primitive(difference: Difference, kind: str) -> Value:
    if difference.new is UNKNOWN:
        return UNKNOWN
    if difference.removed:
        return None
    if difference.new is None or difference.new == "":
        return "" if kind == "string" else None
    return difference.new


def _list_element(index: int, old: list[Value], inner: Mapping[str | int, Difference], kind: str) -> Value:
    """Return an element of a list; a text that is removed from a list leaves an empty text."""
    new = _new_primitive(inner[index], kind) if index in inner else ([*old, *([None] * index)])[index]
    return "" if new is None and kind == "string" else new


def _unknown_where_computed(value: ObjectValue, block: Block) -> ObjectValue:
    result = dict(value)
    for name, attribute in block.attributes.items():
        if attribute.computed and value.get(name) is None:
            result[name] = UNKNOWN
    for name, nested in block.blocks.items():
        inner = value.get(name)
        if isinstance(inner, dict) and name != "timeouts":
            result[name] = _unknown_where_computed(inner, nested.block)
        elif isinstance(inner, list):
            result[name] = [_unknown_where_computed(element, nested.block) for element in inner]
    return result
