"""The code of a project: from git, or as files in the workspace."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from mesh.documents.document import Document
from mesh.files.commit_files import CommitFiles
from mesh.files.files import FILE, FOLDER, Files
from mesh.finding import Finding
from mesh.model.flow_tests import is_flow_test
from mesh.model.naming import identifier
from mesh.model.notebook import notebook_language, suffix_of
from mesh.model.permission import Permission
from mesh.model.sql_folder import is_object_file

# Databricks documentation, "Workspace files": the limit of the import API
MAX_FILE_BYTES = 10_000_000

_MESH_FILES = {"deployment.yml", "project.yml"}
_MESH_FILES_OF_PROJECT = {"compute.yml", "defaults.yml"}  # only in the project's folder itself
# The folders of projects below the file that declares code; None matches any name
_LEVELS = {
    "org.yml": ("domains", None, "projects", None),
    "domain.yml": ("projects", None),
    "project.yml": (),
}


@dataclass(frozen=True)
class GitCode:
    """Notebooks from the repository at one commit.

    Args:
        url: the repository's address.
        commit: the project's source commit.
        prefix: the path of the mesh's root in the repository, "" or ending in `/`.
    """

    url: str
    commit: str
    prefix: str

    def notebook_path(self, notebook: PurePosixPath) -> str:
        """Returns the notebook path for a task's settings; `notebook` is relative to the mesh's root."""
        return self.prefix + notebook.as_posix()


@dataclass(frozen=True)
class CodeFile:
    """A file that the deployment uploads to the workspace.

    Args:
        id: its Terraform name.
        source: the path on this machine.
        path: the path in the workspace; notebooks have no suffix.
        language: a notebook's language, in the Workspace API's spelling; None for other files.
        committed: its content at the source commit; None to read `source`.
    """

    id: str
    source: Path
    path: str
    language: str | None
    committed: bytes | None = field(default=None, repr=False)

    @property
    def format(self) -> str | None:
        """The Workspace API's format of a notebook; None for source format and other files."""
        return "JUPYTER" if self.source.suffix == ".ipynb" else None

    def matches(self, pattern: str) -> bool:
        """True if its path in the workspace matches a pattern such as `/…/dist/*.whl`."""
        return PurePosixPath(self.path).match(pattern)

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self.source.stat().st_size if self.committed is None else len(self.committed)

    @property
    def content_base64(self) -> str:
        """The content in base64; an empty file becomes a line break, as the provider rejects empty files."""
        held = self.source.read_bytes() if self.committed is None else self.committed
        return base64.b64encode(held or b"\n").decode()


@dataclass(frozen=True)
class WorkspaceCode:
    """Code as files that the deployment uploads to the workspace.

    Args:
        folder: the deployment's own folder in the workspace.
        files: the project's files, in order of their paths.
        permissions: permissions on the folder, one per principal.
        commit: the commit of the files; None for the working tree.
    """

    folder: str
    files: tuple[CodeFile, ...]
    permissions: tuple[Permission, ...] = ()
    commit: str | None = None

    def notebook_path(self, notebook: PurePosixPath) -> str:
        """Returns the notebook path for a task's settings; `notebook` is relative to the mesh's root."""
        return f"{self.folder}/{notebook.as_posix()}"


Code = GitCode | WorkspaceCode


# Returns the files below a path with their content; None means the content on this machine
FilesBelow = Callable[[str], Mapping[str, bytes | None]]


