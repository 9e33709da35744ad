"""`mesh affected`: the stacks whose Terraform code is not the same at another commit, and why.

Constructs are pure functions of the model and of the files that go into the workspace, and so is the code
that they write: where `made_of` a stack is the same at both commits, its code is. The files that changed are
not what decides; they are how a difference is explained. What the model cannot show is the program itself:
where that changed, everything may differ.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from mesh.commands.former_mesh import every_stack, former_in, former_mesh, has, lasting_key
from mesh.console import visible
from mesh.deployment.deployment import Deployment
from mesh.deployment.fingerprint import Stack, made_of
from mesh.deployment.foundation import Foundation
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding, nearest
from mesh.git.base_commit import Base, ChangedFile, base_commit, changed_files, laid_out
from mesh.git.checkout import GitContext, read_git
from mesh.mesh import DeployedMesh, Mesh
from mesh.model.naming import short_ref

if TYPE_CHECKING:
    from rich.tree import Tree


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


Change = Literal["changed", "new", "removed"]

_PROGRAM = ("main.py", "mesh", "constructs", "stacks")
_VERSIONS = (
    "cdktf.json",
    "constraints.txt",
    "package-lock.json",
    "package.json",
    "poetry.lock",
    "pyproject.toml",
    "requirements.txt",
    "uv.lock",
)


@dataclass(frozen=True)
class AffectedStack:
    """A stack that is not as it was.

    Args:
        env: the environment.
        stack: the stack; of one that is gone, as it was called.
        project: where its project is in the mesh; None where it holds what projects share.
        change: what happened to it.
        state_key: its place within the backend.
        reasons: why.
    """

    env: str
    stack: str
    project: str | None
    change: Change
    state_key: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Affected:
    """What is affected since a commit.

    Args:
        base: the commit, in full.
        counts: how many stacks each environment has now; none where it is gone.
        stacks: those that are affected, by environment, foundations first and those that are gone last.
    """

    base: str
    counts: Mapping[str, int]
    stacks: tuple[AffectedStack, ...]


def affected(mesh: Mesh, rev: str, names: Sequence[str] = ()) -> Affected:
    """The stacks whose Terraform code is not the same in the working tree as at `rev`.

    Args:
        mesh: the mesh in the working tree.
        rev: a commit, as git takes it.
        names: environments; by default all that some org has elsewhere than on this machine.

    Raises:
        MeshError: with everything that is wrong with the mesh in these environments.
        OutsideError: git does not know what is needed.
        UsageError: there is no such environment, then or now.
    """
    git = read_git(mesh.root)
    commit = base_commit(git, rev)
    with laid_out(git, commit) as base:
        before, why = former_mesh(base)
        chosen = _chosen(names, mesh, before)
        deployed = _deployed(mesh, [name for name in chosen if has(mesh, name)])
        files = changed_files(git, commit)
        everywhere = (*why, *_program(base, git, files))
        stacks: list[AffectedStack] = []
        for name in chosen:
            now = deployed.get(name)
            then, wrong = former_in(before, name, now.git if now else git, base)
            stacks += _compared(name, now, then, files, (*wrong, *everywhere))
    counts = {name: len([*every_stack(deployed.get(name))]) for name in chosen}
    return Affected(commit, counts, tuple(stacks))


def as_json(found: Affected) -> dict[str, Any]:
    """What a continuous integration reads: `matrix` as GitHub Actions takes it, and what is gone."""
    entries = [(one.change, vars(one) | {"reasons": list(one.reasons)}) for one in found.stacks]
    return {
        "base": found.base,
        "matrix": {"include": [entry for change, entry in entries if change != "removed"]},
        "removed": [entry for change, entry in entries if change == "removed"],
    }


def _program(base: Base, git: GitContext, files: Iterable[ChangedFile]) -> list[str]:
    """What changed of the program that writes the stacks, and of what it is built on."""
    code = Path(__file__).resolve().parents[2]
    own = {folder / name for folder in (code, git.root) for name in (*_PROGRAM, *_VERSIONS)}
    own |= {base.repository / name for name in _VERSIONS}
    inside = {os.path.relpath(path, git.root) for path in own if path.is_relative_to(base.repository)}
    changed = [file for file in files if any(file.is_in(path) for path in inside)]
    return [f"what writes all stacks is not as it was: {', '.join(counted(changed))}"] if changed else []


def _chosen(names: Sequence[str], mesh: Mesh, before: Mesh) -> list[str]:
    """The environments that are compared."""
    environments = [item for org in (*mesh.orgs, *before.orgs) for item in org.environments.items()]
    known = {name for name, _ in environments}
    for name in names:
        if name not in known:
            raise UsageError(f"environment `{name}` is not defined ({nearest(name, known, 'environments')})")
    remote = [name for name, one in environments if not one.embedded]
    if not names and not remote:
        raise UsageError("every environment is the workspace on this machine (name one with --env)")
    return list(dict.fromkeys(names or remote))


def _deployed(mesh: Mesh, names: Iterable[str]) -> dict[str, DeployedMesh]:
    """The mesh in each environment.

    Raises:
        MeshError: with everything that is wrong in any of them.
    """
    made: dict[str, DeployedMesh] = {}
    findings: set[Finding] = set()
    for name in names:
        try:
            made[name] = mesh.in_environment(name)
        except MeshError as error:
            findings |= set(error.findings)
    if findings:
        raise MeshError(sorted(findings))
    return made


def _compared(
    env: str,
    now: DeployedMesh | None,
    then: DeployedMesh | None,
    files: Sequence[ChangedFile],
    everywhere: tuple[str, ...],
) -> Iterator[AffectedStack]:
    """The stacks of one environment that are not as they were.

    Args:
        env: its name.
        now: the mesh now; None where the environment is gone.
        then: the mesh as it was; None where there was none, or where nobody can tell.
        files: what changed.
        everywhere: why every stack may differ, whatever the model says.
    """
    difference = Difference(now, then, files)
    old = {lasting_key(one): one for one in every_stack(then)}
    for one in every_stack(now):
        former = old.pop(lasting_key(one), None)
        if former is None:
            unknown = then is None and everywhere
            reasons = difference.inputs(one) or ([] if unknown else ["its environment is new"])
            yield _affected(env, one, "changed" if unknown else "new", [*reasons, *everywhere])
        elif made_of(one) != made_of(former):
            yield _affected(env, one, "changed", [*difference.reasons(former, one), *everywhere])
        elif everywhere:
            yield _affected(env, one, "changed", everywhere)
    for one in old.values():
        yield _affected(env, one, "removed", difference.inputs(one))


def _affected(env: str, one: Stack, change: Change, reasons: Sequence[str]) -> AffectedStack:
    project = one.path if isinstance(one, Deployment) else None
    return AffectedStack(env, one.stack, project, change, one.state_key, tuple(reasons))


_STYLES = {"changed": "yellow", "new": "green", "removed": "red"}


def as_trees(found: Affected) -> Iterable[Tree]:
    """One tree per environment: its affected stacks, each with what happened to it and why."""
    from rich.text import Text
    from rich.tree import Tree

    for env, count in found.counts.items():
        own = [one for one in found.stacks if one.env == env]
        there = [one for one in own if one.change != "removed"]
        counted = f"{len(there) or 'none'} of {count} stack{'' if count == 1 else 's'} affected"
        happened = counted if count else "gone"
        tree = Tree(Text.assemble((env, "bold"), f" · {happened} since {short_ref(found.base)}"))
        for one in own:
            kept = f", its state is {one.state_key}" if one.change == "removed" else ""
            node = tree.add(Text.assemble(one.stack, "  ", (f"{one.change}{kept}", _STYLES[one.change])))
            for reason in one.reasons:
                node.add(Text(visible(reason), "dim"))
        yield tree
