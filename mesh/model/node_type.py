"""Node types by their properties, so that no file depends on one cloud."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from mesh.documents.checked_model import CheckedModel
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape
from mesh.model.compute_object import Lookup

Count = Annotated[StrictInt, Field(ge=0)]


class NodeFile(CheckedModel):
    """Selects the smallest node type with these properties; data source `databricks_node_type`."""

    min_memory_gb: Count | None = None
    """Minimum memory in gigabytes."""

    min_cores: Count | None = None
    """Minimum number of cores."""

    gb_per_core: Count | None = None
    """Minimum memory per core in gigabytes."""

    min_gpus: Count | None = None
    """Minimum number of GPUs."""

    local_disk: StrictBool | None = None
    """True requires a local disk."""

    local_disk_min_size: Count | None = None
    """Minimum size of the local disk in gigabytes."""

    category: Annotated[str, Field(min_length=1)] | None = None
    """A category of the workspace, for example `Memory Optimized`."""

    photon_driver_capable: StrictBool | None = None
    """True requires support for Photon on the driver."""

    photon_worker_capable: StrictBool | None = None
    """True requires support for Photon on workers."""

    is_io_cache_enabled: StrictBool | None = None
    """True requires the disk cache to be on by default."""

    support_port_forwarding: StrictBool | None = None
    """True requires support for port forwarding."""

    graviton: StrictBool | None = None
    """True requires a Graviton processor; AWS only."""

    arm: StrictBool | None = None
    """True requires an ARM processor."""

    fleet: StrictBool | None = None
    """True requires a fleet of instance types; AWS only."""

    @classmethod
    def shape(cls) -> Shape:
        """Returns the same fields as a shape, for checks of clusters and pools."""
        return Shape({name: ShapeField(name, name, _type(cls, name)) for name in cls.model_fields}, "node")

    @property
    def lookup(self) -> Lookup:
        """The id of the node type."""
        return Lookup("node_type", arguments=self.model_dump(exclude_none=True))


def _type(model: type[CheckedModel], name: str) -> str:
    annotation = str(model.model_fields[name].annotation)
    return next(
        (word for kind, word in (("int", "number"), ("bool", "bool")) if kind in annotation), "string"
    )
