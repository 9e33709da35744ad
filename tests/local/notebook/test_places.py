"""Names of files and cells in errors."""

from pathlib import Path

from local.notebook.places import AS_ON_DISK, Places

NOTEBOOK = "# Databricks notebook source\na = 1\n\n# COMMAND ----------\n\nb = 2\n"


def test_files_of_the_workspace_have_their_paths_there(tmp_path: Path) -> None:
    places = Places(tmp_path)

    assert places.file(str(tmp_path / "Users/ola/a")) == "/Workspace/Users/ola/a"
    assert places.file(str(tmp_path / "Users/ola/a.ipynb[cell 3]")) == "/Workspace/Users/ola/a.ipynb"
    assert places.file("/usr/lib/python3/json.py") == "/usr/lib/python3/json.py"
    assert Places(tmp_path, "").file(str(tmp_path / "orgs/a.py")) == "orgs/a.py"


def test_a_line_of_a_notebook_has_the_number_of_its_cell(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(NOTEBOOK)
    (tmp_path / "module.py").write_text("x = 1\n")
    places, notebook = Places(tmp_path), str(tmp_path / "a")

    assert places.function(notebook, 6, "<module>") == "cell 2"
    assert places.function(notebook, 2, "total") == "total, cell 1"
    assert places.function(str(tmp_path / "a.ipynb[cell 3]"), 1, "<module>") == "cell 3"
    assert places.function(str(tmp_path / "module.py"), 1, "<module>") == "<module>"
    assert AS_ON_DISK.function(notebook, 6, "<module>") == "<module>"
