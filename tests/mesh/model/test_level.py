"""Names of levels."""

from __future__ import annotations

import pytest

from mesh.model.level import wrong_with_name


@pytest.mark.parametrize("name", ["flows", "information_schema", "a.b", "", "x" * 256])
def test_names_that_unity_catalog_rejects(name: str) -> None:
    """Reserved, taken, or with the wrong letters or length."""
    assert wrong_with_name(name)


@pytest.mark.parametrize("name", ["revenue", "taxi-nyc_2", "x" * 255])
def test_valid_names(name: str) -> None:
    """Letters, digits, `_` and `-`."""
    assert wrong_with_name(name) is None
