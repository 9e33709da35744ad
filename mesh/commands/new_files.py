"""Writes new files: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mesh.errors import OutsideError


def write_new_files(files: Mapping[str, bytes], root: Path) -> None:
    """Writes all files, or no file if one of them cannot be written. No file is overwritten.

    Args:
        files: their contents, by their paths relative to the root.
        root: the mesh's root.

    Raises:
        OutsideError: a file cannot be written.
    """
    written: list[Path] = []
    try:
        for file, content in files.items():
            path = root / file
            _make_folders(path.parent, written)
            with path.open("xb") as stream:
                written.append(path)
                stream.write(content)
    except BaseException as error:
        for path in reversed(written):
            path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            raise OutsideError(f"cannot write {error.filename}: {why}; nothing was written") from error
        raise


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Creates a folder and its missing parents, from the top; records each in `made`."""
    for path in [path for path in (folder, *folder.parents) if not path.exists()][::-1]:
        path.mkdir()
        made.append(path)
