"""The files of a deployment in the local workspace."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.checkout_files import bring, settings_changed, sources
from tests.mesh.commands.local_run.conftest import NOTEBOOK, LocalMesh
from tests.mesh.conftest import FLOW


def names(paths: tuple[str, ...]) -> list[str]:
    return [path.rpartition("/")[2] for path in paths]


def test_only_files_that_differ_are_written(local_mesh: LocalMesh) -> None:
    home = local_mesh.workspace.home
    assert not bring(local_mesh.client, home, local_mesh.selected().deployment)

    local_mesh.write("a.py", f"{NOTEBOOK}print('second')\n")
    changes = bring(local_mesh.client, home, local_mesh.selected().deployment)

    assert (names(changes.written), changes.removed, changes.text) == (["a"], (), "1 file")
    assert local_mesh.content("a").endswith("print('second')\n")


def test_new_files_are_written_and_removed_files_are_deleted(local_mesh: LocalMesh) -> None:
    (local_mesh.root / FLOW / "helper.py").rename(local_mesh.root / FLOW / "other.py")
    changes = bring(local_mesh.client, local_mesh.workspace.home, local_mesh.selected().deployment)

    assert (names(changes.written), names(changes.removed)) == (["other.py"], ["helper.py"])
    with pytest.raises(FileNotFoundError):
        local_mesh.content("helper.py")


def test_files_that_a_notebook_wrote_stay(local_mesh: LocalMesh) -> None:
    uploads = local_mesh.selected().deployment.uploads
    assert uploads
    written = local_mesh.workspace.home.files / uploads.folder.lstrip("/") / FLOW / "result.txt"
    written.write_text("42")
    bring(local_mesh.client, local_mesh.workspace.home, local_mesh.selected().deployment)

    assert written.read_text() == "42"


def test_a_deployment_puts_back_the_files_that_a_run_replaced(local_mesh: LocalMesh, capsys) -> None:
    """Terraform plans no change then: it compares the checkout with its state."""
    local_mesh.write("a.py", f"{NOTEBOOK}print('second')\n")
    bring(local_mesh.client, local_mesh.workspace.home, local_mesh.selected().deployment)
    local_mesh.write("a.py", f"{NOTEBOOK}print('first')\n")
    local_mesh.deploy()

    assert "put back: 1 file of acme/transport/taxinyc" in capsys.readouterr().out
    assert local_mesh.content("a").endswith("print('first')\n")


@pytest.mark.parametrize("deleted", [False, True])
def test_what_was_deployed_is_put_back_and_not_a_later_edit(local_mesh: LocalMesh, deleted: bool) -> None:
    """While the question of `mesh deploy` waits, somebody may edit or delete files."""
    deployment = local_mesh.selected().deployment
    code = local_mesh.code(deployment)
    if deleted:
        (local_mesh.root / FLOW / "a.py").unlink()
    else:
        local_mesh.write("a.py", f"{NOTEBOOK}print('not reviewed')\n")
    local_mesh.record(deployment, code)

    assert local_mesh.content("a").endswith("print('first')\n")


def test_changed_settings_are_noticed_but_not_changed_files(local_mesh: LocalMesh) -> None:
    def changed() -> bool:
        selected = local_mesh.selected()
        return settings_changed(local_mesh.workspace.home, selected.deployment, selected.flow)

    local_mesh.write("a.py", f"{NOTEBOOK}print('second')\n")
    assert not changed()
    local_mesh.write("deployment.yml", "tasks: [{task_key: a, serverless: true, max_retries: 3}]\n")
    assert changed()
    local_mesh.deploy()
    assert not changed()


def test_the_file_of_the_checkout_is_known_for_each_file_of_the_workspace(local_mesh: LocalMesh) -> None:
    found = sources(local_mesh.selected().deployment)

    assert {
        path.rpartition("/")[2]: file.relative_to(local_mesh.root).as_posix() for path, file in found.items()
    } == {
        "a": f"{FLOW}/a.py",
        "helper.py": f"{FLOW}/helper.py",
    }
