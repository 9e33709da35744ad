"""Access below the catalog or schema of a grant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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


SCHEMA = unchanged("databricks_schema", catalog_name="main", name="sales")
VOLUME = unchanged("databricks_volume", catalog_name="main", schema_name="sales", name="drop")
READS = ["USE_CATALOG", "USE_SCHEMA", "SELECT"]


def test_grants_on_a_catalog_apply_to_its_schemas_and_volumes(tmp_path: Path) -> None:
    change = grants("main", {}, {"analysts": [*READS, "READ_VOLUME"]}, catalog="main")

    assert sentences(tmp_path, change, SCHEMA, VOLUME) == [
        "`analysts` gains `READ_VOLUME`, `SELECT`, `USE_CATALOG`, `USE_SCHEMA` on catalog `main`",
        "  `analysts` can now read 1 schema in `main`: `sales`",
        "  `analysts` can now read files in 1 volume in `main`: `sales.drop`",
    ]


def test_privileges_without_use_catalog_give_no_access(tmp_path: Path) -> None:
    change = grants("main", {}, {"analysts": ["SELECT", "USE_SCHEMA"]}, catalog="main")

    assert sentences(tmp_path, change, SCHEMA) == [
        "`analysts` gains `SELECT`, `USE_SCHEMA` on catalog `main`"
    ]


def test_the_last_missing_path_privilege_gives_access(tmp_path: Path) -> None:
    catalog = grants("main", {"analysts": []}, {"analysts": ["USE_CATALOG"]}, catalog="main")
    schema = grants(
        "sales",
        {"analysts": ["SELECT", "USE_SCHEMA"]},
        {"analysts": ["SELECT", "USE_SCHEMA"]},
        schema="main.sales",
    )

    assert sentences(tmp_path, catalog, schema, SCHEMA) == [
        "`analysts` gains `USE_CATALOG` on catalog `main`",
        "  `analysts` can now read 1 schema in `main`: `sales`",
    ]  # fmt: skip


def test_all_privileges_include_every_privilege(tmp_path: Path) -> None:
    change = grants("main", {"analysts": ["ALL_PRIVILEGES"]}, {}, catalog="main")

    assert sentences(tmp_path, change, SCHEMA) == [
        "`analysts` loses `ALL_PRIVILEGES` on catalog `main`",
        "  `analysts` can no longer read and change 1 schema in `main`: `sales`",
    ]


@pytest.mark.parametrize(
    ("type", "argument", "label", "arguments"),
    [
        ("databricks_catalog", "catalog", "catalog", {"name": "main"}),
        ("databricks_schema", "schema", "schema", {"catalog_name": "main", "name": "sales"}),
        (
            "databricks_registered_model",
            "model",
            "registered model",
            {"catalog_name": "main", "schema_name": "sales", "name": "fares"},
        ),
        ("databricks_external_location", "external_location", "external location", {"name": "landing"}),
        ("databricks_storage_credential", "storage_credential", "storage credential", {"name": "lake"}),
    ],
)
def test_the_first_grants_on_a_new_securable_are_on_a_new_securable(
    tmp_path: Path, type: str, argument: str, label: str, arguments: dict[str, str]
) -> None:
    """The same is said of one that the plan destroys."""
    made = {
        "address": f"{type}.a",
        "type": type,
        "change": {"actions": ["create"], "before": None, "after": arguments},
    }
    name = ".".join(arguments.values())
    granted = grants("a", {}, {"analysts": ["MANAGE"]}, **{argument: name})

    assert sentences(tmp_path, made, granted)[0] == (f"`analysts` gains `MANAGE` on the new {label} `{name}`")

    gone = {**made, "change": {"actions": ["delete"], "before": arguments, "after": None}}
    taken = grants("a", {"analysts": ["MANAGE"]}, {}, **{argument: name})

    assert sentences(tmp_path, gone, taken)[0] == (
        f"`analysts` loses `MANAGE` on {label} `{name}` (will be destroyed)"
    )
