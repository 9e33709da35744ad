"""`mesh`: help texts are complete, and printing them loads no heavy module."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from mesh.cli.app import app


def commands(command: object = None, path: str = "mesh") -> Iterator[tuple[str, object]]:
    """All commands, by their words."""
    command = command or typer.main.get_command(app)
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from commands(child, f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_every_command_has_a_help_text_of_one_sentence(path: str, command: object) -> None:
    text = str(command.help)  # type: ignore[attr-defined]
    summary = text.split("\n\n")[0]

    assert summary[0].isupper(), path
    assert summary.rstrip().endswith("."), path


def test_help_loads_neither_the_model_nor_terraform() -> None:
    heavy = ("pydantic", "yaml", "databricks.sdk", "mesh.load", "mesh.terraform", "mesh.workshop.workshop")
    script = (
        "import sys\nfrom mesh.cli.app import app\n"
        "try: app(['--help'])\n"
        f"finally: print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stderr.splitlines()[-1] == "[]"


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.exit_code, result.output) == (0, f"mesh {version('databricks-datamesh')}\n")


def test_choices_are_part_of_the_help() -> None:
    text = CliRunner().invoke(app, ["schema", "--help"], terminal_width=200).output

    assert "org|domain|project|deployment" in text
