"""Warns of values that this version does not know, in fields to which Databricks adds values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import ANY_CASE, Field, Shape
from mesh.finding import Finding

_LONGEST_SHOWN = 60


def unknown_values(value: object, shape: Shape, document: Document, at: Location = ()) -> Iterator[Finding]:
    """Warns of unknown values at any depth.

    Args:
        value: fields and their values, without findings.
        shape: the shape of the value.
        document: the file.
        at: the location of the value in the file.
    """
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        if (field := shape.fields.get(name)) is None:
            continue
        several = isinstance(inner, list)
        for index, item in enumerate(inner if several else [inner]):
            here = (*at, name, index) if several else (*at, name)
            if isinstance(field.type, Shape):
                yield from unknown_values(item, field.type, document, here)
            elif isinstance(item, str) and item and not _is_known(item, field):
                message = (
                    f"`{item[:_LONGEST_SHOWN]}` is not among the values of `{name}` that this version knows "
                    f"(known: {', '.join(field.values)})"
                )
                yield document.finding("unknown-value", here, message).as_warning


def _is_known(value: str, field: Field) -> bool:
    if field.name in ANY_CASE:
        return value.upper() in (one.upper() for one in field.values)
    return not field.values or value in field.values
