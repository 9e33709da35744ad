"""Wheels, jars and requirements in the repository that a job, a pipeline or an environment installs.

Databricks installs them by absolute paths only, so the deployment uploads them and names where they are.
Source: Databricks SDK, `compute.Library` and `compute.Environment`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from mesh.documents.document import Document, Location
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.task import Task, with_inner

# The kinds of a library that name a file, with their labels in messages
_KINDS = {"whl": "wheel", "jar": "jar", "egg": "egg", "requirements": "requirements file"}
_ENVIRONMENTS = ("environments", "environment")
# An option of pip that reads a file of requirements, or a folder, in one line of `dependencies`
_OPTION = re.compile(
    r"(?P<option>(?:-r|-c|-e)\s*|--(?:requirement|constraint|editable)(?:\s+|=))(?P<path>\S.*)"
)
_PACKAGE_FILES = (".whl", ".tar.gz", ".zip", ".egg")
_JAR = ".jar"


@dataclass(frozen=True)
class LocalLibrary:
    """A file that is installed from the repository.

    Args:
        option: the text before the path, such as `-r `.
        written: the path as declared.
        path: from the mesh's root, without `..`; its last parts may be a pattern.
        what: its label in messages.
        at: its position in the document.
    """

    option: str
    written: str
    path: PurePosixPath
    what: str
    at: Location

    @property
    def is_pattern(self) -> bool:
        """True if the path is a pattern, such as `dist/*.whl`."""
        return any(character in self.written for character in "*?[")

    @property
    def is_outside(self) -> bool:
        """True if the path leaves the repository."""
        return ".." in self.path.parts

    def matching(self, files: Files) -> list[PurePosixPath]:
        """Returns the files or folders on this machine, from the mesh's root, in order of their names."""
        path = self.path.as_posix()
        found = files.below("", path) if self.is_pattern else [path]
        return sorted(PurePosixPath(one) for one in found if files.kind(one))


def local_libraries(
    declared: Mapping[str, Any], tasks: Sequence[Task], file: str
) -> tuple[LocalLibrary, ...]:
    """Returns the libraries in the repository that a job or pipeline installs; skips values of a wrong type.

    Args:
        declared: the fields of the job or pipeline.
        tasks: the tasks of a job.
        file: its deployment.yml, from the mesh's root.
    """
    found = [*_of_libraries(declared, (), file)]
    for task in with_inner(tasks):
        found += _of_libraries(task.data, task.at, file)
    for field in _ENVIRONMENTS:
        value = declared.get(field)
        if isinstance(value, Mapping):  # of a pipeline
            found += _of_environment(value, (field,), file)
        for index, environment in enumerate(value if isinstance(value, list) else ()):
            spec = environment.get("spec") if isinstance(environment, Mapping) else None
            if isinstance(spec, Mapping):
                found += _of_environment(spec, (field, index, "spec"), file)
    return tuple(found)


def _of_libraries(declared: Mapping[str, Any], at: Location, file: str) -> Iterator[LocalLibrary]:
    listed = declared.get("libraries")
    if not listed:
        return
    for index, library in enumerate(listed if isinstance(listed, list) else ()):
        for kind, what in _KINDS.items():
            written = library.get(kind) if isinstance(library, Mapping) else None
            if isinstance(written, str) and _is_relative(written):
                yield _library("", written, what, (*at, "libraries", index, kind), file)


def _of_environment(spec: Mapping[str, Any], at: Location, file: str) -> Iterator[LocalLibrary]:
    for field in ("dependencies", "java_dependencies"):
        listed = spec.get(field)
        for index, line in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(line, str) and (found := local_dependency(line)):
                option, written = found
                yield _library(option, written, _label(option, written), (*at, field, index), file)


def local_dependency(line: str) -> tuple[str, str] | None:
    """Returns the option and the path of a dependency that is a file here; None for packages and addresses.

    Source: pip documentation, "Requirements File Format".
    """
    if option := _OPTION.fullmatch(line.strip()):
        return (option["option"], option["path"]) if _is_relative(option["path"]) else None
    path = line.strip()
    is_path = path.startswith(("./", "../")) or path.endswith((*_PACKAGE_FILES, _JAR))
    return ("", path) if is_path and " " not in path and _is_relative(path) else None


def _label(option: str, written: str) -> str:
    if option.lstrip("-").startswith("e"):
        return "package"
    if option:
        return "requirements file"
    return "jar" if written.endswith(_JAR) else "wheel" if written.endswith(".whl") else "package"


def _is_relative(path: str) -> bool:
    """True for a path below the folder of deployment.yml: no `/`, no scheme, no reference."""
    return bool(path) and not path.startswith("/") and not re.search(r":/|\$\{|\{\{", path)


def _library(option: str, written: str, what: str, at: Location, file: str) -> LocalLibrary:
    path = PurePosixPath(normpath(PurePosixPath(file).parent / written))
    return LocalLibrary(option, written, path, what, at)


def check_library(library: LocalLibrary, document: Document, files: Files) -> Iterator[Finding]:
    """Checks that a library exists.

    Args:
        library: the library.
        document: the deployment.yml that names it.
        files: the files of the mesh.
    """
    what, written = library.what, library.written[:120]
    if library.is_outside:
        message = f"{what} `{written}` is outside the repository (move it into the project)"
        yield document.finding("notebook-outside", library.at, message)
    elif not library.matching(files):
        problem = f"no file matches {what}" if library.is_pattern else f"{what}"
        ends = "" if library.is_pattern else " does not exist"
        remedy = "build it before you deploy, or correct the path"
        if what == "requirements file":
            remedy = "add it, or correct the path"
        message = f"{problem} `{library.path}`{ends} ({remedy})"
        yield document.finding("library-missing", library.at, message)
