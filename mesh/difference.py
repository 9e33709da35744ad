"""Why a stack is not as it was: what changed of what it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mesh.base import ChangedFile
from mesh.deployment import Deployment
from mesh.foundation import Foundation
from mesh.mesh import DeployedMesh
from mesh.naming import short_ref
from mesh.synthesized import Stack, made_of

MOST_NAMED = 5

# Grants and naming templates reach up from every level to catalogs; groups and compute lie above projects.
_OF_METASTORE = {"org.yml", "domain.yml", "project.yml", "deployment.yml", "config.yml"}
_OF_WORKSPACE = {"org.yml", "domain.yml", "compute.yml"}


@dataclass(frozen=True)
class Difference:
    """A mesh in one environment, now and then.

    Args:
        now: the mesh now; None where the environment is gone.
        then: the mesh as it was; None where there was none.
        files: what changed in between.
    """

    now: DeployedMesh | None
    then: DeployedMesh | None
    files: Sequence[ChangedFile]

    def inputs(self, *stacks: Stack) -> list[str]:
        """What changed of the files that a stack is made of."""
        return counted(file for file in self.files if any(_is_input(file, one) for one in stacks))

    def reasons(self, then: Stack, now: Stack) -> list[str]:
        """Why a stack is not as it was: never nothing."""
        own = self.inputs(then, now)
        if not own and isinstance(now, Deployment):
            own = [*self._used(now)] or [*self._commit(now)]
        return own or [_first(json.loads(made_of(then)), json.loads(made_of(now)))]

    def _used(self, one: Deployment) -> Iterator[str]:
        """What changed of the projects that it reads from or runs something of, since names hold commits."""
        for path in sorted(self._uses(one)):
            for reason in self.inputs(self._projects[path]) or self._commit(self._projects[path]):
                yield f"it uses {path}: {reason}"

    def _uses(self, one: Deployment) -> set[str]:
        assert self.now is not None
        [project] = [scope.project for scope in self.now.scopes if scope.project.path == one.path]
        reads = (path for flow in project.flows for path in flow.declared.reads.values())
        read = {self._of_flows[self.now.flow(path).path] for path in reads}
        run = {path for path, other in self._projects.items() if other.stack in one.runs}
        return (read | run) - {one.path}

    def _commit(self, one: Deployment) -> Iterator[str]:
        """That its source commit is another one."""
        commit = self._commits[one.path]
        if commit == self._former_commits.get(one.path):
            return
        assert self.now is not None
        if self.now.git.commit:
            why = "the checkout is shallow" if self.now.git.shallow else "MESH_GIT_COMMIT says so"
            yield f"commit {short_ref(commit)} stands for every project ({why})"
        else:
            yield f"commit {short_ref(commit)} touched it, and left its files as they were"

    @cached_property
    def _projects(self) -> Mapping[str, Deployment]:
        return {one.path: one for one in self.now.deployments} if self.now else {}

    @cached_property
    def _of_flows(self) -> Mapping[str, str]:
        """The project of each flow."""
        return {flow.path: path for path, one in self._projects.items() for flow in one.flows}

    @cached_property
    def _commits(self) -> Mapping[str, str]:
        return _commits(self.now)

    @cached_property
    def _former_commits(self) -> Mapping[str, str]:
        return _commits(self.then)


def counted(things: Iterable[object]) -> list[str]:
    """The first of them in words, and how many more there are."""
    words = [str(one) for one in things]
    left = len(words) - MOST_NAMED
    return [*words[:MOST_NAMED], f"and {left} more"] if left > 0 else words


def _commits(mesh: DeployedMesh | None) -> dict[str, str]:
    return {scope.project.path: scope.commit for scope in mesh.scopes} if mesh else {}


def _is_input(file: ChangedFile, one: Stack) -> bool:
    if isinstance(one, Deployment):
        return any(file.is_in(path) for path in one.inputs)
    place = PurePosixPath(file.path)
    said = place.name in (_OF_METASTORE if isinstance(one, Foundation) else _OF_WORKSPACE)
    of_org = file.is_in(f"orgs/{one.org}") if one.org else not file.is_in("orgs")
    return said and (of_org or place.parent == PurePosixPath(".brickopscfg"))


def _first(one: Any, other: Any, place: str = "") -> str:
    """The first place where two values are not the same, as jq writes it."""
    pairs: Iterable[tuple[str, Any, Any]] = ()
    if isinstance(one, dict) and isinstance(other, dict) and [*one] == [*other]:
        pairs = ((f"{place}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = ((f"{place}[{i}]", *pair) for i, pair in enumerate(zip(one, other, strict=True)))
    for below, left, right in pairs:
        if json.dumps(left) != json.dumps(right):
            return _first(left, right, below)
    return f"{place} is not as it was"
