"""The places of boxes and arrows."""

from __future__ import annotations

from itertools import combinations

from mesh.commands.map.boxes import Box, boxes
from mesh.commands.map.columns import columns
from tests.mesh.commands.map.conftest import Mapped, flow

FILES = {
    **flow("sales/shop/orders"),
    **flow("sales/shop/items"),
    **flow("sales/stock/levels"),
    **flow("hr/people/staff"),
    **flow("finance/books/monthly", "reads: {orders: shop/prep/orders, items: shop/prep/items}\n"),
}


def apart(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_no_two_boxes_overlap_and_all_are_on_the_paper(mapped: Mapped) -> None:
    content = mapped(FILES)
    places = boxes(columns(content), content.edges, folded=False)

    for kind in (places.domains, places.flows):
        found = [box for _, box in kind]
        assert all(apart(one, other) for one, other in combinations(found, 2))
        assert all(box.x + box.width <= places.width and box.y + box.height <= places.height for box in found)
    assert len(places.flows) == 5


def test_folded_domains_have_one_arrow_for_all_their_edges(mapped: Mapped) -> None:
    content = mapped(FILES)
    (arrow,) = boxes(columns(content), content.edges, folded=True).arrows
    unfolded = boxes(columns(content), content.edges, folded=False).arrows

    assert len(arrow[2]) == 2
    assert arrow[0].column < arrow[1].column
    assert len(unfolded) == 2
