"""Every command has an example in its help, which is a valid command line, and a group in `mesh --help`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mesh.cli.app import app
from mesh.cli.examples import EXAMPLES, PANELS
from tests.mesh.cli.test_app import commands

ALL: dict[str, Any] = {path.removeprefix("mesh "): command for path, command in commands()}


def test_every_command_has_an_example_and_no_example_is_left_over() -> None:
    assert sorted(EXAMPLES) == sorted(ALL)


@pytest.mark.parametrize("words", sorted(ALL))
def test_an_example_is_a_valid_command_line(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options, values of choices and numbers are right, and nothing required is missing."""
    example = EXAMPLES[words]
    for file in ("explore/tips.py", "yellow_tripdata_2026-01.parquet"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    assert example.split()[: len(words.split()) + 1] == ["mesh", *words.split()]

    # parses, and raises for what is wrong; the command itself does not run
    context = ALL[words].make_context(words, shlex.split(example)[len(words.split()) + 1 :])

    assert context.info_name == words


@pytest.mark.parametrize("words", ["ls", "local run", "import bundle"])
def test_the_help_shows_the_example(words: str) -> None:
    text = CliRunner().invoke(app, [*words.split(), "--help"], terminal_width=200).output

    assert f"Example: {EXAMPLES[words]}" in text


def test_every_command_of_mesh_is_in_one_group_in_their_order() -> None:
    text = CliRunner().invoke(app, ["--help"], terminal_width=200).output
    listed = [name for names in PANELS.values() for name in names]

    assert sorted(listed) == sorted({words.split()[0] for words in ALL})
    positions = [text.index(f"─ {panel} ─") for panel in PANELS]
    assert positions == sorted(positions)
    assert [text.index(f"│ {name} ") for name in listed] == sorted(
        text.index(f"│ {name} ") for name in listed
    )


def test_the_shell_completes_commands() -> None:
    """With the protocol that `mesh --install-completion` writes into the shell's settings."""
    environ = {**os.environ, "_MESH_COMPLETE": "complete_bash", "COMP_WORDS": "mesh im", "COMP_CWORD": "1"}
    mesh = [sys.executable, "-c", "import sys; sys.argv = ['mesh']; from mesh.cli.main import main; main()"]

    done = subprocess.run(mesh, env=environ, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["import"]
