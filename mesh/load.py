"""Loads a mesh from the folders `orgs/` or `domains/` below a root."""

from __future__ import annotations

import os
from pathlib import Path

from mesh.deployment.flow_references import check_flow_cycles
from mesh.errors import MeshError, UsageError
from mesh.files.files import Files
from mesh.git.root import mesh_root
from mesh.mesh import Mesh
from mesh.reading.mesh_reader import MeshReader


def load(root: Path | None = None) -> Mesh:
    """Loads the mesh below `root`.

    Args:
        root: a repository with `orgs/` or `domains/`; by default MESH_ROOT, else found by `mesh_root`.

    Raises:
        MeshError: files have errors; with all findings.
        UsageError: there is no mesh below the root.
    """
    named = os.environ.get("MESH_ROOT")
    root = root.resolve() if root else Path(named).resolve() if named else mesh_root()
    if not (root / "orgs").is_dir() and not (root / "domains").is_dir():
        raise UsageError(
            f"{root} has neither orgs/ nor domains/ (set the mesh's root with --root or MESH_ROOT)"
        )
    reader = MeshReader(Files(root))
    mesh = Mesh(root, reader.orgs())
    reader.policy(mesh.orgs)
    if reader.findings:
        # other checks across flows need the names of an environment
        cycles = [finding for org in mesh.orgs for finding in check_flow_cycles(org)]
        raise MeshError(sorted({*reader.findings, *cycles}))
    return mesh
