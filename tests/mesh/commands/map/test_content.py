"""The content of a map."""

from __future__ import annotations

import pytest

from mesh.errors import UsageError
from tests.mesh.commands.map.conftest import Mapped, flow
from tests.support.contracts import text

READS = "reads: {orders: sales/shop/prep/orders, again: shop/prep/orders}\n"
BOTH = {**flow("sales/shop/orders"), **flow("finance/books/monthly", READS)}


def test_flows_stand_in_their_domains_and_projects(mapped: Mapped) -> None:
    content = mapped(BOTH)

    assert content.title == "acme · prod"
    assert [(one.path, [project.name for project in one.projects]) for one in content.domains] == [
        ("acme/finance", ["books"]),
        ("acme/sales", ["shop"]),
    ]
    assert [one.path for one in content.flows] == [
        "acme/finance/books/prep/monthly",
        "acme/sales/shop/prep/orders",
    ]


def test_two_names_for_the_same_data_are_one_edge(mapped: Mapped) -> None:
    (edge,) = mapped(BOTH).edges

    assert (edge.source, edge.target, edge.kind, edge.names) == (
        "acme/sales/shop/prep/orders",
        "acme/finance/books/prep/monthly",
        "reads",
        ("orders", "again"),
    )


def test_the_map_of_a_level_also_has_the_flows_outside_that_it_reads(mapped: Mapped) -> None:
    content = mapped({**BOTH, **flow("sales/other/stock")}, "finance")

    assert content.title == "acme/finance · prod"
    assert [(one.path, one.outside) for one in content.flows] == [
        ("acme/finance/books/prep/monthly", False),
        ("acme/sales/shop/prep/orders", True),
    ]


def test_a_flow_has_no_map(mapped: Mapped) -> None:
    with pytest.raises(UsageError, match="is a flow"):
        mapped(BOTH, "prep/orders")


def test_the_owner_of_a_project_is_its_own_or_inherited(mapped: Mapped) -> None:
    own = {"orgs/acme/domains/sales/projects/shop/project.yml": "owner: shop-team"}
    finance, sales = mapped({**BOTH, **own}).domains

    assert [(one.owner, one.own_owner) for one in (*finance.projects, *sales.projects)] == [
        ("platform-team", False),
        ("shop-team", True),
    ]
    assert sales.owner == "platform-team"


def test_contracts_are_on_the_flows_that_provide_and_read_them(mapped: Mapped) -> None:
    contract = "orgs/acme/domains/sales/projects/shop/flows/prep/orders/contracts/orders.yaml"
    reads = 'reads: {orders: {flow: shop/prep/orders, contract: revenue, version: "1"}}\n'
    files = {**flow("sales/shop/orders"), contract: text(), **flow("finance/books/monthly", reads)}

    finance, sales = mapped(files).flows

    assert sales.facts.contracts == ("revenue 1.0.0, active, 1 reader",)
    assert finance.facts.relies_on == ("revenue 1 of shop/prep/orders",)
