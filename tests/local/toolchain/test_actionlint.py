"""The linter of workflows, which the Go of a machine builds."""

from __future__ import annotations

from collections.abc import Sequence

from local.toolchain import executables
from local.toolchain.actionlint import ACTIONLINT
from tests.local.toolchain.conftest import GO, Machine


def test_actionlint_is_built_with_the_machines_go_below_the_project(machine: Machine) -> None:
    machine.add("go", GO)
    machine.install()

    assert "v1.7.12 in .venv/bin" in machine.install(purpose="testing")
    assert machine.install(purpose="testing") == ""
    machine.install()
    (machine.root / ".venv" / ".installed" / "actionlint").unlink()
    machine.install(purpose="testing")

    work = machine.root / ".mesh" / "actionlint"
    assert machine.calls() == f"go install {ACTIONLINT} in {machine.root}/.venv/bin {work}/path local\n"
    assert not work.exists()


def test_a_go_that_is_too_old_is_not_used(machine: Machine) -> None:
    machine.add("go", GO.replace("1.26.8", "1.22.1"))
    find = executables.find_go(machine.installer().environ, machine.root / ".venv", no_other_go)

    assert find is None


def no_other_go(command: Sequence[str]) -> str | None:
    """Run a command, as if /usr held no programs."""
    return None if command[0].startswith("/usr") else executables.run_command(command)
