"""The form in which the Databricks provider reads a resource back.

The provider sorts some lists of blocks when it reads, and compares lists by position. A list that is
synthesized in another order differs in every plan, and fields of one block get into another block. So
`canonical` is called once for the arguments of every resource, and `principal_key` compares principals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# By resource type: the attribute by which the provider sorts a list of blocks, wherever the block is nested.
# Source: recordings of provider 1.99.0. The Jobs API returns `depends_on` of inner tasks in the same order.
# Other lists, such as job clusters, parameters and e-mail addresses, keep their order; sets have none.
_SORTED_BY: Mapping[str, Mapping[str, str]] = {
    "job": {
        "task": "task_key",
        "depends_on": "task_key",
        "on_start": "id",
        "on_success": "id",
        "on_failure": "id",
        "on_duration_warning_threshold_exceeded": "id",
        "on_streaming_backlog_exceeded": "id",
    },
}

# By resource type and block: values without which the provider keeps the state's value at the same position,
# where another block may have been before. Tried with provider 1.99.0.
_EXPLICIT: Mapping[str, Mapping[str, Mapping[str, Any]]] = {"job": {"task": {"retry_on_timeout": False}}}


def canonical(resource: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of a resource with its blocks in the provider's order and with explicit values.

    Args:
        resource: the resource type without its prefix, for example `job`.
        arguments: in Terraform's spelling.
    """
    keys, explicit = _SORTED_BY.get(resource, {}), _EXPLICIT.get(resource, {})

    def blocks(value: Any, name: str = "") -> Any:
        if isinstance(value, str):  # most values: the other questions take longer
            return value
        if isinstance(value, Mapping):
            return {
                field: blocks(inner, field) for field, inner in {**explicit.get(name, {}), **value}.items()
            }
        if isinstance(value, Sequence) and not isinstance(value, bytes):
            return _ordered([blocks(item, name) for item in value], keys.get(name))
        return value

    return {name: blocks(value, name) for name, value in arguments.items()}


def principal_key(name: str) -> str:
    """Returns the text by which the provider compares principals of grants: it ignores case."""
    return name.lower()


def _ordered(items: list[Any], key: str | None) -> list[Any]:
    """Sorts blocks by their key, bytewise as the provider does; other items keep their order."""
    if key and all(isinstance(item, Mapping) and isinstance(item.get(key), str) for item in items):
        return sorted(items, key=lambda item: item[key].encode())
    return items
