"""The key of a stack's code changes with everything that the code depends on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.deployment.deployment import Deployment
from mesh.synthesis.stack_key import program_key, stack_key
from tests.mesh.conftest import Deployed


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of two files."""
    for name in ("mesh", "constructs/datamesh", "stacks"):
        (tmp_path / "program" / name).mkdir(parents=True)
    (tmp_path / "program/mesh/load.py").write_text("a = 1\n")
    (tmp_path / "program/constructs/datamesh/job.py").write_text("b = 2\n")
    return tmp_path / "program"


@pytest.fixture
def stack(deployed: Deployed) -> Deployment:
    """The deployment of one project."""
    [one] = deployed({}).deployments
    return one


def test_the_same_program_has_the_same_key(program: Path) -> None:
    key = program_key(program, {})
    (program / "mesh/__pycache__").mkdir()
    (program / "mesh/__pycache__/load.cpython-311.pyc").write_bytes(b"1")
    (program / "README.md").write_text("1")

    assert program_key(program, {"HOME": "/home/ola"}) == key


@pytest.mark.parametrize(
    "files",
    [
        {"mesh/load.py": "a = 2\n"},
        {"constructs/datamesh/job.py": ""},
        {"stacks/new.py": ""},
        {"mesh/documents/fields/cdktf/resources/job.json": "{}"},
    ],
)
def test_each_file_of_the_program_changes_its_key(program: Path, files: dict[str, str]) -> None:
    key = program_key(program, {})
    for name, text in files.items():
        (program / name).parent.mkdir(parents=True, exist_ok=True)
        (program / name).write_text(text)

    assert program_key(program, {}) != key


def test_a_file_of_another_name_changes_the_key(program: Path) -> None:
    key = program_key(program, {})
    (program / "mesh/load.py").rename(program / "mesh/loaded.py")

    assert program_key(program, {}) != key


@pytest.mark.parametrize("name", ["CDKTF_CONTEXT_JSON", "SYNTH_HCL_OUTPUT"])
def test_variables_that_cdktf_reads_change_the_key(program: Path, name: str) -> None:
    assert program_key(program, {name: "1"}) != program_key(program, {})


def test_the_same_stack_has_the_same_key(stack: Deployment) -> None:
    assert stack_key(replace(stack), "p", "../..") == stack_key(stack, "p", "../..")


@pytest.mark.parametrize(
    "changed",
    [
        lambda stack: stack_key(stack, "q", "../.."),
        lambda stack: stack_key(stack, "p", ".."),
        lambda stack: stack_key(stack, "p", "../..", ["not here"]),
        lambda stack: stack_key(replace(stack, stack="other"), "p", "../.."),
        lambda stack: stack_key(replace(stack, flows=()), "p", "../.."),
    ],
    ids=["program", "folder", "refusal", "name", "flows"],
)
def test_each_input_of_the_code_changes_the_key(stack: Deployment, changed) -> None:
    assert changed(stack) != stack_key(stack, "p", "../..")


def test_reasons_are_not_confused_with_other_inputs(stack: Deployment) -> None:
    keys = {
        stack_key(stack, "p", to_root, one) for to_root, one in (("a", ["b"]), ("a\0b", []), ("a", ["", "b"]))
    }

    assert len(keys) == 3
