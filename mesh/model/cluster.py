"""Clusters: the fields of any cluster, and shared clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mesh.documents.document import Document, Location
from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Field as ShapeField
from mesh.documents.provider_fields import Shape, shape
from mesh.finding import Finding
from mesh.model.compute_object import ComputeKind, ComputeObject, ComputeObjectFile
from mesh.model.node_type import NodeFile

Named = Annotated[str, Field(min_length=1)]

# Alternative fields; only one of each row may be set.
_WORKER_NODE = ("node", "node_type_id", "instance_pool_name", "instance_pool_id")
_DRIVER_NODE = ("driver_node", "driver_node_type_id", "driver_instance_pool_name", "driver_instance_pool_id")
_POLICY = ("policy_name", "policy_id")
_WORKERS = ("num_workers", "autoscale")


class ClusterFields(PassThrough):
    """The mesh's own fields of a cluster, in addition to the provider's fields."""

    NEEDS_NODE: ClassVar[bool] = True
    """True if it must declare its machines."""

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
        """Checks its fields, and fields that exclude each other."""
        yield from super().check(document, at)
        yield from check_alternatives((_WORKER_NODE, _DRIVER_NODE, _POLICY, _WORKERS), document, at)
        given = set_fields(document, at)
        if self.NEEDS_NODE and given.isdisjoint(_WORKER_NODE) and given.isdisjoint(_POLICY):
            message = f"cluster `{at[-1]}` has no node type"
            remedy = "add `node: {min_cores: 4}`, or instance_pool_name, or a policy"
            yield document.finding("without-node", at, f"{message} ({remedy})")


class ClusterFile(ComputeObjectFile, ClusterFields):
    """A shared cluster in compute.yml; the key is its name."""

    NAME = "cluster_name"

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_cluster`."""
        return shape("cluster").without(cls.NAME, "idempotency_token", "provider_config")


@dataclass(frozen=True)
class Cluster(ComputeObject):
    """A cluster that people and jobs share."""


def set_fields(document: Document, at: Location) -> set[str]:
    """Returns the fields that have a value at `at`, valid or not."""
    value: Any = document.data
    for part in at:
        value = value[part]
    return {name for name, inner in value.items() if inner is not None}


def check_alternatives(
    alternatives: tuple[tuple[str, ...], ...], document: Document, at: Location
) -> Iterator[Finding]:
    """Checks that only one of several alternative fields is set.

    Args:
        alternatives: groups of such fields.
        document: the file.
        at: their position in the file.
    """
    given = set_fields(document, at)
    for group in alternatives:
        both = [name for name in group if name in given]
        if len(both) > 1:
            what = next(part for part in reversed(at) if isinstance(part, str))  # skip list indexes
            message = f"`{what}` has {' and '.join(both)} (keep one)"
            yield document.finding("conflicting-fields", (*at, both[1]), message, at_key=True)
