"""Each command works with its own code and plans, and leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import toolchain
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.run_folder import ERRORED_STATE, RunFolder, remove_abandoned
from mesh.terraform.terraform import Terraform
from tests.mesh.terraform.conftest import declare

DAY = 24 * 3600


def command(root: Path, **resources: object) -> tuple[RunFolder, Terraform]:
    """A command that has synthesized the stack `one`, as `Runtime.synthesize` does."""
    shared = declare(root, "one", **resources)
    run = RunFolder(root)  # as deep as `stacks`, for relative paths in the code
    run.copy(root / "stacks", ["one"])
    return run, Terraform(run.stack("one"), toolchain.environment(), shared.folder)


def test_a_plan_of_another_terminal_does_not_change_what_is_applied(tmp_path: Path) -> None:
    """The second command has other code, and also refreshes, plans and discards while the first one waits."""
    first_run, first = command(tmp_path, reviewed={"input": "1"})
    first.plan()
    reviewed = first.plan_hash

    second_run, second = command(tmp_path, other={"input": "2"})
    second.plan()
    second.plan(refresh_only=True)
    second.discard_plan()
    first.apply(reviewed=reviewed)

    assert set(first.state().held) == {"terraform_data.reviewed"}
    assert first.folder != second.folder
    for run in (first_run, second_run):
        run.remove()
        assert not run.path.exists()


def test_an_exchanged_or_missing_plan_is_not_applied(tmp_path: Path) -> None:
    run, terraform = command(tmp_path, a={"input": "1"})
    for exchange in (lambda: terraform.load_plan(b"another"), terraform.discard_plan):
        terraform.plan()
        reviewed = terraform.plan_hash
        exchange()

        with pytest.raises(ApplyError, match="is not the one that was reviewed"):
            terraform.apply(reviewed=reviewed)
    run.remove()
    assert not (tmp_path / "states" / "one").exists()


def test_plugins_and_locked_versions_are_shared(tmp_path: Path) -> None:
    run, terraform = command(tmp_path, a={"input": "1"})
    terraform.init()

    shared = tmp_path / "stacks" / "one" / ".terraform"
    assert shared.is_dir()
    assert not (terraform.folder / ".terraform").exists()
    run.remove()


def test_a_state_that_could_not_be_saved_is_found_by_later_commands(tmp_path: Path) -> None:
    run, terraform = command(tmp_path, a={"input": "1"})
    terraform.plan()
    (terraform.folder / ERRORED_STATE).write_text("{}")
    terraform.apply()
    run.remove()

    assert declare(tmp_path, "one").errored_state == tmp_path / "stacks" / "one" / ERRORED_STATE


KILLED = """
import os, signal, sys
from pathlib import Path
from mesh.terraform.run_folder import RunFolder
RunFolder(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_folders_of_killed_commands_are_removed_later(tmp_path: Path) -> None:
    runs, stacks = tmp_path / "runs", tmp_path / "stacks"
    subprocess.run([sys.executable, "-c", KILLED, str(runs)], check=False)
    (killed,) = runs.iterdir()
    (killed / "one").mkdir()
    (killed / "one" / ERRORED_STATE).write_text("state")
    now = killed.stat().st_mtime

    remove_abandoned(runs, stacks, now + 60)  # its Terraform may still run
    assert killed.exists()
    remove_abandoned(runs, stacks, now + DAY)

    assert not killed.exists()
    assert (stacks / "one" / ERRORED_STATE).read_text() == "state"


def test_the_folder_of_a_running_command_stays(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with (run.path / ".lock").open() as stream, pytest.raises(BlockingIOError):
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    remove_abandoned(tmp_path, tmp_path, run.path.stat().st_mtime + DAY)

    assert run.path.exists()
    assert run.path.stat().st_mode & 0o777 == 0o700
    assert run.path.name.startswith(f"{os.getpid()}-")
    run.remove()
    assert not run.path.exists()
