"""Code that the flows of a project share: Python packages and modules in its folder `libs/`.

Tasks import them from workspace files, which work for all tasks and all compute. A wheel in a serverless
environment would work for Python tasks only: Databricks refuses environments for notebook tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mesh.finding import Finding
from mesh.model.code import code_files
from mesh.model.notebook import notebook_language

LIBS = "libs"
"""The folder in a project, and the job parameter that holds its path."""


def libs(project: Path, root: Path) -> str | None:
    """Returns the project's folder of shared code, relative to the mesh's root; None if it has no modules.

    Args:
        project: the project's folder.
        root: the mesh's root.
    """
    return (project / LIBS).relative_to(root).as_posix() if any(_modules(project)) else None


def check_libs(project: Path, root: Path) -> Iterator[Finding]:
    """Checks that Python can import every file of the shared code.

    Source: Databricks documentation, "Work with Python and R modules": a module is a file, not a notebook.

    Args:
        project: the project's folder.
        root: the mesh's root.
    """
    for path in _modules(project):
        if notebook_language(path):
            message = "is a notebook, which cannot be imported"
            remedy = "remove its first line, or move it to a flow"
            file = path.relative_to(root).as_posix()
            yield Finding(file, 1, 1, "library-is-notebook", f"{message} ({remedy})")


def in_workspace(folder: str, path: str) -> str:
    """Returns the import path of a folder of the mesh in the workspace.

    Args:
        folder: the deployment's own folder in the workspace.
        path: from the mesh's root.
    """
    return f"/Workspace{folder}/{path}"


def _modules(project: Path) -> Iterator[Path]:
    folder = project / LIBS
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in code_files(folder) if path.suffix == ".py")
