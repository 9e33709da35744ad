"""`%pip` in a notebook."""

import sys
from pathlib import Path

import pytest

from local import packages
from local.notebook import pip_cell
from tests.local.test_packages import wheel


def test_what_is_there_is_not_installed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pip_cell.run("install -q pydantic 'pydantic>=2'", tmp_path)
    pip_cell.run("list", tmp_path)
    pip_cell.run("install anything", None)

    assert capsys.readouterr().out == (
        "%pip install -q pydantic 'pydantic>=2': already installed\n"
        "%pip list: no effect in the local workspace\n"
        "%pip install anything: no effect in the local workspace\n"
    )


def test_what_is_missing_can_be_imported_in_the_next_cell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    python = pip_cell.run(f"install --no-index {wheel(tmp_path)}", tmp_path / "environments")

    import parcels  # type: ignore[import-not-found]

    assert parcels.__file__.startswith(str(tmp_path / "environments"))
    del sys.modules["parcels"]
    assert python is not None
    assert packages.is_environment(python.parent.parent)
    assert not packages.is_environment(Path(sys.prefix))
