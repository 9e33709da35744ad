"""The program that gives tables to their owners, with a fake for Unity Catalog and for Spark."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.deployment.table_describer import quoted
from mesh.deployment.table_owner_setter import NotGiven, set_owners

TABLES = [
    {"schema": "", "name": "trips", "owner": "taxi`team"},
    {"schema": "raw", "name": "zones", "owner": "sp"},
    {"schema": "", "name": "plain", "comment": "has no owner"},
]
OWNERS = {"taxi`team": "taxi`team", "sp": "7f1c"}
SCHEMAS = {"": ("main", "sales"), "raw": ("main", "geo")}


def run(found: dict[str, Any], owners: dict[str, str] = OWNERS, refused: str = "nothing") -> list[str]:
    """The statements and lines, and the failure if there is one."""
    told: list[str] = []

    def read(name: str) -> dict[str, Any]:
        catalog, schema, table = name.split(".")
        return {"catalog_name": catalog, "schema_name": schema, "name": table, **found}

    def sql(statement: str) -> None:
        told.append(statement)
        if refused in statement:
            raise RuntimeError("PERMISSION_DENIED\nmore")

    try:
        set_owners(sql, read, TABLES, SCHEMAS, owners, quoted, told.append)
    except NotGiven as error:
        told.append(str(error))
    return told


def test_tables_of_another_owner_are_given_to_the_declared_one() -> None:
    assert run({"owner": "7F1C"}) == [
        "ALTER TABLE `main`.`sales`.`trips` SET OWNER TO `taxi``team`",
        "  trips: taxi`team owns it now (was 7F1C)",
    ]


def test_a_refusal_is_told_after_all_other_tables_have_their_owners() -> None:
    assert run({"owner": "ada@acme.example"}, refused="trips") == [
        "ALTER TABLE `main`.`sales`.`trips` SET OWNER TO `taxi``team`",
        "ALTER TABLE `main`.`geo`.`zones` SET OWNER TO `7f1c`",
        "  raw/zones: 7f1c owns it now (was ada@acme.example)",
        "tables have other owners: trips: owner taxi`team: PERMISSION_DENIED",
    ]


@pytest.mark.parametrize("kind", ["VIEW", "STREAMING_TABLE", "MATERIALIZED_VIEW"])
def test_views_and_tables_of_pipelines_keep_their_owners(kind: str) -> None:
    assert run({"owner": "x", "table_type": kind}) == []


def test_where_no_owners_are_set_nothing_is_read() -> None:
    assert run({}, owners={}) == []
