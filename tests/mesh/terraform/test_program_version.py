"""The version of Terraform is asked once for all stacks of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.terraform.program_version import program_version
from mesh.terraform.terraform_command import TerraformCommand

ANSWERS = "#!/bin/sh\necho x >> {log}\necho 'Warning: old'\necho '{name} v{version}'\necho 'on linux'\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that writes down each start."""
    write(tmp_path / "terraform", "Terraform", "1.11.4")
    return tmp_path / "terraform"


def write(program: Path, name: str, version: str) -> None:
    """Makes it another program."""
    program.write_text(ANSWERS.format(log=program.with_name("log"), name=name, version=version))
    program.chmod(0o755)


def command(program: Path, stack: str, **environ: str) -> TerraformCommand:
    """The program in the folder of a stack."""
    folder = program.parent / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    return TerraformCommand(folder, {"TERRAFORM_BINARY_NAME": str(program), "PATH": "/bin", **environ})


def test_stacks_ask_together(program: Path) -> None:
    stacks = [command(program, one, TF_DATA_DIR=one) for one in "abc"]

    assert {program_version(one) for one in stacks} == {"Terraform v1.11.4"}
    assert program.with_name("log").read_text() == "x\n"


def test_another_program_at_the_same_path_is_asked(program: Path) -> None:
    program_version(command(program, "a"))
    write(program, "OpenTofu", "1.9.10")

    assert program_version(command(program, "a")) == "OpenTofu v1.9.10"


def test_what_a_version_manager_reads_is_asked_again(program: Path) -> None:
    program_version(command(program, "a"))
    program_version(command(program, "a", TFENV_TERRAFORM_VERSION="1.9.0"))
    program_version(command(program, "below/a"))

    assert program.with_name("log").read_text() == "x\n" * 3


def test_a_failure_is_reported_and_not_kept(program: Path) -> None:
    program.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(OutsideError, match="report its version"):
        program_version(command(program, "a"))
    write(program, "Terraform", "1.11.4")

    assert program_version(command(program, "a")) == "Terraform v1.11.4"
