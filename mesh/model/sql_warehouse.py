"""SQL warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh.documents.field_rules import BlockRules, NotAbove
from mesh.documents.provider_fields import Shape, shape
from mesh.model.compute_object import ComputeObject, ComputeObjectFile

# Terraform provider 1.99.0, `databricks_sql_endpoint`; Databricks SDK, `sql.CreateWarehouseRequest`
_RULES: Mapping[str, BlockRules] = {
    "sql_endpoint": BlockRules(
        rules=(NotAbove("min_num_clusters", "max_num_clusters"),),
        ranges={"auto_stop_mins": (0, None), "min_num_clusters": (1, 30), "max_num_clusters": (1, 30)},
        values={"cluster_size": (), "warehouse_type": ("CLASSIC", "PRO")},
    )
}


class SqlWarehouseFile(ComputeObjectFile):
    """A SQL warehouse in compute.yml; the key is its name."""

    NAME = "name"

    @classmethod
    def shape(cls) -> Shape:
        """The fields of Terraform's `databricks_sql_endpoint`."""
        return shape("sql_endpoint").without(cls.NAME, "data_source_id", "provider_config").ruled(_RULES)


@dataclass(frozen=True)
class SqlWarehouse(ComputeObject):
    """A SQL warehouse."""
