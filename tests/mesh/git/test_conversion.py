"""Conversions of contents by git."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.git.checkout import read_git
from mesh.git.conversion import writes_as_committed
from tests.support.git_repository import Repository


@pytest.mark.parametrize(
    ("setting", "file", "as_committed"),
    [
        ("", "", True),
        ("false", "", True),
        ("true", "", False),
        ("input", "", False),
        ("", "mesh/.gitattributes", False),
        ("", ".git/info/attributes", False),
        ("", "../home/git/attributes", False),
    ],
)
def test_settings_and_attributes_may_convert(
    tmp_path: Path, setting: str, file: str, as_committed: bool
) -> None:
    repository = Repository.new(tmp_path / "repo", {"mesh/a.py": "1"})
    if setting:
        repository.git("config", "core.autocrlf", setting)
    if file:
        path = repository.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("* text\n")
    repository.commit({"mesh/b.py": "1"})
    git = read_git(repository.path, {})

    found = writes_as_committed(git, repository.head, {"XDG_CONFIG_HOME": str(tmp_path / "home")})

    assert found is as_committed
