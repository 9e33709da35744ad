"""review.yml."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.model.review_policy import PolicyFile, read_policy


def test_without_a_file_every_rule_refuses(tmp_path: Path) -> None:
    """A missing file counts as empty."""
    policy = read_policy(tmp_path / "review.yml", tmp_path)
    assert policy.strictness("data-loss", "prod", ["prod"]) == "refuse"


def test_the_strictest_environment_counts() -> None:
    """A shared resource follows the strictest of its environments."""
    policy = PolicyFile(
        rules={"run-as": "ignore"}, environments={"prod": {"run-as": "warn"}, "metastore m": {}}
    )
    assert policy.strictness("run-as", "dev", ["dev"]) == "ignore"
    assert policy.strictness("run-as", "metastore m", ["dev", "prod"]) == "warn"


def test_an_unknown_rule_is_an_error(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "review.yml").write_text("rules: {data-los: warn}\n")
    with pytest.raises(MeshError, match="`data-los` is not a review rule"):
        read_policy(tmp_path / "review.yml", tmp_path)
