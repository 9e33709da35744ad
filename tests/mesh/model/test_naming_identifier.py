"""Terraform names are readable."""

from __future__ import annotations

import pytest

from mesh.model.naming import identifier


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prep_revenue", "prep_revenue"),
        ("kjøretøy", "kjøretøy"),
        ("zones 2.csv", "zones_2_csv"),
        ("7eleven", "_7eleven"),
        ("-x", "_-x"),
        (".brickopscfg_config.yml", "_brickopscfg_config_yml"),
    ],
)
def test_characters_that_terraform_refuses_are_replaced(text: str, name: str) -> None:
    """And no others."""
    assert identifier(text) == name
