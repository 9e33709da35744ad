"""The files of a bundle that a flow runs, and where they are in the flow's folder."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import commonpath, normpath

from mesh.commands.import_bundle.bundle_folder import BundleFolder
from mesh.commands.import_bundle.node import Node, walk
from mesh.commands.import_bundle.remarks import Remarks
from mesh.documents.file_text import read_text
from mesh.model.bundle import FILES
from mesh.model.code import MAX_FILE_BYTES, is_kept
from mesh.model.notebook import NOTEBOOK_SUFFIXES, Cell, cells, notebook_language, python_of

# Databricks CLI: these references are the folder to which the bundle's files are uploaded
_ROOTS = re.compile(r"^(?:/Workspace)?\$\{workspace\.(?:file_path|root_path/files|root_path)\}(?:/files)?/?")
_RUN = re.compile(r"^\s*(?:#|--|//)?\s*(?:MAGIC\s+)?%run\s+[\"']?(?P<path>\.{1,2}/[^\s\"'$]+)", re.MULTILINE)
# Folders of dbt and of builds, which are made again from the others
_MADE = {"target", "dbt_packages", "logs", "build", "node_modules"}
MAX_FILES = 2_000
ROOT_FOLDER = "root folder"  # of a pipeline's imports


@dataclass(frozen=True)
class BundleFile:
    """A file or folder of the bundle, as the value of a field of a task or pipeline.

    Args:
        path: relative to the bundle's folder; its last parts may be a pattern.
        what: its label in messages.
        option: the text before it, such as `-r `.
        notebook: True for a notebook, which tasks name without suffix.
    """

    path: PurePosixPath
    what: str
    option: str = ""
    notebook: bool = False

    @property
    def is_pattern(self) -> bool:
        """True if the path is a pattern, such as `dist/*.whl`."""
        return any(character in str(self.path) for character in "*?[")


def bundle_file(
    node: Node, folder: BundleFolder, what: str, remarks: Remarks, *, option: str = "", notebook: bool = False
) -> Node | None:
    """Returns a node with the file that a field names; None and a remark if the bundle does not have it.

    Source: Databricks documentation: paths are relative to the file that declares the resource; older bundles
    also use paths relative to the bundle's folder.

    Args:
        node: the name of the file; references to the bundle's folder in the workspace are not replaced yet.
        folder: the bundle's folders.
        what: its label in messages.
        remarks: receives what is wrong.
        option: the text before the file.
        notebook: True for a notebook.
    """
    text = node.text.removeprefix(option).strip()
    rooted = _ROOTS.sub("", text)
    own = [folder.home, PurePosixPath(".")]
    places = own if rooted != text else [PurePosixPath(node.place.file).parent, *own]
    paths = list(dict.fromkeys(PurePosixPath(normpath(place / rooted)) for place in places))
    inside = [path for path in paths if ".." not in path.parts and not path.is_absolute()]
    if not inside:
        what_is_wrong = f"{what} `{text[:120]}` is outside the bundle's folder"
        remarks.wrong(node.place, what_is_wrong, "move it into the bundle")
        return None
    for path in inside:
        for candidate in (path, *(path.with_name(path.name + one) for one in NOTEBOOK_SUFFIXES if notebook)):
            if found := _existing(folder.root, candidate):
                return node.new(BundleFile(found, what, option, notebook))
    built = what in ("wheel", "jar")
    remedy = "build it, then import again" if built else "add it, or correct the path"
    remarks.wrong(node.place, f"{what} `{inside[0]}` does not exist", remedy)
    return None


def _existing(root: Path, path: PurePosixPath) -> PurePosixPath | None:
    try:
        pattern = any(character in str(path) for character in "*?[")
        glob = f"{path}/*" if path.name == "**" else str(path)
        found = any(root.glob(glob)) if pattern else (root / path).exists()
    except (OSError, ValueError, NotImplementedError):
        return None
    return path if found else None


@dataclass(frozen=True)
class FlowFiles:
    """The files of one flow.

    Args:
        base: the folder of the bundle that becomes the flow's folder, relative to the bundle's folder.
        files: the files, relative to the bundle's folder.
        libs: the modules for the project's `libs/`, by their path below it.
    """

    base: PurePosixPath
    files: tuple[PurePosixPath, ...]
    libs: Mapping[PurePosixPath, PurePosixPath]

    def in_flow(self, path: PurePosixPath) -> PurePosixPath:
        """Returns the path of a file in the flow's folder."""
        return path.relative_to(self.base) if path != self.base else PurePosixPath(".")

    def rendered(self, node: Node) -> Node:
        """Returns a tree with the paths of files as deployment.yml spells them."""
        if isinstance(node.value, dict):
            return Node({key: self.rendered(one) for key, one in node.fields.items()}, node.place)
        if isinstance(node.value, list):
            return Node([self.rendered(one) for one in node.items], node.place)
        if not isinstance(node.value, BundleFile):
            return node
        path = self.in_flow(node.value.path)
        if node.value.notebook and path.suffix in NOTEBOOK_SUFFIXES:
            path = path.with_suffix("")
        return node.new(f"{node.value.option}{path}")


