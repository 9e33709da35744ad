"""Instance pools: machines that stand by for clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.documents.document import Document, Location
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.cluster import check_alternatives, said
from mesh.model.compute_object import ComputeObject, ComputeObjectFile
from mesh.model.node_type import NodeFile


class InstancePoolFile(ComputeObjectFile):
    """An instance pool as compute.yml declares it, under its name."""

    NAME = "instance_pool_name"

    node: NodeFile | None = None
    """What its machines have to offer, instead of `node_type_id`."""

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_instance_pool`."""
        return shape("instance_pool").without(cls.NAME, "instance_pool_id", "provider_config")

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """What is wrong with its fields, and with fields that do not go together."""
        yield from super().check(document, at)
        machines = ("node", "node_type_id", "instance_pool_fleet_attributes")
        yield from check_alternatives((machines,), document, at)
        if said(document, at).isdisjoint(machines):
            message = f"instance pool `{at[-1]}` does not say of what machines it is"
            yield document.finding("without-node", at, f"{message} (add `node: {{min_cores: 4}}`)")


@dataclass(frozen=True)
class InstancePool(ComputeObject):
    """An instance pool."""
