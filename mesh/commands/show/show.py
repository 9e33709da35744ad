"""`mesh show`: what a flow or a project becomes in an environment, and where each value comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mesh.commands.show.data import catalog_facts, data_facts, model_facts, volume_facts
from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.job import job_facts
from mesh.commands.show.pipeline import pipeline_facts
from mesh.commands.show.view import Shown, setting_facts
from mesh.deployment.deployment import DeployedFlow
from mesh.deployment.foundation import Foundation
from mesh.deployment.job_settings import settings
from mesh.mesh import DeployedMesh, Mesh, found


def show(mesh: Mesh, deployed: DeployedMesh, path: str, environ: Mapping[str, str] = os.environ) -> Facts:
    """What `path` becomes.

    Args:
        mesh: the mesh as its files declare it.
        deployed: the same in an environment.
        path: a flow's or a project's, which may leave out levels at its beginning.
        environ: where MESH_USER and MESH_GIT_* are looked up.

    Raises:
        UsageError: nothing is there, or more than one.
    """
    foundations = tuple(one for one in deployed.foundations if isinstance(one, Foundation))
    known: dict[str, tuple[Shown, DeployedFlow | None]] = {}
    for scope, one in zip(deployed.scopes, deployed.deployments, strict=True):
        own = tuple(foundation for foundation in foundations if foundation.org == one.org)
        shown = Shown(scope, one, own, environ)
        known[one.path] = (shown, None)
        known |= {flow.path: (shown, flow) for flow in one.flows}
    whole = found(path, known, mesh, deployed.name)
    shown, flow = known[whole]
    inside = _flow(shown, flow) if flow else _project(shown)
    return Facts(f"{whole} · {deployed.name}", [*shown.where, *inside])


def _flow(shown: Shown, flow: DeployedFlow) -> list[Facts]:
    declared = next(one for one in shown.scope.project.flows if one.path == flow.path)
    runs = [*job_facts(shown, flow, declared), *pipeline_facts(shown, flow, declared)]
    return [*runs, *data_facts(shown, flow, declared)]


def _project(shown: Shown) -> list[Facts]:
    one, scope = shown.deployment, shown.scope
    defaults = settings(scope.org, scope.domain, scope.project)
    catalogs = dict.fromkeys(flow.catalog for flow in one.flows if flow.schema_names)
    return [
        Facts("defaults", list(setting_facts(defaults))),
        Facts("catalogs", [catalog_facts(shown, name) for name in catalogs]),
        Facts("volumes", [volume_facts(shown, volume) for volume in one.volumes]),
        Facts("registered_models", [model_facts(shown, model) for model in one.registered_models]),
        Facts("flows", [_summary(shown, flow) for flow in one.flows]),
    ]


def _summary(shown: Shown, flow: DeployedFlow) -> Facts:
    """A flow within its project."""
    facts = [Fact("job", job.name, shown.template("job")[1]) for job in flow.jobs]
    facts += [Fact("pipeline", one.name, shown.template("pipeline")[1]) for one in flow.pipelines]
    if flow.schema_names:
        schemas = [f"{flow.catalog}.{schema}" for schema in flow.schema_names]
        facts.append(Fact("schemas", schemas, shown.template("db")[1]))
    name = flow.path.removeprefix(f"{shown.deployment.path}/")
    return Facts(name, facts or [Fact("deploys", "nothing", flow.file)])
