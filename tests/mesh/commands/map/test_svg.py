"""The map as a picture."""

from __future__ import annotations

from xml.etree import ElementTree

from mesh.commands.map.svg import cut, picture
from tests.mesh.commands.map.conftest import Mapped, flow
from tests.mesh.commands.map.test_page import HOSTILE, hostile

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "defs", "marker", "path", "rect", "g", "text"}


def test_the_picture_has_no_scripts_no_links_and_loads_nothing(mapped: Mapped) -> None:
    files = {**flow("sales/shop/orders"), **flow("finance/books/net", "reads: {o: shop/prep/orders}\n")}
    text = picture(mapped(files), folded=False)
    elements = [*ElementTree.fromstring(text).iter()]

    assert {one.tag.removeprefix(SVG) for one in elements} == ELEMENTS
    assert not {name for one in elements for name in one.attrib if name.startswith("on") or "href" in name}
    assert "@import" not in text
    assert text.count("url(") == text.count("url(#end)") == 1


def test_hostile_texts_stay_texts() -> None:
    elements = [*ElementTree.fromstring(picture(hostile(2), folded=False)).iter()]

    assert {one.tag.removeprefix(SVG) for one in elements} <= ELEMENTS
    assert any("<script>alert(1)</script>" in (one.text or "") for one in elements)
    assert not any("\x00" in (one.text or "") for one in elements)
    assert "\x00" in HOSTILE


def test_a_folded_picture_has_only_domains(mapped: Mapped) -> None:
    text = picture(mapped(flow("sales/shop/orders")), folded=True)

    assert "acme/sales" in text
    assert "orders" not in text


def test_long_texts_are_cut_and_wide_letters_count_twice() -> None:
    assert cut("revenue", 7) == "revenue"
    assert cut("revenue", 5) == "reve…"
    assert cut("漢字漢字", 8) == "漢字漢字"
    assert cut("漢字漢字", 5) == "漢…"
