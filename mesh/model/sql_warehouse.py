"""SQL warehouses."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.documents.provider_fields import Shape, shape
from mesh.model.compute_object import ComputeObject, ComputeObjectFile


class SqlWarehouseFile(ComputeObjectFile):
    """A SQL warehouse in compute.yml; the key is its name."""

    NAME = "name"

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_sql_endpoint`."""
        return shape("sql_endpoint").without(cls.NAME, "data_source_id", "provider_config")


@dataclass(frozen=True)
class SqlWarehouse(ComputeObject):
    """A SQL warehouse."""
