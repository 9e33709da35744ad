"""Runs the cdktf program with the right arguments, and reports its failures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from mesh.errors import OutsideError
from mesh.terraform import cdktf
from mesh.terraform.synthesis import PROGRAM_FOLDER


@dataclass
class Mesh:
    name: str = "dev"


class Target:
    """A mesh at another root than the program."""

    deployed = Mesh()
    root = Path("/mesh")
    output = Path("/mesh/.mesh/cdktf.out")
    environ: ClassVar = {"MESH_ENV": "dev"}


class Run:
    """Records the command, and answers with an exit code."""

    def __init__(self, code: int = 0, interrupted: bool = False) -> None:
        self.answer = code, interrupted
        self.command = ""

    def __call__(self, command, environ, cwd):
        assert (environ, cwd) == (Target.environ, PROGRAM_FOLDER)
        self.command = " ".join(command)
        return self.answer


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    def answer(*arguments) -> Run:
        run = Run(*arguments)
        monkeypatch.setattr(cdktf.interrupt, "run", run)
        return run

    return answer


OPTIONS = "--skip-provider-lock --output /mesh/.mesh/cdktf.out"


def test_a_deployment_is_not_synthesized_again(run, capsys: pytest.CaptureFixture[str]) -> None:
    done = run()

    cdktf.deploy(Target(), ["a", "b"], partial=False)

    assert done.command == f"npx cdktf deploy a b --skip-synth --auto-approve {OPTIONS}"
    assert capsys.readouterr().out == f"$ MESH_ENV=dev {done.command}\n"


def test_a_partial_destroy_ignores_dependencies(run) -> None:
    done = run()

    cdktf.destroy(Target(), ["b"], partial=True)

    assert done.command == f"npx cdktf destroy b --ignore-missing-stack-dependencies --auto-approve {OPTIONS}"


def test_a_diff_changes_nothing(run) -> None:
    done = run()

    cdktf.diff(Target(), "a")

    assert done.command == f"npx cdktf diff a --skip-synth {OPTIONS}"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((1,), "cdktf deploy failed, see above; completed changes are in the state"),
        ((0, True), "deploy was interrupted; completed changes are in the state"),
    ],
)
def test_a_failed_deployment_names_what_to_do(run, answer, message: str) -> None:
    run(*answer)

    with pytest.raises(OutsideError, match=message):
        cdktf.deploy(Target(), ["a"], partial=False)


def test_a_failed_diff_has_nothing_to_complete(run) -> None:
    run(1)

    with pytest.raises(OutsideError, match=r"^cdktf diff failed, see above$"):
        cdktf.diff(Target(), "a")
