"""Relations: columns and their origins."""

from __future__ import annotations

from mesh.lineage.relation import EMPTY, NOWHERE, Origin, Relation, unknown_columns
from mesh.lineage.table import Column, Gap, Place, Table

HERE = Place("a.py", 1)
TRIPS, ZONES = Table("c", "s", "trips"), Table("c", "s", "zones")


def of(table: Table, *names: str) -> Relation:
    """A table with known columns."""
    origins = {name: Origin(frozenset({Column(table, name)})) for name in names}
    return Relation(origins, tables=frozenset({table}))


def open_table(table: Table) -> Relation:
    """A table whose columns are not known."""
    return Relation(rest=frozenset({table}), tables=frozenset({table}))


def test_a_column_of_the_only_table_with_unknown_columns_is_of_that_table() -> None:
    both = of(TRIPS, "id").beside(open_table(ZONES))

    assert both.column("ID", HERE) == Origin(frozenset({Column(TRIPS, "id")}))
    assert both.column("borough", HERE) == Origin(frozenset({Column(ZONES, "borough")}))


def test_a_column_that_may_be_of_two_tables_is_not_guessed() -> None:
    both = open_table(TRIPS).beside(open_table(ZONES))

    [gap] = both.column("borough", HERE).gaps

    assert both.column("borough", HERE).columns == frozenset()
    assert gap.why == "column `borough` may be of c.s.trips or c.s.zones, whose columns are not known"


def test_a_column_that_no_table_has_is_told_with_the_known_columns() -> None:
    [gap] = of(TRIPS, "id", "zone").column("zona", HERE).gaps

    assert gap == Gap(HERE, "column `zona` is not known here (columns: id, zone)", "column")


def test_a_union_matches_columns_by_position_or_by_name() -> None:
    left, right = of(TRIPS, "id", "zone"), of(ZONES, "zone", "borough")

    by_position, by_name = left.above(right), left.above(right, by_name=True)

    assert by_position.columns["id"].columns == {Column(TRIPS, "id"), Column(ZONES, "zone")}
    assert by_name.columns["id"].columns == {Column(TRIPS, "id")}
    assert by_name.columns["zone"].columns == {Column(TRIPS, "zone"), Column(ZONES, "zone")}


def test_a_renamed_column_keeps_its_origin() -> None:
    assert of(TRIPS, "id").renamed({"id": "Key"}, HERE).columns == {"key": of(TRIPS, "id").columns["id"]}
    assert open_table(TRIPS).renamed({"id": "key"}, HERE).columns["key"].columns == {Column(TRIPS, "id")}


def test_what_is_read_includes_columns_that_decide_rows() -> None:
    relation = of(TRIPS, "id", "paid").using(Origin(frozenset({Column(TRIPS, "paid")}))).without(["paid"])

    assert relation.read == {Column(TRIPS, "id"), Column(TRIPS, "paid")}
    assert open_table(ZONES).read == {Column(ZONES, "*")}


def test_a_result_with_unknown_columns_still_names_its_tables() -> None:
    relation = unknown_columns(of(TRIPS, "id"), Gap(HERE, "computed elsewhere"))

    assert not relation.complete
    assert relation.all_tables == {TRIPS}
    assert relation.read == {Column(TRIPS, "id")}


def test_chosen_columns_replace_all_others() -> None:
    assert of(TRIPS, "id").only({"One": NOWHERE}).columns == {"one": NOWHERE}
    assert EMPTY.complete
