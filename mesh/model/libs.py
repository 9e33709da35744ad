"""Code that the flows of a project share: Python packages and modules in its folder `libs/`.

Tasks import them from workspace files, which work for all tasks and all compute. A wheel in a serverless
environment would work for Python tasks only: Databricks refuses environments for notebook tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from mesh.files.files import FOLDER, Files
from mesh.finding import Finding
from mesh.model.code import code_files
from mesh.model.notebook import language_of, suffix_of

LIBS = "libs"
"""The folder in a project, and the job parameter that holds its path."""


def libs(project: str, files: Files) -> str | None:
    """Returns the project's folder of shared code, relative to the mesh's root; None if it has no modules.

    Args:
        project: the project's folder, from the mesh's root.
        files: the files of the mesh.
    """
    return f"{project}/{LIBS}" if any(_modules(project, files)) else None


def check_libs(project: str, files: Files) -> Iterator[Finding]:
    """Checks that Python can import every file of the shared code.

    Source: Databricks documentation, "Work with Python and R modules": a module is a file, not a notebook.

    Args:
        project: the project's folder, from the mesh's root.
        files: the files of the mesh.
    """
    for file in _modules(project, files):
        if language_of(".py", files.beginning(file)):
            message = "is a notebook, which cannot be imported"
            remedy = "remove its first line, or move it to a flow"
            yield Finding(file, 1, 1, "library-is-notebook", f"{message} ({remedy})")


def in_workspace(folder: str, path: str) -> str:
    """Returns the import path of a folder of the mesh in the workspace.

    Args:
        folder: the deployment's own folder in the workspace.
        path: from the mesh's root.
    """
    return f"/Workspace{folder}/{path}"


def _modules(project: str, files: Files) -> Iterator[str]:
    folder = f"{project}/{LIBS}"
    if files.kind(folder) == FOLDER and not files.is_link(folder):
        yield from (file for file in code_files(folder, files) if suffix_of(file) == ".py")
