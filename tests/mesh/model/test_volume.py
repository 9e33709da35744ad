"""Volumes in project.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mesh.model.volume import VolumeFile


def test_a_volume_needs_a_schema() -> None:
    with pytest.raises(ValidationError, match="schema"):
        VolumeFile.model_validate({})
    assert VolumeFile.model_validate({"schema": "raw"}).storage_location is None


@pytest.mark.parametrize("path", ["/landing", "landing/../other"])
def test_a_path_stays_below_its_external_location(path: str) -> None:
    with pytest.raises(ValidationError):
        VolumeFile.model_validate({"schema": "raw", "external_location": "lake", "path": path})
