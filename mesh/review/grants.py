"""`databricks_grants` in plans: what it is on, and who has what there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mesh.grant import Securable

# The arguments of `databricks_grants` that say what is granted on, and what the mesh calls these
SECURABLES: Mapping[str, Securable] = {
    "catalog": "catalog",
    "schema": "schema",
    "volume": "volume",
    "model": "registered_model",
    "external_location": "external_location",
    "storage_credential": "storage_credential",
}
_OTHERS = (
    "table",
    "function",
    "foreign_connection",
    "metastore",
    "pipeline",
    "recipient",
    "share",
    "credential",
)


_NO_SECURABLES = ("id", "principal", "provider_config")


def securable(arguments: Mapping[str, Any]) -> tuple[str | None, str]:
    """What grants are on: the argument that says it, and its full name; (None, "") where nothing does."""
    for argument in (*SECURABLES, *_OTHERS):
        if name := arguments.get(argument):
            return argument, str(name)
    # what is made in the same apply has its id only then, but grants that are there say theirs in their own
    kind, slash, name = str(arguments.get("id") or "").partition("/")
    if slash and kind in SECURABLES:
        return kind, name
    # a kind that is newer than this: better called by Terraform's word than not told
    for argument, value in arguments.items():
        named = argument not in _NO_SECURABLES and re.fullmatch("[a-z_]{1,40}", argument)
        if named and isinstance(value, str) and value:
            return argument, value
    return (None, "") if not arguments else ("securable", str(arguments.get("id") or "?"))


def granted(arguments: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Privileges by principal."""
    blocks = arguments.get("grant")
    found: dict[str, frozenset[str]] = {}
    for one in blocks if isinstance(blocks, list) else ():
        privileges = one.get("privileges") if isinstance(one, Mapping) else None
        if isinstance(privileges, list):
            principal = str(one.get("principal"))
            said = {str(privilege).replace(" ", "_").upper() for privilege in privileges}
            found[principal] = found.get(principal, frozenset()) | said
    return found
