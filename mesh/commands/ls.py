"""`mesh ls`: lists the flows of a mesh with their names in an environment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.mesh import MeshDeployment

if TYPE_CHECKING:
    from rich.tree import Tree


def as_json(deployed: MeshDeployment) -> list[dict[str, Any]]:
    """One entry per flow, for scripts; null for missing values."""
    return [_entry(one, flow) for one in deployed.deployments for flow in one.flows]


def _entry(deployment: Deployment, flow: FlowDeployment) -> dict[str, Any]:
    return {
        "path": flow.path,
        "env": deployment.environment.name,
        "job": flow.job.name if flow.job else None,
        **({"jobs": [job.name for job in flow.jobs]} if len(flow.jobs) > 1 else {}),
        "pipeline": flow.pipelines[0].name if flow.pipelines else None,
        **({"pipelines": [each.name for each in flow.pipelines]} if len(flow.pipelines) > 1 else {}),
        "catalog": flow.catalog,
        "schemas": list(flow.schema_names),
        **({"experiment": flow.experiment.name} if flow.experiment else {}),
        "stack": deployment.stack,
        "file": flow.file,
    }


def as_trees(deployed: MeshDeployment) -> Iterable[Tree]:
    """One tree per org, for terminals."""
    from rich.text import Text
    from rich.tree import Tree

    for org in sorted({one.org or "" for one in deployed.deployments}):
        own = [one for one in deployed.deployments if (one.org or "") == org]
        identities = sorted({str(one.identity) for one in own})
        identity = f" {identities[0]}" if len(identities) == 1 and identities[0] else ""
        tree = Tree(Text.assemble((org or "(no org)", "bold"), f" · {deployed.name}{identity}"))
        for domain in sorted({one.domain for one in own}):
            branch = tree.add(Text(domain, "bold"))
            for one in own:
                if one.domain == domain:
                    _add_project(branch, one, with_identity=len(identities) > 1)
        yield tree


def _add_project(branch: Tree, deployment: Deployment, *, with_identity: bool) -> None:
    from rich.text import Text

    catalogs = sorted({flow.catalog for flow in deployment.flows})
    facts = [f"owner {deployment.owner}"] if deployment.owner else []
    facts += [f"catalog {', '.join(catalogs)}"] if catalogs else []
    facts += [str(deployment.identity)] if with_identity else []
    project = branch.add(Text.assemble((deployment.project, "bold"), "  ", (" · ".join(facts), "dim")))
    for flow in deployment.flows:
        node = project.add(Text(flow.path.removeprefix(deployment.path + "/"), "cyan"))
        for job in flow.jobs:
            node.add(Text.assemble(("job      ", "dim"), job.name, overflow="fold"))
        for pipeline in flow.pipelines:
            node.add(Text.assemble(("pipeline ", "dim"), pipeline.name, overflow="fold"))
        for schema in flow.schema_names:
            node.add(Text.assemble(("schema   ", "dim"), schema, overflow="fold"))
        if not flow.jobs and not flow.pipelines and not flow.schema_names:
            node.add(Text("nothing to deploy", "dim"))
