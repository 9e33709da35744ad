"""The folder of a bundle, and the folder above it whose files the bundle may use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from mesh.documents.document import read
from mesh.errors import UsageError
from mesh.model.bundle import FILES

MOST_LEVELS = 3


@dataclass(frozen=True)
class BundleFolder:
    """The folders of a bundle.

    Args:
        root: the folder that contains all files of the bundle, resolved.
        home: the folder of its main file, relative to the root; "." unless the bundle names files above it.
        file: the name of its main file.
        prefix: the path of the root, as a reader of findings may open it.
        modules: the folders with modules that its code imports, relative to the root.
    """

    root: Path
    home: PurePosixPath
    file: str
    prefix: str
    modules: tuple[PurePosixPath, ...]


def bundle_folder(path: Path) -> BundleFolder:
    """Returns the folders of a bundle.

    Source: Databricks documentation, "Share code and files across bundles": `sync.paths` and `include` may
    name folders beside the bundle.

    Args:
        path: its main file, or its folder.

    Raises:
        UsageError: there is none.
    """
    main = _main_file(path)
    own = main.resolve().parent
    document, _ = read(own / main.name, own)
    sync = document.data.get("sync")
    paths = _texts(sync.get("paths")) if isinstance(sync, dict) else []
    listed = [*_texts(document.data.get("include")), *paths]
    levels = max((_levels(text) for text in listed), default=0)
    root = own.parents[levels - 1] if 0 < levels <= min(MOST_LEVELS, len(own.parents)) else own
    home = PurePosixPath(own.relative_to(root).as_posix())
    prefix = normpath(main.parent / ("../" * len(home.parts) or "."))
    shared = [PurePosixPath(normpath(home / one)) for one in paths]
    modules = dict.fromkeys([home / "src", home, *(one for one in shared if ".." not in one.parts)])
    return BundleFolder(root, home, main.name, prefix, tuple(modules))


def _main_file(path: Path) -> Path:
    if path.is_file():
        return path
    files = [path / name for name in FILES if (path / name).is_file()]
    if not files:
        why = f"has no {FILES[0]}" if path.is_dir() else "does not exist"
        raise UsageError(f"{path} {why} (name the folder of a bundle)")
    return files[0]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _levels(path: str) -> int:
    """How many levels a relative path goes up."""
    return 0 if path.startswith("/") else PurePosixPath(normpath(path)).parts.count("..")
