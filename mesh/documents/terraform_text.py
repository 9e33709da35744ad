"""Escapes `${…}` and `%{…}` in text for Terraform's JSON, so that Terraform never evaluates it.

Terraform evaluates templates in JSON with the deployer's rights.

Source: Terraform documentation, "Strings and Templates", escape sequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from pydantic import BaseModel

T = TypeVar("T")


def literal(value: T) -> T:
    """Returns the same value with every string in it escaped.

    All text from the mesh's files passes through this function once, on its way into a stack.

    Args:
        value: an object of the model, or plain data.
    """
    return cast(T, _literal(value))


def unescape(text: str) -> str:
    """Returns the text that Terraform reads in an escaped string."""
    return text.replace("$${", "${").replace("%%{", "%{")


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{") if "{" in value else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return type(value)(_literal(item) for item in value)
    if isinstance(value, Mapping):
        return {_literal(key): _literal(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _literal(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={name: _literal(getattr(value, name)) for name in type(value).model_fields}
        )
    return value
