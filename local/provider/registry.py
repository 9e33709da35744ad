"""Every resource type that the offline provider serves, by its name in Terraform."""

from __future__ import annotations

from collections.abc import Mapping

from local.provider import (
    clusters,
    experiments,
    grants,
    identities,
    jobs,
    permissions,
    pipelines,
    unity_catalog,
    warehouses,
    workspace_objects,
)
from local.provider.resource_type import ResourceType

RESOURCE_TYPES: Mapping[str, ResourceType] = {
    resource_type.type: resource_type
    for module in (
        unity_catalog,
        grants,
        workspace_objects,
        jobs,
        pipelines,
        clusters,
        warehouses,
        experiments,
        identities,
        permissions,
    )
    for resource_type in module.RESOURCE_TYPES
}
