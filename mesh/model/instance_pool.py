"""Instance pools: idle machines ready for clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.cluster import check_alternatives, set_fields
from mesh.model.compute_object import ComputeObject, ComputeObjectFile
from mesh.model.node_type import NodeFile


class InstancePoolFile(ComputeObjectFile):
    """An instance pool in compute.yml; the key is its name."""

    NAME = "instance_pool_name"

    node: NodeFile | None = None
    """Required properties of the machines, instead of `node_type_id`."""

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_instance_pool`."""
        return shape("instance_pool").without(cls.NAME, "instance_pool_id", "provider_config")

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks its fields, and fields that exclude each other."""
        yield from super().check(document, at)
        machines = ("node", "node_type_id", "instance_pool_fleet_attributes")
        yield from check_alternatives((machines,), document, at)
        if set_fields(document, at).isdisjoint(machines):
            message = f"instance pool `{at[-1]}` has no node type"
            yield document.finding("without-node", at, f"{message} (add `node: {{min_cores: 4}}`)")


@dataclass(frozen=True)
class InstancePool(ComputeObject):
    """An instance pool."""
