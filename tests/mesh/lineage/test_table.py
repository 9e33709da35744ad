"""Names of tables, as SQL writes them."""

from __future__ import annotations

import pytest

from mesh.lineage.table import Column, Place, Table, name_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("trips", ("trips",)),
        ("Main.Sales.Trips", ("main", "sales", "trips")),
        ("`a-b`.`c.d`.e", ("a-b", "c.d", "e")),
        ("`it``s`", ("it`s",)),
        (" a . b ", ("a", "b")),
    ],
)
def test_a_name_has_parts_in_lower_case(text: str, parts: tuple[str, ...]) -> None:
    assert name_parts(text) == parts


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", "`a", "`a`b", "a" * 10_000])
def test_other_texts_are_no_names(text: str) -> None:
    assert name_parts(text) is None


def test_names_and_places_are_shown_as_people_write_them() -> None:
    table = Table("c", "s", "t")

    assert (str(table), table.schema_name, str(Column(table, "a"))) == ("c.s.t", "c.s", "c.s.t.a")
    assert (str(Place("a.py", 3)), str(Place("a.ipynb", 3, 2))) == ("a.py:3", "a.ipynb#2:3")
