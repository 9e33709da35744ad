"""What a compute.yml says: templates, and what is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.cluster import ClusterFile
from mesh.model.cluster_policy import ClusterPolicyFile
from mesh.model.compute_object import MAX_NAME, ComputeObjectFile, Kind
from mesh.model.instance_pool import InstancePoolFile
from mesh.model.job import JobClusterFile
from mesh.model.level import Name
from mesh.model.permission import check_permissions
from mesh.model.principal import Principals
from mesh.model.sql_warehouse import SqlWarehouseFile

SECTIONS: Mapping[Kind, str] = {
    "cluster_policy": "cluster_policies",
    "instance_pool": "instance_pools",
    "cluster": "clusters",
    "sql_warehouse": "sql_warehouses",
}


class ComputeFile(CheckedModel):
    """What a compute.yml may say."""

    job_clusters: Mapping[Name, JobClusterFile] = Field(default_factory=dict)
    """Clusters that jobs start for themselves, by the `job_cluster_key` that tasks name."""

    cluster_policies: Mapping[Name, ClusterPolicyFile] = Field(default_factory=dict)
    """Cluster policies by name."""

    instance_pools: Mapping[Name, InstancePoolFile] = Field(default_factory=dict)
    """Instance pools by name."""

    clusters: Mapping[Name, ClusterFile] = Field(default_factory=dict)
    """Clusters that people and jobs share, by name."""

    sql_warehouses: Mapping[Name, SqlWarehouseFile] = Field(default_factory=dict)
    """SQL warehouses by name."""

    def made(self, kind: Kind) -> Mapping[str, ComputeObjectFile]:
        """What is made of a kind, by name."""
        objects: Mapping[str, ComputeObjectFile] = getattr(self, SECTIONS[kind])
        return objects


@dataclass(frozen=True)
class Compute:
    """The compute of one level.

    Args:
        document: its compute.yml.
        declared: what that says.
        present: whether there is such a file.
    """

    document: Document
    declared: ComputeFile
    present: bool

    def check(self, principals: Principals) -> Iterator[Finding]:
        """All that is wrong with it, apart from its own fields' types.

        Args:
            principals: those that the org lists.
        """
        for key, template in self.declared.job_clusters.items():
            yield from template.check(self.document, ("job_clusters", key))
            if len(key) > MAX_NAME:
                message = f"`{key[:60]}…` has {len(key)} characters, {MAX_NAME} at most (shorten it)"
                yield self.document.finding("name-too-long", ("job_clusters", key), message)
        for kind, section in SECTIONS.items():
            for name, declared in self.declared.made(kind).items():
                at = (section, name)
                yield from declared.check(self.document, at)
                given = declared.permissions
                yield from check_permissions(given, kind, principals, self.document, (*at, "permissions"))
