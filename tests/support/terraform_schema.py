"""Checks Terraform JSON against the schema that the real provider publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_META = {"depends_on", "lifecycle", "provider", "count", "for_each", "//"}


def violations(stack: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """Returns everything in a cdk.tf.json that the provider rejects.

    Args:
        stack: the file's contents.
        schema: `resource_schemas` and `data_source_schemas`, as `terraform providers schema -json` has them.
    """
    for section, kinds in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
        for kind, instances in stack.get(section, {}).items():
            if kind not in schema[kinds]:
                yield f"{section} {kind}: unknown"
                continue
            for name, arguments in instances.items():
                yield from _block(arguments, schema[kinds][kind]["block"], f"{kind}.{name}")


def _block(arguments: dict[str, Any], block: dict[str, Any], path: str) -> Iterator[str]:
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    for name, value in arguments.items():
        if name in attributes:
            if attributes[name].get("computed") and not attributes[name].get("optional"):
                yield f"{path}.{name}: is computed only"
            if not _fits(value, attributes[name]["type"]):
                yield f"{path}.{name}: {value!r} is no {attributes[name]['type']}"
        elif name in blocks:
            yield from _nested(value, blocks[name], f"{path}.{name}")
        elif name not in _META:
            yield f"{path}.{name}: unknown"
    required = {name for name, attribute in attributes.items() if attribute.get("required")}
    required |= {name for name, nested in blocks.items() if nested.get("min_items", 0) > 0}
    yield from (f"{path}.{name}: missing" for name in sorted(required - set(arguments)))


def _nested(value: Any, nested: dict[str, Any], path: str) -> Iterator[str]:
    items = value if isinstance(value, list) else [value]
    if nested.get("max_items") and len(items) > nested["max_items"]:
        yield f"{path}: {len(items)} blocks, {nested['max_items']} at most"
    for index, item in enumerate(items):
        yield from _block(item, nested["block"], f"{path}[{index}]")


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, str) and value.startswith("${"):
        return True  # a reference of the mesh; other templates are escaped
    match kind:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ["list" | "set", inner]:
            return isinstance(value, list) and all(_fits(item, inner) for item in value)
        case ["map", inner]:
            return isinstance(value, dict) and all(_fits(item, inner) for item in value.values())
    raise ValueError(f"no such type: {kind}")
