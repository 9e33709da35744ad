"""The files that a flow runs are copied with what they include and import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mesh.commands.import_bundle.conftest import JOB, NOTEBOOK, Importer, Refused

FLOW = "flows/prep/load"


def job(*tasks: str) -> str:
    return JOB.replace("[{task_key: load, notebook_task: {notebook_path: load.py}}]", f"[{', '.join(tasks)}]")


def notebook(path: str, key: str = "load") -> str:
    return f"{{task_key: {key}, notebook_task: {{notebook_path: '{path}'}}}}"


@pytest.mark.parametrize("path", ["src/a", "src/a.py", "./src/a", "${workspace.file_path}/src/a"])
def test_a_notebook_is_found_with_and_without_suffix(imported: Importer, path: str) -> None:
    made = imported(job(notebook(path)), {"src/a.py": NOTEBOOK})

    assert made.code == [f"{FLOW}/a.py"]
    assert made.task()["notebook_task"] == {"notebook_path": "a"}


def test_a_path_begins_at_the_file_that_declares_it_else_at_the_bundle(imported: Importer) -> None:
    text = "resources: {jobs: {load: {tasks: [%s, %s]}}}" % (notebook("../a"), notebook("src/b", "b"))  # noqa: UP031

    made = imported("include: [r/*.yml]", {"r/x.yml": text, "a.py": NOTEBOOK, "src/b.py": NOTEBOOK})

    assert made.code == [f"{FLOW}/a.py", f"{FLOW}/src/b.py"]


def test_files_keep_their_places_to_each_other(imported: Importer) -> None:
    made = imported(
        job(notebook("x/src/a"), "{task_key: s, sql_task: {warehouse_id: w, file: {path: x/sql/b.sql}}}"),
        {"x/src/a.py": NOTEBOOK, "x/sql/b.sql": "select 1;\n"},
    )

    assert made.code == [f"{FLOW}/sql/b.sql", f"{FLOW}/src/a.py"]
    assert [task["task_key"] for task in made.flow()["tasks"]] == ["load", "s"]


def test_included_notebooks_and_modules_beside_are_taken_too(imported: Importer) -> None:
    made = imported(
        job(notebook("src/a")),
        {
            "src/a.py": "# Databricks notebook source\n# MAGIC %run ./b\n# COMMAND ----------\nimport c\n",
            "src/b.sql": '-- Databricks notebook source\n-- MAGIC %run "../d"\n',
            "src/c.py": "from p import x\nimport json, pandas\n",
            "src/p/__init__.py": "x = 1\n",
            "src/unused.py": "",
            "d.py": NOTEBOOK,
        },
    )

    assert made.code == [
        f"{FLOW}/{name}" for name in ("d.py", "src/a.py", "src/b.sql", "src/c.py", "src/p/__init__.py")
    ]


def test_cells_of_a_jupyter_notebook_are_read_too(imported: Importer) -> None:
    cells = [{"cell_type": "code", "source": [line]} for line in ("%run ./b\n", "import c\n")]

    made = imported(
        job(notebook("src/a.ipynb")),
        {"src/a.ipynb": json.dumps({"cells": cells}), "src/b.py": NOTEBOOK, "src/c.py": "x = 1\n"},
    )

    assert made.code == [f"{FLOW}/{name}" for name in ("a.ipynb", "b.py", "c.py")]
    assert made.task()["notebook_task"] == {"notebook_path": "a"}


def test_modules_of_another_folder_go_to_libs(imported: Importer) -> None:
    made = imported(
        job(notebook("notebooks/a")),
        {
            "notebooks/a.py": "# Databricks notebook source\nfrom taxi import fares\nimport shared\n",
            "src/taxi/__init__.py": "",
            "src/taxi/fares.py": "x = 1\n",
            "shared.py": "y = 2\n",
        },
    )

    assert made.code == ["libs/shared.py", "libs/taxi/__init__.py", "libs/taxi/fares.py", f"{FLOW}/a.py"]
    assert len([one for one in made.remarks if 'sys.path.append(dbutils.widgets.get("libs"))' in one]) == 3


def test_a_pattern_of_a_pipeline_stays_a_pattern(imported: Importer) -> None:
    text = "resources: {pipelines: {load: {libraries: [{glob: {include: src/t/**}}]}}}"

    made = imported(text, {"src/t/a.py": "import dlt\n", "src/t/deep/b.sql": "select 1;\n"})

    assert made.flow()["libraries"] == [{"glob": {"include": "**"}}]
    assert made.code == [f"{FLOW}/a.py", f"{FLOW}/deep/b.sql"]


def test_a_folder_of_dbt_is_taken_without_what_dbt_makes(imported: Importer) -> None:
    task = "{task_key: d, dbt_task: {project_directory: dbt, commands: [dbt run], warehouse_id: w}}"

    made = imported(
        job(task, notebook("load", "l")),
        {
            "dbt/dbt_project.yml": "name: x\n",
            "dbt/models/a.sql": "select 1\n",
            "dbt/target/b.sql": "",
            "dbt/.user": "",
        },
    )

    assert made.flow()["tasks"][0]["dbt_task"]["project_directory"] == "dbt"
    assert [file for file in made.made.files if "/dbt/" in file and "target" in file] == []
    assert f"{FLOW}/dbt/models/a.sql" in made.code


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/missing", "notebook `src/missing` does not exist (add it, or correct the path)"),
        (
            "../../other/a",
            "notebook `../../other/a` is outside the bundle's folder (move it into the bundle)",
        ),
    ],
)
def test_a_file_that_the_bundle_does_not_have_is_an_error(refused: Refused, path: str, message: str) -> None:
    assert refused(job(notebook(path))) == [f"5: bundle-invalid: {message}"]


def test_a_link_out_of_the_bundle_is_not_followed(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "secret.py").write_text(NOTEBOOK)
    (tmp_path / "bundle" / "a.py").symlink_to(tmp_path / "secret.py")

    [error] = refused(job(notebook("a")))

    assert "notebook-missing" in error
