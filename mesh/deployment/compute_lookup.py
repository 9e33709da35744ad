"""Resolves names of compute: the nearest declaration wins, at the level of the file or above it.

Names in the workspace are unique even if several levels declare the same name. An org's objects keep the
declared name. A domain's objects get the domain as prefix. A project's objects get domain and project as
prefix, and environment and identity as suffix, since each deployment of a project creates them. The identity
is not shortened, so two users with the same short form never share a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mesh.deployment.scope import Scope
from mesh.documents.passthrough import PassThrough
from mesh.finding import Finding, nearest
from mesh.model.cluster import ClusterFields
from mesh.model.compute import Compute
from mesh.model.compute_object import ComputeKind, Lookup
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.flow import Flow
from mesh.model.instance_pool import InstancePoolFile
from mesh.model.job import TEMPLATES, JobClusterTemplate
from mesh.model.naming import identifier
from mesh.model.org import Org
from mesh.model.task import with_inner

StackKind = Literal["workspace", "project"]


@dataclass(frozen=True)
class Layer:
    """The compute of one level, and its names in the workspace.

    Args:
        compute: the compute.
        above: the prefix of its names in the workspace.
        behind: the suffix of its names in the workspace.
        stack: the stack that creates it: the workspace's foundation or the project's stack.
    """

    compute: Compute
    above: tuple[str, ...]
    behind: tuple[str, ...]
    stack: StackKind

    def name(self, declared: str) -> str:
        """Returns the name in the workspace of the object that a file declares as `declared`."""
        return "-".join((*self.above, declared, *self.behind))

    def id(self, declared: str) -> str:
        """Returns the Terraform name of an object; in a project's stack, it has no prefix."""
        return identifier("-".join((*self.above, declared)) if self.stack == "workspace" else declared)


@dataclass(frozen=True)
class ComputeLookup:
    """The compute that a level may refer to.

    Args:
        layers: from the org down to the level.
        stack: the kind of stack that uses the compute.
    """

    layers: tuple[Layer, ...]
    stack: StackKind

    def lookup(self, kind: ComputeKind, name: str) -> Lookup:
        """Returns the lookup of the nearest declaration of a name, else of an existing object."""
        for layer in reversed(self.layers):
            if name in layer.compute.declared.objects(kind):
                logical_id = layer.id(name) if layer.stack == self.stack else None
                return Lookup(kind, logical_id, {"name": layer.name(name)})
        return Lookup(kind, None, {"name": name})

    def template(self, key: str) -> JobClusterTemplate:
        """Returns the nearest template with a key, else the built-in template.

        Names in a template resolve at the level that declares the template, so a project that uses a template
        of its org does not change its meaning.
        """
        for depth in range(len(self.layers), 0, -1):
            compute = self.layers[depth - 1].compute
            if template := compute.declared.job_clusters.get(key):
                seen = ComputeLookup(self.layers[:depth], self.stack)
                origin = compute.document.position(("job_clusters", key))
                return JobClusterTemplate(key, seen.arguments(template), origin)
        return JobClusterTemplate(key, TEMPLATES[key], BUILT_IN_ORIGIN)

    def arguments(self, declared: PassThrough) -> dict[str, Any]:
        """Returns the Terraform arguments of a declaration, with a Lookup for each id of the workspace."""
        arguments = declared.arguments
        if isinstance(declared, ClusterFields):
            arguments |= {
                argument: self.lookup(kind, name) for argument, (kind, name) in declared.references.items()
            }
            if declared.driver_node:
                arguments["driver_node_type_id"] = declared.driver_node.lookup
        if isinstance(declared, ClusterFields | InstancePoolFile) and declared.node:
            arguments["node_type_id"] = declared.node.lookup
        return arguments


def workspace_layers(org: Org) -> Iterator[tuple[Layer, ...]]:
    """Yields the layers of a workspace's foundation: the org's layer, then the layer of each domain."""
    shared = Layer(org.compute, (), (), "workspace")
    yield (shared,)
    for domain in org.domains:
        yield (shared, Layer(domain.compute, (domain.name,), (), "workspace"))


def project_reach(scope: Scope) -> ComputeLookup:
    """Returns the compute that the files of a project may refer to."""
    project = scope.project
    behind = (scope.environment.name, *scope.identity.short_key)
    own = Layer(project.compute, (project.domain, project.name), behind, "project")
    shared = Layer(scope.org.compute, (), (), "workspace")
    of_domain = Layer(scope.domain.compute, (project.domain,), (), "workspace")
    return ComputeLookup((shared, of_domain, own), "project")


def check_compute(org: Org) -> Iterator[Finding]:
    """Reports errors in the compute of an org at every level, and job clusters without a template."""
    yield from org.compute.check(org.principals)
    for domain in org.domains:
        yield from domain.compute.check(org.principals)
        for project in domain.projects:
            yield from project.compute.check(org.principals)
            yield from _check_templates((org.compute, domain.compute, project.compute), project.flows)


def _check_templates(levels: Sequence[Compute], flows: Sequence[Flow]) -> Iterator[Finding]:
    known = {key for compute in levels for key in compute.declared.job_clusters} | TEMPLATES.keys()
    for job in (job for flow in flows for job in flow.jobs):
        here = known | job.job_clusters.keys()
        for task in with_inner(job.tasks):
            key = task.text("job_cluster_key")
            if key and key not in here:
                message = f"job cluster `{key}` has no template ({nearest(key, here, 'templates')})"
                at = (*task.at, "job_cluster_key")
                yield job.document.finding("unknown-job-cluster", at, message)
