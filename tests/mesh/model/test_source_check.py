"""Syntax errors in the code of jobs and pipelines are found before a run."""

from __future__ import annotations

import json

import pytest

from tests.mesh.conftest import FLOW, PRODUCTION, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
HEADER = "# Databricks notebook source\n"
SQL_TASK = "tasks: [{task_key: a, sql_task: {warehouse_id: w, file: {path: load.sql}}}]"
PYTHON_TASK = "tasks: [{task_key: a, serverless: true, spark_python_task: {python_file: load.py}}]"


def test_a_notebook_with_a_syntax_error_is_a_finding_at_its_line(
    findings: Findings, deployed: Deployed
) -> None:
    cell = "x = 1\n\n# COMMAND ----------\n\ndef f(:\n    pass\n"

    [found] = findings({f"{FLOW}/a.py": HEADER + cell})
    assert found == "syntax-error: Python cannot read this: invalid syntax (correct the syntax)"
    deployed({f"{FLOW}/a.py": HEADER + cell.replace("f(:", "f():")})


def test_a_syntax_error_in_jupyter_names_its_cell(findings: Findings) -> None:
    notebook = {"cells": [{"cell_type": "code", "source": ["x = 1\n", "y ="]}]}
    text = "tasks: [{task_key: j, serverless: true}]"

    [found] = findings({FILE: text, f"{FLOW}/j.ipynb": json.dumps(notebook)})
    assert found == (
        "syntax-error: Python cannot read this in line 2 of cell 1: invalid syntax (correct the syntax)"
    )


def test_what_is_no_jupyter_notebook_is_a_finding(findings: Findings) -> None:
    text = "tasks: [{task_key: j, serverless: true}]"
    for content in ("{not JSON", "[]", "{}"):
        [found] = findings({FILE: text, f"{FLOW}/j.ipynb": content})
        assert found.startswith("syntax-error: is not a Jupyter notebook")


def test_a_jupyter_notebook_in_sql_is_not_read_as_python(deployed: Deployed) -> None:
    metadata = {
        "application/vnd.databricks.v1+notebook": {"language": "sql"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": [{"cell_type": "code", "source": ["SELECT 1"]}], "metadata": metadata}

    deployed({FILE: "tasks: [{task_key: j, serverless: true}]", f"{FLOW}/j.ipynb": json.dumps(notebook)})


def test_a_python_file_with_a_syntax_error_is_a_finding(findings: Findings) -> None:
    [found] = findings({FILE: PYTHON_TASK, f"{FLOW}/load.py": "x = (1,\n"})

    assert found == "syntax-error: Python cannot read this: '(' was never closed (correct the syntax)"


@pytest.mark.parametrize(
    "code",
    [
        "type X = int",
        "def f[T](x: T) -> T:\n    return x",
        "class A[T]: ...",
        "x = f'{a['b']}'",
        "x = f'{\n1}'",
        "await f()",
        "%pip install numpy\ndbutils.library.restartPython()",
        "for i in range(3):\n    display(i)\n\n\n# COMMAND ----------\n\n    y = 3",
    ],
)
def test_code_that_databricks_reads_is_no_finding(deployed: Deployed, code: str) -> None:
    """Also syntax of a newer Python than the one that reads it here."""
    deployed({f"{FLOW}/a.py": HEADER + code})


def test_a_sql_file_that_does_not_parse_is_a_finding(findings: Findings, deployed: Deployed) -> None:
    sql = "CREATE OR REPLACE TABLE x AS\nSELECT a FROM b GROUP a;\n"

    [found] = findings({FILE: SQL_TASK, f"{FLOW}/load.sql": sql})
    assert found == (
        "syntax-error: SQL cannot be read here: invalid expression / unexpected token at `a` (correct the syntax)"
    )
    deployed({FILE: SQL_TASK, f"{FLOW}/load.sql": sql.replace("GROUP", "GROUP BY")})


def test_the_files_of_a_pipeline_are_checked(findings: Findings) -> None:
    text = "libraries: [{glob: {include: transformations/**}}, {file: {path: one.sql}}]"
    files = {
        **PRODUCTION,
        FILE: text,
        f"{FLOW}/transformations/a.py": "x =\n",
        f"{FLOW}/one.sql": "SELCT 1",
    }

    found = findings(files)
    assert [one.partition(":")[0] for one in found] == ["syntax-error"] * 2
    assert "`SELCT` begins no statement, SELECT does" in "".join(found)


def test_a_sql_notebook_is_checked_by_its_cells(findings: Findings) -> None:
    cells = "-- Databricks notebook source\n-- MAGIC %python\n-- MAGIC x = (\n\n-- COMMAND ----------\n\nSELECT (a"
    text = "tasks: [{task_key: s, serverless: true}]"

    [found] = findings({FILE: text, f"{FLOW}/s.sql": cells})
    assert found == "syntax-error: SQL cannot be read here: `(` is not closed (correct the syntax)"
