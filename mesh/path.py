"""Which part of a mesh somebody means by a path, which may leave out levels at its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.level import leads_to
from mesh.mesh import Mesh


def found(path: str, known: Iterable[str], mesh: Mesh, env: str) -> str:
    """The whole path of the one that `path` leads to.

    Args:
        path: as somebody wrote it.
        known: the paths that can be meant.
        mesh: where a path that is not among them may still be, to say why it is not.
        env: the environment that they are deployed in.

    Raises:
        UsageError: none is meant, or more than one.
    """
    paths = list(known)
    if (whole := path.strip("/")) in paths:
        return whole
    meant = [one for one in paths if leads_to(path, one)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UsageError(f"`{path}` may be {' or '.join(meant)} (write more of it)")
    if below := [one for one in paths if f"/{whole}/" in f"/{one}/"]:
        raise UsageError(f"`{path}` is more than one project or flow (write one of {', '.join(below)})")
    for org, project in mesh.projects:
        levels = (org.name or "", project.path.rpartition("/")[0], project.path)
        if not any(leads_to(path, one) for one in (*levels, *(flow.path for flow in project.flows))):
            continue
        if not project.flows:
            raise UsageError(f"project `{path}` has no flows, so nothing of it is deployed")
        choices = ", ".join(sorted(org.environments))
        raise UsageError(
            f"`{path}` is not deployed in `{env}` (environments of {org.name or 'the mesh'}: {choices})"
        )
    raise UsageError(f"`{path}` is not in the mesh ({nearest(path, _named(path, paths), 'paths')})")


def _named(path: str, paths: Iterable[str]) -> Iterator[str]:
    """What somebody who wrote `path` may have meant: as many levels, from the end."""
    levels = len(path.strip("/").split("/"))
    for one in paths:
        yield "/".join(one.split("/")[-levels:])
