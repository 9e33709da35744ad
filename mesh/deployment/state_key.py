"""Deployments of somebody's own, as their state keys tell them apart from what everybody shares."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from mesh.deployment.foundation import Foundation
from mesh.deployment.identity import Identity, segment
from mesh.model.environment import Environment
from mesh.model.naming import short_ref

_STATE = "mesh.tfstate"


@dataclass(frozen=True)
class Personal:
    """A deployment of somebody's own.

    Args:
        state_key: its place within the backend.
        project: where its project is, or was, in the mesh.
        identity: whose it is: user, branch and commit, as far as names hold them.
        fields: which of these names hold; empty where nobody can tell.
    """

    state_key: str
    project: str
    identity: tuple[str, ...]
    fields: tuple[str, ...]

    def is_of(self, user: str | None) -> bool:
        """Whether it is the user's, whose e-mail comes first where names hold it."""
        mine = self.fields[:1] == ("user",)
        return mine and bool(user) and self.identity[0].lower() == str(user).lower()

    @property
    def branch(self) -> str | None:
        """The branch that it is of; None where names hold none, or were made by other templates."""
        told = "branch" in self.fields and len(self.fields) == len(self.identity)
        return self.identity[self.fields.index("branch")] if told else None


@dataclass(frozen=True)
class Deployed:
    """What a checkout deploys of one org in one environment, which tells what state keys there are made of.

    Args:
        identities: by state key; of nobody in particular where all share the names.
    """

    identities: Mapping[str, Identity]

    def fields(self, project: str) -> tuple[str, ...]:
        """What names of a project hold, as its naming templates say.

        A project that the mesh has no more is taken to be named like the others where these are named alike.

        Args:
            project: its segments in a state key, up to the environment.
        """
        known = {key: one.fields for key, one in self.identities.items()}
        own = {fields for key, fields in known.items() if key.startswith(f"{project}/")}
        told = own or set(known.values())
        return next(iter(told)) if len(told) == 1 else ()


def personal(
    state_key: str, foundation: Foundation, domains: Container[str], deployed: Deployed
) -> Personal | None:
    """The deployment that a state key means; None where it is shared, or lies in another org or environment.

    The key may be anybody's text: one that `mesh.deployment.identity.segment` did not make means nothing.

    Args:
        state_key: as a schema or a folder of states says it.
        foundation: that of the org, in the environment.
        domains: the org's. Without an org, only these tell its keys from those of orgs, which are as long.
        deployed: what this checkout deploys there.
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
    fields = deployed.fields("/".join((*levels, env)))
    return Personal(state_key, "/".join(map(unquote, levels)), tuple(map(unquote, identity)), fields)


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


@dataclass(frozen=True)
class Key:
    """A state key of a deployment, as a schema says it.

    Args:
        text: the key.
        project: where its project is in the mesh; None where the key is nobody's work.
        environment: the environment.
        user: whose deployment it is, in lower case; None where everybody shares it.
        rest: what follows the user: branch and commit, as far as names hold them.
    """

    text: str
    project: str | None
    environment: str = ""
    user: str | None = None
    rest: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the workspace that it puts files and experiments into.

        Source: `mesh.deployment.scope.Scope.home` and `folder_name`, `mesh.deployment.experiments`.
        """
        if not self.project or not self.user:
            return ()
        last = [short_ref(one) if re.fullmatch(r"[0-9a-f]{40,64}", one) else one for one in self.rest]
        name = "-".join([*self.project.split("/"), self.environment, *map(segment, last)])
        user = unquote(self.text.split("/")[self.project.count("/") + 2])
        return f"/Users/{user}/mesh/{name}", f"/Users/{user}/mesh/experiments/{name}"


def parsed(key: str) -> Key:
    """What a state key says; it may be anybody's text.

    A key begins with org, domain and project, or with the latter two; then follow the environment and the
    e-mail of who deploys, where names hold it. Folders have no `@` in their names.

    Args:
        key: as a schema says it.
    """
    segments = key.split("/")
    if any(not one or one != segment(unquote(one)) for one in segments):
        return Key(key, None)
    plain = [unquote(one) for one in segments]
    person = next((place for place, one in enumerate(plain) if "@" in one), None)
    if any("/" in one for one in plain[:person]):  # no folder is called so
        return Key(key, None)
    if person is None:
        shared = len(plain) in (3, 4)
        return Key(key, "/".join(plain[:-1]), plain[-1]) if shared else Key(key, None)
    if person not in (3, 4):
        return Key(key, None)
    return Key(
        key,
        "/".join(plain[: person - 1]),
        plain[person - 1],
        plain[person].lower(),
        tuple(plain[person + 1 :]),
    )
