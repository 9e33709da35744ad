"""The compute that a stack creates: of an org and its domains in a workspace, or of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mesh.deployment.compute_lookup import ComputeLookup, Layer, project_reach, workspace_layers
from mesh.deployment.scope import Scope
from mesh.finding import Finding
from mesh.model.cluster import Cluster
from mesh.model.cluster_policy import ClusterPolicy
from mesh.model.compute import SECTIONS
from mesh.model.compute_object import MAX_NAME, ComputeKind, ComputeObject
from mesh.model.environment import Environment, RunAs
from mesh.model.instance_pool import InstancePool
from mesh.model.org import Org
from mesh.model.permission import LEVELS, MANAGER, Permission, merged_permissions, permissions
from mesh.model.principal import Principals
from mesh.model.sql_warehouse import SqlWarehouse

T = TypeVar("T", bound=ComputeObject)

# Databricks documentation, "Access control lists": the level that running a job on the object needs
_TO_RUN_JOBS: Mapping[ComputeKind, str] = {
    "cluster_policy": "CAN_USE",
    "instance_pool": "CAN_ATTACH_TO",
    "cluster": "CAN_RESTART",
    "sql_warehouse": "CAN_USE",
}


@dataclass(frozen=True)
class ComputeObjects:
    """The compute objects that a stack creates, each kind ordered by name.

    Args:
        cluster_policies: cluster policies.
        instance_pools: instance pools.
        clusters: shared clusters.
        sql_warehouses: SQL warehouses.
    """

    cluster_policies: tuple[ClusterPolicy, ...] = ()
    instance_pools: tuple[InstancePool, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    sql_warehouses: tuple[SqlWarehouse, ...] = ()

    @property
    def objects(self) -> Iterator[tuple[ComputeKind, ComputeObject]]:
        """Yields every object with its kind."""
        for kind, section in SECTIONS.items():
            for compute_object in getattr(self, section):
                yield kind, compute_object


NO_COMPUTE = ComputeObjects()


def workspace_compute(org: Org, environments: Iterable[Environment]) -> ComputeObjects:
    """Returns the compute that an org and its domains share in one workspace.

    Args:
        org: the org.
        environments: the environments that use the workspace.
    """
    runs_as = [environment.run_as for environment in environments if environment.run_as]
    builders = [
        _Builder(layers, org.principals, runs_as, shared=True, deployer=None)
        for layers in workspace_layers(org)
    ]
    return _build(builders)


def project_compute(scope: Scope) -> ComputeObjects:
    """Returns the compute that a deployment of a project creates."""
    environment, layers = scope.environment, project_reach(scope).layers
    runs_as = [environment.run_as] if environment.run_as else []
    user = scope.identity.user
    return _build([_Builder(layers, scope.org.principals, runs_as, shared=scope.shared, deployer=user)])


@dataclass(frozen=True)
class _Builder:
    """Creates the objects of the last layer, which may refer to objects of the layers above."""

    layers: tuple[Layer, ...]
    principals: Principals
    runs_as: list[RunAs]
    shared: bool
    deployer: str | None

    def build(self, kind: ComputeKind, object_type: type[T]) -> Iterator[T]:
        layer = self.layers[-1]
        reach, document = ComputeLookup(self.layers, layer.stack), layer.compute.document
        for name, declared in layer.compute.declared.objects(kind).items():
            at = (SECTIONS[kind], name)
            given = permissions(declared.permissions, self.principals, document, (*at, "permissions"))
            yield object_type(
                id=layer.id(name),
                name=layer.name(name),
                arguments=reach.arguments(declared),
                permissions=merged_permissions(kind, [*given, *self._of_run_as(kind)]),
                origin=document.position(at),
            )

    def _of_run_as(self, kind: ComputeKind) -> Iterator[Permission]:
        """Yields the permissions that the `run_as` principals need.

        A shared deployment may be deployed by such a principal, and Databricks does not let users revoke
        their own right to manage.
        """
        level = MANAGER if self.shared and MANAGER in LEVELS[kind] else _TO_RUN_JOBS[kind]
        for run_as in self.runs_as:
            if run_as.service_principal_name:
                principal = self.principals.databricks_name(run_as.service_principal_name)
                yield Permission("service_principal_name", principal, level, ("run_as",))
            if run_as.user_name and run_as.user_name != self.deployer:
                yield Permission("user_name", run_as.user_name, level, ("run_as",))


def _build(builders: Iterable[_Builder]) -> ComputeObjects:
    builders = list(builders)

    def objects(kind: ComputeKind, object_type: type[T]) -> tuple[T, ...]:
        built = (compute for builder in builders for compute in builder.build(kind, object_type))
        return tuple(sorted(built, key=lambda compute: compute.name))

    return ComputeObjects(
        cluster_policies=objects("cluster_policy", ClusterPolicy),
        instance_pools=objects("instance_pool", InstancePool),
        clusters=objects("cluster", Cluster),
        sql_warehouses=objects("sql_warehouse", SqlWarehouse),
    )


def check_compute_names(layers: Iterable[Layer]) -> Iterator[Finding]:
    """Reports equal Terraform names and long names of the compute of one stack.

    Args:
        layers: the layers that the stack creates.
    """
    layers = list(layers)
    for kind, section in SECTIONS.items():
        first: dict[str, tuple[str, str]] = {}
        for layer in layers:
            for declared in layer.compute.declared.objects(kind):
                name, logical_id, at = layer.name(declared), layer.id(declared), (section, declared)
                document = layer.compute.document
                twin = first.setdefault(logical_id, (declared, document.position(at)))
                if twin != (declared, document.position(at)):
                    what = kind.replace("_", " ")
                    message = f"{what} `{name}` has the same Terraform name as {twin[1]}, `{logical_id}`"
                    yield document.finding("same-terraform-name", at, f"{message} (rename one)", at_key=True)
                if len(name) > MAX_NAME:
                    message = f"name `{name[:60]}…` has {len(name)} characters, {MAX_NAME} at most"
                    remedy = "shorten it, or the branch" if layer.behind else "shorten it"
                    yield document.finding("name-too-long", at, f"{message} ({remedy})", at_key=True)


def check_one_maker(stacks: Iterable[tuple[str, Environment, ComputeObjects]]) -> Iterator[Finding]:
    """Reports objects of one kind and name that two stacks create in one workspace.

    Args:
        stacks: each stack's name, environment and compute objects.
    """
    first: dict[tuple[ComputeKind, str, bool, str | None], tuple[str, str]] = {}
    for stack, environment, compute in stacks:
        for kind, compute_object in compute.objects:
            place = (kind, compute_object.name, environment.embedded, environment.workspace)
            maker, origin = first.setdefault(place, (stack, compute_object.origin))
            if maker != stack:
                file, _, line = compute_object.origin.rpartition(":")
                message = f"{kind.replace('_', ' ')} `{compute_object.name}` is also created by {origin}"
                yield Finding(file, int(line), 1, "made-twice", f"{message} (rename one)")
