"""Running flows with the files of the checkout."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.flow_run import RunOptions, Selection, require_local
from mesh.errors import OutsideError, UsageError
from tests.mesh.commands.local_run.conftest import NOTEBOOK, LocalMesh
from tests.mesh.conftest import FLOW


def run(local_mesh: LocalMesh, options: RunOptions | None = None, output: bool = False) -> tuple[bool, str]:
    """Bring files and run; return whether it succeeded, and what was printed."""
    runner, text = local_mesh.runner(output)
    selected = local_mesh.selected(options)
    runner.bring_files(selected)
    results = list(runner.run(selected, options or RunOptions()))
    return all(result.succeeded for _, result in results), text.getvalue()


def test_a_run_uses_the_files_of_the_checkout(local_mesh: LocalMesh) -> None:
    local_mesh.write("a.py", f"{NOTEBOOK}print('edited')\n")
    succeeded, text = run(local_mesh, output=True)

    assert succeeded
    assert text.startswith("updated 1 file: a\n")
    assert "a | edited\n" in text


def test_an_unchanged_flow_runs_without_a_word_about_files(local_mesh: LocalMesh) -> None:
    _, text = run(local_mesh)

    assert text.startswith("acme/transport/taxinyc/prep/revenue  run 1  local\n")


def test_changed_settings_are_told_with_the_command(local_mesh: LocalMesh) -> None:
    local_mesh.write("deployment.yml", "tasks: [{task_key: a, serverless: true, timeout_seconds: 60}]\n")
    _, text = run(local_mesh)

    assert text.startswith(
        f"{FLOW}/deployment.yml or a file above it has changed since the deployment: "
        "run `mesh deploy acme/transport/taxinyc` for its settings, this run uses the former ones\n"
    )


def test_a_failed_task_shows_all_that_it_printed_and_a_successful_one_a_line(local_mesh: LocalMesh) -> None:
    local_mesh.write("a.py", f"{NOTEBOOK}print('one')\nprint('two')\n")
    assert "      2 lines of output  --output shows them\n" in run(local_mesh)[1]

    local_mesh.write("a.py", f"{NOTEBOOK}print('one')\nraise ValueError('no')\n")
    succeeded, text = run(local_mesh)
    assert not succeeded
    assert "a: ValueError: no\none\nTraceback" in text


def test_nothing_is_written_if_the_flow_is_not_deployed(local_mesh: LocalMesh) -> None:
    [job] = local_mesh.workspace.get("/api/2.2/jobs/list")["jobs"]
    local_mesh.workspace.post("/api/2.2/jobs/delete", {"job_id": job["job_id"]})
    local_mesh.write("a.py", f"{NOTEBOOK}print('edited')\n")

    with pytest.raises(OutsideError, match="is not deployed: there is no job"):
        run(local_mesh)
    assert local_mesh.content("a").endswith("print('first')\n")


def test_an_environment_elsewhere_is_refused(deployed) -> None:
    with pytest.raises(UsageError, match="`prod` is not on this machine"):
        require_local(deployed({}, "prod"))


def test_one_task_can_run_alone(local_mesh: LocalMesh) -> None:
    assert run(local_mesh, RunOptions(task="a"))[0]
    with pytest.raises(UsageError, match="prep/revenue has no task `b`"):
        run(local_mesh, RunOptions(task="b"))


def test_a_command_selects_a_flow_and_after_a_plus_the_flows_that_it_reads(local_mesh: LocalMesh) -> None:
    def flows(path: str, options: RunOptions) -> list[str]:
        return [one.flow.path for one in Selection(local_mesh.root, "local", path, options).flows()]

    assert flows("prep/revenue", RunOptions()) == flows("+revenue", RunOptions())
    with pytest.raises(UsageError, match="--task, --param and --full-refresh fit one flow only"):
        flows("+prep/revenue", RunOptions(task="a"))
    with pytest.raises(UsageError, match="prep/revenue is a job, and only pipelines have a full refresh"):
        flows("prep/revenue", RunOptions(full_refresh=True))


def test_the_mesh_and_its_naming_are_watched(local_mesh: LocalMesh) -> None:
    (local_mesh.root / ".brickopscfg").mkdir()

    assert Selection(local_mesh.root, "local", "prep/revenue", RunOptions()).places() == [
        local_mesh.root / "orgs",
        local_mesh.root / ".brickopscfg",
    ]
