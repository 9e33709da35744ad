"""The moment from which commands count runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mesh.errors import UsageError
from mesh.quartz.now import now


def test_a_variable_sets_it() -> None:
    assert now({"MESH_NOW": "2027-01-01T01:00:00+01:00"}) == datetime(2027, 1, 1, tzinfo=UTC)


def test_without_the_variable_it_is_the_present() -> None:
    assert abs(now({}) - datetime.now(UTC)) < timedelta(hours=1)


@pytest.mark.parametrize("text", ["yesterday", "2027-01-01", "2027-01-01T00:00:00"])
def test_a_moment_has_a_zone(text: str) -> None:
    with pytest.raises(UsageError, match="write a date, a time and a zone"):
        now({"MESH_NOW": text})
