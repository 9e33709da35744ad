"""Overrides of generated Terraform code, by path.

Source: `addOverride` and `deepMerge` of cdktf.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def add_override(overrides: dict[str, Any], path: str, value: Any) -> None:
    """Adds the value at a path.

    Args:
        overrides: the overrides so far; this function changes them.
        path: keys, joined by `.`.
        value: the value; None removes what the code has there.
    """
    *above, last = path.split(".")
    at = overrides
    for key in above:
        if not isinstance(at.get(key), dict):
            at[key] = {}
        at = at[key]
    at[last] = value


def deep_merge(target: dict[str, Any], source: Mapping[str, Any]) -> None:
    """Merges `source` into `target`: mappings are merged, lists are joined, other values are replaced.

    Args:
        target: this function changes it.
        source: stays as it is.
    """
    for key, value in source.items():
        if isinstance(value, str):  # most values: the other questions take longer
            target[key] = value
        elif isinstance(value, Mapping):
            held = target.get(key)
            if not isinstance(held, dict):
                held = target[key] = {}
            deep_merge(held, value)
        elif isinstance(value, list) and isinstance(target.get(key), list):
            target[key] = [*target[key], *value]
        else:
            target[key] = value
