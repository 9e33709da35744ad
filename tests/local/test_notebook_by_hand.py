"""`mesh local notebook`: the notebook's environment, and the reported results."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.home import Home, Status
from local.notebook_by_hand import run_notebook
from mesh.cli.local import app
from mesh.errors import OutsideError, UsageError

FAKE = (sys.executable, str(Path(__file__).parent / "workspace" / "fake_notebook.py"))


def run(root: Path, text: str, **parameters: str) -> tuple[bool, list[str]]:
    """Run a notebook of a mesh; return whether it succeeded and the reported lines."""
    home, reported = Home(root), list[str]()
    Status("http://127.0.0.1:1", "secret", 1, 1.0, "sc://127.0.0.1:2/;token=secret").write(home)
    file = root / "orgs" / "look.py"
    file.parent.mkdir()
    file.write_text(text)
    return run_notebook(home, file, parameters, reported.append, FAKE), reported


def test_a_notebook_gets_its_widgets_and_its_tables_are_reported(tmp_path: Path) -> None:
    text = "result['tables'] = [{'name': 'training.ada.a', 'rows': 1}, {'name': 'training.ada.b', 'rows': 1200}]\n"
    text += "result['result'] = parameters['schema']\n"
    assert run(tmp_path, text, schema="ada") == (
        True,
        ["wrote training.ada.a: 1 row", "wrote training.ada.b: 1,200 rows", "exit value: ada"],
    )


def test_the_checkout_is_the_workspace_of_a_notebook(tmp_path: Path) -> None:
    text = "result['result'] = f'{spec[\"workspace_path\"]} in {spec[\"workspace_files\"]}'"
    assert run(tmp_path, text) == (True, [f"exit value: /orgs/look in {tmp_path}"])


def test_a_notebook_finds_the_workspace_and_spark(tmp_path: Path) -> None:
    text = (
        "import os\nresult['result'] = os.environ['DATABRICKS_HOST'] + ' ' + os.environ['SPARK_REMOTE'][:17]"
    )
    assert run(tmp_path, text)[1] == ["exit value: http://127.0.0.1:1 sc://127.0.0.1:2/"]


def test_a_failed_notebook_is_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path, "raise ValueError('no')") == (False, [])


def test_a_notebook_outside_the_checkout_is_a_usage_error(tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.touch()
    with pytest.raises(UsageError, match="copy it into the checkout"):
        run_notebook(Home(tmp_path / "mesh"), outside, {}, print)


def test_a_workspace_that_is_not_running_is_an_error(tmp_path: Path) -> None:
    notebook = tmp_path / "a.py"
    notebook.touch()
    result = CliRunner().invoke(app, ["notebook", str(notebook), "--root", str(tmp_path)])
    assert isinstance(result.exception, OutsideError)
    assert "start it with `mesh local up`" in str(result.exception)
