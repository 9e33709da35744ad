"""Terraform with a state and nothing declared: what it plans is to destroy what the state holds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

from mesh.errors import OutsideError
from mesh.model.backend import Backend
from mesh.terraform.terraform import Terraform, literal


def undeclared(
    folder: Path,
    backend: Backend,
    host: str | None,
    config: Mapping[str, Any],
    root: Path,
    environ: Mapping[str, str],
) -> Terraform:
    """Terraform in a folder where all that is declared is the place of one state.

    Args:
        folder: the folder, which is made.
        backend: where the state is.
        host: the workspace's address; None leaves it to DATABRICKS_HOST.
        config: what was synthesized for any stack, for the version of the provider.
        root: the mesh's root, which a local backend's path begins at.
        environ: the whole environment of Terraform.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments: Any = literal(dict(backend.arguments))
    if backend.kind == "local":
        # relative, so that it is the same text wherever the mesh is checked out
        arguments["path"] = os.path.relpath(root.resolve() / backend.arguments["path"], folder.resolve())
    place = {"cloud": arguments} if backend.kind == "cloud" else {"backend": {backend.kind: arguments}}
    written = {
        "terraform": {"required_providers": config["terraform"]["required_providers"], **place},
        "provider": {"databricks": [{"host": literal(host)} if host else {}]},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(written), encoding="utf-8")
    return Terraform(folder, environ)


def destroy(terraform: Terraform, targets: Iterable[str] = ()) -> None:
    """Destroy what a state holds where nothing is declared.

    Args:
        terraform: Terraform with the state.
        targets: addresses; none means all.

    Raises:
        OutsideError: Terraform fails, or would do anything else.
    """
    wanted = set(targets)
    try:
        plan = terraform.plan(sorted(wanted))
        if plan.error:
            raise OutsideError(plan.error)
        if any(change.actions != ("delete",) for change in plan.changes):
            raise OutsideError(f"Terraform would do more than destroy what {terraform.stack} holds")
        if wanted and (more := {change.address for change in plan.changes} - wanted):
            raise OutsideError(f"Terraform would destroy {', '.join(sorted(more))} as well")
        terraform.apply()
    finally:
        terraform.forget()


def tidy(terraform: Terraform) -> None:
    """Remove the working folder, unless it has a state that Terraform could not write elsewhere."""
    if not (terraform.folder / "errored.tfstate").exists():
        rmtree(terraform.folder, ignore_errors=True)
