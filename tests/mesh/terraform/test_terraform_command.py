"""Runs a program in the place of Terraform: locks, kills and failures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.terraform.terraform_command import SILENT, LockedStateError, Reporter, TerraformCommand

# fails with a held lock as often as its argument says, then succeeds
LOCKED = """#!/bin/sh
echo "$@" >> calls
if [ "$(wc -l < calls)" -le {times} ]; then
  echo 'Error: Error acquiring the state lock' >&2
  echo '  Who: ola@laptop' >&2
  exit 1
fi
"""


def command(root: Path, script: str, **variables: str) -> TerraformCommand:
    """A command that runs the script instead of Terraform, in the folder of stack `acme`."""
    folder = root / "acme"
    folder.mkdir()
    program = root / "terraform"
    program.write_text(script)
    program.chmod(0o755)
    return TerraformCommand(folder, {**os.environ, "TERRAFORM_BINARY_NAME": str(program), **variables})


def test_a_held_lock_is_waited_for_and_its_holder_is_told(tmp_path: Path) -> None:
    terraform = command(tmp_path, LOCKED.format(times=2))
    holders: list[str] = []

    done = terraform.run_locked("apply", "mesh.plan", reporter=Reporter(waiting=holders.append))

    assert done.code == 0
    assert holders == ["locked by ola@laptop"]
    assert (tmp_path / "acme" / "calls").read_text().splitlines() == [
        "apply -no-color -lock-timeout=0s mesh.plan"
    ] * 3


def test_a_lock_that_is_never_released_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    terraform = command(tmp_path, LOCKED.format(times=9), TF_CLI_ARGS_plan="-lock-timeout=0s")

    with pytest.raises(LockedStateError, match=r"acme is locked by ola@laptop .*`mesh unlock acme`"):
        terraform.run_locked("plan", reporter=SILENT)


def test_an_error_shows_no_token_that_the_program_prints(tmp_path: Path) -> None:
    token = "ghs_" + "aB3" * 12
    terraform = command(tmp_path, f"#!/bin/sh\necho 'Error: clone\n  {token} is refused'; exit 1\n")

    with pytest.raises(OutsideError) as caught:
        terraform.ask("plan", "plan")

    assert str(caught.value).endswith("reports:\n  Error: clone\n  (looks like a secret)")


def test_a_killed_program_is_an_error_that_says_so(tmp_path: Path) -> None:
    terraform = command(tmp_path, "#!/bin/sh\nkill -9 $$\n")

    with pytest.raises(
        OutsideError, match=r"it was ended by SIGKILL, as the kernel does where memory ends$"
    ) as caught:
        terraform.ask("read the state of", "state", "pull")
    assert "adopt" not in str(caught.value)  # it creates nothing


def test_an_error_is_reported_without_the_warnings_before_it(tmp_path: Path) -> None:
    terraform = command(
        tmp_path, "#!/bin/sh\nprintf 'Warning: old\\n\\nError: no such host\\n' >&2\nexit 1\n"
    )

    with pytest.raises(OutsideError) as caught:
        terraform.ask("plan", "plan")

    assert str(caught.value) == "Terraform cannot plan acme; it reports:\n  Error: no such host"


def test_a_lock_that_can_neither_be_taken_nor_read_is_an_error(tmp_path: Path) -> None:
    """`mesh unlock` would call the state unlocked."""
    refusing = "#!/bin/sh\necho 'Error: Error acquiring the state lock\n\n403 AccessDenied' >&2; exit 1\n"

    with pytest.raises(
        OutsideError, match=r"Terraform cannot lock the state of acme; (?s:.*)403 AccessDenied"
    ):
        command(tmp_path, refusing).find_lock()


def test_a_plan_that_fails_with_the_lock_is_not_locked(tmp_path: Path) -> None:
    assert command(tmp_path, "#!/bin/sh\necho 'Error: no quota' >&2; exit 1\n").find_lock() is None
