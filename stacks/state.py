"""Where Terraform keeps a stack's state."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider


def deployable(stack: TerraformStack, root: Path, state_file: str) -> None:
    """Give `stack` its backend, and a provider that finds its workspace in the environment.

    Args:
        stack: the stack.
        root: the mesh's root.
        state_file: where the state is kept, from there.
    """
    outdir = Path(App.of(stack).outdir).resolve()
    folder = outdir / "stacks" / stack.node.id  # where cdktf runs Terraform
    # relative, so that the same commit gives the same bytes on every machine
    path = os.path.relpath(root / state_file, folder)
    LocalBackend(stack, path=path)
    DatabricksProvider(stack, "databricks")
