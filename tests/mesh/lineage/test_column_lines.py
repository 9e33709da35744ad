"""The lines of code that name a column."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.lineage.code_reader import SourceFiles
from mesh.lineage.column_lines import column_lines

NOTEBOOK = '''# Databricks notebook source
# MAGIC %md the amount of all trips
# COMMAND ----------
"""The amount."""
total = t.agg({"amount": "sum"})  # and "amount"
rows = spark.sql(f"""
    select fare,
           Amount  -- in dollars
    from {t}
""")
amount = t.amount_paid + t.amount
t.withColumns(amount=1)
# COMMAND ----------
# MAGIC %sql
# MAGIC -- the amount
# MAGIC select /* amount
# MAGIC */ amount from t
'''


@pytest.mark.parametrize(
    ("file", "text", "lines"),
    [
        ("a.py", NOTEBOOK, [5, 8, 11, 12, 17]),
        ("a.sql", "select fare -- amount\nfrom t\nwhere amount > 1", [3]),
        ("a.py", "t.select('amount'", []),
        ("a.scala", "// Databricks notebook source\nt.select(amount)", []),
    ],
)
def test_comments_and_docstrings_do_not_count(tmp_path: Path, file: str, text: str, lines: list[int]) -> None:
    (tmp_path / file).write_text(text)

    found = list(column_lines([file], "amount", SourceFiles(tmp_path)))

    assert [(one.file, one.line) for one in found] == [(file, line) for line in lines]
