"""The copy of a project in which dbt runs, so that what dbt writes is no file of the workspace."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.notebook.places import Places

PACKAGES = "dbt_packages"
"""The folder in which dbt installs packages; source: dbt-core, `packages-install-path`."""


@dataclass(frozen=True)
class ProjectCopy:
    """A copy of a project, at the same path below a folder of the run.

    Args:
        path: the folder of the copy.
        project: the folder of the project in the workspace.
        workspace_files: the folder on disk that is the workspace's root.
    """

    path: Path
    project: Path
    workspace_files: Path

    def place(self, file: str, package: str = "") -> str:
        """Return the name of a file as tracebacks of Databricks have it, `/Workspace/…`.

        Args:
            file: the file, relative to its project or package.
            package: the name of the package, or of the project.
        """
        installed = self.path / PACKAGES / package
        found = Path(os.path.realpath(installed if package and installed.is_dir() else self.path)) / file
        if found.is_relative_to(self.path):
            found = self.project / found.relative_to(self.path)
        return Places(self.workspace_files).file(str(found))


def copy_project(project: Path, workspace_files: Path, folder: Path) -> ProjectCopy:
    """Copy a project, with links to what is beside it in the workspace, for paths that begin with `..`.

    Args:
        project: the folder of the project in the workspace.
        workspace_files: the folder on disk that is the workspace's root.
        folder: the folder of the run; what is there from an earlier copy is deleted.
    """
    project, root, top = (Path(os.path.realpath(each)) for each in (project, workspace_files, folder))
    top = top / "workspace"
    shutil.rmtree(top, ignore_errors=True)
    copy = top / (project.relative_to(root) if project.is_relative_to(root) else project.name)
    copy.parent.mkdir(parents=True, mode=0o700)
    if project.is_relative_to(root):
        for each in _beside(project, root):
            link = top / each.relative_to(root)
            link.symlink_to(each, target_is_directory=each.is_dir())
    shutil.copytree(project, copy)
    return ProjectCopy(copy, project, root)


def _beside(folder: Path, root: Path) -> Iterator[Path]:
    """Yield the files and folders beside a folder, and beside each folder above it."""
    while folder != root:
        yield from (each for each in folder.parent.iterdir() if each != folder)
        folder = folder.parent
