"""Clusters that a job starts for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
