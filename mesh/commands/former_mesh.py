"""The mesh at an earlier commit, and the stacks that are no longer declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import Stack
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding
from mesh.git.base_commit import Base, base_commit, checkout_of
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.naming import short_ref


def former_mesh(base: Base) -> tuple[Mesh, list[str]]:
    """The mesh at a commit, and the reasons why it is incomplete."""
    absent = [
        f"submodule {path} is not checked out as of {short_ref(base.commit)} (`git fetch` in it)"
        for path in base.absent
    ]
    empty = Mesh(base.root, ())
    try:
        return load(base.root), absent
    except UsageError:  # there was no mesh
        return empty, absent
    except MeshError as error:
        return empty, [_unreadable(base.commit, error.findings), *absent]


def former_in(before: Mesh, env: str, git: GitContext, base: Base) -> tuple[MeshDeployment | None, list[str]]:
    """The mesh at a commit in an environment, and the reasons why it is unknown.

    Args:
        before: the mesh at the commit.
        env: the environment.
        git: the current checkout, for user and branch.
        base: the commit.

    Returns:
        None if the environment did not exist, or if the mesh had errors.
    """
    if not has_environment(before, env):
        return None, []
    at = replace(git, root=base.root, head=base.commit, commit=base.commit if git.commit else None)
    try:
        return before.in_environment(env, at), []
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
    with checkout_of(now.git, commit) as base:
        before, why = former_mesh(base)
        then, wrong = former_in(before, now.name, now.git, base)
    if unknown := [*why, *wrong]:
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
