"""compute.yml: cluster templates for jobs, and compute objects to deploy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document
from mesh.finding import Finding
from mesh.model.cluster import ClusterFile
from mesh.model.cluster_policy import ClusterPolicyFile
from mesh.model.compute_object import MAX_NAME, ComputeKind, ComputeObjectFile
from mesh.model.instance_pool import InstancePoolFile
from mesh.model.job import JobClusterFile
from mesh.model.level import Name
from mesh.model.permission import check_permissions
from mesh.model.principal import Principals
from mesh.model.sql_warehouse import SqlWarehouseFile

SECTIONS: Mapping[ComputeKind, str] = {
    "cluster_policy": "cluster_policies",
    "instance_pool": "instance_pools",
    "cluster": "clusters",
    "sql_warehouse": "sql_warehouses",
}


class ComputeFile(CheckedModel):
    """The fields of a compute.yml."""

    job_clusters: Mapping[Name, JobClusterFile] = Field(default_factory=dict)
    """Templates of job clusters, by the `job_cluster_key` that tasks name."""

    cluster_policies: Mapping[Name, ClusterPolicyFile] = Field(default_factory=dict)
    """Cluster policies by name."""

    instance_pools: Mapping[Name, InstancePoolFile] = Field(default_factory=dict)
    """Instance pools by name."""

    clusters: Mapping[Name, ClusterFile] = Field(default_factory=dict)
    """Clusters that people and jobs share, by name."""

    sql_warehouses: Mapping[Name, SqlWarehouseFile] = Field(default_factory=dict)
    """SQL warehouses by name."""

    def objects(self, kind: ComputeKind) -> Mapping[str, ComputeObjectFile]:
        """Returns the declared objects of a kind, by name."""
        objects: Mapping[str, ComputeObjectFile] = getattr(self, SECTIONS[kind])
        return objects


@dataclass(frozen=True)
class Compute:
    """The compute of one level.

    Args:
        document: its compute.yml.
        declared: the fields of that file.
        present: True if the file exists.
    """

    document: Document
    declared: ComputeFile
    present: bool

    def check(self, principals: Principals) -> Iterator[Finding]:
        """Checks the objects and templates, apart from the types of their fields.

        Args:
            principals: the principals that org.yml lists.
        """
        for key, template in self.declared.job_clusters.items():
            yield from template.check(self.document, ("job_clusters", key))
            if len(key) > MAX_NAME:
                message = f"`{key[:60]}…` has {len(key)} characters, {MAX_NAME} at most (shorten it)"
                yield self.document.finding("name-too-long", ("job_clusters", key), message)
        for kind, section in SECTIONS.items():
            for name, declared in self.declared.objects(kind).items():
                at = (section, name)
                yield from declared.check(self.document, at)
                given = declared.permissions
                yield from check_permissions(given, kind, principals, self.document, (*at, "permissions"))
