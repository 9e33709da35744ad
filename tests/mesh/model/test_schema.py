"""Objects in a schema."""

from __future__ import annotations

from mesh.model.schema import InSchema


def test_the_full_name_has_the_deployed_schema() -> None:
    """It has the name in Unity Catalog, not the Terraform id."""
    volume = InSchema("v_id", "files", "transport", "s_id", "dev_revenue", None, None, (), False)
    assert volume.full_name == "transport.dev_revenue.files"
