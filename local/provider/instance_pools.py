"""The resource type of instance pools."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from local.provider.api import Json
from local.provider.behaviour import Behaviour
from local.provider.clusters import CLOUD_ATTRIBUTES
from local.provider.constraints import Constraints, at_most_one, one_of
from local.provider.difference import Difference, Path
from local.provider.resource_type import CallContext, ResourceType, RpcResource
from local.provider.suppression import Rule, is_zero, platform_default
from local.provider.values import ObjectValue


class InstancePoolResource(RpcResource):
    """An instance pool; name, sizes and idle time can change, the machine type cannot."""

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        return {"custom_tags": None, **super().body(context, planned, only)}


def _zone_is_automatic(path: Path, difference: Difference) -> bool:
    return bool(difference.old) and str(difference.new).lower() == "auto"


def _price_is_unset(path: Path, difference: Difference) -> bool:
    return not is_zero(difference.old) and is_zero(difference.new)


_POOL_RULES: dict[str, Rule] = {
    name: platform_default(name.rpartition(".")[2])
    for name in (
        "aws_attributes",
        "aws_attributes.availability",
        "aws_attributes.instance_profile_arn",
        "aws_attributes.spot_bid_price_percent",
        "azure_attributes",
        "azure_attributes.availability",
        "gcp_attributes",
        "gcp_attributes.gcp_availability",
        "gcp_attributes.local_ssd_count",
        "gcp_attributes.zone_id",
        "instance_pool_fleet_attributes",
        "max_capacity",
        "node_type_id",
    )
} | {
    "aws_attributes.zone_id": _zone_is_automatic,
    "azure_attributes.spot_bid_max_price": _price_is_unset,
}

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    InstancePoolResource(
        type="databricks_instance_pool",
        prefix="/api/2.0/instance-pools",
        id_field="instance_pool_id",
        aliases={"preloaded_docker_image": "preloaded_docker_images"},
        behaviour=Behaviour(
            defaults={
                "enable_elastic_disk": True,
                "aws_attributes.availability": "SPOT",
                "aws_attributes.spot_bid_price_percent": 100,
                "azure_attributes.availability": "ON_DEMAND_AZURE",
                "gcp_attributes.gcp_availability": "ON_DEMAND_GCP",
            },
            forces_new=frozenset(
                {
                    "aws_attributes",
                    "aws_attributes.availability",
                    "aws_attributes.instance_profile_arn",
                    "aws_attributes.spot_bid_price_percent",
                    "aws_attributes.zone_id",
                    "azure_attributes",
                    "azure_attributes.availability",
                    "azure_attributes.spot_bid_max_price",
                    "disk_spec",
                    "disk_spec.disk_type.azure_disk_volume_type",
                    "disk_spec.disk_type.ebs_volume_type",
                    "enable_elastic_disk",
                    "gcp_attributes",
                    "gcp_attributes.gcp_availability",
                    "gcp_attributes.local_ssd_count",
                    "gcp_attributes.zone_id",
                    "instance_pool_fleet_attributes",
                    "node_type_id",
                    "preloaded_docker_image",
                    "preloaded_docker_image.basic_auth",
                    "preloaded_docker_image.basic_auth.password",
                    "preloaded_docker_image.basic_auth.username",
                    "preloaded_docker_image.url",
                    "preloaded_spark_versions",
                }
            ),
            suppressed=_POOL_RULES,
            constraints=Constraints(
                relations={"": (at_most_one(*CLOUD_ATTRIBUTES),)},
                values={
                    "aws_attributes.availability": one_of("ON_DEMAND", "SPOT"),
                    "azure_attributes.availability": one_of("SPOT_AZURE", "ON_DEMAND_AZURE"),
                    "disk_spec.disk_type.azure_disk_volume_type": one_of("PREMIUM_LRS", "STANDARD_LRS"),
                    "disk_spec.disk_type.ebs_volume_type": one_of(
                        "GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"
                    ),
                    "gcp_attributes.gcp_availability": one_of(
                        "ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"
                    ),
                    "instance_pool_fleet_attributes.fleet_on_demand_option.allocation_strategy": one_of(
                        "LOWEST_PRICE"
                    ),
                    "instance_pool_fleet_attributes.fleet_spot_option.allocation_strategy": one_of(
                        "LOWEST_PRICE", "CAPACITY_OPTIMIZED"
                    ),
                },
            ),
        ),
    ),
)
