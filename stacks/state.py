"""Backend and provider of a stack."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf, databricks
from mesh.documents.terraform_text import literal
from mesh.model.backend import FROM_ENVIRONMENT, Backend

_WORKSPACES: Mapping[str, Callable[..., Any]] = {
    "cloud": lambda name, project=None: cdktf.NamedCloudWorkspace(name, project),
    "remote": lambda name: cdktf.NamedRemoteWorkspace(name),
}
# What the classes must know; other arguments are overrides, whatever a class knows of them.
_OF_CLASS: Mapping[str, Sequence[str]] = {
    "cloud": ("hostname", "workspaces"),
    "local": ("path",),
    "remote": ("hostname", "workspaces"),
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
    """Adds a backend with exactly these arguments.

    Its class requires some arguments that Terraform reads from the environment, and lacks others.
    """
    backend_class = getattr(cdktf, f"{kind.capitalize()}Backend")
    fixed = {name: arguments.pop(name) for name in _OF_CLASS.get(kind, ()) if name in arguments}
    if kind in _WORKSPACES:
        fixed["workspaces"] = _WORKSPACES[kind](**fixed["workspaces"])
    absent = dict.fromkeys(FROM_ENVIRONMENT.get(kind, ()))
    parameters = signature(backend_class.__init__).parameters.values()
    keywords = [
        one.name for one in parameters if one.kind is Parameter.KEYWORD_ONLY and one.default is one.empty
    ]
    required = {name: "" for name in keywords if name not in fixed}
    backend: cdktf.TerraformBackend = backend_class(stack, **fixed, **required)
    for name, value in {**absent, **arguments}.items():
        backend.add_override(name, value)
