"""Auto CDC, append flows, flows that run once, sinks, and what expectations count, in two updates."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

from local.pipeline import auto_cdc, change_events
from tests.local.spark.pipeline_updates import Update, updates

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

CATALOG = "flows"
SQL = """
CREATE OR REFRESH STREAMING TABLE latest (CONSTRAINT named EXPECT (town <> 'bad') ON VIOLATION DROP ROW);
CREATE FLOW into_latest AS AUTO CDC INTO latest FROM STREAM(source) KEYS (id) APPLY AS DELETE WHEN op = 'D'
  SEQUENCE BY ts COLUMNS * EXCEPT (op) STORED AS SCD TYPE 1;
CREATE STREAMING TABLE both;
CREATE FLOW backfill AS INSERT INTO ONCE both BY NAME SELECT id FROM VALUES (100) AS t(id);
"""


def define(session: "SparkSession", dp: Any) -> None:
    """Define what SQL does not."""

    @dp.temporary_view
    @dp.expect("has a town", "town IS NOT NULL")
    def changes() -> Any:
        return session.readStream.table(f"{CATALOG}.s.source")

    dp.create_streaming_table("history", comment="All states of a town.")
    dp.create_auto_cdc_flow(
        target="history",
        source="changes",
        keys=["id"],
        sequence_by=F.col("ts"),
        apply_as_deletes=F.expr("op = 'D'"),
        except_column_list=["op", "ts"],
        stored_as_scd_type=2,
    )

    @dp.append_flow(target="both", name="streamed")
    def streamed() -> Any:
        return session.readStream.table(f"{CATALOG}.s.source").select("id")

    dp.create_sink("outside", "delta", {"tableName": f"{CATALOG}.s.outside"})

    @dp.append_flow(target="outside")
    def to_outside() -> Any:
        return session.readStream.table(f"{CATALOG}.s.source").where("op <> 'D'").select("id", "town")


@pytest.fixture(scope="module")
def update(
    local: "Local", spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Update]]:
    local.catalog(CATALOG)
    spark.sql(
        f"CREATE TABLE {CATALOG}.s.source AS SELECT * FROM VALUES (1, 'Oslo', 1, 'I'), (1, 'Bergen', 3, 'U'),"
        " (2, 'Voss', 1, 'I'), (3, 'bad', 1, 'I') AS t(id, town, ts, op)"
    )
    sql = SQL.replace("source", f"{CATALOG}.s.source")
    with updates(spark, CATALOG, tmp_path_factory.mktemp("it's 100%20 sure")) as run:
        yield lambda **options: run([partial(define, spark), sql], **options)


def rows(spark: "SparkSession", table: str) -> list[tuple[Any, ...]]:
    """The rows of a table, in order."""
    return sorted((tuple(row) for row in spark.table(f"{CATALOG}.s.{table}").collect()), key=str)


def checked(update: Update, table: str) -> list[tuple[Any, ...]]:
    """What an update found for the expectations of a table."""
    [found] = [each["expectations"] for each in update.tables if each["name"] == f"{CATALOG}.s.{table}"]
    return [tuple(each.values()) for each in found]


def test_changes_are_applied_in_their_sequence_whenever_they_arrive(
    spark: "SparkSession", update: Callable[..., Update]
) -> None:
    first = update()
    assert rows(spark, "latest") == [(1, "Bergen", 3), (2, "Voss", 1)]
    assert rows(spark, "history") == [
        (1, "Bergen", 3, None),
        (1, "Oslo", 1, 3),
        (2, "Voss", 1, None),
        (3, "bad", 1, None),
    ]
    assert rows(spark, "both") == [(1,), (1,), (100,), (2,), (3,)]
    assert len(rows(spark, "outside")) == 4
    assert checked(first, "latest") == [("named", "latest", "drop", 3, 1)]
    assert checked(first, "history") == [("has a town", "changes", "allow", 4, 0)]

    # An update that is too late, the end of a row, and a row that an expectation counts.
    spark.sql(
        f"INSERT INTO {CATALOG}.s.source VALUES (1, 'Moss', 2, 'U'), (2, 'Voss', 5, 'D'), (4, NULL, 1, 'I')"
    )
    second = update()
    assert rows(spark, "latest") == [(1, "Bergen", 3)]
    assert rows(spark, "history") == [
        (1, "Bergen", 3, None),
        (1, "Moss", 2, 3),
        (1, "Oslo", 1, 2),
        (2, "Voss", 1, 5),
        (3, "bad", 1, None),
        (4, None, 1, None),
    ]
    assert len(rows(spark, "both")) == 8
    assert len(rows(spark, "outside")) == 6
    assert checked(second, "history") == [("has a town", "changes", "allow", 2, 1)]
    [quality] = [each for each in second.details if "history" in each[0]]
    assert quality[1]["flow_progress"]["data_quality"]["expectations"] == [
        {"name": "has a town", "dataset": "changes", "passed_records": 2, "failed_records": 1}
    ]
    assert f"1 rows for {CATALOG}.s.history fail expectation has a town." in second.messages

    spark.sql(f"DELETE FROM {CATALOG}.s.source WHERE id > 1")
    update(full_refresh=["both"])
    assert rows(spark, "both") == [(1,), (1,), (1,), (100,)]


EVENTS = [
    # key, sequence, operation, town, mayor
    ("a", 1, "I", "Oslo", "x"),
    ("a", 2, "U", "Oslo", "y"),
    ("a", 4, "U", None, "z"),
    ("b", 1, "I", "Voss", "x"),
    ("b", 3, "D", None, None),
    ("b", 5, "I", "Moss", None),
    ("c", 2, "I", "Hamar", "x"),
    ("-", 3, "T", None, None),
]
WITHOUT_TRUNCATION = "op <> 'T'"
SETTINGS: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    ({"apply_as_truncates": "op = 'T'"}, [("a", None, "z"), ("b", "Moss", None)]),
    ({"ignore_null_updates": True}, [("a", "Oslo", "z"), ("b", "Moss", None), ("c", "Hamar", "x")]),
    (
        {"stored_as_scd_type": "2", "column_list": ["id", "town"]},
        [
            ("a", "Oslo", 1, 4),
            ("a", None, 4, None),
            ("b", "Moss", 5, None),
            ("b", "Voss", 1, 3),
            ("c", "Hamar", 2, None),
        ],
    ),
    (
        {"stored_as_scd_type": 2, "track_history_except_column_list": ["mayor"], "ignore_null_updates": True},
        [
            ("a", "Oslo", "z", 1, None),
            ("b", "Moss", None, 5, None),
            ("b", "Voss", "x", 1, 3),
            ("c", "Hamar", "x", 2, None),
        ],
    ),
]


def test_each_setting_of_auto_cdc_has_its_effect(spark: "SparkSession") -> None:
    source = spark.createDataFrame(EVENTS, "id string, ts int, op string, town string, mayor string")
    for arguments, expected in SETTINGS:
        defaults = {"except_column_list": ["op", "ts"]} if "column_list" not in arguments else {}
        cdc = auto_cdc.settings(
            "f",
            {**defaults, "keys": ["id"], "sequence_by": "ts", "apply_as_deletes": "op = 'D'", **arguments},
        )
        some = source if "apply_as_truncates" in arguments else source.where(WITHOUT_TRUNCATION)
        result = change_events.as_rows(change_events.as_events(some, cdc), cdc)
        assert sorted(map(tuple, result.collect()), key=str) == expected, arguments


def test_the_differences_of_snapshots_are_changes(
    local: "Local", spark: "SparkSession", tmp_path: Path
) -> None:
    local.catalog("snapshots")
    snapshots = {1: [(1, "Oslo"), (2, "Voss"), (3, "bad")], 2: [(1, "Oslo"), (4, "Moss")], 3: [(1, "Bergen")]}
    available = [1, 2]

    def next_snapshot(latest: int | None) -> Any:
        version = (latest or 0) + 1
        if version not in available:
            return None
        return spark.createDataFrame(snapshots[version], "id int, town string"), version

    def define_snapshots(dp: Any) -> None:
        dp.create_streaming_table("towns", expect_all_or_drop={"named": "town <> 'bad'"})
        dp.create_auto_cdc_from_snapshot_flow("towns", next_snapshot, ["id"], stored_as_scd_type=2)

    with updates(spark, "snapshots", tmp_path) as run:
        first = run([define_snapshots])
        available.append(3)
        run([define_snapshots])

    [table] = first.tables
    assert [(each["passed_records"], each["failed_records"]) for each in table["expectations"]] == [
        (2, 1),
        (2, 0),
    ]
    found = spark.table("snapshots.s.towns").collect()
    assert sorted(map(tuple, found), key=str) == [
        (1, "Bergen", 3, None),
        (1, "Oslo", 1, 3),
        (2, "Voss", 1, 2),
        (4, "Moss", 2, 3),
    ]
