"""`mesh local run`: options and exit codes."""

from typer.testing import CliRunner

from mesh.cli.local import app


def test_the_help_says_when_the_exit_code_is_1_and_has_an_example():
    text = " ".join(CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).stdout.split())

    assert "1 if it fails" in text
    assert "mesh local run prep/peaks --param dear=75" in text
