"""The tables that a notebook wrote, read from Delta's log."""

import json
from pathlib import Path

from local.notebook.written_tables import Mark, written_tables


def commit(warehouse: Path, table: str, version: int, user_metadata: str | None) -> None:
    log = warehouse / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    info = {
        "commitInfo": {"operation": "WRITE", **({"userMetadata": user_metadata} if user_metadata else {})}
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
