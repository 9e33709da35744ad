"""Where jobs take a project's code from."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mesh.finding import Finding
from mesh.identifier import identifier
from mesh.task import LANGUAGES, NOTEBOOK_SUFFIXES

# Databricks documentation, "Workspace files": the limit of the import API
MAX_FILE_BYTES = 10_000_000

_MESH_FILES = {"deployment.yml", "project.yml"}
_NOTEBOOK_HEADER = "Databricks notebook source"


@dataclass(frozen=True)
class GitCode:
    """Notebooks come out of the repository, at one commit.

    Args:
        url: the repository's address.
        commit: the project's source commit.
        prefix: the mesh's root as seen from the repository's, "" or ending in `/`.
    """

    url: str
    commit: str
    prefix: str

    def notebook_path(self, notebook: PurePosixPath) -> str:
        """How a task names a notebook that lies at `notebook` from the mesh's root."""
        return self.prefix + notebook.as_posix()


@dataclass(frozen=True)
class CodeFile:
    """One file that the deployment puts into the workspace.

    Args:
        id: its Terraform name.
        source: where it is on this machine.
        path: where it goes in the workspace; a notebook's has no suffix.
        language: of a notebook, as the Workspace API spells it; None for other files.
    """

    id: str
    source: Path
    path: str
    language: str | None

    @property
    def format(self) -> str | None:
        """Of a notebook that is not in source format, as the Workspace API spells it."""
        return "JUPYTER" if self.source.suffix == ".ipynb" else None

    @property
    def content_base64(self) -> str:
        """What it holds; read when asked for."""
        return base64.b64encode(self.source.read_bytes()).decode()


@dataclass(frozen=True)
class WorkspaceCode:
    """Notebooks are files that the deployment puts into the workspace.

    Args:
        folder: the deployment's own folder in the workspace.
        files: the project's files, in order of their paths.
    """

    folder: str
    files: tuple[CodeFile, ...]

    def notebook_path(self, notebook: PurePosixPath) -> str:
        """How a task names a notebook that lies at `notebook` from the mesh's root."""
        return f"{self.folder}/{notebook.as_posix()}"


Code = GitCode | WorkspaceCode


def workspace_code(root: Path, project: str, folder: str, shared: Sequence[str] = ()) -> WorkspaceCode:
    """The project's files as a deployment puts them into the workspace.

    The path below `folder` is the one below the mesh's root, so that a notebook which asks brickops
    for names finds the levels of the mesh in its own path.

    Args:
        root: the mesh's root.
        project: the project's folder, from the root.
        folder: the deployment's own folder in the workspace.
        shared: files above the project that its code reads at run time, from the root.
    """
    above = [CodeFile(_identifier(Path(file)), root / file, f"{folder}/{file}", None) for file in shared]
    own = [_code_file(path, root, project, folder) for path in _files(root / project)]
    return WorkspaceCode(folder, (*above, *own))


def check_code(code: WorkspaceCode, root: Path) -> Iterator[Finding]:
    """All that is wrong with files that go into the workspace."""
    taken: dict[tuple[bool, str], CodeFile] = {}
    for file in code.files:
        name = file.source.relative_to(root).as_posix()
        if (size := file.source.stat().st_size) > MAX_FILE_BYTES:
            yield Finding(
                name,
                1,
                1,
                "file-too-large",
                f"holds {size:,} bytes; a workspace file may hold {MAX_FILE_BYTES:,} (use a volume)",
            )
        if (first := taken.setdefault((file.language is None, file.id), file)) is not file:
            twin = first.source.relative_to(root).as_posix()
            yield Finding(
                name,
                1,
                1,
                "same-terraform-name",
                f"would get the Terraform name `{file.id}`, as {twin} does (rename one)",
            )


def _files(project: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        folders[:] = sorted(
            name for name in folders if not name.startswith((".", "__")) and name != "explore"
        )
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and name not in _MESH_FILES and not path.is_symlink():
                yield path


def _code_file(path: Path, root: Path, project: str, folder: str) -> CodeFile:
    language = _language(path)
    relative = path.relative_to(root)
    target = relative.with_suffix("") if language else relative
    return CodeFile(_identifier(target.relative_to(project)), path, f"{folder}/{target.as_posix()}", language)


def _language(path: Path) -> str | None:
    """The language of a notebook in source format; None where the file is no notebook."""
    if path.suffix == ".ipynb":
        return "PYTHON"
    if path.suffix not in NOTEBOOK_SUFFIXES:
        return None
    with path.open("rb") as file:
        first = file.readline(200).decode("utf-8", "replace")
    return LANGUAGES[path.suffix.lower()] if _NOTEBOOK_HEADER in first else None


def _identifier(path: Path) -> str:
    """A Terraform name that reads like the path: `prep_revenue_revenue_by_borough`."""
    parts = path.parts[1:] if path.parts[0] == "flows" else path.parts
    return identifier("_".join(parts))
