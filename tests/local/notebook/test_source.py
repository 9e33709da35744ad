"""Splitting the text of a notebook into cells."""

import json
from pathlib import Path

import pytest

from local.notebook import source


def cells(tmp_path: Path, name: str, text: str) -> list[tuple[str, str, int]]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return [(cell.magic, cell.text, cell.line) for cell in source.read(file)]


def test_cells_of_python_keep_their_line_in_the_file(tmp_path: Path) -> None:
    text = "# Databricks notebook source\na = 1\n\n# COMMAND ----------\n\nb = 2\n"
    assert cells(tmp_path, "nb.py", text) == [
        ("python", "# Databricks notebook source\na = 1\n", 1),
        ("python", "\nb = 2\n", 5),
    ]


def test_a_magic_is_read_without_its_marks(tmp_path: Path) -> None:
    text = "# Databricks notebook source\n# MAGIC %sql\n# MAGIC select 1\n# MAGIC from t\n"
    assert cells(tmp_path, "nb.py", text) == [("sql", "select 1\nfrom t\n", 3)]


def test_a_magic_may_begin_on_its_own_line(tmp_path: Path) -> None:
    assert cells(tmp_path, "nb.py", "# MAGIC %sql select 1\n# MAGIC from t") == [
        ("sql", "select 1\nfrom t", 1)
    ]


def test_titles_and_comments_before_a_magic_do_not_hide_it(tmp_path: Path) -> None:
    text = "# DBTITLE 1,Libraries\n# what we need\n%pip install brickops"
    assert cells(tmp_path, "nb.py", text) == [("pip", "install brickops", 3)]


def test_code_after_a_one_line_magic_is_a_separate_cell(tmp_path: Path) -> None:
    text = "%pip install one\n%pip install two\nimport csv"
    assert cells(tmp_path, "nb.py", text) == [
        ("pip", "install one", 1),
        ("pip", "install two", 2),
        ("python", "import csv", 3),
    ]


def test_empty_cells_are_left_out(tmp_path: Path) -> None:
    text = "# Databricks notebook source\n\n# COMMAND ----------\n# only words\n\n# COMMAND ----------\n"
    assert cells(tmp_path, "nb.py", text) == []


def test_a_python_file_without_marks_is_one_cell(tmp_path: Path) -> None:
    assert cells(tmp_path, "plain.py", "a = 1\nb = 2") == [("python", "a = 1\nb = 2", 1)]


def test_a_percent_operator_is_not_a_magic(tmp_path: Path) -> None:
    assert cells(tmp_path, "nb.py", "a = 7 \\\n  % 2") == [("python", "a = 7 \\\n  % 2", 1)]


def test_a_sql_notebook_has_sql_cells_and_python_as_a_magic(tmp_path: Path) -> None:
    text = (
        "-- Databricks notebook source\nselect 1\n\n-- COMMAND ----------\n\n-- MAGIC %python\n-- MAGIC a = 1"
    )
    assert cells(tmp_path, "nb.sql", text) == [
        ("sql", "-- Databricks notebook source\nselect 1\n", 1),
        ("python", "a = 1", 7),
    ]


def test_a_jupyter_notebook_has_its_cells_with_or_without_its_suffix(tmp_path: Path) -> None:
    file = tmp_path / "nb.ipynb"
    code = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
    ]
    file.write_text(json.dumps({"cells": code}))
    assert source.read(file) == [
        source.Cell("md", "# Title", f"{file}[cell 1]", 1, 1),
        source.Cell("python", "a = 1\nb = 2", f"{file}[cell 2]", 1, 2),
    ]
    imported = file.rename(tmp_path / "nb")
    assert [cell.text for cell in source.read(imported)] == ["# Title", "a = 1\nb = 2"]


def test_a_sql_notebook_of_the_workspace_has_no_suffix(tmp_path: Path) -> None:
    file = tmp_path / "nb"
    file.write_text("-- Databricks notebook source\nselect 1\n-- COMMAND ----------\nselect 2\n")

    assert [(cell.magic, cell.number) for cell in source.read(file)] == [("sql", 1), ("sql", 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Databricks notebook source\na\n\n# COMMAND ----------\n\nb\n", {2: 1, 6: 2}),
        ("# Databricks notebook source\n\n# COMMAND ----------\nb\n# COMMAND ----------\nc\n", {4: 1, 6: 2}),
        ("-- Databricks notebook source\na\n-- COMMAND ----------\nb\n", {4: 2}),
        ("import os\n", {1: None}),
    ],
)
def test_the_cell_of_a_line_is_counted_as_in_the_editor(tmp_path: Path, text: str, expected: dict) -> None:
    file = tmp_path / "nb"
    file.write_text(text)

    assert {line: source.cell_number(file, line) for line in expected} == expected
    cells = {cell.line: cell.number for cell in source.read(file) if cell.line in expected}
    assert all(expected[line] in (number, None) for line, number in cells.items())


def test_a_notebook_is_found_without_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "shared.sql").touch()
    assert source.find(tmp_path / "shared") == tmp_path / "shared.sql"


def test_a_missing_notebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"notebook .*/nope does not exist"):
        source.find(tmp_path / "nope")
