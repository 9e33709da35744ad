"""Cells of notebooks, by language."""

from __future__ import annotations

import json

from mesh.lineage.notebook_code import Code, file_code, notebook_code

SOURCE = """# Databricks notebook source
x = 1

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1
# MAGIC FROM t

# COMMAND ----------

# MAGIC %run ../shared/setup $env="a"

# COMMAND ----------

# MAGIC %md
# MAGIC spark.table("no")

# COMMAND ----------

# MAGIC %pip install x
"""


def test_a_notebook_in_source_format_keeps_the_lines_of_its_file() -> None:
    python, sql, run, text, pip = notebook_code(SOURCE, ".py")

    assert (python.language, python.line) == ("PYTHON", 1)
    assert (sql.language, sql.line, sql.text.splitlines()[2]) == ("SQL", 6, "FROM t")
    assert (run.language, run.text, run.line) == ("RUN", "../shared/setup", 12)
    assert text.language == "OTHER"
    assert pip.text.strip() == "pass"


def test_a_sql_notebook_has_cells_in_python() -> None:
    text = "-- Databricks notebook source\nSELECT 1\n\n-- COMMAND ----------\n\n-- MAGIC %python\n-- MAGIC x = 1\n"

    sql, python = notebook_code(text, ".sql")

    assert (sql.language, python.language, python.text.strip()) == ("SQL", "PYTHON", "x = 1")


def test_a_jupyter_notebook_numbers_its_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": "x"},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "source": "%%sql\nSELECT 1"},
        {"cell_type": "code", "source": "%sql SELECT 2"},
    ]

    python, block, line = notebook_code(json.dumps({"cells": cells}), ".ipynb")

    assert python == Code("PYTHON", "x = 1\ny = 2", 1, 2)
    assert (block.language, block.cell, block.text.strip()) == ("SQL", 3, "SELECT 1")
    assert (line.language, line.text.strip()) == ("SQL", "SELECT 2")


def test_a_file_has_the_language_of_its_suffix() -> None:
    assert [next(file_code("x", one)).language for one in (".py", ".sql", ".r")] == ["PYTHON", "SQL", "OTHER"]


def test_a_broken_notebook_has_no_cells() -> None:
    assert [*notebook_code("{", ".ipynb"), *notebook_code("[1]", ".ipynb")] == []
