"""Plans that change access, and what the review says about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mesh.review.access import access_changes
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import read_plans
from mesh.review.sentence import plain


def sentences(
    folder: Path, *resources: dict[str, Any], drift: list[dict[str, Any]] | None = None
) -> list[str]:
    """The sentences and details about the access changes of a plan."""
    file = folder / "stack.json"
    file.write_text(json.dumps({"resource_changes": resources, "resource_drift": drift or []}))
    index = MeshIndex(principals={"1234": "sp-acme"})
    changes = access_changes(read_plans([file]), index)
    return [
        line for one in changes for line in (plain(one.sentence), *(f"  {plain(d)}" for d in one.details))
    ]


def grants(name: str, before: dict[str, list[str]], after: dict[str, list[str]], **on: str) -> dict[str, Any]:
    """A change of grants."""
    blocks = [
        [{"principal": who, "privileges": what} for who, what in one.items()] for one in (before, after)
    ]
    change = {
        "actions": ["update"],
        "before": {**on, "grant": blocks[0]},
        "after": {**on, "grant": blocks[1]},
    }
    return {"address": f"databricks_grants.{name}", "type": "databricks_grants", "change": change}


def unchanged(type: str, **arguments: str) -> dict[str, Any]:
    """A resource that the plan does not change."""
    address = f"{type}.{'_'.join(arguments.values())}"
    return {
        "address": address,
        "type": type,
        "change": {"actions": ["no-op"], "before": arguments, "after": arguments},
    }