def workspace_code(
    root: Path,
    project: str,
    folder: str,
    shared: Sequence[str] = (),
    own: Sequence[str] | None = None,
    files: FilesBelow | None = None,
) -> WorkspaceCode:
    """Returns the project's files as a deployment uploads them to the workspace.

    Files have the same paths below `folder` as below the mesh's root, because brickops reads the
    levels of the mesh from a notebook's path.

    Args:
        root: the mesh's root.
        project: the project's folder, from the root.
        folder: the deployment's own folder in the workspace.
        shared: files and folders above the project that its code uses at run time, relative to the root.
        own: the project's folders to upload, relative to the root; by default the whole project.
        files: lists the files below a path; by default from the working tree.
    """
    below = files or partial(_working_tree, Files(root))
    inside = {path: content for place in own or (project,) for path, content in below(place).items()}
    flows = {path.rpartition("/")[0] for path in inside if path.endswith("/deployment.yml")}
    inside = {
        path: content
        for path, content in inside.items()
        if _is_code(path, project) and not is_flow_test(path, flows) and not is_object_file(path, flows)
    }
    above = {
        path: content for place in shared for path, content in below(place).items() if path not in inside
    }
    shared_files = (_code_file(path, above[path], root, "", folder) for path in sorted(above))
    own_files = (_code_file(path, content, root, project, folder) for path, content in inside.items())
    return WorkspaceCode(folder, (*shared_files, *own_files))


def shared_code(declared: Sequence[str], file: str) -> list[str]:
    """Returns the files and folders that `code` names, relative to the mesh's root.

    Args:
        declared: the entries of `code`.
        file: the org.yml, domain.yml or project.yml that declares it, relative to the mesh's root.
    """
    folder = PurePosixPath(file).parent
    return [(folder / path).as_posix() for path in declared]


def check_shared_code(declared: Sequence[str], document: Document, files: Files) -> Iterator[Finding]:
    """Checks that `code` names code in this repository, outside of the levels of the mesh."""
    names = [PurePosixPath(path) for path in shared_code(declared, document.file)]
    for index, (written, path) in enumerate(zip(declared, names, strict=True)):
        at = ("code", index)
        if wrong := _wrong_with(written, path, document.file, files):
            code, message = wrong
            yield document.finding(code, at, f"code `{written[:60]}` {message}")
        elif around := [declared[i] for i, one in enumerate(names[:index]) if path.is_relative_to(one)]:
            yield document.finding(
                "code-twice", at, f"code `{written}` is already part of `{around[0]}` (remove it)"
            )


def _wrong_with(written: str, path: PurePosixPath, file: str, files: Files) -> tuple[str, str] | None:
    """Checks one entry of `code`; returns finding code and message, or None."""
    parts = PurePosixPath(written).parts
    levels = _LEVELS[PurePosixPath(file).name]
    if ".." in parts or written.startswith("/"):
        return "code-outside", "may not leave the folder of this file (no `..`, no leading `/`)"
    if any(character in written for character in "*?["):
        return "code-glob", "is a pattern, which is not supported (name the folder)"
    if any(part.startswith(".") for part in parts):
        return "code-hidden", "is hidden, so it is not deployed (rename it)"
    if len(parts) <= len(levels) and all(
        level in (None, part) for level, part in zip(levels, parts, strict=False)
    ):
        return "code-holds-projects", "contains projects (move shared code to a separate folder)"
    if not files.is_there(str(path)):
        return "code-missing", "does not exist (add it, or correct the path)"
    if any(files.is_link(str(step)) for step in (path, *path.parents) if step.parts):
        return "code-outside", "is a link, and git stores only its target (move the files here)"
    if not any(code_files(str(path), files)):
        return "code-missing", "contains no files (add one; for a submodule: `git submodule update --init`)"
    return None


def check_git_code(inputs: Sequence[str], file: str, files: Files) -> Iterator[Finding]:
    """Reports submodules, which a job does not check out.

    Source: Databricks documentation, "Git folders limits and FAQ": submodules are not cloned.

    Args:
        inputs: the inputs of the project, relative to the mesh's root; its own folder first.
        file: its project.yml, from the mesh's root.
        files: the files of the mesh.
    """
    for module in sorted({module for path in inputs for module in _modules(path, files)}):
        message = f"`{module}` is a separate git repository, which jobs do not check out"
        remedy = "(move its files here, or deploy with `code: workspace`)"
        yield Finding(file, 1, 1, "in-submodule", f"{message} {remedy}")


