"""Files that tasks name."""

from __future__ import annotations

from mesh.model.task_file import task_file

FILE = "projects/p/flows/prep/f/deployment.yml"


def test_without_a_block_the_notebook_has_the_tasks_name() -> None:
    """It is in the flow's folder."""
    file = task_file({"task_key": "clean"}, (), FILE, git_source=False)
    assert file is not None
    assert str(file.path) == "projects/p/flows/prep/f/clean"
    assert "projects/p/flows/prep/f/clean.py" in file.candidates
