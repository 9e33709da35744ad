"""Finds the root of the mesh that contains a folder, as git finds the root of a checkout."""

from pathlib import Path


def mesh_root(folder: Path | None = None) -> Path:
    """The root of the mesh: the nearest folder upwards with `orgs/`, else the nearest with `domains/`.

    The search ends at the root of the git checkout. Without a mesh, the folder itself.

    Args:
        folder: where the search begins; None takes the current folder.
    """
    start = (folder or Path.cwd()).resolve()
    candidates = []
    for each in (start, *start.parents):
        candidates.append(each)
        if (each / ".git").exists():
            break
    # An org's own folder has domains/, too: it is not the root if a folder above has orgs/.
    for name in ("orgs", "domains"):
        for each in candidates:
            if (each / name).is_dir():
                return each
    return start
