"""Where Terraform keeps a stack's state."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider


def deployable(stack: TerraformStack, root: Path, state_key: str) -> None:
    """Give `stack` its backend, and a provider that finds its workspace in the environment.

    Args:
        stack: the stack.
        root: the mesh's root, below which state is kept in `.mesh/state`.
        state_key: the deployment's own place there.
    """
    outdir = Path(App.of(stack).outdir).resolve()
    folder = outdir / "stacks" / stack.node.id  # where cdktf runs Terraform
    # relative, so that the same commit gives the same bytes on every machine
    path = os.path.relpath(root / ".mesh" / "state" / state_key / "mesh.tfstate", folder)
    LocalBackend(stack, path=path)
    DatabricksProvider(stack, "databricks")
