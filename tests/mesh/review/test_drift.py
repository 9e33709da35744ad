"""The drift report of an environment."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.drift import EnvironmentDrift


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"projects": 98, "changed": 1}, "1 project changed, 97 unchanged"),
        ({"projects": 3, "changed": 0, "absent": 2}, "no changes, 1 unchanged, 2 not deployed"),
        (
            {"projects": 4, "changed": 2, "shared": True, "failed": 1},
            "2 projects changed, shared resources changed, 1 unchanged, 1 failed",
        ),
        ({"projects": 0}, "no changes"),
    ],
)
def test_the_summary_of_an_environment_is_one_line(counts: dict[str, Any], line: str) -> None:
    none: dict[str, Any] = {"projects": 0, "changed": 0, "failed": 0, "shared": False}

    assert EnvironmentDrift("prod", (), **{**none, **counts}).summary == line
