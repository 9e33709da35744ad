"""Instance pools: idle machines ready for clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mesh.documents.document import Document, Location
from mesh.documents.field_rules import AtMostOne, BlockRules, NotAbove, check_rules
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.cluster import CLOUDS, set_fields
from mesh.model.compute_object import ComputeObject, ComputeObjectFile
from mesh.model.node_type import NodeFile

_MACHINES = ("node", "node_type_id", "instance_pool_fleet_attributes")

# Terraform provider 1.99.0, `databricks_instance_pool`, which knows fewer values than the SDK
_STRATEGY = "allocation_strategy"
_RULES: Mapping[str, BlockRules] = {
    "instance_pool": BlockRules(
        rules=(CLOUDS, NotAbove("min_idle_instances", "max_capacity")),
        # Databricks SDK, `compute.CreateInstancePool`
        ranges={
            "idle_instance_autotermination_minutes": (0, 10_000),
            "max_capacity": (0, None),
            "min_idle_instances": (0, None),
            "preloaded_spark_versions": (None, 1),
        },
    ),
    "aws_attributes": BlockRules(values={"availability": ("ON_DEMAND", "SPOT")}),
    "azure_attributes": BlockRules(values={"availability": ("ON_DEMAND_AZURE", "SPOT_AZURE")}),
    "gcp_attributes": BlockRules(
        values={"gcp_availability": ("ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP")}
    ),
    "disk_type": BlockRules(
        rules=(AtMostOne("azure_disk_volume_type", "ebs_volume_type"),),
        values={
            "azure_disk_volume_type": ("PREMIUM_LRS", "STANDARD_LRS"),
            "ebs_volume_type": ("GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"),
        },
    ),
    "instance_pool_fleet_attributes": BlockRules(
        rules=(AtMostOne("fleet_spot_option", "fleet_on_demand_option"),)
    ),
    "fleet_on_demand_option": BlockRules(values={_STRATEGY: ("LOWEST_PRICE",)}),
    "fleet_spot_option": BlockRules(values={_STRATEGY: ("CAPACITY_OPTIMIZED", "LOWEST_PRICE")}),
}


class InstancePoolFile(ComputeObjectFile):
    """An instance pool in compute.yml; the key is its name."""

    NAME = "instance_pool_name"

    node: NodeFile | None = None
    """Required properties of the machines, instead of `node_type_id`."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of Terraform's `databricks_instance_pool`."""
        return shape("instance_pool").without(cls.NAME, "instance_pool_id", "provider_config").ruled(_RULES)

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks the fields of the pool, and reports fields that exclude each other."""
        yield from super().check(document, at)
        yield from check_rules((AtMostOne(*_MACHINES),), document, at)
        if set_fields(document, at).isdisjoint(_MACHINES):
            message = f"instance pool `{at[-1]}` has no node type"
            yield document.finding("without-node", at, f"{message} (add `node: {{min_cores: 4}}`)")


@dataclass(frozen=True)
class InstancePool(ComputeObject):
    """An instance pool."""
