"""Terraform with a state and without declared resources: its plan destroys all resources of the state."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

from mesh.documents.terraform_text import literal
from mesh.errors import OutsideError
from mesh.model.backend import Backend
from mesh.terraform.plan import APPLIED, count_text
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter


def orphaned_state(
    folder: Path,
    backend: Backend,
    host: str | None,
    config: Mapping[str, Any],
    root: Path,
    environ: Mapping[str, str],
) -> Terraform:
    """Terraform in a folder that configures a backend and a provider, but declares no resources.

    Args:
        folder: the folder, which is created.
        backend: the backend of the state.
        host: the workspace's address; None takes DATABRICKS_HOST.
        config: the synthesized code of any stack, for the provider's version.
        root: the mesh's root, to which the path of a local backend is relative.
        environ: the whole environment of Terraform.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments: Any = literal(dict(backend.arguments))
    if backend.kind == "local":
        # relative, so that the text is the same in every checkout
        arguments["path"] = os.path.relpath(root.resolve() / backend.arguments["path"], folder.resolve())
    location = {"cloud": arguments} if backend.kind == "cloud" else {"backend": {backend.kind: arguments}}
    code = {
        "terraform": {"required_providers": config["terraform"]["required_providers"], **location},
        "provider": {"databricks": [{"host": literal(host)} if host else {}]},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(code), encoding="utf-8")
    return Terraform(folder, environ)


def destroy_resources(terraform: Terraform, targets: Iterable[str] = (), reporter: Reporter = SILENT) -> str:
    """Destroys resources of a state whose stack declares nothing.

    Args:
        terraform: Terraform with the state.
        targets: the addresses to destroy; empty destroys all resources.
        reporter: receives what Terraform does.

    Returns:
        What was done, such as `3 destroyed`.

    Raises:
        OutsideError: Terraform fails, or would change other resources.
    """
    addresses = set(targets)
    try:
        plan = terraform.plan(sorted(addresses), reporter=reporter)
        if plan.error:
            raise OutsideError(plan.error)
        if any(change.actions != ("delete",) for change in plan.changes):
            raise OutsideError(f"Terraform would not only destroy the resources of {terraform.stack}")
        if addresses and (more := {change.address for change in plan.changes} - addresses):
            raise OutsideError(f"Terraform would also destroy {', '.join(sorted(more))}")
        terraform.apply(reporter, plan.file_hash)
        return count_text(plan.changes, APPLIED)
    finally:
        terraform.discard_plan()


def remove_folder(terraform: Terraform) -> None:
    """Removes the working folder, unless it holds a state that Terraform could not write to the backend."""
    if not (terraform.folder / "errored.tfstate").exists():
        rmtree(terraform.folder, ignore_errors=True)
        with suppress(OSError):  # another stack is in it
            terraform.folder.parent.rmdir()