def flow_files(trees: Iterable[Node], folder: BundleFolder, remarks: Remarks) -> FlowFiles:
    """Returns the files that the trees of one flow name, and the modules and notebooks that these need.

    Args:
        trees: the fields of the flow's job or pipeline, in each target.
        folder: the bundle's folders.
        remarks: receives files that cannot be taken.
    """
    root, found = folder.root, dict[PurePosixPath, None]()
    libs: dict[PurePosixPath, PurePosixPath] = {}
    bases: set[PurePosixPath] = set()
    named = [node for tree in trees for _, node in walk(tree) if isinstance(node.value, BundleFile)]
    for node in named:
        one: BundleFile = node.value
        bases.add(_fixed(one.path) if one.is_pattern or (root / one.path).is_dir() else one.path.parent)
        for path in _matching(one, root):
            for needed in _with_needed(path, folder, libs):
                found[needed] = None
                if (root / needed).stat().st_size > MAX_FILE_BYTES:
                    what = f"`{needed}` has more than {MAX_FILE_BYTES:,} bytes"
                    remarks.wrong(node.place, what, "put it into a volume")
        if len(found) > MAX_FILES:
            what = f"{one.what} `{one.path}` brings more than {MAX_FILES:,} files"
            remarks.wrong(node.place, what, "move other files out of its folder")
            break
    bases |= {path.parent for path in found}
    base = PurePosixPath(commonpath([str(one) for one in bases])) if bases else PurePosixPath(".")
    if any(node.value.what == "wheel" for node in named):  # which holds the modules already
        libs = {}
    return FlowFiles(base, tuple(sorted(found)), {to: path for to, path in libs.items() if path not in found})


def _fixed(path: PurePosixPath) -> PurePosixPath:
    """The part of a path before its first pattern."""
    parts: list[str] = []
    for part in path.parts:
        if any(character in part for character in "*?["):
            break
        parts.append(part)
    return PurePosixPath(*parts)


def _matching(file: BundleFile, root: Path) -> Iterator[PurePosixPath]:
    """Yields the files of a name: the file, those that match it, or those of the folder."""
    glob = f"{file.path}/*" if file.path.name == "**" else str(file.path)
    for one in sorted(root.glob(glob)) if file.is_pattern else [root / file.path]:
        if one.is_symlink() or not one.resolve().is_relative_to(root):
            continue
        if one.is_file():
            yield PurePosixPath(one.relative_to(root).as_posix())
        elif file.what == ROOT_FOLDER:
            modules = (path for path in _below(one, root) if path.suffix == ".py")
            yield from (path for path in modules if not notebook_language(root / path))
        elif not file.is_pattern:
            yield from _below(one, root)


def _below(folder: Path, root: Path) -> Iterator[PurePosixPath]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if is_kept(name, True) and name not in _MADE)
        for name in sorted(names):
            path = Path(place, name)
            if is_kept(name, False) and name not in FILES and path.is_file() and not path.is_symlink():
                yield PurePosixPath(path.relative_to(root).as_posix())


def _with_needed(
    path: PurePosixPath, folder: BundleFolder, libs: dict[PurePosixPath, PurePosixPath]
) -> dict[PurePosixPath, None]:
    """Returns a file with the notebooks that it includes and the modules beside it that it imports.

    Modules of the bundle's folder, of its `src` and of the folders that it shares go to `libs`.
    """
    root, found = folder.root, dict[PurePosixPath, None]()
    pending = [path]
    while pending and len(found) <= MAX_FILES:
        one = pending.pop()
        if one in found or not (root / one).is_file():
            continue
        found[one] = None
        text, modules = _needs(root / one, root)
        for name in text:
            beside = PurePosixPath(normpath(one.parent / name))
            if ".." not in beside.parts:
                suffixes = ("", *NOTEBOOK_SUFFIXES)
                pending += [beside.with_name(beside.name + suffix) for suffix in suffixes]
        for name in modules:
            own = [*_module(name, one.parent, root)]
            pending += own
            if not own:
                for place in folder.modules:
                    shared = [*_module(name, place, root)]
                    libs.update({module.relative_to(place): module for module in shared})
                    if shared:
                        break
    return found


def _module(name: str, folder: PurePosixPath, root: Path) -> Iterator[PurePosixPath]:
    """Yields the files of a top-level module or package in a folder; a notebook is no module."""
    file, package = root / folder / f"{name}.py", root / folder / name
    if package.is_dir() and any(package.glob("*.py")) and not package.is_symlink():
        yield from (path for path in _below(package, root) if path.suffix == ".py")
    elif file.is_file() and not file.is_symlink() and not notebook_language(file):
        yield PurePosixPath(file.relative_to(root).as_posix())


def _needs(path: Path, root: Path) -> tuple[list[str], list[str]]:
    """Returns the notebooks that a file includes by `%run`, and the top-level modules that it imports."""
    if path.suffix not in (*NOTEBOOK_SUFFIXES, ".ipynb"):
        return [], []
    text, findings = read_text(path, root)
    if text is None or findings:
        return [], []
    runs = [found["path"] for found in _RUN.finditer(text.replace('"%run', "\n%run").replace("\\n", "\n"))]
    if path.suffix not in (".py", ".ipynb"):
        return runs, []
    parts = [*cells(text, path.suffix)] if notebook_language(path) else [Cell(text, 1)]
    modules: dict[str, None] = {}
    for cell in parts:
        try:
            tree = ast.parse(python_of(cell) if notebook_language(path) else cell.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules |= dict.fromkeys(name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules[node.module.partition(".")[0]] = None
    return runs, [*modules]
