"""Clusters that a job starts for itself: the templates that job_cluster_key names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh.cluster import ClusterFields
from mesh.shape import Shape, shape

# brickops.dataops.deploy.job.buildconfig.clusters.cluster_templates, without its empty fields
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "common-job-cluster": {
        "num_workers": 1,
        "spark_version": "14.3.x-scala2.12",
        "node_type_id": "Standard_D4ads_v5",
        "data_security_mode": "SINGLE_USER",
        "runtime_engine": "STANDARD",
        "azure_attributes": {
            "first_on_demand": 1,
            "availability": "SPOT_WITH_FALLBACK_AZURE",
            "spot_bid_max_price": -1,
        },
    }
}


class JobClusterFile(ClusterFields):
    """A template as compute.yml declares it, under the `job_cluster_key` that tasks name."""

    NAME = "cluster_name"

    @classmethod
    def shape(cls) -> Shape:
        """The Jobs API's `new_cluster`."""
        new_cluster = shape("job").inside("job_clusters").inside("new_cluster")
        return new_cluster.without(
            cls.NAME, "cluster_id", "idempotency_token", "__apply_policy_default_values_allow_list"
        )


@dataclass(frozen=True)
class JobClusterTemplate:
    """A template as jobs use it.

    Args:
        key: what tasks name.
        new_cluster: in Terraform's spelling, with a Lookup for each id that only the workspace knows.
        origin: where it is declared, as `file:line`; `built in` where no file does.
    """

    key: str
    new_cluster: Mapping[str, Any]
    origin: str
