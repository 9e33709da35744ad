"""Every resource type that the offline provider serves, by its name in Terraform."""

from __future__ import annotations

from collections.abc import Mapping

from local.provider import (
    compute,
    experiments,
    grants,
    identities,
    permissions,
    unity_catalog,
    workspace_objects,
)
from local.provider.resource_type import ResourceType

RESOURCE_TYPES: Mapping[str, ResourceType] = {
    resource_type.type: resource_type
    for module in (unity_catalog, grants, workspace_objects, compute, experiments, identities, permissions)
    for resource_type in module.RESOURCE_TYPES
}
