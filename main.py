"""Synthesize the mesh for one environment: `MESH_ENV=prod npx cdktf deploy <stack>`."""

import os
from collections.abc import Sequence
from pathlib import Path

from mesh.console import report_errors
from mesh.deployment import production
from mesh.deployment.foundation_owner import refusals_of_foundation
from mesh.deployment.stack_order import Stack
from mesh.load import load
from mesh.synthesis.synthesis import synthesis
from mesh.toolkit import toolkit
from mesh.workshop.workshop import ENVIRONMENTS, LOCAL_ENVIRONMENT, Workshop
from mesh.workshop.workshop_file import read_workshop

with report_errors():
    toolkit().installed_version()  # fails here where it is not installed, before anything is written
    root = Path(os.environ.get("MESH_ROOT") or Path(__file__).parent).resolve()
    stacks: Sequence[Stack | Workshop]
    refusals: dict[str, list[str]] = {}
    # Reads the folders, resolves names and commits, and reports all errors before anything is written.
    if (env := os.environ.get("MESH_ENV")) in ENVIRONMENTS:
        stacks = [read_workshop(root, local=env == LOCAL_ENVIRONMENT)]
    else:
        deployed = load(root).in_environment()
        stacks = [*deployed.foundations, *deployed.deployments]
        # main.py cannot see if cdktf deploys or only plans: commands that only plan set MESH_PLAN_ONLY.
        if not os.environ.get("MESH_PLAN_ONLY"):
            production.require_deployable(deployed.environments, deployed.git)
            # Terraform refuses foundations, so that projects that use them can be deployed
            refusals = {one.stack: refusals_of_foundation(one, deployed.git) for one in deployed.foundations}
    output = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out").resolve()
    synthesis(root, output).write(stacks, refusals)
