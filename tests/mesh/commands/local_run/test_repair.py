"""`mesh local repair`: with the files of the checkout."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.flow_run import RunOptions
from mesh.commands.local_run.repair import repair_run, runs_flow
from mesh.errors import OutsideError
from tests.mesh.commands.local_run.conftest import NOTEBOOK, LocalMesh


def test_a_repair_uses_the_corrected_file(local_mesh: LocalMesh) -> None:
    local_mesh.write("a.py", f"{NOTEBOOK}raise ValueError('no')\n")
    runner, text = local_mesh.runner()
    selected = local_mesh.selected()
    assert not runner.bring_and_run(selected, RunOptions())

    local_mesh.write("a.py", f"{NOTEBOOK}print('good')\n")
    deployed = local_mesh.deployed()
    found = runs_flow(local_mesh.root, local_mesh.client, deployed, 1)
    assert found and found.flow.path == selected.flow.path
    assert repair_run(runner, local_mesh.selected(), 1, [])
    assert text.getvalue().splitlines()[-1].startswith("run 1 succeeded after")


def test_nothing_to_repair_is_an_error(local_mesh: LocalMesh) -> None:
    runner, _ = local_mesh.runner()
    assert runner.bring_and_run(local_mesh.selected(), RunOptions())

    with pytest.raises(OutsideError, match="run 1 has no task to run again"):
        repair_run(runner, None, 1, [])
    assert repair_run(runner, None, 1, ["a"])


def test_a_run_of_something_else_has_no_flow(local_mesh: LocalMesh) -> None:
    local_mesh.workspace.import_notebook("/nb/a", "")
    tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/nb/a"}}]
    run = local_mesh.workspace.post("/api/2.1/jobs/runs/submit", {"run_name": "by hand", "tasks": tasks})

    assert runs_flow(local_mesh.root, local_mesh.client, local_mesh.deployed(), run["run_id"]) is None
