"""The arguments of a resource, in the form in which the provider reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datamesh.bindings import cdktf
from mesh.documents.canonical_form import canonical


def set_arguments(resource: cdktf.TerraformResource, arguments: Mapping[str, Any]) -> None:
    """Sets arguments of a resource in canonical form, in addition to the arguments of its constructor.

    Args:
        resource: the resource.
        arguments: in Terraform's spelling.
    """
    kind = resource.terraform_resource_type.removeprefix("databricks_")
    for argument, value in canonical(kind, arguments).items():
        resource.add_override(argument, value)
