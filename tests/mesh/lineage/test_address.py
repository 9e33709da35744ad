"""Addresses: what people type for a flow, table or column."""

from __future__ import annotations

import pytest

from mesh.errors import UsageError
from mesh.lineage.address import Addresses, Target
from mesh.lineage.lineage import Lineage
from mesh.lineage.relation import NOWHERE, Relation
from mesh.lineage.session import Write
from mesh.lineage.table import Column, Place, Table
from mesh.lineage.task_lineage import TaskLineage

DAILY, OTHER = Table("sales", "dev_orders", "daily"), Table("raw", "files", "orders")
HERE = Place("a.py", 1)
WRITE = TaskLineage(
    "acme/sales/shop/prep/orders", "t", writes=(Write(DAILY, HERE, Relation(dict.fromkeys(["id"], NOWHERE))),)
)
READ = TaskLineage("acme/sales/shop/prep/orders", "u", writes=(Write(OTHER, HERE),))
LINEAGE = Lineage("dev", (WRITE, READ), {"sales.dev_orders": ("acme/sales/shop/prep/orders",)})
ADDRESSES = Addresses(LINEAGE, ("acme/sales/shop/prep/orders", "acme/sales/shop/prep/daily"))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("prep/orders", "acme/sales/shop/prep/orders"),
        ("/acme/sales/shop/prep/daily/", "acme/sales/shop/prep/daily"),
        ("orders/daily", DAILY),
        ("prep/orders/Daily", DAILY),
        ("dev_orders.daily", DAILY),
        ("Sales.`dev_orders`.daily", DAILY),
        ("files.orders", OTHER),
        ("orders/daily.id", Column(DAILY, "id")),
        ("dev_orders.daily.ID", Column(DAILY, "id")),
    ],
)
def test_leading_levels_may_be_omitted(text: str, target: Target) -> None:
    assert ADDRESSES.find(text) == target


def test_a_table_has_the_address_of_its_flow() -> None:
    assert ADDRESSES.of(Column(DAILY, "id")) == "acme/sales/shop/prep/orders/daily.id"
    assert ADDRESSES.of(OTHER) == "raw.files.orders"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "daily",
            "`daily` may be flow acme/sales/shop/prep/daily or table acme/sales/shop/prep/orders/daily (write a longer name)",
        ),
        ("dialy", "no flow, table or column of the mesh is called `dialy` (did you mean `daily`?)"),
        ("daily.nothing", "no flow, table or column of the mesh is called `daily.nothing`"),
    ],
)
def test_what_is_ambiguous_or_unknown_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        ADDRESSES.find(text)

    assert str(error.value).startswith(message)
