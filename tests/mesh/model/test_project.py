"""Projects."""

from __future__ import annotations

import pytest

from mesh.model.project import ProjectFile, former_levels


@pytest.mark.parametrize(
    ("former", "levels"),
    [(None, ("transport", "taxi")), ("cab", ("transport", "cab")), ("mobility/cab", ("mobility", "cab"))],
)
def test_state_keeps_the_former_name(former: str | None, levels: tuple[str, str]) -> None:
    """A former name without a domain is in the same domain."""
    assert former_levels(ProjectFile(renamed_from=former), "transport", "taxi") == levels
