"""Access below the catalog or schema of a grant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.access_plan import grants, sentences, unchanged

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
