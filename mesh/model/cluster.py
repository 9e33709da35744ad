"""Clusters: the fields of any cluster, and shared clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mesh.documents.document import Document, Location
from mesh.documents.field_rules import (
    AtMostOne,
    BlockRules,
    ExactlyOne,
    Excludes,
    NotAbove,
    check_rules,
)
from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.compute_object import ComputeKind, ComputeObject, ComputeObjectFile
from mesh.model.node_type import NodeFile

Named = Annotated[str, Field(min_length=1)]

_WORKER_POOL = ("instance_pool_name", "instance_pool_id")
_WORKER_NODE = ("node", "node_type_id", *_WORKER_POOL)
_DRIVER_POOL = ("driver_instance_pool_name", "driver_instance_pool_id")
_DRIVER_NODE = ("driver_node", "driver_node_type_id", *_DRIVER_POOL)
_POLICY = ("policy_name", "policy_id")

# Terraform provider 1.99.0, `databricks_cluster`: fields that exclude each other. For job clusters it sends
# the pool and drops the node type.
_ALTERNATIVES = (
    AtMostOne(*_WORKER_NODE),
    AtMostOne(*_DRIVER_NODE),
    AtMostOne(*_POLICY),
    AtMostOne("num_workers", "autoscale"),
    Excludes(_WORKER_POOL, _DRIVER_NODE[:2]),
    Excludes(_WORKER_NODE[:2], _DRIVER_POOL),
)

CLOUDS = AtMostOne("aws_attributes", "azure_attributes", "gcp_attributes")
# Databricks SDK, `compute.Library`: each entry is one library
LIBRARY = ExactlyOne("jar", "egg", "whl", "pypi", "maven", "cran", "requirements")
# Terraform provider 1.99.0, `databricks_cluster`, and Databricks SDK, `compute.CreateCluster`
_CLUSTER = BlockRules(
    rules=(CLOUDS,),
    ranges={"num_workers": (0, None), "ssh_public_keys": (None, 10)},
    values={"runtime_engine": ("PHOTON", "STANDARD")},
)
RULES: Mapping[str, BlockRules] = {
    **dict.fromkeys(("cluster", "new_cluster", "clusters"), _CLUSTER),
    # Databricks SDK, `compute.AutoScale`
    "autoscale": BlockRules(
        rules=(NotAbove("min_workers", "max_workers"),),
        ranges={"min_workers": (0, None), "max_workers": (0, None)},
    ),
    # Databricks SDK, `compute.ClusterLogConf` and `compute.InitScriptInfo`: one destination each
    "cluster_log_conf": BlockRules(rules=(AtMostOne("dbfs", "s3", "volumes"),)),
    "init_scripts": BlockRules(
        rules=(AtMostOne("abfss", "dbfs", "file", "gcs", "s3", "volumes", "workspace"),)
    ),
    "libraries": BlockRules(rules=(LIBRARY,)),
}


class ClusterFields(PassThrough):
    """The mesh's own fields of a cluster, in addition to the provider's fields."""

    NEEDS_NODE: ClassVar[bool] = True
    """True if it must declare its machines."""

    NEEDS_RUNTIME: ClassVar[bool] = False
    """True if Terraform's provider accepts it without a version of Spark, and Databricks does not."""

    node: NodeFile | None = None
    """Required properties of the machines, instead of `node_type_id`."""

    driver_node: NodeFile | None = None
    """Required properties of the driver's machine, instead of `driver_node_type_id`."""

    policy_name: Named | None = None
    """The cluster policy by name: the nearest declared policy, else the workspace's."""

    instance_pool_name: Named | None = None
    """The instance pool by name: the nearest declared pool, else the workspace's."""

    driver_instance_pool_name: Named | None = None
    """The driver's instance pool by name: the nearest declared pool, else the workspace's."""

    @classmethod
    def whole_shape(cls) -> Shape:
        """Returns the provider's fields and the mesh's own, for checks of objects with clusters."""
        node = NodeFile.shape()
        named = (
            ShapeField(name, name, node if name.endswith("node") else "string") for name in cls.model_fields
        )
        return cls.shape().adding(*named)

    @property
    def references(self) -> dict[str, tuple[ComputeKind, str]]:
        """The kind and name of each referenced object, by the argument for its id."""
        named: dict[str, tuple[ComputeKind, str | None]] = {
            "policy_id": ("cluster_policy", self.policy_name),
            "instance_pool_id": ("instance_pool", self.instance_pool_name),
            "driver_instance_pool_id": ("instance_pool", self.driver_instance_pool_name),
        }
        return {argument: (kind, name) for argument, (kind, name) in named.items() if name}

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks the fields of the cluster, and reports fields that exclude each other."""
        yield from super().check(document, at)
        yield from check_rules(_ALTERNATIVES, document, at)
        given = set_fields(document, at)
        if self.NEEDS_NODE and given.isdisjoint(_WORKER_NODE) and given.isdisjoint(_POLICY):
            message = f"cluster `{at[-1]}` has no node type"
            remedy = "add `node: {min_cores: 4}`, or instance_pool_name, or a policy"
            yield document.finding("without-node", at, f"{message} ({remedy})")
        if self.NEEDS_RUNTIME and given.isdisjoint(("spark_version", *_POLICY)):
            message = f"cluster `{at[-1]}` has no version of Databricks Runtime"
            remedy = "add `spark_version`, such as 15.4.x-scala2.12, or a policy that sets it"
            yield document.finding("without-runtime", at, f"{message} ({remedy})")


class ClusterFile(ComputeObjectFile, ClusterFields):
    """A shared cluster in compute.yml; the key is its name."""

    NAME = "cluster_name"

    @classmethod
    def shape(cls) -> Shape:
        """The fields of Terraform's `databricks_cluster`."""
        return shape("cluster").without(cls.NAME, "idempotency_token", "provider_config").ruled(RULES)


@dataclass(frozen=True)
class Cluster(ComputeObject):
    """A cluster that people and jobs share."""


def set_fields(document: Document, at: Location) -> set[str]:
    """Returns the fields that have a value at `at`, valid or not."""
    value: Any = document.data
    for part in at:
        value = value[part]
    return {name for name, inner in value.items() if inner is not None}
