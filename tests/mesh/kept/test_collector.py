"""Garbage collection is off for a while, and then as it was."""

from __future__ import annotations

import gc

import pytest

from mesh.kept.collector import without_collector


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_is_as_before(is_on: bool) -> None:
    (gc.enable if is_on else gc.disable)()
    try:
        with pytest.raises(ValueError, match="x"), without_collector():
            assert not gc.isenabled()
            raise ValueError("x")
        assert gc.isenabled() is is_on
    finally:
        gc.enable()
