"""The SQL of a pipeline's sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.notebook import statements
from local.pipeline.sql_sources import sql_of

HEADER = "-- Databricks notebook source\n"
SEPARATOR = "\n-- COMMAND ----------\n"
PATH = Path("/Users/ola/a")


def test_a_notebook_in_sql_has_the_statements_of_its_cells(tmp_path: Path) -> None:
    """Notebooks of the workspace have no suffix, and the last statement of a cell needs no semicolon."""
    cells = ["-- MAGIC %md the first", "CREATE MATERIALIZED VIEW a AS SELECT 1", "SET x = 2; SET y = 3"]
    file = tmp_path / "notebook"
    file.write_text(HEADER + SEPARATOR.join(cells))

    found = sql_of(file, PATH)

    assert found is not None
    assert [one.strip() for one in statements.split(found)] == [
        "CREATE MATERIALIZED VIEW a AS SELECT 1",
        "SET x = 2",
        "SET y = 3",
    ]


def test_a_file_in_sql_is_taken_as_it_is_and_python_is_left_out(tmp_path: Path) -> None:
    sql, python = tmp_path / "a.sql", tmp_path / "notebook"
    sql.write_text("-- text\nSELECT 1;\nSELECT 2")
    python.write_text("# Databricks notebook source\nimport dlt\n")

    assert sql_of(sql, PATH) == "-- text\nSELECT 1;\nSELECT 2"
    assert sql_of(python, PATH) is None


def test_a_cell_in_another_language_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notebook"
    file.write_text(f"{HEADER}SELECT 1{SEPARATOR}-- MAGIC %python\n-- MAGIC import dlt\n")

    with pytest.raises(ValueError, match=r"/Users/ola/a: cell 2 is `%python`"):
        sql_of(file, PATH)
