"""Tables of a workspace, compared with what contracts promise about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh.commands.contract_tables import compare_tables
from tests.support.contracts import built

NAMES = {"by_borough": "main.sales.by_borough"}
REMEDY = re.compile(r" \((run|correct|let) .*")
BOROUGH = {"name": "borough", "type_text": "string"}
AMOUNT = {"name": "Amount", "type_text": "decimal(18,2)"}


@dataclass(frozen=True)
class Workspace:
    """A fake for a workspace with this table, or without a table."""

    table: Mapping[str, Any] | None

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        assert path == "/api/2.1/unity-catalog/tables/main.sales.by_borough"
        return self.table


def told(table: Mapping[str, Any] | None, **contract: Any) -> list[str]:
    """What is found about a table, by its severity, code and message."""
    found = compare_tables(built(**contract), NAMES, Workspace(table))
    return [f"{one.severity} {one.code}: {REMEDY.sub('', one.message)}" for one in found]


def test_a_table_with_the_promised_columns_and_more_is_fine() -> None:
    assert told({"columns": [BOROUGH, AMOUNT, {"name": "more", "type_text": "int"}]}) == []


def test_a_missing_column_and_another_type_break_the_contract() -> None:
    assert told({"columns": [{**AMOUNT, "type_text": "double"}]}) == [
        "error contract-not-kept: column `borough` of `main.sales.by_borough` does not exist",
        "error contract-not-kept: column `amount` of `main.sales.by_borough` is double, and decimal(18,2) is promised",
    ]


def test_a_table_that_does_not_exist_is_a_warning() -> None:
    assert told(None) == ["warning contract-table-missing: table `main.sales.by_borough` does not exist"]
