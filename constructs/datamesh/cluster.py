"""A shared cluster."""

from __future__ import annotations

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, databricks
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh.model import cluster as model


class Cluster(Construct):
    """A cluster that people and jobs share, and its permissions."""

    def __init__(self, scope: Construct, cluster: model.Cluster, lookups: Lookups) -> None:
        super().__init__(scope, f"Cluster {cluster.id}")
        arguments = lookups.resolve(cluster.arguments)
        self.resource = databricks.cluster.Cluster(
            self, "Resource", cluster_name=cluster.name, spark_version=arguments["spark_version"]
        )
        self.resource.override_logical_id(cluster.id)
        set_arguments(self.resource, f"databricks_cluster.{cluster.id}", arguments)
        lookups.add("cluster", cluster.id, self.resource.id)
        self.permissions = Permissions(
            self, f"cluster-{cluster.id}", cluster.permissions, cluster_id=self.resource.id
        )
