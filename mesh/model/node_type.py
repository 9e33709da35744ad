"""Machines by what they have to offer, so that no file is bound to one cloud."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from mesh.documents.checked_model import CheckedModel
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape
from mesh.model.compute_object import Lookup

Count = Annotated[StrictInt, Field(ge=0)]


class NodeFile(CheckedModel):
    """The smallest node type that has all of this; Terraform data source `databricks_node_type`."""

    min_memory_gb: Count | None = None
    """Memory in gigabytes, at least."""

    min_cores: Count | None = None
    """Cores, at least."""

    gb_per_core: Count | None = None
    """Gigabytes of memory per core, at least."""

    min_gpus: Count | None = None
    """GPUs, at least."""

    local_disk: StrictBool | None = None
    """Whether it has a disk of its own."""

    local_disk_min_size: Count | None = None
    """Gigabytes of its own disk, at least."""

    category: Annotated[str, Field(min_length=1)] | None = None
    """A category of the workspace, for example `Memory Optimized`."""

    photon_driver_capable: StrictBool | None = None
    """Whether Photon runs on it as a driver."""

    photon_worker_capable: StrictBool | None = None
    """Whether Photon runs on it as a worker."""

    is_io_cache_enabled: StrictBool | None = None
    """Whether the disk cache is on by default."""

    support_port_forwarding: StrictBool | None = None
    """Whether ports can be forwarded to it."""

    graviton: StrictBool | None = None
    """Whether it has a Graviton processor; AWS only."""

    arm: StrictBool | None = None
    """Whether it has an ARM processor."""

    fleet: StrictBool | None = None
    """Whether it is a fleet of instance types; AWS only."""

    @classmethod
    def shape(cls) -> Shape:
        """The same fields, for checks of what holds a node."""
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
