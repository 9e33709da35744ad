"""Files of a task: notebooks that run each other, and modules that they import."""

from __future__ import annotations

from pathlib import Path

from mesh.lineage.code_reader import CodeReader, SourceFiles
from mesh.lineage.session import Session
from tests.support.lineage import gaps, session, written

NOTEBOOK = "# Databricks notebook source\n"
FLOW = "flows/prep/revenue"


def read(root: Path, files: dict[str, str], first: str = f"{FLOW}/a.py") -> Session:
    """A session after the code of a file."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = session()
    reader = CodeReader(found, SourceFiles(root.resolve()), ["libs"])
    reader.read(first)
    reader.finish()
    return found


def test_a_notebook_in_python_shares_its_views_with_cells_in_sql(tmp_path: Path) -> None:
    text = f"{NOTEBOOK}spark.table('zones').createOrReplaceTempView('v')\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC CREATE TABLE r AS\n# MAGIC SELECT zone FROM v\n"

    found = read(tmp_path, {f"{FLOW}/a.py": text})

    assert written(found) == {"r": {"zone": "zones.zone"}}
    assert found.writes[0].place.line == 7


def test_a_notebook_that_another_one_runs_shares_its_variables(tmp_path: Path) -> None:
    files = {
        f"{FLOW}/a.py": f"{NOTEBOOK}# MAGIC %run ../shared/names\n\n# COMMAND ----------\n\nspark.table(name).write.saveAsTable('r')\n",
        "flows/prep/shared/names.py": f"{NOTEBOOK}name = 'zones'\n",
    }

    assert [*written(read(tmp_path, files))["r"]] == ["zone", "borough"]


def test_notebooks_that_run_each_other_end(tmp_path: Path) -> None:
    found = read(tmp_path, {f"{FLOW}/a.py": f"{NOTEBOOK}# MAGIC %run ./a\n"})

    assert gaps(found) == ["2: the notebook `./a`, which this one runs, is not in the mesh"]


def test_no_file_outside_of_the_mesh_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text(f"{NOTEBOOK}spark.table('zones')")
    mesh = tmp_path / "mesh"

    found = read(mesh, {f"{FLOW}/a.py": f"{NOTEBOOK}# MAGIC %run ../../../../outside\n"})

    assert (list(found.reads), len(gaps(found))) == ([], 1)


def test_modules_are_found_beside_the_file_and_in_libs(tmp_path: Path) -> None:
    files = {
        f"{FLOW}/a.py": "import near\nfrom far.away import NAME\nspark.table(near.NAME)\nspark.table(NAME)\n",
        f"{FLOW}/near.py": "NAME = 'zones'\n",
        "libs/far/__init__.py": "",
        "libs/far/away.py": "from os import path\nNAME = 'trips'\n",
    }

    assert [one.table.name for one in read(tmp_path, files).reads] == ["zones", "trips"]


def test_a_sql_file_and_a_jupyter_notebook(tmp_path: Path) -> None:
    jupyter = '{"cells": [{"cell_type": "code", "source": "%%sql\\nSELECT zone\\nFROM zones"}]}'

    sql = read(tmp_path, {"a.sql": "SELECT\n1 FROM zones"}, "a.sql")
    cell = read(tmp_path, {"a.ipynb": jupyter}, "a.ipynb")

    assert [str(one.place) for one in sql.reads] == ["a.sql:2"]
    assert [str(one.place) for one in cell.reads] == ["a.ipynb#1:3"]
