"""Environments: where a mesh is deployed, and what holds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mesh.errors import UsageError
from mesh.finding import nearest


@dataclass(frozen=True)
class Environment:
    """An environment and its settings.

    Args:
        name: what MESH_ENV says, and `{env}` in naming templates.
        metastore: the metastore that its catalogs live in; environments may share one.
        code: where jobs take notebooks from: `git`, pinned to the source commit, or files that the
            deployment puts into the `workspace`.
        protected: whether Terraform refuses to destroy what nobody's identity is part of.
        embedded: whether the workspace is the one that runs on this machine.
        state: the folder that holds the states of its deployments, from the mesh's root; the local
            workspace's go with it.
    """

    name: str
    metastore: str = "main"
    code: Literal["git", "workspace"] = "git"
    protected: bool = True
    embedded: bool = False
    state: str = ".mesh/state"


BUILT_IN = {
    environment.name: environment
    for environment in (
        Environment(
            "local",
            metastore="local",
            code="workspace",
            protected=False,
            embedded=True,
            state=".mesh/local/state",
        ),
        Environment("dev"),
        Environment("test"),
        Environment("prod"),
    )
}


def environment(name: str) -> Environment:
    """The environment called `name`.

    Raises:
        UsageError: there is none.
    """
    if name not in BUILT_IN:
        raise UsageError(f"environment `{name}` is not defined ({nearest(name, BUILT_IN, 'environments')})")
    return BUILT_IN[name]


def state_file(environment: Environment, state_key: str) -> str:
    """Where the state of a deployment is kept, from the mesh's root."""
    return f"{environment.state}/{state_key}/mesh.tfstate"
