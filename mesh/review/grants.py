"""`databricks_grants` in plans: what it is on, and who has what there."""

from __future__ import annotations

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


def securable(arguments: Mapping[str, Any]) -> tuple[str | None, str]:
    """What grants are on: the argument that says it, and its full name; (None, "") where nothing does."""
    for argument in (*SECURABLES, *_OTHERS):
        if name := arguments.get(argument):
            return argument, str(name)
    # what is made in the same apply has its id only then, but grants that are there say theirs in their own
    kind, slash, name = str(arguments.get("id") or "").partition("/")
    return (kind, name) if slash and kind in SECURABLES else (None, "")


def granted(arguments: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Privileges by principal."""
    blocks = arguments.get("grant")
    found: dict[str, frozenset[str]] = {}
    for one in blocks if isinstance(blocks, list) else ():
        privileges = one.get("privileges") if isinstance(one, Mapping) else None
        if isinstance(privileges, list):
            principal = str(one.get("principal"))
            said = {str(privilege).replace(" ", "_") for privilege in privileges}
            found[principal] = found.get(principal, frozenset()) | said
    return found
