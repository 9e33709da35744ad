"""Every resource type that the offline provider serves. A further type is a further row."""

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
from local.provider.resource import Resource

RESOURCES: Mapping[str, Resource] = {
    resource.type: resource
    for module in (unity_catalog, grants, workspace_objects, compute, experiments, identities, permissions)
    for resource in module.RESOURCES
}
