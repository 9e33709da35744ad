"""Statements of SQL: what they read and write."""

from __future__ import annotations

import pytest

from tests.support.lineage import columns, gaps, read_sql, reads, used, written


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE OR REPLACE TABLE result AS SELECT id FROM trips",
        "CREATE TABLE IF NOT EXISTS c.s.result USING DELTA TBLPROPERTIES ('a' = 'b') AS SELECT id FROM trips",
        "CREATE VIEW result AS SELECT id FROM trips",
        "ALTER VIEW result AS SELECT id FROM trips",
        "CREATE OR REFRESH MATERIALIZED VIEW result (CONSTRAINT k EXPECT (id > 1) ON VIOLATION DROP ROW) COMMENT 'x' AS SELECT id FROM trips",
        "CREATE OR REFRESH STREAMING TABLE result AS SELECT id FROM STREAM(trips)",
        "CREATE OR REFRESH STREAMING TABLE result AS SELECT id FROM STREAM trips",
        "CREATE STREAMING LIVE TABLE result AS SELECT id FROM LIVE.trips",
        "CREATE PRIVATE MATERIALIZED VIEW result CLUSTER BY (id) AS SELECT id FROM trips",
        "REPLACE TABLE result AS SELECT id FROM trips",
        "INSERT INTO result BY NAME SELECT id FROM trips",
        "INSERT OVERWRITE TABLE result (id) SELECT id FROM trips",
        "INSERT WITH SCHEMA EVOLUTION INTO result BY NAME SELECT id FROM trips",
        "CREATE FLOW f AS INSERT INTO result BY NAME SELECT id FROM trips",
        "WITH t AS (SELECT id FROM trips) INSERT INTO result (id) SELECT id FROM t",
    ],
)
def test_a_statement_that_fills_a_table_from_a_query(statement: str) -> None:
    found = read_sql(statement)

    assert written(found) == {"result": {"id": "trips.id"}}
    assert (reads(found), gaps(found)) == (["trips:1"], [])


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE result SHALLOW CLONE zones",
        "APPLY CHANGES INTO result FROM STREAM(zones) KEYS (zone) SEQUENCE BY borough",
        "AUTO CDC INTO result FROM zones KEYS (zone) SEQUENCE BY borough",
    ],
)
def test_a_statement_that_copies_a_table(statement: str) -> None:
    expected = {"zone": "zones.zone", "borough": "zones.borough"}

    assert written(read_sql(statement)) == {"result": expected}


def test_rows_that_are_inserted_by_position_take_the_names_of_the_table() -> None:
    known = read_sql("INSERT INTO zones SELECT paid, id FROM trips")
    unknown = read_sql("INSERT INTO other SELECT paid FROM trips")

    assert written(known) == {"zones": {"zone": "trips.paid", "borough": "trips.id"}}
    assert written(unknown) == {"other": {}}
    assert gaps(unknown) == ["1: rows are inserted by position, and the columns of the table are not known"]


def test_a_merge_reads_both_tables_and_writes_what_its_clauses_set() -> None:
    found = read_sql(
        """
        MERGE INTO zones AS z USING (SELECT zone, paid FROM trips) AS t ON z.zone = t.zone
        WHEN MATCHED AND t.paid > 1 THEN UPDATE SET borough = concat(z.borough, t.paid)
        WHEN NOT MATCHED THEN INSERT (zone) VALUES (t.zone)
        """
    )
    whole = read_sql("MERGE INTO zones z USING trips t ON z.zone = t.zone WHEN MATCHED THEN UPDATE SET *")

    assert written(found) == {"zones": {"borough": "trips.paid zones.borough", "zone": "trips.zone"}}
    assert used(found.writes[0].relation) == "trips.paid trips.zone zones.zone"
    assert [*written(whole)["zones"]] == ["id", "zone", "amount", "paid"]


def test_update_and_delete_write_the_table_that_they_read() -> None:
    update = read_sql("UPDATE trips SET amount = paid WHERE id = 1")
    delete = read_sql("DELETE FROM trips WHERE zone IN (SELECT zone FROM zones)")

    assert written(update) == {"trips": {"amount": "trips.paid"}}
    assert used(update.writes[0].relation) == "trips.id"
    assert used(delete.writes[0].relation) == "trips.zone zones.zone"


def test_names_follow_use() -> None:
    found = read_sql("USE CATALOG other; USE SCHEMA t; SELECT * FROM x; USE a.b; SELECT * FROM y")

    assert reads(found) == ["other.t.x:1", "a.b.y:1"]


def test_a_temporary_view_is_no_table_and_keeps_the_columns() -> None:
    found = read_sql(
        "CREATE TEMP VIEW v (key) AS SELECT id FROM trips; CREATE TABLE result AS SELECT key FROM v"
    )

    assert written(found) == {"result": {"key": "trips.id"}}


def test_names_that_parameters_make() -> None:
    text = "CREATE TABLE IDENTIFIER(:c || '.s.r') AS\nSELECT a FROM IDENTIFIER(:c || '.s.' ||\n :other)"
    found = read_sql(text, {"c": "k", "other": None})

    assert written(found) == {"k.s.r": {"a": "?"}}
    assert gaps(found)[0] == "2: the name of this table is only known when the code runs"


@pytest.mark.parametrize(
    "statement",
    [
        "SET a = 1", "GRANT SELECT ON trips TO x", "OPTIMIZE trips", "SHOW TABLES", "DESCRIBE trips",
        "CREATE SCHEMA IF NOT EXISTS x", "DROP TABLE trips", "VACUUM trips", "CREATE FUNCTION f() RETURNS INT RETURN 1",
    ],
)  # fmt: skip
def test_other_statements_are_no_lineage(statement: str) -> None:
    found = read_sql(statement)

    assert (reads(found), found.writes, gaps(found)) == ([], [], [])


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "SELECT 1;\nEXECUTE IMMEDIATE 'x'",
            "2: the statement of EXECUTE IMMEDIATE is only known when it runs",
        ),
        ("BEGIN SELECT 1; END", "1: a script (`BEGIN … END`) is not followed"),
        ("SELECT FROM WHERE", "1: this statement cannot be read: expected table name"),
        ("APPLY CHANGES FROM t INTO", "1: this statement cannot be read"),
        ("SELECT 'a", "1: a text, name or comment of the SQL does not end"),
        ("COPY INTO trips FROM '/x' FILEFORMAT = CSV", "1: the columns of files are not known (COPY INTO)"),
    ],
)
def test_what_is_not_known_is_told(statement: str, why: str) -> None:
    assert gaps(read_sql(statement)) == [why]


def test_hostile_sql_ends() -> None:
    deep = f"SELECT {'(' * 3000}1{')' * 3000}"
    many = "SELECT 1;" * 600
    wide = f"SELECT {', '.join(f'a{number}' for number in range(15000))} FROM trips"

    assert len(gaps(read_sql(deep))) == 1
    assert gaps(read_sql(many)) == ["1: only the first 500 statements are read"]
    assert "too long" in " ".join(gaps(read_sql(wide)))


def test_a_table_without_a_query_has_the_columns_that_it_declares() -> None:
    found = read_sql(
        "CREATE TABLE r (a INT, b DECIMAL(9, 2), CONSTRAINT k PRIMARY KEY (a)) PARTITIONED BY (a)"
    )

    assert columns(found.writes[0].relation) == {"a": "", "b": ""}
