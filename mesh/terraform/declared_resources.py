"""The resources that synthesized code declares, with references to each other resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mesh.documents.terraform_text import unescape
from mesh.terraform.plan import DeclaredResource

_REFERENCE = re.compile(r"(?<!\$)\$\{((?:data\.)?\w+\.[\w-]+)\.(\w+)\}")


def declared_resources(config: Mapping[str, Any]) -> tuple[DeclaredResource, ...]:
    """The resources of a stack; references that only Terraform knows stay as they are.

    Args:
        config: the synthesized code.
    """
    declared = _declared(config, "resource")
    by_address = declared | {f"data.{address}": one for address, one in _declared(config, "data").items()}
    return tuple(
        DeclaredResource(address, {name: _text(value, by_address) for name, value in one.items()})
        for address, one in declared.items()
    )


def _declared(config: Mapping[str, Any], block: str) -> dict[str, Mapping[str, Any]]:
    """The arguments of the resources or data sources, by type and name."""
    types: Mapping[str, Mapping[str, Any]] = config.get(block, {})
    return {f"{kind}.{id}": one for kind, named in types.items() for id, one in named.items()}


def _text(value: Any, by_address: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value with references to the stack's own resources resolved and escapes removed."""
    if isinstance(value, Mapping):
        return {name: _text(one, by_address) for name, one in value.items()}
    if isinstance(value, list):
        return [_text(one, by_address) for one in value]
    if not isinstance(value, str):
        return value
    if reference := _REFERENCE.fullmatch(value):
        referenced = _referenced(reference, by_address)
        return value if referenced is None else referenced
    return unescape(_REFERENCE.sub(lambda one: str(_referenced(one, by_address) or one[0]), value))


def _referenced(reference: re.Match[str], by_address: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value of a reference; None if only Terraform knows it."""
    arguments = by_address.get(reference[1], {})
    value = arguments.get(reference[2])
    if value is None and reference[2] == "home" and "user_name" in arguments:
        # provider documentation, `databricks_user`, `home`
        value = f"/Users/{arguments['user_name']}"
    return None if value is None else _text(value, by_address)
