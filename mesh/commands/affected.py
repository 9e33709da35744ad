"""`mesh affected`: the stacks whose Terraform code differs from another commit, and why.

Constructs are pure functions of the model and of the uploaded files. So a stack's code is the same at both
commits if its fingerprint is the same. The changed files only explain a difference. The
fingerprint does not include the program itself: if the program changed, every stack may differ.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from mesh.commands.former_mesh import every_stack, former_in, former_mesh, has_environment, stable_key
from mesh.console import visible
from mesh.deployment.deployment import Deployment
from mesh.deployment.fingerprint import fingerprint
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import Stack
from mesh.errors import MeshError, UsageError
from mesh.finding import Finding, nearest
from mesh.git.base_commit import Base, ChangedFile, base_commit, changed_files
from mesh.git.checkout import GitContext, read_git
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.naming import short_ref

if TYPE_CHECKING:
    from rich.tree import Tree


MOST_NAMED = 5

# Grants and naming templates of every level affect catalogs; groups and compute are declared above projects.
_METASTORE_FILES = {"org.yml", "domain.yml", "project.yml", "deployment.yml", "config.yml"}
_WORKSPACE_FILES = {"org.yml", "domain.yml", "compute.yml"}


@dataclass(frozen=True)
class MeshDifference:
    """A mesh in one environment at two commits.

    Args:
        now: the current mesh; None if the environment is no longer declared.
        then: the mesh at the base commit; None if it did not exist.
        files: the changed files.
    """

    now: MeshDeployment | None
    then: MeshDeployment | None
    files: Sequence[ChangedFile]

    def inputs(self, *stacks: Stack) -> list[str]:
        """The changed input files of stacks, shortened."""
        return shortened(file for file in self.files if any(_is_input(file, one) for one in stacks))

    def reasons(self, then: Stack, now: Stack) -> list[str]:
        """The reasons why a stack differs; at least one."""
        own = self.inputs(then, now)
        if not own and isinstance(now, Deployment):
            own = [*self._used(now)] or [*self._read(now)] or [*self._commit(now)]
        return own or [_first(json.loads(fingerprint(then)), json.loads(fingerprint(now)))]

    def _used(self, deployment: Deployment) -> Iterator[str]:
        """Changes of projects that a project reads or runs: names may contain their commits."""
        for path in sorted(self._uses(deployment)):
            for reason in self.inputs(self._projects[path]) or self._commit(self._projects[path]):
                yield f"it uses {path}: {reason}"

    def _uses(self, deployment: Deployment) -> set[str]:
        assert self.now is not None
        [project] = [scope.project for scope in self.now.scopes if scope.project.path == deployment.path]
        reads = (read.flow for flow in project.flows for read in flow.declared.reads.values())
        read = {self._project_of_flow[self.now.flow(path).path] for path in reads}
        run = {path for path, other in self._projects.items() if other.stack in deployment.runs}
        return (read | run) - {deployment.path}

    def _read(self, deployment: Deployment) -> Iterator[str]:
        """Changes of projects that read a contract of the project: they get grants on its tables."""
        scopes = [scope for mesh in (self.now, self.then) if mesh for scope in mesh.scopes]
        own = [scope for scope in scopes if scope.project.path == deployment.path]
        flows = [(flow, scope.org) for scope in own for flow in scope.project.flows]
        readers = {one.reader.path for flow, org in flows for one in org.contract_reads.get(flow.path, ())}
        for path in sorted({self._project_of_flow[one] for one in readers & self._project_of_flow.keys()}):
            for reason in self.inputs(self._projects[path]):
                yield f"{path} reads its contract: {reason}"

    def _commit(self, deployment: Deployment) -> Iterator[str]:
        """The reason that the source commit differs."""
        commit = self._commits[deployment.path]
        if commit == self._former_commits.get(deployment.path):
            return
        assert self.now is not None
        if self.now.git.commit:
            why = "the checkout is shallow" if self.now.git.shallow else "MESH_GIT_COMMIT is set"
            yield f"commit {short_ref(commit)} is used for every project ({why})"
        else:
            yield f"commit {short_ref(commit)} touched it without changing its files"

    @cached_property
    def _projects(self) -> Mapping[str, Deployment]:
        return {one.path: one for one in self.now.deployments} if self.now else {}

    @cached_property
    def _project_of_flow(self) -> Mapping[str, str]:
        """The path of each flow's project, by the flow's path."""
        return {flow.path: path for path, one in self._projects.items() for flow in one.flows}

    @cached_property
    def _commits(self) -> Mapping[str, str]:
        return _commits(self.now)

    @cached_property
    def _former_commits(self) -> Mapping[str, str]:
        return _commits(self.then)


def shortened(items: Iterable[object]) -> list[str]:
    """The first items as texts, and the number of the remaining items."""
    texts = [str(item) for item in items]
    rest = len(texts) - MOST_NAMED
    return [*texts[:MOST_NAMED], f"and {rest} more"] if rest > 0 else texts


def _commits(mesh: MeshDeployment | None) -> dict[str, str]:
    return {scope.project.path: scope.commit for scope in mesh.scopes} if mesh else {}


def _is_input(file: ChangedFile, stack: Stack) -> bool:
    if isinstance(stack, Deployment):
        return any(file.is_in(path) for path in stack.inputs)
    path = PurePosixPath(file.path)
    is_input = path.name in (_METASTORE_FILES if isinstance(stack, Foundation) else _WORKSPACE_FILES)
    of_org = file.is_in(f"orgs/{stack.org}") if stack.org else not file.is_in("orgs")
    return is_input and (of_org or path.parent == PurePosixPath(".brickopscfg"))


def _first(one: Any, other: Any, place: str = "") -> str:
    """The first position where two values differ, in the syntax of jq."""
    pairs: Iterable[tuple[str, Any, Any]] = ()
    if isinstance(one, dict) and isinstance(other, dict) and [*one] == [*other]:
        pairs = ((f"{place}.{key}", one[key], other[key]) for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = ((f"{place}[{i}]", *pair) for i, pair in enumerate(zip(one, other, strict=True)))
    for below, left, right in pairs:
        if json.dumps(left) != json.dumps(right):
            return _first(left, right, below)
    return f"{place} differs"


StackChange = Literal["changed", "new", "removed"]

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
    """A stack that differs from the base commit.

    Args:
        env: the environment.
        stack: the stack's name; for a removed stack, its name at the base commit.
        project: the path of its project; None for foundations.
        change: the kind of change.
        state_key: the key of its state in the backend.
        reasons: the reasons why it differs.
    """

    env: str
    stack: str
    project: str | None
    change: StackChange
    state_key: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Affected:
    """The affected stacks since a commit.

    Args:
        base: the full hash of the commit.
        counts: the number of declared stacks of each environment.
        stacks: the affected stacks by environment, foundations first and removed stacks last.
    """

    base: str
    counts: Mapping[str, int]
    stacks: tuple[AffectedStack, ...]


def affected(
    mesh: Mesh, rev: str, names: Sequence[str] = (), known: Mapping[str, MeshDeployment] | None = None
) -> Affected:
    """The stacks whose Terraform code in the working tree differs from `rev`.

    Args:
        mesh: the mesh in the working tree.
        rev: a commit, as git accepts it.
        names: environments; empty selects all environments that are not on this machine.
        known: the mesh in environments, as far as it was computed before.

    Raises:
        MeshError: the mesh has errors in these environments.
        OutsideError: git does not know the commit.
        UsageError: an environment is declared neither now nor at the commit.
    """
    git = read_git(mesh.root)
    commit = base_commit(git, rev)
    remote = {name for org in mesh.orgs for name, one in org.environments.items() if not one.embedded}
    with former_mesh(git, commit, {*names} or remote) as former:
        chosen = _chosen(names, mesh, former.mesh)
        known = known or {}
        new = [name for name in chosen if name not in known and has_environment(mesh, name)]
        deployed = {**known, **_deployed(mesh, new)}
        files = changed_files(git, commit)
        everywhere = (*former.why, *_program(former.base, git, files))
        stacks: list[AffectedStack] = []
        for name in chosen:
            now = deployed.get(name)
            then, wrong = former_in(former, name, now.git if now else git, now)
            stacks += _compared(name, now, then, files, (*wrong, *everywhere))
    counts = {name: len([*every_stack(deployed.get(name))]) for name in chosen}
    return Affected(commit, counts, tuple(stacks))


def as_json(result: Affected) -> dict[str, Any]:
    """The result for CI: `matrix` in the format of GitHub Actions, and the removed stacks."""
    entries = [(one.change, vars(one) | {"reasons": list(one.reasons)}) for one in result.stacks]
    return {
        "base": result.base,
        "matrix": {"include": [entry for change, entry in entries if change != "removed"]},
        "removed": [entry for change, entry in entries if change == "removed"],
    }


def _program(base: Base, git: GitContext, files: Iterable[ChangedFile]) -> list[str]:
    """The changed files of the program that generates stacks, and of its dependencies."""
    code = Path(__file__).resolve().parents[2]
    own = {folder / name for folder in (code, git.root) for name in (*_PROGRAM, *_VERSIONS)}
    own |= {base.repository / name for name in _VERSIONS}
    inside = {os.path.relpath(path, git.root) for path in own if path.is_relative_to(base.repository)}
    changed = [file for file in files if any(file.is_in(path) for path in inside)]
    return (
        [f"the program that generates all stacks changed: {', '.join(shortened(changed))}"] if changed else []
    )


def _chosen(names: Sequence[str], mesh: Mesh, before: Mesh) -> list[str]:
    """The environments to compare."""
    environments = [item for org in (*mesh.orgs, *before.orgs) for item in org.environments.items()]
    known = {name for name, _ in environments}
    for name in names:
        if name not in known:
            raise UsageError(f"environment `{name}` is not defined ({nearest(name, known, 'environments')})")
    remote = [name for name, one in environments if not one.embedded]
    if not names and not remote:
        raise UsageError("every environment is the workspace on this machine (name one with --env)")
    return list(dict.fromkeys(names or remote))


def _deployed(mesh: Mesh, names: Iterable[str]) -> dict[str, MeshDeployment]:
    """The mesh in each environment.

    Raises:
        MeshError: the mesh has errors in an environment; the error has all findings.
    """
    deployed: dict[str, MeshDeployment] = {}
    findings: set[Finding] = set()
    for name in names:
        try:
            deployed[name] = mesh.in_environment(name)
        except MeshError as error:
            findings |= set(error.findings)
    if findings:
        raise MeshError(sorted(findings))
    return deployed


def _compared(
    env: str,
    now: MeshDeployment | None,
    then: MeshDeployment | None,
    files: Sequence[ChangedFile],
    everywhere: tuple[str, ...],
) -> Iterator[AffectedStack]:
    """The affected stacks of one environment.

    Args:
        env: the environment's name.
        now: the current mesh; None if the environment is no longer declared.
        then: the mesh at the base commit; None if it did not exist or is unknown.
        files: the changed files.
        everywhere: the reasons why every stack may differ, regardless of the model.
    """
    difference = MeshDifference(now, then, files)
    old = {stable_key(one): one for one in every_stack(then)}
    for one in every_stack(now):
        former = old.pop(stable_key(one), None)
        if former is None:
            unknown = then is None and everywhere
            reasons = difference.inputs(one) or ([] if unknown else ["its environment is new"])
            yield _affected(env, one, "changed" if unknown else "new", [*reasons, *everywhere])
        elif one is not former and fingerprint(one) != fingerprint(former):
            yield _affected(env, one, "changed", [*difference.reasons(former, one), *everywhere])
        elif everywhere:
            yield _affected(env, one, "changed", everywhere)
    for one in old.values():
        yield _affected(env, one, "removed", difference.inputs(one))


def _affected(env: str, stack: Stack, change: StackChange, reasons: Sequence[str]) -> AffectedStack:
    project = stack.path if isinstance(stack, Deployment) else None
    return AffectedStack(env, stack.stack, project, change, stack.state_key, tuple(reasons))


_STYLES = {"changed": "yellow", "new": "green", "removed": "red"}


def as_trees(result: Affected) -> Iterable[Tree]:
    """One tree per environment: the affected stacks, with the kind and the reasons of the change."""
    from rich.text import Text
    from rich.tree import Tree

    for env, count in result.counts.items():
        own = [one for one in result.stacks if one.env == env]
        declared = [one for one in own if one.change != "removed"]
        count_text = f"{len(declared) or 'none'} of {count} stack{'' if count == 1 else 's'} affected"
        summary = count_text if count else "no longer declared"
        tree = Tree(Text.assemble((env, "bold"), f" · {summary} since {short_ref(result.base)}"))
        for one in own:
            state = f", its state is {one.state_key}" if one.change == "removed" else ""
            node = tree.add(Text.assemble(one.stack, "  ", (f"{one.change}{state}", _STYLES[one.change])))
            for reason in one.reasons:
                node.add(Text(visible(reason), "dim"))
        yield tree
