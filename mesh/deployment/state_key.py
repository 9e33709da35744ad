"""Parses state keys: the project, environment and identity of a deployment.

A key is `<org>/<domain>/<project>/<environment>[/<user>][/<branch>][/<commit>]`; a mesh without orgs omits
the org. `Identity` writes user, branch and commit, if naming templates use them.
"""

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
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True)
class StateKey:
    """The parts of a deployment's state key, decoded.

    Args:
        text: the whole key, encoded.
        project: the project's path; None if the key belongs to no deployment of a project.
        environment: the environment's name.
        identity: user, branch and commit, as far as the key has them.
    """

    text: str
    project: str | None = None
    environment: str = ""
    identity: tuple[str, ...] = ()

    @property
    def user(self) -> str | None:
        """The deployer's e-mail in lower case; None for a deployment without a user."""
        return self.identity[0].lower() if self.identity and "@" in self.identity[0] else None

    @property
    def branch(self) -> str | None:
        """The git branch; None if the key has none."""
        return next((part for part in self._after_user[:1] if not _is_commit(self._after_user)), None)

    @property
    def commit(self) -> str | None:
        """The commit; None if the key has none."""
        after = self._after_user
        return after[-1] if len(after) > 1 or _is_commit(after) else None

    @property
    def folders(self) -> tuple[str, ...]:
        """The workspace folders of a personal deployment: for its files and for its experiments.

        Source: `home`, `upload_home` and `folder_name` of `mesh.deployment.scope.Scope`;
        `mesh.deployment.experiments`.
        """
        if not self.project or not self.user:
            return ()
        last = [short_ref(part) if _COMMIT.fullmatch(part) else part for part in self._after_user]
        name = "-".join([*self.project.split("/"), self.environment, *map(segment, last)])
        return f"/Users/{self.identity[0]}/mesh/{name}", f"/Users/{self.identity[0]}/mesh/experiments/{name}"

    @property
    def _after_user(self) -> tuple[str, ...]:
        return self.identity[1:] if self.user else self.identity


def _is_commit(parts: tuple[str, ...]) -> bool:
    """True if the identity has only a commit, as in names without a branch."""
    return len(parts) == 1 and _COMMIT.fullmatch(parts[0]) is not None


def parse_state_key(text: str, levels: int | None = None) -> StateKey:
    """Parses a state key from a property of a schema or the path of a state, which may be any text.

    Without `levels`, the e-mail marks the end of the environment, because folders have no `@` in their
    names. A key without a user is then recognized only if it has no branch and no commit.

    Args:
        text: the key.
        levels: the number of levels of a project's path, if known: 3 with an org, 2 without.

    Returns:
        The parts; without a project if the text is not a key of a project's deployment.
    """
    segments = text.split("/")
    if any(not part or part != segment(unquote(part)) for part in segments):
        return StateKey(text)
    parts = [unquote(part) for part in segments]
    if levels is None:
        user = next((index for index, part in enumerate(parts) if "@" in part), None)
        levels = len(parts) - 1 if user is None else user - 1
    above = parts[: levels + 1]
    if levels not in (2, 3) or len(above) <= levels or any("/" in part for part in above):
        return StateKey(text)
    return StateKey(text, "/".join(above[:-1]), above[-1], tuple(parts[levels + 1 :]))


def parse_foundation_key(text: str) -> tuple[str, str] | None:
    """Returns the org and the metastore of a foundation's state key; None for other keys.

    The org is "" in a mesh without orgs.
    """
    *org, kind, metastore = ["", *text.split("/")]
    if kind != "foundation" or len(org) > 2:
        return None
    return unquote(org[-1]), unquote(metastore)


@dataclass(frozen=True)
class PersonalDeployment:
    """A deployment that belongs to a user, branch or commit.

    Args:
        state_key: its state key.
        project: the path of its project, which the mesh may no longer declare.
        identity: user, branch and commit, as far as its names contain them.
        fields: the fields of `identity`, in order; empty if unknown.
    """

    state_key: str
    project: str
    identity: tuple[str, ...]
    fields: tuple[str, ...]

    def is_of(self, user: str | None) -> bool:
        """True if its names contain this user's e-mail."""
        has_user = self.fields[:1] == ("user",)
        return has_user and bool(user) and self.identity[0].lower() == str(user).lower()

    @property
    def branch(self) -> str | None:
        """Its branch; None if its names contain none, or if other naming templates created them."""
        has_branch = "branch" in self.fields and len(self.fields) == len(self.identity)
        return self.identity[self.fields.index("branch")] if has_branch else None


@dataclass(frozen=True)
class CheckoutIdentities:
    """The identities that a checkout deploys in one org and environment.

    Args:
        identities: by state key.
    """

    identities: Mapping[str, Identity]

    def fields(self, project: str) -> tuple[str, ...]:
        """The fields of `Identity` that the names of a project contain, by its naming templates.

        For a project that the mesh no longer declares: the fields of all other projects, if these are equal.

        Args:
            project: its segments in a state key, up to the environment.
        """
        by_key = {key: identity.fields for key, identity in self.identities.items()}
        own = {fields for key, fields in by_key.items() if key.startswith(f"{project}/")}
        candidates = own or set(by_key.values())
        return next(iter(candidates)) if len(candidates) == 1 else ()


def personal_deployment(
    text: str, foundation: Foundation, domains: Container[str], checkout: CheckoutIdentities
) -> PersonalDeployment | None:
    """Returns the personal deployment of a state key; None if it is shared, or of another org or environment.

    Args:
        text: the state key.
        foundation: the foundation of the org, in the environment.
        domains: the domains of the org; in a mesh without orgs, only the domains identify its keys.
        checkout: the identities that this checkout deploys there.
    """
    key = parse_state_key(text, levels=3 if foundation.org else 2)
    if key.project is None or key.environment != foundation.environment.name or not key.identity:
        return None
    first = key.project.split("/")[0]
    if first != foundation.org if foundation.org else first not in domains:
        return None
    prefix = "/".join(map(segment, [*key.project.split("/"), key.environment]))
    return PersonalDeployment(text, key.project, key.identity, checkout.fields(prefix))


def local_states(environment: Environment, root: Path) -> Iterator[tuple[str, Path]]:
    """The state keys of an environment whose states are local files, each with its file.

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
