"""Text from the mesh stays text: Terraform never evaluates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from pydantic import BaseModel

T = TypeVar("T")


def literal(value: T) -> T:
    """The same value with every string in it escaped, so that `${…}` and `%{…}` mean nothing.

    Terraform evaluates templates in JSON with the rights of the one who deploys. Whatever comes from
    the mesh's files goes through here once, on its way into a stack.

    Source: Terraform documentation, "Strings and Templates", escape sequences.

    Args:
        value: a part of the model, or plain data.
    """
    return cast(T, _literal(value))


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {_literal(key): _literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_literal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _literal(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={name: _literal(getattr(value, name)) for name in type(value).model_fields}
        )
    return value
