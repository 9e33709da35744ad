"""References to paths of the mesh."""

from __future__ import annotations

from mesh.model.path import by_ending, leads_to


def test_a_reference_may_leave_out_leading_levels() -> None:
    """Only whole levels count."""
    path = "acme/transport/taxinyc"
    assert leads_to("taxinyc", path)
    assert leads_to("/transport/taxinyc/", path)
    assert not leads_to("nyc", path)
    assert not leads_to("acme/transport", path)


def test_endings_and_references_agree() -> None:
    """An ending that two paths share leads to both."""
    endings = by_ending(["acme/a/x", "acme/b/x"])
    assert endings["x"] == ["acme/a/x", "acme/b/x"]
    assert endings["b/x"] == ["acme/b/x"]
    assert all(leads_to(ending, path) for ending, paths in endings.items() for path in paths)
