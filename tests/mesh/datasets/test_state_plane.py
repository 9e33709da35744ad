"""Illinois' state plane."""

from __future__ import annotations

from mesh.datasets.state_plane import coordinates


def test_coordinates_equal_the_citys_coordinates() -> None:
    """Two reports of 2007, with both kinds of coordinates."""
    assert coordinates(41.882182894, -87.679812546) == (1162213, 1900335)
    assert coordinates(41.864822916, -87.656618405) == (1168579, 1894058)