def _modules(path: str, files: Files) -> Iterator[str]:
    """Returns the submodules that contain a file or folder, or are in it."""
    folder = path.rpartition("/")[0]
    while folder:
        if files.kind(f"{folder}/.git"):
            yield folder
        folder = folder.rpartition("/")[0]
    waiting = [path] if files.kind(path) == FOLDER else []
    while waiting:
        place = waiting.pop()
        if ".git" in files.names(place):
            yield place
        below = files.folders(place)
        waiting += [f"{place}/{name}" for name in below if is_kept(name, True) and name != "explore"]


def check_code(code: WorkspaceCode, root: Path) -> Iterator[Finding]:
    """Checks the files that are uploaded to the workspace."""
    ids: dict[tuple[bool, str], CodeFile] = {}
    places: dict[str, CodeFile] = {}
    for file in code.files:
        if file.size > MAX_FILE_BYTES:
            limit = f"a workspace file may have at most {MAX_FILE_BYTES:,}"
            message = f"has {file.size:,} bytes; {limit} (use a volume)"
            yield _at(file, root, "file-too-large", message)
        if (first := places.setdefault(file.path, file)) is not file:
            message = f"has the same workspace path as {_name(first, root)}, `{file.path}` (rename one)"
            yield _at(file, root, "same-workspace-path", message)
        elif (first := ids.setdefault((file.language is None, file.id), file)) is not file:
            message = f"has the same Terraform name as {_name(first, root)}, `{file.id}` (rename one)"
            yield _at(file, root, "same-terraform-name", message)
    for path in sorted(_folders(places) & places.keys()):
        message = f"has the workspace path `{path}`, which is also a folder (rename one)"
        yield _at(places[path], root, "same-workspace-path", message)


def _folders(paths: Iterable[str]) -> set[str]:
    """All folders above paths."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:  # then those above it were found, too
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _at(file: CodeFile, root: Path, code: str, message: str) -> Finding:
    return Finding(_name(file, root), 1, 1, code, message)


def _name(file: CodeFile, root: Path) -> str:
    return file.source.relative_to(root).as_posix()


def _is_code(path: str, project: str) -> bool:
    """True if jobs of the project may use the file, which is below its folder."""
    *folders, name = path.removeprefix(f"{project}/").split("/")
    ours = _MESH_FILES if folders else _MESH_FILES | _MESH_FILES_OF_PROJECT
    return name not in ours and "explore" not in folders


def is_kept(name: str, is_folder: bool) -> bool:
    """True unless the file or folder is hidden or a cache."""
    return not name.startswith((".", "__") if is_folder else ".")


def _working_tree(files: Files, place: str) -> dict[str, None]:
    return dict.fromkeys(code_files(place, files))


def at_commit(files: CommitFiles, place: str) -> dict[str, bytes | None]:
    """The files below a path at a commit, as they are in the working tree of its checkout."""
    return {path: files.whole(path) for path in code_files(place, files)}


def code_files(place: str, files: Files) -> Iterator[str]:
    """Returns the files in a folder, without hidden files, caches and links; for a file, the file itself.

    Args:
        place: the folder or file, from the mesh's root.
        files: the files of the mesh.
    """
    if files.kind(place) == FILE:
        yield place
    waiting = [place]
    while waiting:
        folder = waiting.pop()
        paths = {f"{folder}/{name}": name for name in files.names(folder)}
        own = [path for path in paths if not files.is_link(path)]
        yield from (path for path in own if is_kept(paths[path], False) and files.kind(path) == FILE)
        waiting += reversed([f"{folder}/{name}" for name in files.folders(folder) if is_kept(name, True)])


def _code_file(name: str, committed: bytes | None, root: Path, project: str, folder: str) -> CodeFile:
    path = root / name
    language = notebook_language(path, committed)
    # a large mesh has many files, and objects of `pathlib` take more time than everything else here
    target = name.removesuffix(suffix_of(name)) if language else name
    id = code_file_id(target.removeprefix(f"{project}/") if project else target)
    return CodeFile(id, path, f"{folder}/{target}", language, committed)


def code_file_id(path: str) -> str:
    """Returns the Terraform name of a file, from its path in the project: `prep_revenue_by_borough`."""
    return identifier(path.removeprefix("flows/").replace("/", "_"))
