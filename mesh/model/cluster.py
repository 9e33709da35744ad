"""Clusters: what a cluster is made of, and those that people and jobs share."""

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
from mesh.model.compute_object import ComputeObject, ComputeObjectFile, Kind
from mesh.model.node_type import NodeFile

Named = Annotated[str, Field(min_length=1)]

# What says the same thing in different words; one of each row is enough.
_WORKER_NODE = ("node", "node_type_id", "instance_pool_name", "instance_pool_id")
_DRIVER_NODE = ("driver_node", "driver_node_type_id", "driver_instance_pool_name", "driver_instance_pool_id")
_POLICY = ("policy_name", "policy_id")
_WORKERS = ("num_workers", "autoscale")


class ClusterFields(PassThrough):
    """What a cluster may say besides the provider's own fields."""

    NEEDS_NODE: ClassVar[bool] = True
    """Whether it has to say on what machines it runs."""

    node: NodeFile | None = None
    """What its machines have to offer, instead of `node_type_id`."""

    driver_node: NodeFile | None = None
    """What the driver's machine has to offer, instead of `driver_node_type_id`."""

    policy_name: Named | None = None
    """The cluster policy, by name: the nearest declared one, else the one that the workspace has."""

    instance_pool_name: Named | None = None
    """The instance pool, by name: the nearest declared one, else the one that the workspace has."""

    driver_instance_pool_name: Named | None = None
    """The driver's instance pool, by name: the nearest declared one, else the one that the workspace has."""

    @classmethod
    def whole_shape(cls) -> Shape:
        """The provider's fields with those that only the mesh knows, for checks of what holds a cluster."""
        node = NodeFile.shape()
        named = (
            ShapeField(name, name, node if name.endswith("node") else "string") for name in cls.model_fields
        )
        return cls.shape().adding(*named)

    @property
    def references(self) -> dict[str, tuple[Kind, str]]:
        """What it names, by the argument that takes its id."""
        named: dict[str, tuple[Kind, str | None]] = {
            "policy_id": ("cluster_policy", self.policy_name),
            "instance_pool_id": ("instance_pool", self.instance_pool_name),
            "driver_instance_pool_id": ("instance_pool", self.driver_instance_pool_name),
        }
        return {argument: (kind, name) for argument, (kind, name) in named.items() if name}

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """What is wrong with its fields, and with fields that do not go together."""
        yield from super().check(document, at)
        yield from check_alternatives((_WORKER_NODE, _DRIVER_NODE, _POLICY, _WORKERS), document, at)
        given = said(document, at)
        if self.NEEDS_NODE and given.isdisjoint(_WORKER_NODE) and given.isdisjoint(_POLICY):
            message = f"cluster `{at[-1]}` does not say on what machines it runs"
            remedy = "add `node: {min_cores: 4}`, or instance_pool_name, or a policy that says it"
            yield document.finding("without-node", at, f"{message} ({remedy})")


class ClusterFile(ComputeObjectFile, ClusterFields):
    """A shared cluster as compute.yml declares it, under its name."""

    NAME = "cluster_name"

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_cluster`."""
        return shape("cluster").without(cls.NAME, "idempotency_token", "provider_config")


@dataclass(frozen=True)
class Cluster(ComputeObject):
    """A cluster that people and jobs share."""


def said(document: Document, at: Location) -> set[str]:
    """The fields that have a value at `at`, also one that is wrong and told of elsewhere."""
    value: Any = document.data
    for part in at:
        value = value[part]
    return {name for name, inner in value.items() if inner is not None}


def check_alternatives(
    alternatives: tuple[tuple[str, ...], ...], document: Document, at: Location
) -> Iterator[Finding]:
    """Of fields that say the same thing in different words, one is enough.

    Args:
        alternatives: groups of such fields.
        document: the file.
        at: where they stand in it.
    """
    given = said(document, at)
    for group in alternatives:
        both = [name for name in group if name in given]
        if len(both) > 1:
            what = next(part for part in reversed(at) if isinstance(part, str))  # no place in a list
            message = f"`{what}` has {' and '.join(both)} (keep one)"
            yield document.finding("conflicting-fields", (*at, both[1]), message, at_key=True)
