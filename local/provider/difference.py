"""One attribute that differs between the configuration and the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.provider.values import Value

# A path ends with a name, with an index or a key of a collection, or with COUNT: its number of elements.
Path = tuple[str | int, ...]
COUNT = "#"


@dataclass(frozen=True)
class Difference:
    """One attribute that differs.

    Args:
        old: the value in the state; None if the state has no value.
        new: the configured value; UNKNOWN if it is only known after the apply.
        removed: the value is removed.
        replaces: the object has to be replaced.
        configured: the configuration, or a default, sets the attribute.
        creation: the object does not exist yet.
        configuration: the whole configured object.
    """

    old: Value
    new: Value
    removed: bool = False
    replaces: bool = False
    configured: bool = False
    creation: bool = False
    configuration: Mapping[str, Value] = field(default_factory=dict, compare=False, repr=False)
