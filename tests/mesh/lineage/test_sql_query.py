"""Columns of queries."""

from __future__ import annotations

import pytest

from tests.support.lineage import columns, gaps, read_sql, reads, used


def query(text: str) -> tuple[dict[str, str], str]:
    """The columns of a query, and the columns that decide its rows."""
    found = read_sql(f"CREATE TABLE result AS {text}")
    [write] = found.writes
    return columns(write.relation), used(write.relation)


@pytest.mark.parametrize(
    ("text", "expected", "deciding"),
    [
        ("SELECT id, amount * 2 AS double FROM trips", {"id": "trips.id", "double": "trips.amount"}, ""),
        ("SELECT Id FROM C.S.Trips WHERE paid", {"id": "trips.id"}, "trips.paid"),
        ("SELECT * FROM zones", {"zone": "zones.zone", "borough": "zones.borough"}, ""),
        ("SELECT * EXCEPT (zone) FROM zones", {"borough": "zones.borough"}, ""),
        (
            "SELECT t.id, borough FROM trips t JOIN zones USING (zone)",
            {"id": "trips.id", "borough": "zones.borough"},
            "trips.zone zones.zone",
        ),
        (
            "WITH big AS (SELECT * FROM trips WHERE amount > 9), named AS (SELECT id AS key FROM big) SELECT key FROM named",
            {"key": "trips.id"},
            "trips.amount",
        ),
        (
            "SELECT zone FROM trips UNION ALL SELECT borough FROM zones",
            {"zone": "trips.zone zones.borough"},
            "",
        ),
        ("SELECT zone FROM trips EXCEPT SELECT zone FROM zones", {"zone": "trips.zone"}, "trips.zone zones.zone"),
        (
            "SELECT zone, sum(amount) AS total FROM trips GROUP BY ALL HAVING max(id) > 1",
            {"zone": "trips.zone", "total": "trips.amount"},
            "trips.id",
        ),
        (
            "SELECT sum(amount) OVER (PARTITION BY zone ORDER BY id) AS running FROM trips",
            {"running": "trips.amount trips.id trips.zone"},
            "",
        ),
        (
            "SELECT id, (SELECT max(borough) FROM zones z WHERE z.zone = t.zone) AS b FROM trips t",
            {"id": "trips.id", "b": "trips.zone zones.borough zones.zone"},
            "",
        ),
        (
            "SELECT id FROM trips t WHERE EXISTS (SELECT 1 FROM zones z WHERE z.zone = t.zone)",
            {"id": "trips.id"},
            "trips.zone zones.zone",
        ),
        ("SELECT id, w FROM trips LATERAL VIEW explode(split(zone, ' ')) AS w", {"id": "trips.id", "w": "trips.zone"}, "trips.zone"),
        ("SELECT amount AS a, a + id AS b FROM trips", {"a": "trips.amount", "b": "trips.amount trips.id"}, ""),
        ("SELECT v.i FROM (VALUES (1, 'x')) AS v(i, j)", {"i": ""}, ""),
        ("WITH trips AS (SELECT id FROM trips) SELECT * FROM trips", {"id": "trips.id"}, ""),
        ("SELECT field.inner AS x FROM other", {"x": "other.field"}, ""),
        ("SELECT x, borough FROM other JOIN zones ON other.k = zones.zone", {"x": "other.x", "borough": "zones.borough"}, "other.k zones.zone"),
    ],
)  # fmt: skip
def test_a_column_comes_from_the_columns_that_it_is_computed_from(
    text: str, expected: dict[str, str], deciding: str
) -> None:
    assert query(text) == (expected, deciding)


def test_a_column_of_two_unknown_tables_is_told_and_not_guessed() -> None:
    found = read_sql("SELECT x\nFROM one JOIN two USING (k)")

    assert gaps(found) == ["1: column `x` may be of c.s.one or c.s.two, whose columns are not known"]
    assert reads(found) == ["one:2", "two:2"]


def test_a_star_over_an_unknown_table_keeps_the_table() -> None:
    [write] = read_sql("CREATE TABLE result AS SELECT *, 1 AS one FROM other").writes

    assert [str(one) for one in write.relation.rest] == ["c.s.other"]
    assert columns(write.relation) == {"one": ""}


def test_the_columns_of_a_pivot_are_told_to_be_unknown() -> None:
    found = read_sql("CREATE TABLE r AS SELECT * FROM trips PIVOT (sum(amount) FOR zone IN ('a', 'b'))")

    assert gaps(found) == ["1: the columns of a pivot are not known"]
    assert sorted(one.name for one in found.columns) == ["amount", "id", "paid", "zone"]


def test_a_recursive_query_ends() -> None:
    found = read_sql(
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r"
    )

    assert (reads(found), gaps(found)) == ([], [])
