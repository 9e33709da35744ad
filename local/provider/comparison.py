"""The differences between the configuration and the state of one object, as the provider's SDK finds them.

The SDK compares attribute by attribute. Elements of lists are compared by position, elements of sets by
content. An attribute that is not configured keeps its value if the provider computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local.provider.behaviour import Behaviour
from local.provider.difference import COUNT, Difference, Path
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN, ObjectValue, Value, has_unknown
from local.provider.zero_values import zero_of


@dataclass
class Comparison:
    """The comparison of one object; `differences` collects what differs, by path.

    Args:
        behaviour: what the schema does not describe: defaults, replacements, suppressed differences.
        creation: the object does not exist yet.
        configuration: the whole configured object.
    """

    behaviour: Behaviour
    creation: bool
    configuration: Mapping[str, Value]
    differences: dict[Path, Difference] = field(default_factory=dict)

    def block(
        self,
        path: Path,
        old: Mapping[str, Value],
        new: Mapping[str, Value],
        block: Block,
        whole: bool = False,
    ) -> None:
        """Compare the attributes and blocks of one block.

        Args:
            path: the block's path; empty for the object.
            old: its values in the state.
            new: its values in the configuration.
            block: its schema.
            whole: record attributes that are equal too, as for an element of a set.
        """
        for name, attribute in block.attributes.items():
            if path or name != "id":
                where = (*path, name)
                inner = self._inner()
                inner._attribute(
                    where, old.get(name), self._configured(where, new.get(name)), attribute, whole
                )
                self._take(where, inner, whole)
        for name, nested in block.blocks.items():
            if name != "timeouts":
                where = (*path, name)
                inner = self._inner()
                inner._blocks(where, old.get(name), new.get(name) or None, nested, whole)
                self._take(where, inner, whole)

    def _inner(self) -> Comparison:
        return Comparison(self.behaviour, self.creation, self.configuration)

    def _take(self, path: Path, inner: Comparison, whole: bool) -> None:
        """Take over the differences of one attribute or block without those that its rule suppresses."""
        rule = self.behaviour.rule(path)
        for where, difference in inner.differences.items():
            if rule and rule(where, difference):
                if not whole:
                    continue
                difference = replace(difference, new=difference.old, replaces=False, removed=False)
            self.differences[where] = difference

    def _configured(self, path: Path, value: Value) -> Value:
        return self.behaviour.default(path) if value is None else value

    def _record(
        self, path: Path, old: Value, new: Value, *, computed: bool, replaces: bool, **more: Any
    ) -> None:
        """Record a difference; of a computed attribute, an empty new value is unknown until the apply."""
        removed = more.get("removed", False)
        if computed and not removed and (new is None or new == ""):
            if old is not None and old != "":
                return
            new = UNKNOWN
        self.differences[path] = Difference(
            old,
            new,
            replaces=replaces and (new is UNKNOWN or _text(old) != _text(new)),
            creation=self.creation,
            configuration=self.configuration,
            **more,
        )

    def _attribute(self, path: Path, old: Value, new: Value, attribute: Attribute, whole: bool) -> None:
        kind = attribute.type if isinstance(attribute.type, str) else attribute.type[0]
        if kind in ("string", "number", "bool"):
            self._primitive(path, old, new, attribute.computed, self.behaviour.replaces(path), whole)
        elif kind == "map":
            self._map(path, old, new, attribute.computed, whole)
        elif isinstance(attribute.type[1], list) or (attribute.computed and not attribute.optional):
            # Objects that only the provider writes: the proposed value is that of the state.
            if old is None and new is None:
                self._record((*path, COUNT), None, None, computed=True, replaces=False)
        else:
            self._list(path, old, new, attribute, kind == "set", whole)

    def _primitive(
        self, path: Path, old: Value, new: Value, computed: bool, replaces: bool, whole: bool
    ) -> None:
        compared = zero_of(old) if new is None and old is not None else new
        same = new is not UNKNOWN and _text(old) == _text(compared)
        # An equal value is not a difference, unless the provider computes it at the creation.
        if same and not whole and not (self.creation and computed and _text(old) == ""):
            return
        removed = old is not None and new is None
        if not (removed and computed):
            more = {"removed": removed, "configured": new is not None}
            self._record(path, old, compared, computed=computed, replaces=replaces, **more)

    def _map(self, path: Path, old: Value, new: Value, computed: bool, whole: bool) -> None:
        replaces = self.behaviour.replaces(path)
        if new is UNKNOWN or has_unknown(new):
            self._record((*path, COUNT), len(old or {}), UNKNOWN, computed=computed, replaces=replaces)
            if new is UNKNOWN:
                return
        before, after = old or {}, new or {}
        absent = computed and not before and not after and old is None
        if absent:
            self._record((*path, COUNT), None, None, computed=True, replaces=replaces)
        elif len(before) != len(after) and not (computed and not after) and not has_unknown(new):
            self._record((*path, COUNT), len(before), len(after), computed=False, replaces=replaces)
        if new is None and computed:
            return
        for key, value in after.items():
            if whole or key not in before or _text(before[key]) != _text(value):
                more = {"configured": True}
                self._record((*path, key), before.get(key), value, computed=False, replaces=replaces, **more)
        for key in before.keys() - after.keys():
            self._record((*path, key), before[key], None, computed=False, replaces=replaces, removed=True)

    def _list(
        self, path: Path, old: Value, new: Value, attribute: Attribute, is_set: bool, whole: bool
    ) -> None:
        if old is not None and new is None and attribute.computed:
            return
        replaces = self.behaviour.replaces(path)
        if new is UNKNOWN:
            self._record((*path, COUNT), len(old or []), UNKNOWN, computed=True, replaces=replaces)
            return
        before, after = old or [], new or []
        key = self.behaviour.key_of(path)
        if not whole and new is not None and _same(before, after, key, is_set):
            return
        self._count(path, old, new, attribute.computed, is_set, whole)
        if is_set:
            for element in after:
                self._primitive((*path, key(element)), None, element, False, replaces, True)
            return
        for index in range(max(len(before), len(after))):
            left, right = (each[index] if index < len(each) else None for each in (before, after))
            self._primitive((*path, index), left, right, False, replaces, whole)

    def _count(self, path: Path, old: Value, new: Value, computed: bool, is_set: bool, whole: bool) -> None:
        before, after = len(old or []), len(new or [])
        replaces = self.behaviour.replaces(path)
        if computed and new is None and (is_set or not before):
            if old is None:
                self._record((*path, COUNT), None, None, computed=True, replaces=replaces)
        elif before != after or whole:
            self._record((*path, COUNT), before, after, computed=False, replaces=replaces)

    def _blocks(self, path: Path, old: Value, new: Value, nested: NestedBlock, whole: bool) -> None:
        computed = self.behaviour.is_computed(path)
        replaces = self.behaviour.replaces(path)
        if new is UNKNOWN:
            self._record((*path, COUNT), len(old or []), UNKNOWN, computed=True, replaces=replaces)
            return
        if computed and old is not None and new is None:
            return
        before, after = _elements(old), _elements(new)
        key = self.behaviour.block_key_of(path, nested.block)
        if not whole and new is not None and _same(before, after, key, nested.nesting == "set"):
            return
        self._count(path, old, new, computed, nested.nesting == "set", whole)
        if nested.nesting == "set":
            former = {key(element): element for element in before}
            for element in after:
                where = (*path, key(element))
                self.block(where, former.get(key(element), {}), element, nested.block, whole=True)
            return
        for index in range(max(len(before), len(after))):
            left, right = (each[index] if index < len(each) else {} for each in (before, after))
            self.block((*path, index), left, right, nested.block, whole)


def _same(before: list[Value], after: list[Value], key: Callable[[Value], str], is_set: bool) -> bool:
    if has_unknown(after):
        return False
    left, right = list(map(key, before)), list(map(key, after))
    return set(left) == set(right) if is_set else left == right


def _elements(value: Value) -> list[ObjectValue]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Value) -> str:
    """Return a value as the SDK compares it: numbers and flags as text, null as empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
