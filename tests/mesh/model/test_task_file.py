"""Files that tasks name."""

from __future__ import annotations

import pytest

from mesh.model.task_file import task_file
from tests.mesh.conftest import FLOW, Deployed, Findings

FILE = "projects/p/flows/prep/f/deployment.yml"


def test_without_a_block_the_notebook_has_the_tasks_name() -> None:
    """It is in the flow's folder."""
    file = task_file({"task_key": "clean"}, (), FILE, git_source=False)
    assert file is not None
    assert str(file.path) == "projects/p/flows/prep/f/clean"
    assert "projects/p/flows/prep/f/clean.py" in file.candidates


@pytest.mark.parametrize(
    ("task", "name", "text", "expected"),
    [
        (
            "serverless: true",
            "a.py",
            "print(1)",
            f"file-as-notebook: `{FLOW}/a.py` is not a notebook: its first line is not "
            "`# Databricks notebook source` "
            "(add this line, or run it as a file: `spark_python_task`, in a pipeline `file`)",
        ),
        (
            "serverless: true, notebook_task: {notebook_path: q}",
            "q.sql",
            "SELECT 1",
            f"file-as-notebook: `{FLOW}/q.sql` is not a notebook: its first line is not "
            "`-- Databricks notebook source` "
            "(add this line, or run it as a file: `sql_task`, in a pipeline `file`)",
        ),
        (
            "serverless: true, spark_python_task: {python_file: p.py}",
            "p.py",
            "# Databricks notebook source\nprint(1)",
            f"notebook-as-file: Python file `{FLOW}/p.py` is a notebook, which has no suffix in the workspace "
            "(remove its first line, or run it by `notebook_task: {notebook_path: p}`)",
        ),
        (
            "sql_task: {warehouse_id: w, file: {path: q.sql}}",
            "q.sql",
            "-- Databricks notebook source\nSELECT 1",
            f"notebook-as-file: SQL file `{FLOW}/q.sql` is a notebook, which has no suffix in the workspace "
            "(remove its first line, or run it by `notebook_task: {notebook_path: q}`)",
        ),
    ],
)
def test_notebooks_and_files_are_told_apart_by_their_first_line(
    findings: Findings, deployed: Deployed, task: str, name: str, text: str, expected: str
) -> None:
    """Databricks finds neither a notebook by the path of a file, nor a file by the path of a notebook."""
    deployment = f"tasks: [{{task_key: a, {task}}}]"
    assert findings({f"{FLOW}/deployment.yml": deployment, f"{FLOW}/{name}": text}) == [expected]

    other = text.partition("\n")[2] or f"{'--' if name.endswith('sql') else '#'} Databricks notebook source\n"
    deployed({f"{FLOW}/deployment.yml": deployment, f"{FLOW}/{name}": other})
