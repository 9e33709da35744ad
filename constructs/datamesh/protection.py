"""What Terraform refuses to destroy."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle


def lifecycle(*, protected: bool) -> TerraformResourceLifecycle | None:
    """The lifecycle of a resource that holds data."""
    return TerraformResourceLifecycle(prevent_destroy=True) if protected else None
