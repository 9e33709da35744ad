"""`mesh show`: the deployed settings of a flow or project, and the origin of each value."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mesh.commands.show.contract import contract_facts
from mesh.commands.show.data import catalog_facts, data_facts, model_facts, volume_facts
from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.job import job_facts
from mesh.commands.show.pipeline import pipeline_facts
from mesh.commands.show.view import DeploymentView, setting_facts
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.job_settings import merge_settings
from mesh.mesh import Mesh, MeshDeployment, resolve_path
from mesh.model.contract_reads import contract_reads


def show(mesh: Mesh, deployed: MeshDeployment, path: str, environ: Mapping[str, str] = os.environ) -> Facts:
    """The facts of a flow or project.

    Args:
        mesh: the declared mesh.
        deployed: the mesh in an environment.
        path: the path of a flow or project, which may omit leading levels.
        environ: the environment variables, for MESH_USER and MESH_GIT_*.

    Raises:
        UsageError: the path matches nothing, or several levels.
    """
    foundations = tuple(one for one in deployed.foundations if isinstance(one, Foundation))
    views: dict[str, tuple[DeploymentView, FlowDeployment | None]] = {}
    for scope, one in zip(deployed.scopes, deployed.deployments, strict=True):
        own = tuple(foundation for foundation in foundations if foundation.org == one.org)
        view = DeploymentView(scope, one, own, environ)
        views[one.path] = (view, None)
        views |= {flow.path: (view, flow) for flow in one.flows}
    whole = resolve_path(path, views, mesh, deployed.name)
    view, flow = views[whole]
    inside = _flow(view, flow, mesh) if flow else _project(view)
    return Facts(f"{whole} · {deployed.name}", [*view.where, *inside])


def _flow(view: DeploymentView, flow: FlowDeployment, mesh: Mesh) -> list[Facts]:
    declared = next(one for one in view.scope.project.flows if one.path == flow.path)
    runs = [*job_facts(view, flow, declared), *pipeline_facts(view, flow, declared)]
    contracts = contract_facts(declared, contract_reads(mesh.owned_flows)) if declared.contracts else ()
    return [*runs, *data_facts(view, flow, declared), *contracts]


def _project(view: DeploymentView) -> list[Facts]:
    one, scope = view.deployment, view.scope
    defaults = merge_settings(scope.org, scope.domain, scope.project)
    catalogs = dict.fromkeys(flow.catalog for flow in one.flows if flow.schema_names)
    return [
        Facts("defaults", list(setting_facts(defaults))),
        Facts("catalogs", [catalog_facts(view, name) for name in catalogs]),
        Facts("volumes", [volume_facts(view, volume) for volume in one.volumes]),
        Facts("registered_models", [model_facts(view, model) for model in one.registered_models]),
        Facts("flows", [_summary(view, flow) for flow in one.flows]),
    ]


def _summary(view: DeploymentView, flow: FlowDeployment) -> Facts:
    """The summary of a flow in its project."""
    facts = [Fact("job", job.name, view.template("job")[1]) for job in flow.jobs]
    facts += [Fact("pipeline", one.name, view.template("pipeline")[1]) for one in flow.pipelines]
    if flow.schema_names:
        schemas = [f"{flow.catalog}.{schema}" for schema in flow.schema_names]
        facts.append(Fact("schemas", schemas, view.template("db")[1]))
    name = flow.path.removeprefix(f"{view.deployment.path}/")
    return Facts(name, facts or [Fact("deploys", "nothing", flow.file)])
