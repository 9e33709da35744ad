"""Installs libraries of the repository from the files that a deployment uploads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from mesh.documents.document import Location
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.code import WorkspaceCode
from mesh.model.entry import Entry
from mesh.model.library import LocalLibrary
from mesh.model.project import Project


class Installed:
    """Replaces the paths of libraries in the fields of a job or pipeline by paths in the workspace.

    Args:
        libraries: the libraries in the repository that it installs.
        uploads: the files that the deployment uploads.
    """

    def __init__(self, libraries: Sequence[LocalLibrary], uploads: WorkspaceCode | None) -> None:
        self._by_location = {library.at: library for library in libraries}
        self._uploads = uploads

    def libraries(self, declared: Sequence[Mapping[str, Any]], at: Location) -> list[dict[str, Any]]:
        """Returns a list `libraries`; a pattern becomes one library per file.

        Args:
            declared: the list.
            at: its position in the document.
        """
        return [one for index, library in enumerate(declared) for one in self.library(library, (*at, index))]

    def environment(self, spec: Mapping[str, Any], at: Location) -> dict[str, Any]:
        """Returns the specification of an environment; a pattern becomes one dependency per file.

        Args:
            spec: the fields of the environment.
            at: its position in the document.
        """
        return {
            field: [path for i, line in enumerate(value) for path in self._paths(line, (*at, field, i))]
            if field in ("dependencies", "java_dependencies") and isinstance(value, list)
            else value
            for field, value in spec.items()
        }

    def library(self, library: Mapping[str, Any], at: Location) -> Iterator[dict[str, Any]]:
        """Yields one entry of a list `libraries`; several for a pattern.

        Args:
            library: the entry.
            at: its position in the document.
        """
        kind = next((name for name in library if (*at, name) in self._by_location), None)
        if kind is None:
            yield dict(library)
            return
        yield from ({**library, kind: path} for path in self._paths(library[kind], (*at, kind)))

    def _paths(self, written: str, at: Location) -> list[str]:
        library = self._by_location.get(at)
        if library is None:
            return [written]
        return [f"{library.option}/Workspace{path}" for path in uploaded(library, self._uploads)] or [written]


def uploaded(library: LocalLibrary, uploads: WorkspaceCode | None) -> list[str]:
    """Returns the paths in the workspace of a library: one, or those that match its pattern."""
    if uploads is None:
        return []
    place = uploads.notebook_path(library.path)
    if library.is_pattern:
        return [file.path for file in uploads.files if file.matches(place)]
    return [place] if _is_uploaded(library.path, uploads) else []


def _is_uploaded(path: PurePosixPath, uploads: WorkspaceCode | None) -> bool:
    if uploads is None:
        return False
    place = uploads.notebook_path(path)
    return any(f"{file.path}/".startswith(f"{place}/") for file in uploads.files)


def libraries_to_upload(project: Project, files: Files) -> list[str]:
    """Returns the files of a project that its jobs and pipelines install, relative to the mesh's root."""
    entries = (entry for flow in project.flows for entry in flow.entries)
    found = {path for entry in entries for one in entry.local_libraries for path in one.matching(files)}
    return sorted(path.as_posix() for path in found if path.is_relative_to(project.folder))


def check_libraries_reach(project: Project, uploads: WorkspaceCode | None, files: Files) -> Iterator[Finding]:
    """Reports libraries that are not uploaded to the workspace.

    Args:
        project: the project, in its environment.
        uploads: the uploaded files.
        files: the files of the mesh.
    """
    for entry in (entry for flow in project.flows for entry in flow.entries):
        for library in entry.local_libraries:
            for path in library.matching(files):
                if not _is_uploaded(path, uploads):
                    yield _not_uploaded(path, library, entry, project, uploads)


def _not_uploaded(
    path: PurePosixPath,
    library: LocalLibrary,
    entry: Entry,
    project: Project,
    uploads: WorkspaceCode | None,
) -> Finding:
    what = f"{library.what} `{path}`"
    if not path.is_relative_to(project.folder):
        message = (
            f"{what} is outside the project (move it to {project.folder}, or declare its folder as `code`)"
        )
        return entry.document.finding("notebook-outside-project", library.at, message)
    if uploads and uploads.commit:
        why = f"is not in commit {uploads.commit[:8]} (commit it, or deploy with `code: workspace`)"
    else:
        why = "is not uploaded, because it is a link, hidden, or in `explore` (move the file)"
    return entry.document.finding("not-in-workspace", library.at, f"{what} {why}")
