"""Loads a mesh from the folders `orgs/` or `domains/` below a root."""

from __future__ import annotations

import os
from pathlib import Path

from mesh.errors import MeshError, UsageError
from mesh.files.files import FOLDER, Files
from mesh.git.root import mesh_root
from mesh.mesh import Mesh
from mesh.reading.kept_models import KeptModels
from mesh.reading.read_mesh import read_mesh


def load(root: Path | None = None) -> Mesh:
    """Loads the mesh below `root`, with the models that are kept in its `.mesh` unless MESH_NO_CACHE is set.

    Args:
        root: a repository with `orgs/` or `domains/`; by default MESH_ROOT, else found by `mesh_root`.

    Raises:
        MeshError: files have errors; with all findings.
        UsageError: there is no mesh below the root.
    """
    named = os.environ.get("MESH_ROOT")
    root = root.resolve() if root else Path(named).resolve() if named else mesh_root()
    return loaded(Files(root), KeptModels(root))


def loaded(files: Files, kept: KeptModels | None = None) -> Mesh:
    """Loads the mesh of these files.

    Args:
        files: the files below the mesh's root.
        kept: the kept models; None to read everything.

    Raises:
        MeshError: files have errors; with all findings.
        UsageError: there is no mesh.
    """
    if not any(files.kind(name) == FOLDER for name in ("orgs", "domains")):
        raise UsageError(
            f"{files.root} has neither orgs/ nor domains/ (set the mesh's root with --root or MESH_ROOT)"
        )
    read = read_mesh(files, kept)
    if read.findings:
        from mesh.deployment.flow_references import check_flow_cycles

        # other checks across flows need the names of an environment
        cycles = [finding for org in read.orgs for finding in check_flow_cycles(org)]
        raise MeshError(sorted({*read.findings, *cycles}))
    return Mesh(files.root, read.orgs, read.key)
