"""Sessions: which table a name stands for."""

from __future__ import annotations

from mesh.lineage.relation import EMPTY, NOWHERE, Relation
from mesh.lineage.session import viewed
from mesh.lineage.table import UNKNOWN, Place
from tests.support.lineage import columns, gaps, reads, session, written

HERE = Place("a.py", 4)


def test_a_name_without_catalog_or_schema_takes_those_of_the_session() -> None:
    found = session()

    for name in ("trips", "s.trips", "c.s.trips"):
        assert columns(found.named(name, HERE))["id"] == "trips.id"
    assert reads(found) == ["trips:4"]


def test_a_name_whose_catalog_nobody_knows_is_told() -> None:
    found = session(defaults=False)

    assert found.named("s.trips", HERE).tables == frozenset()
    assert gaps(found) == ["4: table `s.trips` names no catalog, and the default is not known"]


def test_a_name_that_only_a_run_knows_is_told() -> None:
    found = session()

    found.written(f"c.{UNKNOWN}.trips", HERE)

    assert found.writes == []
    assert gaps(found) == ["4: the name of this table is only known when the code runs"]


def test_a_view_hides_a_table_of_the_same_name() -> None:
    found = session()
    found.views["trips"] = Relation({"one": NOWHERE})

    assert columns(found.named("trips", HERE)) == {"one": ""}
    assert columns(found.named("s.trips", HERE))["id"] == "trips.id"


def test_a_path_is_no_table() -> None:
    found = session()

    assert found.named("delta.`/mnt/trips`", HERE).tables == frozenset()
    assert (reads(found), found.writes) == ([], [])


def test_a_table_has_the_columns_that_the_session_wrote() -> None:
    found = session()

    found.written("fresh", HERE, Relation({"a": NOWHERE, "b": NOWHERE}))

    assert columns(found.named("fresh", HERE)) == {"a": "fresh.a", "b": "fresh.b"}


def test_what_is_written_is_read_first() -> None:
    found = session()

    found.written("copy", HERE, found.named("zones", HERE))

    assert written(found) == {"copy": {"zone": "zones.zone", "borough": "zones.borough"}}
    assert sorted(one.name for one in found.columns) == ["borough", "zone"]


def test_a_view_may_name_its_columns() -> None:
    assert [*viewed(Relation({"a": NOWHERE, "b": NOWHERE}), ["X", "y"]).columns] == ["x", "y"]
    assert viewed(EMPTY, ["x"]) == EMPTY
