"""Which compute a file means by a name: the nearest that is declared at its own level or above.

What is made has one name in a workspace, though every level may use the same one: what an org declares is
called as declared, a domain's is preceded by the domain, a project's by domain and project, and followed by
the environment and the identity of the deployment, since each deployment of a project makes its own. The
identity is not shortened: two users whose short forms are the same never share a cluster.
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
from mesh.model.flow import Flow
from mesh.model.instance_pool import InstancePoolFile
from mesh.model.job import TEMPLATES, JobClusterTemplate
from mesh.model.naming import identifier
from mesh.model.org import Org
from mesh.model.task import with_inner

StackKind = Literal["workspace", "project"]


@dataclass(frozen=True)
class Layer:
    """The compute of one level, and what it is called.

    Args:
        compute: the compute.
        above: what precedes its names in the workspace.
        behind: what follows them.
        stack: what makes it, the workspace's foundation or the project's own stack.
    """

    compute: Compute
    above: tuple[str, ...]
    behind: tuple[str, ...]
    stack: StackKind

    def name(self, declared: str) -> str:
        """What is called `declared` in the file, in the workspace."""
        return "-".join((*self.above, declared, *self.behind))

    def id(self, declared: str) -> str:
        """Its Terraform name: a project's stack needs no prefix."""
        return identifier("-".join((*self.above, declared)) if self.stack == "workspace" else declared)


@dataclass(frozen=True)
class ComputeLookup:
    """The compute that a level may name.

    Args:
        layers: from the org down to the level.
        stack: what the level is part of, where it uses the compute.
    """

    layers: tuple[Layer, ...]
    stack: StackKind

    def lookup(self, kind: ComputeKind, name: str) -> Lookup:
        """The id of the nearest that is declared under a name, else of what the workspace calls so."""
        for layer in reversed(self.layers):
            if name in layer.compute.declared.made(kind):
                made = layer.id(name) if layer.stack == self.stack else None
                return Lookup(kind, made, {"name": layer.name(name)})
        return Lookup(kind, None, {"name": name})

    def template(self, key: str) -> JobClusterTemplate:
        """The nearest template that is declared under a key, else the built-in one.

        What a template names is looked for from where the template stands: a project that uses its org's
        template does not change what that means.
        """
        for depth in range(len(self.layers), 0, -1):
            compute = self.layers[depth - 1].compute
            if template := compute.declared.job_clusters.get(key):
                seen = ComputeLookup(self.layers[:depth], self.stack)
                origin = compute.document.position(("job_clusters", key))
                return JobClusterTemplate(key, seen.arguments(template), origin)
        return JobClusterTemplate(key, TEMPLATES[key], "built in")

    def arguments(self, declared: PassThrough) -> dict[str, Any]:
        """What Terraform gets of a declaration, with a Lookup for each id that only the workspace knows."""
        made = declared.arguments
        if isinstance(declared, ClusterFields):
            made |= {
                argument: self.lookup(kind, name) for argument, (kind, name) in declared.references.items()
            }
            if declared.driver_node:
                made["driver_node_type_id"] = declared.driver_node.lookup
        if isinstance(declared, ClusterFields | InstancePoolFile) and declared.node:
            made["node_type_id"] = declared.node.lookup
        return made


def workspace_layers(org: Org) -> Iterator[tuple[Layer, ...]]:
    """What is made in the workspace's foundation: the org's layer, and each domain's with the org's above."""
    shared = Layer(org.compute, (), (), "workspace")
    yield (shared,)
    for domain in org.domains:
        yield (shared, Layer(domain.compute, (domain.name,), (), "workspace"))


def project_reach(scope: Scope) -> ComputeLookup:
    """The compute that a project's files may name."""
    project = scope.project
    behind = (scope.environment.name, *scope.identity.short_key)
    own = Layer(project.compute, (project.domain, project.name), behind, "project")
    shared = Layer(scope.org.compute, (), (), "workspace")
    of_domain = Layer(scope.domain.compute, (project.domain,), (), "workspace")
    return ComputeLookup((shared, of_domain, own), "project")


def check_compute(org: Org) -> Iterator[Finding]:
    """All that is wrong with the compute of an org at every level, and with what tasks name of it."""
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
