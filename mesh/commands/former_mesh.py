"""The mesh as it was at a commit, and which of its stacks it has no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import Stack
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding
from mesh.git.base_commit import Base, base_commit, laid_out
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import DeployedMesh, Mesh
from mesh.model.naming import short_ref


def former_mesh(base: Base) -> tuple[Mesh, list[str]]:
    """The mesh as it was; and why it is not whole, where it is not."""
    absent = [
        f"submodule {path} is not here as it was at {short_ref(base.commit)} (`git fetch` in it)"
        for path in base.absent
    ]
    nothing = Mesh(base.root, ())
    try:
        return load(base.root), absent
    except UsageError:  # there was none
        return nothing, absent
    except MeshError as error:
        return nothing, [_unreadable(base.commit, error.findings), *absent]


def former_in(before: Mesh, env: str, git: GitContext, base: Base) -> tuple[DeployedMesh | None, list[str]]:
    """The mesh as it was in an environment; None where there was none, or where it had errors.

    Args:
        before: the mesh as it was.
        env: the environment.
        git: the checkout as it is: user and branch stay the same.
        base: the commit.
    """
    if not has(before, env):
        return None, []
    at = replace(git, root=base.root, head=base.commit, commit=base.commit if git.commit else None)
    try:
        return before.in_environment(env, at), []
    except MeshError as error:
        return None, [_unreadable(base.commit, error.findings)]
    except UsageError as error:
        return None, [f"the mesh had an error at {short_ref(base.commit)}: {error}"]


def has(mesh: Mesh, env: str) -> bool:
    """Whether some org of a mesh has an environment."""
    return any(env in org.environments for org in mesh.orgs)


def every_stack(mesh: DeployedMesh | None) -> Iterator[Stack]:
    """All stacks, foundations first; none where there is no mesh."""
    if mesh:
        yield from mesh.foundations
        yield from mesh.deployments


def lasting_key(one: Stack) -> tuple[type, str]:
    """What stays the same of a stack: where its state is, whoever deploys it and from whichever commit."""
    personal = len(one.identity.key) if isinstance(one, Deployment) else 0
    segments = one.state_key.split("/")
    return type(one), "/".join(segments[: len(segments) - personal])


def gone(mesh: Mesh, now: DeployedMesh, rev: str) -> tuple[str, list[Stack]]:
    """The stacks of an environment that the mesh had at a commit and has no more, and the commit in full.

    What environments share on a metastore is gone when none of them is left there.

    Args:
        mesh: the mesh as it is.
        now: what it is in the environment.
        rev: the commit, as git takes it.

    Raises:
        OutsideError: git does not know the commit, or nobody can tell what the mesh was.
    """
    commit = base_commit(now.git, rev)
    with laid_out(now.git, commit) as base:
        before, why = former_mesh(base)
        then, wrong = former_in(before, now.name, now.git, base)
    if unknown := [*why, *wrong]:
        raise OutsideError(f"what is gone since {short_ref(commit)} cannot be told: {'; '.join(unknown)}")
    kept = {lasting_key(one) for one in every_stack(now)}
    metastores = {(org.name, one.metastore) for org in mesh.orgs for one in org.environments.values()}
    return commit, [
        one
        for one in every_stack(then)
        if lasting_key(one) not in kept
        and not (isinstance(one, Foundation) and (one.org, one.environment.metastore) in metastores)
    ]


def _unreadable(commit: str, findings: Sequence[Finding]) -> str:
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"the mesh had errors at {short_ref(commit)}: {findings[0]}{more}"
