"""Notebooks are recognized by their first line, and consist of cells."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from mesh.model.notebook import Cell, cells, header, notebook_language, python_of

SOURCE = """# Databricks notebook source
x = 1

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT '

# COMMAND ----------

%pip install numpy
y = 2
"""


@pytest.mark.parametrize(
    ("suffix", "language"),
    [(".py", "PYTHON"), (".sql", "SQL"), (".scala", "SCALA"), (".r", "R"), (".R", "R")],
)
def test_the_first_line_makes_a_file_a_notebook(tmp_path: Path, suffix: str, language: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_text("x")
    assert notebook_language(file) is None

    file.write_text(f"{header(suffix)}\nx")
    assert notebook_language(file) == language


def test_cells_keep_their_lines_and_those_in_other_languages_are_left_out() -> None:
    first, last = cells(SOURCE, ".py")

    assert (first.line, last.line) == (1, 10)
    assert "x = 1" in first.text and "y = 2" in last.text


@pytest.mark.parametrize("magic", ["%md", "%sql", "%sh", "%fs", "%md-sandbox"])
def test_a_cell_in_another_language_needs_no_comments(magic: str) -> None:
    """As somebody writes it by hand."""
    text = f"{header('.py')}\n# why\n{magic}\nthis is no Python\n\n# COMMAND ----------\nx = 1"

    assert [cell.text for cell in cells(text, ".py")] == ["x = 1"]


def test_cells_of_jupyter_have_numbers() -> None:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# x"]},
            {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
            {"cell_type": "code", "source": "%sql\nSELECT 1"},
        ]
    }

    assert [*cells(json.dumps(notebook), ".ipynb")] == [Cell("x = 1\ny = 2", 1, 2)]
    assert [*cells("not JSON", ".ipynb")] == []
    assert [*cells("[" * 100_000, ".ipynb")] == [], "nested too deeply"


@pytest.mark.parametrize(
    "code",
    [
        "%pip install -U numpy",
        "%pip install \\\n  numpy \\\n  pandas\nx = 1",
        "!ls -l",
        "files = !ls",
        "a, b = %time 1",
        "spark?",
        "spark.table??",
        "?spark",
        "if True:\n    %run ./other",
        "  x = 1\n  y = 2",
        "await f()",
    ],
)
def test_magics_and_indented_cells_are_python(code: str) -> None:
    """As IPython reads them."""
    compile(python_of(Cell(code, 1)), "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
