"""The arguments of a resource, in the form in which the provider reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datamesh.bindings import cdktf
from mesh.documents.canonical_form import canonical


def set_arguments(resource: cdktf.TerraformResource, address: str, arguments: Mapping[str, Any]) -> None:
    """Sets arguments of a resource in canonical form, in addition to the arguments of its constructor.

    The stack gets all arguments in one call. `resource.add_override` would need a call for each, and every
    call to jsii waits for Node.

    Args:
        resource: the resource.
        address: its address in the stack, for example `databricks_job.prep_revenue`.
        arguments: in Terraform's spelling.
    """
    kind = address.partition(".")[0].removeprefix("databricks_")
    cdktf.TerraformStack.of(resource).add_override(f"resource.{address}", canonical(kind, arguments))
