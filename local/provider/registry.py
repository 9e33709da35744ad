"""Every resource type that the offline provider serves, by its name in Terraform."""

from __future__ import annotations

from collections.abc import Mapping

from local.provider import (
    access_policies,
    cluster_policies,
    clusters,
    entity_tags,
    experiments,
    grants,
    identities,
    instance_pools,
    jobs,
    permissions,
    pipelines,
    unity_catalog,
    warehouses,
    workspace_bindings,
    workspace_objects,
)
from local.provider.resource_type import ResourceType

RESOURCE_TYPES: Mapping[str, ResourceType] = {
    resource_type.type: resource_type
    for module in (
        unity_catalog,
        workspace_bindings,
        grants,
        entity_tags,
        access_policies,
        workspace_objects,
        jobs,
        pipelines,
        clusters,
        cluster_policies,
        instance_pools,
        warehouses,
        experiments,
        identities,
        permissions,
    )
    for resource_type in module.RESOURCE_TYPES
}
