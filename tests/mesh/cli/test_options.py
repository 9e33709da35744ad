"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.cli import options
from mesh.cli.options import resolved
from mesh.terraform import PARALLELISM


def test_without_the_option_the_root_is_found_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orgs/acme").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "orgs")

    assert resolved(None) == tmp_path.resolve()
    assert resolved(Path("acme")) == tmp_path.resolve() / "orgs/acme"


def test_the_default_parallelism_is_that_of_the_engine() -> None:
    assert options.PARALLELISM == PARALLELISM
