"""The mesh at an earlier commit, and the stacks that are no longer declared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import Stack
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.files.commit_files import CommitFiles, committed_ids
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.git.base_commit import Base, base_commit, checkout_of, outline_of
from mesh.git.checkout import GitContext
from mesh.git.conversion import writes_as_committed
from mesh.git.objects import GitObjects
from mesh.load import loaded
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.naming import short_ref
from mesh.reading.kept_models import KeptModels


@dataclass(frozen=True)
class FormerMesh:
    """The mesh at a commit.

    Args:
        mesh: the mesh; empty if there was none, or if it had errors.
        base: the commit.
        files: the files of the mesh at the commit.
        why: the reasons why it is incomplete.
    """

    mesh: Mesh
    base: Base
    files: Files
    why: tuple[str, ...] = ()


@contextmanager
def former_mesh(git: GitContext, commit: str, names: Collection[str]) -> Iterator[FormerMesh]:
    """The mesh at a commit, which reads only what the working tree does not have, too.

    A checkout of all files is written only if it is needed: for links, submodules, and deployments of files
    in the working tree that git may not write as they are committed.

    Args:
        git: the checkout.
        commit: the full id of a commit in it.
        names: the environments to compute; those that are not on this machine may be computed, too.

    Raises:
        OutsideError: git cannot read the commit.
    """
    kept = KeptModels(git.root, label="base")
    if ids := committed_ids(git, commit):
        with outline_of(git, commit) as base, GitObjects(git.root) as objects:
            files = CommitFiles(base.root, git.root, ids, objects)
            former = _loaded(base, files, kept)
            if not _uploads_code(former.mesh, names) or writes_as_committed(git, commit):
                yield former
                return
    with checkout_of(git, commit) as base:
        yield _loaded(base, Files(base.root), kept)


def _loaded(base: Base, files: Files, kept: KeptModels) -> FormerMesh:
    absent = tuple(
        f"submodule {path} is not checked out as of {short_ref(base.commit)} (`git fetch` in it)"
        for path in base.absent
    )
    empty = Mesh(base.root, ())
    try:
        return FormerMesh(loaded(files, kept), base, files, absent)
    except UsageError:  # there was no mesh
        return FormerMesh(empty, base, files, absent)
    except MeshError as error:
        return FormerMesh(empty, base, files, (_unreadable(base.commit, error.findings), *absent))


def _uploads_code(mesh: Mesh, names: Collection[str]) -> bool:
    """True if a deployment may take files from the working tree instead of from git.

    In one of these environments, or in one that is not on this machine.
    """
    environments = [item for org in mesh.orgs for item in org.environments.items()]
    chosen = (one for name, one in environments if name in names or not one.embedded)
    return any(one.code == "workspace" or one.embedded for one in chosen)


def former_in(
    former: FormerMesh, env: str, git: GitContext, now: MeshDeployment | None = None
) -> tuple[MeshDeployment | None, list[str]]:
    """The mesh at a commit in an environment, and the reasons why it is unknown.

    Args:
        former: the mesh at the commit.
        env: the environment.
        git: the current checkout, for user and branch.
        now: the current mesh in the environment, whose deployments are taken where nothing differs.

    Returns:
        None if the environment did not exist, or if the mesh had errors.
    """
    before, base = former.mesh, former.base
    if not has_environment(before, env):
        return None, []
    at = replace(git, root=base.root, head=base.commit, commit=base.commit if git.commit else None)
    try:
        return before.in_environment(env, at, files=former.files, known=now), []
    except MeshError as error:
        return None, [_unreadable(base.commit, error.findings)]
    except UsageError as error:
        return None, [f"the mesh had an error at {short_ref(base.commit)}: {error}"]


def has_environment(mesh: Mesh, env: str) -> bool:
    """True if an org of the mesh declares the environment."""
    return any(env in org.environments for org in mesh.orgs)


def every_stack(mesh: MeshDeployment | None) -> Iterator[Stack]:
    """All stacks, foundations first; empty without a mesh."""
    if mesh:
        yield from mesh.foundations
        yield from mesh.deployments


def stable_key(stack: Stack) -> tuple[type, str]:
    """The identity of a stack across commits and users: type and state key, without user and commit."""
    personal = len(stack.identity.key) if isinstance(stack, Deployment) else 0
    segments = stack.state_key.split("/")
    return type(stack), "/".join(segments[: len(segments) - personal])


def removed_stacks(mesh: Mesh, now: MeshDeployment, rev: str) -> tuple[str, list[Stack]]:
    """The full hash of a commit, and the stacks that were declared there and are no longer declared.

    The foundation of a metastore counts as declared while any environment uses the metastore.

    Args:
        mesh: the current mesh.
        now: the current mesh in the environment.
        rev: the commit, as git accepts it.

    Raises:
        OutsideError: git does not know the commit, or the mesh had errors there.
    """
    commit = base_commit(now.git, rev)
    with former_mesh(now.git, commit, [now.name]) as former:
        then, wrong = former_in(former, now.name, now.git, now)
    if unknown := [*former.why, *wrong]:
        raise OutsideError(
            f"the stacks that were removed since {short_ref(commit)} are unknown: {'; '.join(unknown)}"
        )
    declared = {stable_key(one) for one in every_stack(now)}
    metastores = {(org.name, one.metastore) for org in mesh.orgs for one in org.environments.values()}
    return commit, [
        one
        for one in every_stack(then)
        if stable_key(one) not in declared
        and not (isinstance(one, Foundation) and (one.org, one.environment.metastore) in metastores)
    ]


def _unreadable(commit: str, findings: Sequence[Finding]) -> str:
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"the mesh had errors at {short_ref(commit)}: {findings[0]}{more}"
