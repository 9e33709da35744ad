"""Import blocks exist as long as a plan needs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh.terraform.import_blocks import ImportBlocks


def test_import_blocks_are_a_file_that_is_removed_afterwards(tmp_path: Path) -> None:
    """Text in ids is not a template of Terraform."""
    file = tmp_path / "adopt.tf.json"

    with ImportBlocks(file, {"databricks_schema.a": "main.a", "databricks_job.b": "${b}"}):
        held = json.loads(file.read_text())

    assert held == {
        "import": [{"to": "databricks_schema.a", "id": "main.a"}, {"to": "databricks_job.b", "id": "$${b}"}]
    }
    assert not file.exists()


def test_the_file_is_removed_after_an_error(tmp_path: Path) -> None:
    file = tmp_path / "adopt.tf.json"

    with pytest.raises(RuntimeError), ImportBlocks(file, {"databricks_schema.a": "main.a"}):
        raise RuntimeError

    assert not file.exists()


def test_without_imports_there_is_no_file(tmp_path: Path) -> None:
    with ImportBlocks(tmp_path / "adopt.tf.json", {}):
        assert list(tmp_path.iterdir()) == []
