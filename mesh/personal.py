"""Deployments of somebody's own, as their state keys tell them apart from what everybody shares."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from mesh.environment import Environment
from mesh.foundation import Foundation
from mesh.identity import segment

_STATE = "mesh.tfstate"


@dataclass(frozen=True)
class Personal:
    """A deployment of somebody's own.

    Args:
        state_key: its place within the backend.
        project: where its project is, or was, in the mesh.
        identity: whose it is: user, branch and commit, as far as names hold them.
    """

    state_key: str
    project: str
    identity: tuple[str, ...]

    def is_of(self, user: str | None) -> bool:
        """Whether it is the user's, whose e-mail comes first."""
        return bool(user) and self.identity[0].lower() == str(user).lower()


def personal(state_key: str, foundation: Foundation, domains: Container[str]) -> Personal | None:
    """The deployment that a state key means; None where it is shared, or lies in another org or environment.

    The key may be anybody's text: one that `mesh.identity.segment` did not make means nothing.

    Args:
        state_key: as a schema or a folder of states says it.
        foundation: that of the org, in the environment.
        domains: the org's. Without an org, only these tell its keys from those of orgs, which are as long.
    """
    segments = state_key.split("/")
    if any(one != segment(unquote(one)) or not one for one in segments):
        return None
    above = [segment(foundation.org)] if foundation.org else []
    levels, rest = segments[: len(above) + 2], segments[len(above) + 2 :]
    if not foundation.org and unquote(levels[0]) not in domains:
        return None
    env, *identity = rest or [""]
    if levels[: len(above)] != above or env != segment(foundation.environment.name) or not identity:
        return None
    return Personal(state_key, "/".join(map(unquote, levels)), tuple(map(unquote, identity)))


def local_states(environment: Environment, root: Path) -> Iterator[tuple[str, Path]]:
    """The state keys of an environment whose states are files, each with its file.

    Args:
        environment: the environment.
        root: the mesh's root.
    """
    backend = environment.backend
    if backend.kind != "local":
        return
    folder = root / str(backend.arguments["path"])
    for file in sorted(folder.rglob(_STATE)):
        key = file.parent.relative_to(folder).as_posix()
        if root / str(backend.at(key).arguments["path"]) == file:
            yield key, file
