"""A cluster policy: what clusters of an org may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StrictInt

from mesh.declared import Declared
from mesh.level import Name


class ClusterPolicyFile(Declared):
    """A policy as compute.yml declares it, under its name."""

    definition: Mapping[str, Any]
    """Rules by cluster attribute; Databricks documentation, "Compute policy reference"."""

    description: str | None = None
    """What it is for."""

    max_clusters_per_user: Annotated[StrictInt, Field(gt=0)] | None = None
    """How many clusters one user may have with it at a time."""


class ComputeFile(Declared):
    """What a compute.yml may say."""

    cluster_policies: Mapping[Name, ClusterPolicyFile] = Field(default_factory=dict)
    """Policies by name."""


@dataclass(frozen=True)
class ClusterPolicy:
    """A policy as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        definition: rules by cluster attribute.
        description: what it is for.
        max_clusters_per_user: how many clusters one user may have with it at a time.
    """

    id: str
    name: str
    definition: Mapping[str, Any]
    description: str | None
    max_clusters_per_user: int | None
