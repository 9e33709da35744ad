"""What the schema of a resource type does not describe: defaults, replacements, suppressed differences."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.provider.constraints import Constraints
from local.provider.difference import Path
from local.provider.schema import Block
from local.provider.suppression import Rule
from local.provider.values import Value
from local.provider.zero_values import zero_filled

Key = Callable[[Value], str]


@dataclass(frozen=True)
class Behaviour:
    """The behaviour of one resource type; attributes are named by path, such as `schedule.pause_status`.

    Args:
        defaults: values of attributes that are not configured.
        forces_new: attributes and blocks whose change replaces the object.
        computed_blocks: blocks that keep the value of the state when they are not configured.
        suppressed: the rules of attributes, for differences that are no changes.
        set_keys: functions that return the key of a set's element: elements with equal keys are the same
            element; by default, the key is the whole content.
        constraints: what the provider refuses before it sends anything.
    """

    defaults: Mapping[str, Value] = field(default_factory=dict)
    forces_new: frozenset[str] = frozenset()
    computed_blocks: frozenset[str] = frozenset()
    suppressed: Mapping[str, Rule] = field(default_factory=dict)
    set_keys: Mapping[str, Key] = field(default_factory=dict)
    constraints: Constraints = field(default_factory=Constraints)

    def merged(self, *others: Behaviour) -> Behaviour:
        """Return this behaviour together with the behaviour of other paths."""
        result = self
        for other in others:
            result = Behaviour(
                {**result.defaults, **other.defaults},
                result.forces_new | other.forces_new,
                result.computed_blocks | other.computed_blocks,
                {**result.suppressed, **other.suppressed},
                {**result.set_keys, **other.set_keys},
                result.constraints.merged(other.constraints),
            )
        return result

    def default(self, path: Path) -> Value:
        """Return the value of an attribute that is not configured; None if it has no default."""
        return self.defaults.get(self._name(path)) if self.defaults else None

    def replaces(self, path: Path) -> bool:
        """Return whether a change of the attribute or block replaces the object."""
        return self._name(path) in self.forces_new

    def is_computed(self, path: Path) -> bool:
        """Return whether the block keeps the value of the state when it is not configured."""
        return self._name(path) in self.computed_blocks

    def rule(self, path: Path) -> Rule | None:
        """Return the rule that suppresses differences of the attribute or block."""
        return self.suppressed.get(self._name(path)) if self.suppressed else None

    def key_of(self, path: Path) -> Key:
        """Return the function that identifies the elements of an attribute."""
        return self.set_keys.get(self._name(path), _content)

    def block_key_of(self, path: Path, block: Block) -> Key:
        """Return the function that identifies the blocks of one name; null and zero are equal."""
        key = self.key_of(path)
        return lambda element: key(zero_filled(element, block))

    def _name(self, path: Path) -> str:
        """Return a path without the positions and keys of list and set elements."""
        # After the name of a block comes the position or key of its element.
        return ".".join(str(step) for step in path[::2])


def _content(element: Value) -> str:
    return json.dumps(element, sort_keys=True, default=repr)
