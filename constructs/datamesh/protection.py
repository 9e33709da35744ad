"""Protection from destruction by Terraform."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import cdktf


def lifecycle(
    *, protected: bool, ignore_changes: Sequence[str] = ()
) -> cdktf.TerraformResourceLifecycle | None:
    """Returns the lifecycle of a resource that holds data.

    Args:
        protected: True if Terraform refuses to destroy it.
        ignore_changes: the arguments that are used only at creation.
    """
    if not protected and not ignore_changes:
        return None
    return cdktf.TerraformResourceLifecycle(
        prevent_destroy=protected or None, ignore_changes=list(ignore_changes) or None
    )
