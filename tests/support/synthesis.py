"""Synthesis in this process: the first one starts Node, the others are fast."""

from __future__ import annotations

import shutil
from pathlib import Path

from datamesh.bindings import cdktf
from mesh.deployment.foundation import Foundation
from mesh.mesh import MeshDeployment
from stacks import FoundationStack, ProjectStack, WorkspaceFoundationStack


def synthesized(deployed: MeshDeployment, root: Path) -> dict[str, str]:
    """The text of each stack, as `main.py` would write it there."""
    out = root / "out"
    shutil.rmtree(out, ignore_errors=True)
    app = cdktf.App(outdir=str(out), skip_validation=True)
    for one in deployed.foundations:
        make = FoundationStack if isinstance(one, Foundation) else WorkspaceFoundationStack
        make(app, one, root)
    for deployment in deployed.deployments:
        ProjectStack(app, deployment, root)
    app.synth()
    return {path.parent.name: path.read_text() for path in out.glob("stacks/*/cdk.tf.json")}
