"""`--affected`: the stacks that `mesh affected` lists, as the selection of `mesh plan` and `mesh deploy`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesh.commands.affected import affected
from mesh.commands.former_mesh import removed_stacks
from mesh.errors import UsageError
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.naming import short_ref


@dataclass(frozen=True)
class AffectedSelection:
    """The affected stacks of one environment.

    Args:
        base: the full hash of the commit.
        declared: the names of the changed and new stacks.
        removed: the names of stacks that are no longer declared, and that a plan can destroy.
    """

    base: str
    declared: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def nothing(self) -> str:
        """The message if no stack is affected."""
        return f"No stack is affected since {short_ref(self.base)}."


def require_base(names: Sequence[str], base: str | None) -> str:
    """Returns the commit to compare with.

    Args:
        names: the stacks that the command line names beside `--affected`.
        base: the value of `--base`.

    Raises:
        UsageError: the command line selects stacks in two ways, or names no commit.
    """
    if names:
        raise UsageError(
            f"`{names[0]}` and --affected both select stacks (name the stacks, or let --affected find them)"
        )
    if base is None:
        raise UsageError("--affected needs the commit to compare with (add --base, such as `--base main`)")
    return base


def without_affected(base: str | None) -> None:
    """Refuses `--base` of a deployment that does not select by it.

    Raises:
        UsageError: `--base` is given.
    """
    if base is not None:
        raise UsageError("--base selects stacks only with --affected (add it, or leave out --base)")


def select_affected(mesh: Mesh, deployed: MeshDeployment, rev: str) -> AffectedSelection:
    """Selects the stacks whose Terraform code differs from a commit.

    Args:
        mesh: the mesh in all environments.
        deployed: the mesh in its environment.
        rev: the commit, as git accepts it.

    Raises:
        OutsideError: git does not know the commit, or the mesh had errors there.
    """
    found = affected(mesh, rev, [deployed.name], {deployed.name: deployed})
    declared = tuple(one.stack for one in found.stacks if one.change != "removed")
    if len(declared) == len(found.stacks):
        return AffectedSelection(found.base, declared, ())
    # a foundation is not removed while another environment uses its metastore
    _, removed = removed_stacks(mesh, deployed, rev)
    return AffectedSelection(found.base, declared, tuple(one.stack for one in removed))
