"""The tables that a notebook wrote, read from Delta's log."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.notebook.written_tables import Mark, with_rows, written_tables


def commit(
    warehouse: Path, table: str, version: int, user_metadata: str | None, operation: str = "WRITE"
) -> None:
    log = warehouse / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    info = {
        "commitInfo": {"operation": operation, **({"userMetadata": user_metadata} if user_metadata else {})}
    }
    (log / f"{version:020}.json").write_text(json.dumps(info, separators=(",", ":")) + '\n{"add":{}}\n')


def test_tables_with_a_commit_of_the_run_are_found_once(tmp_path: Path) -> None:
    commit(tmp_path, "acme/revenue/by_borough", 0, "run 1")
    commit(tmp_path, "acme/revenue/by_borough", 1, "run 1")
    commit(tmp_path, "acme/revenue/by_month", 0, "run 2")
    commit(tmp_path, "training/trips/sample", 0, None)
    assert written_tables(tmp_path, Mark("run 1", since=0)) == [("acme", "revenue", "by_borough")]


def test_a_run_that_wrote_nothing_has_no_tables(tmp_path: Path) -> None:
    assert written_tables(tmp_path, Mark("run 1", since=0)) == []


@pytest.mark.parametrize("operation", ["CHANGE COLUMNS", "SET TBLPROPERTIES", "Manual Update"])
def test_a_table_whose_description_alone_is_changed_is_not_written(tmp_path: Path, operation: str) -> None:
    commit(tmp_path, "acme/revenue/by_borough", 0, "run 1")
    commit(tmp_path, "acme/revenue/by_borough", 1, "run 2", operation)

    assert written_tables(tmp_path, Mark("run 2", since=0)) == []


@pytest.mark.parametrize(
    ("checksum", "rows"),
    [
        ({"allFiles": [{"stats": '{"numRecords":4}'}, {"stats": '{"numRecords":3}'}]}, 7),
        ({"allFiles": [{"stats": '{"numRecords":4}', "deletionVector": {"cardinality": 1}}]}, 3),
        ({"allFiles": []}, 0),
        ({"allFiles": [{"path": "without statistics"}]}, 99),
        ({"numFiles": 51}, 99),
        (None, 99),
    ],
)
def test_rows_are_those_of_the_last_checksum_and_counted_without_it(
    tmp_path: Path, checksum: Any, rows: int
) -> None:
    commit(tmp_path, "acme/revenue/by_borough", 0, "run 1")
    commit(tmp_path, "acme/revenue/by_borough", 1, "run 1")
    log = tmp_path / "acme/revenue/by_borough/_delta_log"
    (log / f"{0:020}.crc").write_text('{"allFiles":[]}')
    if checksum is not None:
        (log / f"{1:020}.crc").write_text(json.dumps(checksum))
    spark: Any = SimpleNamespace(
        conf={"spark.mesh.catalog.warehouse": tmp_path},
        catalog=SimpleNamespace(tableExists=lambda name: True),
        table=lambda name: SimpleNamespace(count=lambda: 99),
    )

    assert with_rows(spark, Mark("run 1", since=0)) == [{"name": "acme.revenue.by_borough", "rows": rows}]
