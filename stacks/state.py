"""Backend and provider of a stack."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf, databricks
from mesh.documents.terraform_text import literal
from mesh.model.backend import FROM_ENVIRONMENT, Backend

_WORKSPACES: Mapping[str, Callable[..., Any]] = {
    "cloud": lambda name, project=None: cdktf.NamedCloudWorkspace(name, project),
    "remote": lambda name: cdktf.NamedRemoteWorkspace(name),
}


def deployable(stack: cdktf.TerraformStack, root: Path, backend: Backend, host: str | None = None) -> None:
    """Adds the backend, and a provider that reads its login from the environment.

    Args:
        stack: the stack.
        root: the mesh's root.
        backend: the backend of its state; a local path is relative to `root`.
        host: the workspace's address; None means DATABRICKS_HOST.
    """
    arguments = literal(dict(backend.arguments))
    if backend.kind == "local":
        # where cdktf runs Terraform
        folder = Path(cdktf.App.of(stack).outdir).resolve() / "stacks" / stack.node.id
        # relative, so that the same commit gives the same bytes on every machine
        arguments["path"] = os.path.relpath(root / arguments["path"], folder)
    _add_backend(stack, backend.kind, arguments)
    databricks.provider.DatabricksProvider(stack, "databricks", host=literal(host))


def _add_backend(stack: cdktf.TerraformStack, kind: str, arguments: dict[str, Any]) -> None:
    """Adds a backend with exactly these arguments."""
    backend_class = getattr(cdktf, f"{kind.capitalize()}Backend")
    known = signature(backend_class.__init__).parameters
    absent = [name for name in FROM_ENVIRONMENT.get(kind, ()) if name not in arguments]
    accepted = {name: value for name, value in arguments.items() if name in known}
    if kind in _WORKSPACES:
        accepted["workspaces"] = _WORKSPACES[kind](**arguments["workspaces"])
    backend: cdktf.TerraformBackend = backend_class(stack, **accepted, **dict.fromkeys(absent, ""))
    for name in absent:  # required by the class; Terraform reads it from the environment
        backend.add_override(name, None)
    for name in arguments.keys() - known.keys():  # arguments that the class lacks
        backend.add_override(name, arguments[name])
