"""`dbutils.fs`: files of volumes and of the workspace."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

_HEAD_BYTES = 65_536


class FileInfo(NamedTuple):
    """A file or folder, with the fields of Databricks: the path and the name of a folder end in `/`."""

    path: str
    name: str
    size: int
    modificationTime: int

    def isDir(self) -> bool:
        """Return whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:
        """Return whether it is a file."""
        return not self.isDir()


class FileSystem:
    """`dbutils.fs`.

    Args:
        disk: returns the path on disk of a path of the workspace.
    """

    def __init__(self, disk: Callable[[str], str]) -> None:
        self._disk_path = disk

    def ls(self, path: str) -> list[FileInfo]:
        """Return the children of a folder; for a file, the file itself."""
        place = self._disk(path)
        if place.is_file():
            return [_info(_shown(path), place)]
        return [_info(f"{_shown(path).rstrip('/')}/{each.name}", each) for each in sorted(place.iterdir())]

    def head(self, path: str, max_bytes: int = _HEAD_BYTES) -> str:
        """Return the beginning of a file as text."""
        with self._disk(path).open("rb") as stream:
            return stream.read(max_bytes).decode("utf-8", errors="replace")

    def put(self, path: str, contents: str, overwrite: bool = False) -> bool:
        """Write text to a file; its folder is created."""
        file = self._disk(path)
        if file.exists() and not overwrite:
            raise FileExistsError(f"{path} exists (set overwrite=True)")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(contents, encoding="utf-8")
        print(f"Wrote {len(contents.encode())} bytes.")
        return True

    def mkdirs(self, path: str) -> bool:
        """Create a folder and its missing parents."""
        self._disk(path).mkdir(parents=True, exist_ok=True)
        return True

    def cp(self, source: str, to: str, recurse: bool = False) -> bool:
        """Copy a file; with `recurse`, a folder."""
        origin, target = self._disk(source), self._disk(to)
        if origin.is_dir():
            _require(recurse, source)
            shutil.copytree(origin, target, dirs_exist_ok=True)
            return True
        if target.is_dir():
            target = target / origin.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, target)
        return True

    def mv(self, source: str, to: str, recurse: bool = False) -> bool:
        """Copy a file, or with `recurse` a folder, and remove the original."""
        self.cp(source, to, recurse)
        return self.rm(source, recurse)

    def rm(self, path: str, recurse: bool = False) -> bool:
        """Remove a file, an empty folder, or with `recurse` a folder; False if there is none."""
        place = self._disk(path)
        if place.is_dir():
            if any(place.iterdir()):
                _require(recurse, path)
            shutil.rmtree(place)
            return True
        if not place.exists():
            return False
        place.unlink()
        return True

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"the local workspace does not support dbutils.fs.{name} "
            "(it supports cp, head, ls, mkdirs, mv, put, rm)"
        )

    def _disk(self, path: str) -> Path:
        if path.startswith("file:/"):
            return Path(path.removeprefix("file:"))
        plain = path.removeprefix("dbfs:")
        if not plain.startswith(("/Volumes/", "/Workspace/")):
            raise ValueError(
                "the local workspace supports dbutils.fs for /Volumes/…, /Workspace/… and file:/…, "
                f"not for {path}"
            )
        return Path(self._disk_path(plain))


def _shown(path: str) -> str:
    """Return a path as Databricks shows it."""
    return (
        path
        if path.startswith(("dbfs:", "file:"))
        else f"dbfs:{path}"
        if path.startswith("/Volumes")
        else path
    )


def _info(path: str, file: Path) -> FileInfo:
    status, end = file.stat(), "/" if file.is_dir() else ""
    size = 0 if end else status.st_size
    return FileInfo(f"{path.rstrip('/')}{end}", f"{file.name}{end}", size, int(status.st_mtime * 1000))


def _require(recurse: bool, path: str) -> None:
    if not recurse:
        raise OSError(f"{path} is a folder with files (set recurse=True)")
